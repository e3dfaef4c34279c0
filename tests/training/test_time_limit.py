"""The clock starts with the training, and a step that begins too late ends it."""

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gensynth.errors import TrainingFailed
from gensynth.training import TimeLimit


def test_only_a_step_that_begins_too_late_ends_the_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    trainer: Any = SimpleNamespace(global_step=7, max_epochs=3)
    limit, module = TimeLimit(seconds=2.0), cast("Any", None)
    now[0] = 200.0  # waiting for its turn is no training
    limit.on_train_start(trainer, module)
    now[0] = 202.0
    limit.on_train_batch_start(trainer, module, None, 0)
    now[0] = 202.5
    with pytest.raises(TrainingFailed, match=r"7 steps of 3 epochs took 2\.5 s.* is 2\.0 s"):
        limit.on_train_batch_start(trainer, module, None, 1)
