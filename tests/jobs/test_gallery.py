"""Pictures end up in the run's folder and noted, under the network's name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from torch import Tensor, nn

from gensynth.diary import Note, PictureNote
from gensynth.jobs import places
from gensynth.jobs.gallery import Gallery
from gensynth.jobs.past_run import PastRun
from gensynth.tasks.classification import Classification
from gensynth.tasks.task import Batch


def test_pictures_are_files_that_are_noted(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Path] = []

    def tell(note: Note) -> None:
        assert isinstance(note, PictureNote)
        assert note.evaluation.fidelity == "long"
        kept.append(tmp_path / note.path)

    def first_image(
        _: Classification, network: nn.Module, batch: Batch, pixels: Tensor, split: object
    ) -> Mapping[str, Any]:
        assert len(network(batch[0])) == len(pixels)
        return {"first": pixels[0].expand(3, -1, -1).permute(1, 2, 0).numpy()}

    monkeypatch.setattr(Classification, "pictures", first_image)
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    past = PastRun.open(copied.name)
    Gallery(past.assembly, tell, tmp_path).add("uniform c1", past.evaluation, past.prototype)
    assert kept == [tmp_path / "pictures" / "uniform_c1-first.png"]
    first = past.assembly.data.samples("confirm", 1)[0][0, 0].numpy()
    np.testing.assert_array_equal(np.asarray(Image.open(kept[0]))[..., 1], first)
