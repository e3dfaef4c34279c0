"""Every experiment runs to its end, at a size of seconds, on made data of the published layout."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gensynth.jobs import places

pytestmark = pytest.mark.slow

SMALL = (
    "executor=this_process",
    "executor.threads=1",
    "tracking=none",
    "cycles=1",
    "candidates=2",
    "promoted=1",
    "long_networks=1",
    "control.long_networks=0",
    "pool=32",
    "confidence_z=0",
    "training.short_epochs=1",
    "training.long_epochs=1",
    "training.prototype_epochs=1",
    "training.progress=false",
    "training.batch_size=8",
    "generator.samples=32",
    "generator.steps=2",
)
RESNET = ("prototype.depth=8", "prototype.widths=[4,8,8]", "requirements.accuracy.at_least=0.1")
REFINENET = (
    "prototype.encoder_widths=[4,4,8,8]",
    "prototype.decoder_widths=[8,4]",
    "requirements.pixel_accuracy.at_least=0.1",
)
CAMVID = (*REFINENET, "data.input_size=[36,48]", "data.cache_dir=null")
SCENES = tuple(f"data.{split}_images=8" for split in ("train", "search", "confirm", "test"))
DETECTNET = (
    "prototype.width=0.0625",
    "requirements.ap_50.at_least=0",
    "data.input_size=[32,48]",
    "data.cache_dir=null",
)
OVERRIDES: dict[str, tuple[str, ...]] = {
    "cifar10": (*RESNET, "data.search_images=20", "data.confirm_images=30"),
    "tiny": (*RESNET, "requirements.accuracy.at_least=0.1"),
    "camvid": CAMVID,
    "camvid_cpu": CAMVID,
    "penn_fudan": DETECTNET,
    "parse27k": (*DETECTNET, "requirements.detectnet_map.at_least=0"),
}

Command = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path, made_penn_fudan: Path, made_parse27k: Path) -> Path:
    """A folder with small made releases of every set."""
    assert made_penn_fudan == made_parse27k == tmp_path
    rng = np.random.default_rng(0)
    batches = tmp_path / "cifar-10-batches-py"
    batches.mkdir(parents=True)
    for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        pixels = rng.integers(0, 256, (40, 3072), dtype=np.uint8)
        made = {b"labels": [row % 10 for row in range(40)], b"data": pixels}
        (batches / name).write_bytes(pickle.dumps(made, protocol=2))
    camvid = tmp_path / "camvid"
    names = {
        "train": [f"0001TP_{i:06d}" for i in range(10)],
        "val": [f"0016E5_{7959 + i:05d}" for i in range(16)],
        "test": [f"Seq05VD_f{i:05d}" for i in range(3)],
    }
    for part, several in names.items():
        for where, shape, top in ((part, (72, 96, 3), 256), (f"{part}annot", (72, 96), 12)):
            (camvid / where).mkdir(parents=True)
            for name in several:
                values = rng.integers(0, top, shape).astype(np.uint8)
                Image.fromarray(values).save(camvid / where / f"{name}.png")
        lines = [f"/SegNet/{part}/{n}.png /SegNet/{part}annot/{n}.png" for n in several]
        (camvid / f"{part}.txt").write_text("\n".join(lines))
    return tmp_path


def rows(outputs: Path) -> tuple[Path, list[dict[str, Any]]]:
    (folder,) = (outputs / "runs").iterdir()
    return folder, json.loads((folder / "result.json").read_text(encoding="utf-8"))["rows"]


def test_every_experiment_is_tried() -> None:
    assert {path.stem for path in (places.conf() / "experiment").glob("*.yaml")} == set(OVERRIDES)


@pytest.mark.parametrize("name", list(OVERRIDES))
def test_an_experiment_runs_to_its_end(
    name: str, data: Path, tmp_path: Path, command: Command
) -> None:
    outputs = tmp_path / "outputs"
    done = command(outputs, f"experiment={name}", f"data_dir={data}", *SMALL, *OVERRIDES[name])
    assert done.status == 0, done.err
    _, found = rows(outputs)
    assert [row["split"] for row in found].count("test") == 2


def test_segmentation_of_the_embedded_scenes_says_what_they_stand_in_for_and_draws_them(
    tmp_path: Path, command: Command
) -> None:
    outputs = tmp_path / "outputs"
    words = ("task=segmentation", "inquisitor=mutual_info", *SMALL, *REFINENET, *SCENES)
    done = command(outputs, *words)
    assert done.status == 0, done.err
    assert "scenes (embedded), because camvid is not in" in done.out + done.err
    folder, found = rows(outputs)
    confirm = [row for row in found if row["split"] == "confirm"]
    assert {f"{row['name']}-segments.png" for row in confirm} == {
        path.name for path in (folder / "pictures").iterdir()
    }
    for row in confirm:
        low, high = row["intervals"]["mean_iou"]
        assert 0 <= low <= high <= 100
    assert all("mean_iou_minus_prototype" in row["intervals"] for row in confirm[1:])


def test_detection_on_the_embedded_scenes_draws_boxes_and_curves(
    tmp_path: Path, command: Command
) -> None:
    outputs = tmp_path / "outputs"
    small = ("prototype.width=0.0625", "requirements.ap_50.at_least=0")
    done = command(outputs, "task=detection", *SMALL, *small, *SCENES, "decoding.limit=20")
    assert done.status == 0, done.err
    assert "boxed_scenes (embedded), because penn_fudan is not in" in done.out + done.err
    assert "annotation type" not in done.out + done.err  # COCO's tool keeps to itself
    folder, found = rows(outputs)
    confirm = [row["name"] for row in found if row["split"] == "confirm"]
    assert {path.name for path in (folder / "pictures").iterdir()} == {
        f"{name}-{what}.png" for name in confirm for what in ("boxes", "precision_recall")
    }
    assert all({"ap_50", "ap_coco", "detectnet_map"} <= row["intervals"].keys() for row in found)
