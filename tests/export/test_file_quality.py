"""Files are measured by the task itself; losses are differences on the same images."""

from typing import Any

import pytest

from gensynth.data.digits import Digits
from gensynth.data.shift import Shift
from gensynth.export import export_network
from gensynth.export.file_quality import FileQuality, file_qualities
from gensynth.network.graph_network import GraphNetwork
from gensynth.prototypes.resnet import resnet
from gensynth.tasks.classification import Classification
from gensynth.training import Training, evaluate_quality

RECIPE: dict[str, Any] = {
    "short_epochs": 1,
    "long_epochs": 1,
    "prototype_epochs": 1,
    "batch_size": 50,
    "learning_rate": 0.1,
    "warmup": 0.2,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "gradient_clip": 0.0,
    "channels_last": True,
    "inherit": False,
    "progress": False,
}


@pytest.fixture(scope="module")
def measured(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Any, tuple[FileQuality, ...]]:
    """PyTorch's quality of a network in float32, and its two files'."""
    data = Digits(
        search_images=50,
        confirm_images=200,
        test_images=1300,
        split_seed=0,
        train_images=None,
        size=8,
        augmentation=Shift(shift=0, flip=False, border="zero", seed=0),
    )
    task = Classification(label_smoothing=0.0, distillation_weight=0.0, temperature=1.0)
    network = GraphNetwork(resnet((1, 8, 8), 10, depth=8, widths=(4, 6, 8)))
    training = Training(**RECIPE, precision="float32")
    training.fit(network, task, data, epochs=2, seed=0)
    quality = evaluate_quality(network, task, data, "confirm", training)
    folder = tmp_path_factory.mktemp("files") / "network"
    images = data.stimuli(64)[0]
    export_network(network, images, folder, calibration=images)
    files = [folder / "network.onnx", folder / "network.int8.onnx"]
    rough = Training(**RECIPE, precision="bfloat16")  # must not matter to files
    return quality, file_qualities(files, "confirm", task=task, data=data, training=rough)


def test_the_float32_file_is_as_good_as_the_network(measured: Any) -> None:
    quality, (first, _) = measured
    assert first.row.measurements == quality.values
    assert first.row.standard_errors == quality.standard_errors
    assert (first.row.name, first.row.split) == ("network.onnx", "confirm")
    assert first.losses == first.loss_errors == {}


def test_the_int8_file_stands_beside_it(measured: Any) -> None:
    _, (first, second) = measured
    own, other = (one.row.measurements["accuracy"] for one in (second, first))
    assert second.losses == {"accuracy": pytest.approx(other - own)}
    assert second.loss_errors["accuracy"] >= 0
    assert own > 15  # who guesses has 10
