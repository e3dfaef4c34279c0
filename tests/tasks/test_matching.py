"""Matches against a brute force and hand-worked cases."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torchvision.ops import box_iou

from gensynth.data.boxes import Kind
from gensynth.tasks.matching import Found, matches, overlaps

HALF = np.array([0.5])


def found(
    detections: list[tuple[float, ...]],
    objects: list[tuple[float, ...]],
    *,
    kinds: list[Kind] | None = None,
) -> Found:
    """Return (x1, y1, x2, y2, score) detections of class 0 beside (x1, y1, x2, y2) objects."""
    rows = np.array(detections).reshape(-1, 5)
    given = kinds or [Kind.OBJECT] * len(objects)
    table = [(*box, 0, kind) for box, kind in zip(objects, given, strict=True)]
    return Found(
        rows[:, :4],
        rows[:, 4],
        np.zeros(len(rows), dtype=np.int64),
        np.array(table, dtype=np.float64).reshape(-1, 6),
    )


def test_overlaps_are_torchvision_s_and_by_hand() -> None:
    rng = np.random.default_rng(0)
    one, two = (np.sort(rng.uniform(0, 9, (5, 2, 2)), axis=1).reshape(5, 4) for _ in range(2))
    unions, _ = overlaps(one, two)
    expected = box_iou(torch.from_numpy(one), torch.from_numpy(two)).numpy()
    np.testing.assert_allclose(unions, expected)
    quarter = overlaps(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 1, 9, 9]]))
    assert quarter[1] == pytest.approx(0.25)


def test_the_surest_detection_has_the_object_and_others_miss() -> None:
    one = found([(0, 0, 10, 9, 0.5), (0, 0, 10, 10, 0.9), (50, 50, 60, 60, 0.7)], [(0, 0, 10, 10)])
    result = matches([one], 1, HALF)
    assert result.hits[0].tolist() == [False, True, False]
    assert not result.neutral.any()
    assert result.objects.tolist() == [[1]]


def test_an_overlap_that_is_the_threshold_is_a_hit() -> None:
    one = found([(0, 0, 10, 5, 0.9)], [(0, 0, 10, 10)])
    thresholds = np.array([0.5, 0.55])
    assert matches([one], 1, thresholds).hits[:, 0].tolist() == [True, False]


def test_what_is_ignored_counts_neither_way() -> None:
    kinds = [Kind.IGNORED, Kind.OBJECT, Kind.EMPTY]
    boxes: list[tuple[float, ...]] = [(0, 0, 40, 40), (0, 0, 10, 10), (20, 20, 30, 30)]
    one = found(
        [(1, 1, 10, 10, 0.9), (20, 20, 30, 30, 0.8), (21, 21, 31, 31, 0.7)], boxes, kinds=kinds
    )
    result = matches([one], 1, HALF)
    assert result.hits[0].tolist() == [True, False, False]
    assert result.neutral[0].tolist() == [False, True, True]
    assert result.objects.tolist() == [[1]]


def brute_force(one: Found, threshold: float) -> list[str]:
    """Return `hit`, `neutral` or `miss` of every detection, by COCO's rule spelled out."""
    verdict = [""] * len(one.scores)
    taken: set[int] = set()
    for index in sorted(range(len(one.scores)), key=lambda i: -one.scores[i]):
        best, chosen = threshold, None
        near_ignored = False
        for number, row in enumerate(one.objects):
            if row[5] == Kind.EMPTY or row[4] != one.classes[index]:
                continue
            union, within = overlaps(one.corners[[index]], row[None])
            if row[5] == Kind.IGNORED:
                near_ignored |= bool(within[0, 0] >= threshold)
            elif number not in taken and union[0, 0] >= best:
                best, chosen = union[0, 0], number
        if chosen is not None:
            taken.add(chosen)
        verdict[index] = "hit" if chosen is not None else "neutral" if near_ignored else "miss"
    return verdict


def test_random_images_agree_with_a_brute_force(
    found_images: Callable[[int], list[Found]],
) -> None:
    images, thresholds = found_images(60), np.array([0.5, 0.7])
    result = matches(images, 2, thresholds)
    for row, threshold in enumerate(thresholds):
        expected = [one for image in images for one in brute_force(image, threshold)]
        names = np.where(result.hits[row], "hit", np.where(result.neutral[row], "neutral", "miss"))
        assert names.tolist() == expected
    assert len({*expected}) == 3
    np.testing.assert_array_equal(
        result.images, np.repeat(np.arange(60), [len(one.scores) for one in images])
    )
