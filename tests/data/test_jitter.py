"""Boxes stay on their objects whatever the moves; colours turn as hand arithmetic says."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.data.boxes import KIND, Kind
from gensynth.data.jitter import LEAST_VISIBLE, Jitter, turned
from gensynth.errors import ConfigurationError

HEIGHT, WIDTH = 48, 64


def jitter(**changes: object) -> Jitter:
    given = {
        "shift": 12,
        "flip": True,
        "smallest": 0.7,
        "largest": 1.4,
        "zoom_share": 1.0,
        "hue": 0.0,
        "desaturation": 0.0,
        "seed": 0,
    }
    return Jitter(**(given | changes))  # type: ignore[arg-type]


STILL = {"shift": 0, "flip": False, "smallest": 1.0, "largest": 1.0}


@settings(max_examples=60, deadline=None)
@given(
    left=st.integers(1, WIDTH - 10),
    top=st.integers(1, HEIGHT - 10),
    width=st.integers(8, 30),
    height=st.integers(8, 30),
    epoch=st.integers(0, 1000),
)
def test_boxes_stay_on_their_objects(
    left: int, top: int, width: int, height: int, epoch: int
) -> None:
    # An image's border is drawn on around it: an object that touched it would look larger.
    right, bottom = min(left + width, WIDTH - 1), min(top + height, HEIGHT - 1)
    image = np.zeros((1, HEIGHT, WIDTH, 3), dtype=np.uint8)
    image[:, top:bottom, left:right] = 200
    one = jitter()
    moves = torch.from_numpy(one.moves(epoch, 1))
    shown = one.images(torch.from_numpy(image), torch.tensor([0]), moves)[0, ..., 0] > 100
    row = torch.tensor([[[left, top, right, bottom, 0, Kind.OBJECT]]], dtype=torch.float32)
    found = one.targets(row, moves, (HEIGHT, WIDTH))[0, 0]
    if not shown.any():
        assert found[KIND] != Kind.OBJECT
        return
    assert found[KIND] != Kind.EMPTY
    rows, columns = torch.nonzero(shown.any(1))[:, 0], torch.nonzero(shown.any(0))[:, 0]
    drawn = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    assert found[:4].numpy() == pytest.approx([float(side) for side in drawn], abs=1.01)


def test_an_object_of_which_little_shows_is_ignored() -> None:
    row = torch.tensor([[[0.0, 10, 10, 20, 0, Kind.OBJECT]]])
    for shift, kind in ((-6.0, Kind.OBJECT), (-8.0, Kind.IGNORED), (-10.0, Kind.EMPTY)):
        moves = torch.tensor([[1.0, shift, 0, 1, 0, 1]])
        found = jitter().targets(row, moves, (HEIGHT, WIDTH))[0, 0]
        assert found[KIND] == kind, shift
    assert 0.2 < LEAST_VISIBLE < 0.4  # what the three shifts above leave: 0.4, 0.2, 0


def test_moves_are_those_asked_for_and_depend_on_image_and_epoch_alone() -> None:
    one = jitter(zoom_share=0.4, hue=30.0, desaturation=0.8)
    moves = one.moves(3, 4000)
    np.testing.assert_array_equal(one.moves(3, 10), moves[:10])
    assert not np.array_equal(one.moves(4, 10), moves[:10])
    zoom, across, down, mirror, hue, colour = moves.T
    assert (zoom != 1).mean() == pytest.approx(0.4, abs=0.03)
    assert (zoom.min(), zoom.max()) == pytest.approx((0.7, 1.4), abs=0.02)
    for shift in (across, down):
        assert (shift.min(), shift.max()) == pytest.approx((-12, 12), abs=0.1)
    assert set(mirror.tolist()) == {-1.0, 1.0}
    assert np.abs(hue).max() == pytest.approx(np.deg2rad(30), abs=0.01)
    assert (colour.min(), colour.max()) == pytest.approx((0.2, 1.0), abs=0.01)


def test_without_moves_images_and_boxes_are_what_they_were() -> None:
    rng = np.random.default_rng(0)
    images = torch.from_numpy(rng.integers(0, 256, (2, HEIGHT, WIDTH, 3), dtype=np.uint8))
    one = jitter(**STILL)
    moves = torch.from_numpy(one.moves(0, 2))
    torch.testing.assert_close(
        one.images(images, torch.tensor([1, 0]), moves), images.flip(0).float(), atol=1e-3, rtol=0
    )
    rows = torch.tensor([[[3.0, 4, 9, 11, 0, 1]], [[0, 0, 0, 0, 0, 0]]])
    torch.testing.assert_close(one.targets(rows, moves, (HEIGHT, WIDTH)), rows)
    assert torch.equal(one.plain(torch.from_numpy(one.kept(images.numpy()))), images)


def test_a_third_of_a_turn_passes_red_on_to_green() -> None:
    red = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1)
    found = turned(red, torch.tensor([2 * np.pi / 3]))
    torch.testing.assert_close(found.flatten(), torch.tensor([0.0, 1.0, 0.0]), atol=1e-6, rtol=0)
    torch.testing.assert_close(turned(red, torch.zeros(1)), red)


def test_without_colour_an_image_is_grey_and_as_bright() -> None:
    images = torch.randint(0, 256, (1, 4, 4, 3), generator=torch.Generator().manual_seed(0))
    moves = torch.tensor([[1.0, 0, 0, 1, 0, 0]])
    found = jitter(**STILL, desaturation=1.0).images(images, torch.tensor([0]), moves)
    brightness = images.float() @ torch.tensor([0.299, 0.587, 0.114])
    torch.testing.assert_close(found, brightness[..., None].expand(-1, -1, -1, 3))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"smallest": 0.0}, "smallest=0.0 must be above 0"),
        ({"largest": 0.5}, "largest=0.5"),
        ({"zoom_share": 1.5}, "zoom_share=1.5 must be 0 to 1"),
        ({"hue": 181.0}, "hue=181.0 must be 0 to 180"),
        ({"desaturation": -0.1}, "desaturation=-0.1 must be 0 to 1"),
        ({"shift": -1}, "shift=-1 must be 0 or more"),
    ],
)
def test_wrong_settings_are_refused_by_name(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        jitter(**wrong)
