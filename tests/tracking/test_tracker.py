"""The contract of trackers is abstract, and every option of `tracking` keeps it."""

import inspect

import pytest

from gensynth.tracking.mlflow import MlflowTracker
from gensynth.tracking.none import NoTracker
from gensynth.tracking.tracker import Tracker


def test_contract_cannot_be_instantiated() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Tracker()  # type: ignore[abstract]


@pytest.mark.parametrize("member", [MlflowTracker, NoTracker])
def test_members_have_the_contract_s_signatures(member: type[Tracker]) -> None:
    for name in Tracker.__abstractmethods__:
        expected = inspect.signature(getattr(Tracker, name))
        assert inspect.signature(getattr(member, name)) == expected
