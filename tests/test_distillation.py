"""A teacher's answers: right, computed once, shared, and never half written."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import numpy as np
import pytest
import torch

from gensynth.data.digits import Digits
from gensynth.data.shift import Shift
from gensynth.distillation import TeacherLogits
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.prototypes.resnet import resnet
from gensynth.tasks.classification import Classification
from gensynth.tasks.segmentation import Segmentation

TASK = Classification(label_smoothing=0.0, distillation_weight=0.5, temperature=4.0)


def digits(augment_seed: int = 0) -> Digits:
    return Digits(
        search_images=100,
        confirm_images=100,
        test_images=100,
        split_seed=0,
        train_images=90,
        size=8,
        augmentation=Shift(shift=1, flip=True, border="zero", seed=augment_seed),
    )


def network(seed: int = 0) -> GraphNetwork:
    graph = resnet((1, 8, 8), 10, depth=8, widths=(4, 4, 4))
    return GraphNetwork(graph, torch.Generator().manual_seed(seed))


def teacher(
    folder: Path,
    net: GraphNetwork | None = None,
    *,
    task: Classification = TASK,
    augment_seed: int = 0,
    threads: int = 1,
) -> TeacherLogits:
    return TeacherLogits(
        net or network(),
        task,
        digits(augment_seed),
        folder,
        batch_size=40,
        precision="float32",
        threads=threads,
    )


def segmentation(*, distillation_weight: float, lesson_stride: int) -> Segmentation:
    return Segmentation(
        quality="mean_iou",
        label_smoothing=0.0,
        distillation_weight=distillation_weight,
        temperature=2.0,
        lesson_stride=lesson_stride,
        dice_weight=0.0,
        balance="none",
    )


@pytest.fixture
def forwards(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes of all batches any network was asked for."""
    sizes: list[int] = []
    forward = GraphNetwork.forward

    def counted(self: GraphNetwork, images: torch.Tensor) -> object:
        sizes.append(len(images))
        return forward(self, images)

    monkeypatch.setattr(GraphNetwork, "forward", counted)
    return sizes


def test_row_i_is_the_answer_to_image_i_as_the_epoch_shows_it(tmp_path: Path) -> None:
    net, data = network(), digits()
    found = teacher(tmp_path, net)
    for epoch in (0, 3):
        with evaluating(net):
            expected = net(data.augmented(epoch, torch.arange(90)))
        assert isinstance(expected, torch.Tensor)
        assert found.logits(epoch).dtype == np.float16
        np.testing.assert_allclose(found.logits(epoch), expected.numpy(), rtol=2e-3, atol=2e-3)
    assert not np.array_equal(found.logits(0), found.logits(3))


def test_an_epoch_is_computed_once_for_everybody(tmp_path: Path, forwards: list[int]) -> None:
    teacher(tmp_path).logits(1)
    assert forwards == [40, 40, 10]
    first, again = teacher(tmp_path), teacher(tmp_path)
    np.testing.assert_array_equal(first.logits(1), again.logits(1))
    assert forwards == [40, 40, 10]


def test_those_who_come_together_compute_every_answer_once(
    tmp_path: Path, forwards: list[int]
) -> None:
    teachers = [teacher(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: np.array(one.logits(0)), teachers))
    assert sorted(forwards) == [10, 40, 40]
    assert all(np.array_equal(answers[0], other) for other in answers)


def test_whoever_waits_computes_the_rest_meanwhile(
    tmp_path: Path, forwards: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = teacher(tmp_path), teacher(tmp_path)
    expected = np.array(teacher(tmp_path / "alone").logits(0))
    begun, goes_on = Event(), Event()
    compute = slow._compute

    def held_up(*asked: Any) -> Any:
        begun.set()
        assert goes_on.wait(60)
        return compute(*asked)

    monkeypatch.setattr(slow, "_compute", held_up)
    forwards.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(slow.logits, 0)
        assert begun.wait(60)
        second = pool.submit(quick.logits, 0)
        for _ in range(6000):
            if len(forwards) == 2:
                break
            sleep(0.01)
        assert forwards == [40, 10]  # the first batch is the slow one's
        assert not second.done()
        goes_on.set()
        np.testing.assert_array_equal(first.result(60), expected)
        np.testing.assert_array_equal(second.result(60), expected)
    assert forwards == [40, 10, 40]
    assert [path.name for path in tmp_path.rglob("*.npy")].count("epoch-0000.npy") == 2
    assert len(list(tmp_path.rglob("*.npy"))) == 2


def test_other_weights_or_other_augmentation_are_other_answers(tmp_path: Path) -> None:
    teachers = [teacher(tmp_path), teacher(tmp_path, network(1)), teacher(tmp_path, augment_seed=1)]
    answers = [np.array(one.logits(0)) for one in teachers]
    assert not np.array_equal(answers[0], answers[1])
    assert not np.array_equal(answers[0], answers[2])
    np.testing.assert_array_equal(answers[0], teacher(tmp_path).logits(0))


def test_lessons_are_those_of_every_task_that_asks_for_the_same_ones(
    tmp_path: Path, forwards: list[int]
) -> None:
    others = [replace(TASK, distillation_weight=weight, temperature=weight) for weight in (0.2, 1)]
    first, second = (np.array(teacher(tmp_path, task=one).logits(0)) for one in others)
    assert forwards == [40, 40, 10]
    np.testing.assert_array_equal(first, second)
    dense = [segmentation(distillation_weight=weight, lesson_stride=1) for weight in (0.2, 1.0)]
    sparse = segmentation(distillation_weight=0.2, lesson_stride=2)
    assert dense[0].lesson_digest == dense[1].lesson_digest != sparse.lesson_digest


def test_precision_is_part_of_the_identity(tmp_path: Path) -> None:
    for precision in ("float32", "bfloat16"):
        one = TeacherLogits(
            network(), TASK, digits(), tmp_path, batch_size=90, precision=precision, threads=1
        )
        one.logits(0)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_teacher_in_reduced_precision_is_shown_the_pixels_that_students_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reduced, augmented = [], Digits.augmented

    def watched(self: Digits, epoch: int, indices: torch.Tensor) -> torch.Tensor:
        reduced.append(torch.is_autocast_enabled("cpu"))
        return augmented(self, epoch, indices)

    monkeypatch.setattr(Digits, "augmented", watched)
    one = TeacherLogits(
        network(), TASK, digits(), tmp_path, batch_size=40, precision="bfloat16", threads=1
    )
    one.logits(0)
    assert reduced
    assert not any(reduced)


def test_threads_are_part_of_the_identity(tmp_path: Path, forwards: list[int]) -> None:
    # They decide the last digits, and what one run leaves behind another one reads.
    for threads in (1, 2):
        teacher(tmp_path, threads=threads).logits(0)
    assert forwards == 2 * [40, 40, 10]
    assert len(list(tmp_path.iterdir())) == 2


def test_the_teacher_is_left_as_it_was(tmp_path: Path) -> None:
    net = network().train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    teacher(tmp_path, net).logits(0)
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_answers_cannot_be_overwritten(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        teacher(tmp_path).logits(0)[0, 0] = 1.0


def test_what_a_killed_process_left_is_not_taken_for_answers(tmp_path: Path) -> None:
    one = teacher(tmp_path)
    expected = np.array(one.logits(0))
    (path,) = tmp_path.rglob("*.npy")
    path.with_suffix(".part").write_bytes(path.read_bytes()[:100])
    path.unlink()
    np.testing.assert_array_equal(one.logits(0), expected)
    assert not list(tmp_path.rglob("*.part"))


def test_it_travels_to_workers(tmp_path: Path) -> None:
    one = teacher(tmp_path)
    copy: TeacherLogits = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(copy.logits(2), one.logits(2))
    assert len(list(tmp_path.iterdir())) == 1
