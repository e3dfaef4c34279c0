"""The loss by hand, quality on made networks, and what probes and pictures are told."""

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gensynth.data.boxed_scenes import BoxedScenes
from gensynth.data.boxes import Kind
from gensynth.data.jitter import Jitter
from gensynth.errors import ConfigurationError, DataError
from gensynth.tasks.box_picture import FOUND_COLOUR
from gensynth.tasks.coverage import CoverageRule, encode
from gensynth.tasks.decoding.non_maximum_suppression import NonMaximumSuppression
from gensynth.tasks.detection import Detection

GRID, SIZE = (6, 8), (96, 128)
RULE = CoverageRule(share=0.4, least=20)


def task(**changes: Any) -> Detection:
    given: dict[str, Any] = {
        "quality": "ap_50",
        "coverage_share": 0.4,
        "coverage_pixels": 20,
        "box_weight": 2.0,
        "distillation_weight": 0.0,
        "decoding": NonMaximumSuppression(threshold=0.05, overlap=0.4, limit=50),
        "operating_point": 0.5,
    }
    return Detection(**(given | changes)).fitted(scenes())


def scenes() -> BoxedScenes:
    still = Jitter(
        shift=0,
        flip=False,
        smallest=1.0,
        largest=1.0,
        zoom_share=0.0,
        hue=0.0,
        desaturation=0.0,
        seed=0,
    )
    return BoxedScenes(
        input_size=SIZE,
        train_images=8,
        search_images=6,
        confirm_images=4,
        test_images=4,
        seed=0,
        augmentation=still,
    )


class Oracle(nn.Module):
    """Answers with what was prepared for each batch, in turn."""

    def __init__(self, *answers: dict[str, Tensor]) -> None:
        super().__init__()
        self.answers = list(answers)

    def forward(self, _: Tensor) -> dict[str, Tensor]:
        return self.answers.pop(0)


def perfect(objects: Tensor, sure: float = 0.9) -> dict[str, Tensor]:
    """Return what a network should answer."""
    cells = encode(objects, 1, GRID, SIZE, RULE)
    return {"coverage": sure * cells.coverage, "boxes": cells.boxes}


def both(split: Any = "search") -> tuple[Tensor, Tensor]:
    images, objects = scenes().images(split)
    return images.float(), objects


def test_the_loss_by_hand() -> None:
    rows = torch.tensor([[[40.0, 24, 104, 72, 0, Kind.OBJECT]]])  # 64 x 48 around (72, 48)
    answers = {"coverage": torch.full((1, 1, *GRID), 0.25), "boxes": torch.zeros(1, 4, *GRID)}
    # The middle, 25.6 x 20 from (59.2, 38) to (84.8, 58), covers columns 3 to 5 and rows 2 and 3.
    covered = [(x, y) for x in (3, 4, 5) for y in (2, 3)]
    cover = 0.5 * (len(covered) * 0.75**2 + (48 - len(covered)) * 0.25**2)
    share = 1 / (1.6 * 1.25)  # cells that the middle is as large as
    boxes = sum(
        share * (abs(40 - 16 * x) / 64 + abs(24 - 16 * y) / 48)
        + share * (abs(104 - 16 * x) / 64 + abs(72 - 16 * y) / 48)
        for x, y in covered
    )
    assert float(task().loss(answers, rows, None)) == pytest.approx(cover + 2 * boxes, rel=1e-5)


def test_a_perfect_answer_costs_nothing_and_ignored_cells_never_do() -> None:
    _, objects = both()
    assert float(task().loss(perfect(objects, sure=1.0), objects, None)) == pytest.approx(0.0)
    ignored = objects.clone()
    ignored[..., 5] *= Kind.IGNORED
    everywhere = {"coverage": torch.ones(6, 1, *GRID), "boxes": torch.zeros(6, 4, *GRID)}
    cells = encode(ignored, 1, GRID, SIZE, RULE)
    assert float(task().loss(everywhere, ignored, None)) == pytest.approx(
        0.5 * float(cells.known.sum()) / 6
    )


def test_a_teacher_has_its_share_of_the_loss() -> None:
    _, objects = both()
    one = task(distillation_weight=0.25)
    answers = {
        "coverage": torch.rand(6, 1, *GRID, generator=torch.Generator().manual_seed(0)),
        "boxes": torch.ones(6, 4, *GRID),
    }
    right = one.lesson(perfect(objects, sure=1.0))
    alone = float(task().loss(answers, objects, None))
    assert float(one.loss(answers, objects, right)) == pytest.approx(alone, rel=1e-5)
    own = one.lesson(answers)
    assert float(one.loss(answers, objects, own)) == pytest.approx(0.75 * alone, rel=1e-5)
    assert one.distils
    assert not task().distils
    assert one.digest != task().digest
    assert one.untaught().digest == task().digest
    assert not one.untaught().distils


def test_a_network_that_finds_everything_is_perfect_and_one_that_finds_nothing_is_not() -> None:
    images, objects = both()
    found = task().measure(Oracle(perfect(objects)), [(images, objects)])
    assert found.values == {name: pytest.approx(100.0) for name in found.values}
    assert set(found.values) == task().percentages
    assert all(error > 0 for error in found.standard_errors.values())
    blind = {"coverage": torch.zeros(6, 1, *GRID), "boxes": torch.zeros(6, 4, *GRID)}
    nothing = task().measure(Oracle(blind), [(images, objects)])
    assert nothing.values == dict.fromkeys(found.values, 0.0)


def saying(*detections: tuple[float, tuple[float, ...]]) -> dict[str, Tensor]:
    """Return the answers of one image whose cells, in turn, are so sure of such boxes."""
    coverage, boxes = torch.zeros(1, 1, *GRID), torch.zeros(1, 4, *GRID)
    for column, (sure, corners) in enumerate(detections):
        coverage[0, 0, 0, column] = sure
        boxes[0, :, 0, column] = torch.tensor(corners) / 16 - torch.tensor([column, 0, column, 0])
    return {"coverage": coverage, "boxes": boxes}


def test_the_three_precisions_by_hand() -> None:
    network = Oracle(
        saying((0.9, (0, 0, 62, 50))),  # overlaps by 0.62
        saying((0.3, (0, 0, 82, 50))),  # by 0.82
        saying((0.7, (60, 10, 120, 50)), (0.8, (5, 65, 35, 85))),  # wholly; what is ignored
    )
    empty = [0.0] * 6
    rows = [
        [[0, 0, 100, 50, 0, Kind.OBJECT], empty],
        [[0, 0, 100, 50, 0, Kind.OBJECT], empty],
        [[60, 10, 120, 50, 0, Kind.OBJECT], [0, 60, 40, 90, 0, Kind.IGNORED]],
    ]
    found = task().measure(
        network, [(torch.zeros(1, 3, *SIZE), torch.tensor([each])) for each in rows]
    )
    # Surest first. Up to 0.6: hit, hit, hit. Up to 0.8: miss, hit, hit. Above: miss, hit, miss.
    # COCO reads the best precision at a recall or beyond at 0, 0.01, ..., 1: 67 of these reach up
    # to 2/3, and 34 up to 1/3.
    coco = (3 * 101 / 101 + 4 * 67 / 101 * 2 / 3 + 3 * 34 / 101 * 1 / 2) / 10
    # At 0.7, and from a score of 0.5 on, there are a hit and a miss.
    by_hand = {"ap_50": 100, "ap_coco": 100 * coco, "detectnet_map": 100 * 1 / 2 * 1 / 3}
    assert found.values == {name: pytest.approx(value) for name, value in by_hand.items()}
    np.testing.assert_allclose(found.examples["ap_50"], 100)  # whichever image is left out


def test_quality_depends_on_no_batch_size() -> None:
    images, objects = both()
    rng = torch.Generator().manual_seed(1)
    answers = {
        "coverage": (perfect(objects)["coverage"] + 0.3 * torch.rand(6, 1, *GRID, generator=rng)),
        "boxes": perfect(objects)["boxes"] + 0.2 * torch.randn(6, 4, *GRID, generator=rng),
    }
    whole = task().measure(Oracle(answers), [(images, objects)])
    each = [{name: part[i : i + 1] for name, part in answers.items()} for i in range(6)]
    single = task().measure(
        Oracle(*each), [(images[i : i + 1], objects[i : i + 1]) for i in range(6)]
    )
    assert whole.values == single.values
    assert 0 < whole.values["ap_50"] < 100
    for name, examples in whole.examples.items():
        np.testing.assert_array_equal(examples, single.examples[name])
        assert examples.mean() == pytest.approx(whole.values[name], abs=1e-4)
        low, high = whole.intervals[name]
        assert low <= whole.values[name] <= high


def test_images_without_objects_are_legal_but_not_alone() -> None:
    images, objects = both()
    none = torch.zeros_like(objects)
    mixed = torch.cat([objects[:3], none[3:]])
    found = task().measure(Oracle(perfect(mixed)), [(images, mixed)])
    assert found.values["ap_50"] == pytest.approx(100.0)
    with pytest.raises(DataError, match="no objects to measure ap_50 on"):
        task().measure(Oracle(perfect(none)), [(images, none)])


@pytest.mark.parametrize("one", [0, 2])
def test_probes_ask_where_objects_are_and_where_their_boxes_end(one: int) -> None:
    rows = torch.tensor([[[40.0, 24, 104, 72, one, 1], [0, 0, 16, 16, 0, Kind.IGNORED]]])
    asked = task().asked(rows, ("digit", "letter", "sign"))
    assert asked.class_count == 2
    assert asked.classes.shape == (1, 24, 32)
    assert asked.values is not None
    expected = torch.zeros(24, 32, dtype=torch.int64)
    expected[6:18, 10:26] = 1
    expected[:4, :4] = -1
    assert torch.equal(asked.classes[0], expected)
    corners = torch.tensor([40 - 48.0, 24 - 32, 104 - 48, 72 - 32])
    torch.testing.assert_close(asked.values[0, :, 8, 12], corners)
    assert asked.values[0, :, expected != 1].isnan().all()


def test_probes_ask_in_pixels_where_sides_are_no_multiples_of_their_step() -> None:
    one = task()
    one._size = 45, 63
    box = [10.0, 11, 40, 41]
    asked = one.asked(torch.tensor([[[*box, 0, Kind.OBJECT]]]), ("digit",))
    assert asked.values is not None
    assert asked.values.shape == (1, 4, 11, 15)
    row, column = 5, 6
    here = [column * 63 / 15, row * 45 / 11]
    expected = torch.tensor(box) - torch.tensor(here * 2)
    torch.testing.assert_close(asked.values[0, :, row, column], expected)


def test_pictures_show_boxes_and_precision_against_recall() -> None:
    images, objects = both()
    pixels = scenes().images("search")[0]
    network = Oracle(perfect(objects[:2]), perfect(objects))
    drawn = task().pictures(network, (images[:2], objects[:2]), pixels[:2], [(images, objects)])
    assert set(drawn) == {"boxes", "precision_recall"}
    assert (drawn["boxes"] == np.array(FOUND_COLOUR)).all(-1).any()


def test_the_main_measurement_is_the_user_s_choice() -> None:
    assert task().headline == ("ap_50", "detectnet_map")
    other = task(quality="detectnet_map")
    assert (other.quality, other.headline) == ("detectnet_map", ("detectnet_map", "ap_50"))
    assert other.digest == task().digest
    assert pickle.loads(pickle.dumps(other)).quality == "detectnet_map"  # noqa: S301


def test_a_network_with_other_outputs_is_a_bug() -> None:
    with pytest.raises(ValueError, match="coverage and boxes; this network has one output"):
        task().loss(torch.zeros(1, 1), torch.zeros(1, 1, 6), None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quality", "map"),
        ("coverage_share", 0.0),
        ("coverage_pixels", -1.0),
        ("box_weight", -1.0),
        ("distillation_weight", 1.5),
        ("operating_point", 50),
        ("operating_point", -0.1),
    ],
)
def test_wrong_settings_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"task.{name}={value} must be"):
        task(**{name: value})
