"""Losses read off curves."""

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.inquisitors.losses import LossReader, width_losses
from gensynth.records import Response

QUANTITY = "usable_class_information_bits"


def response(place: str, curve: np.ndarray) -> Response:
    return Response("made_up", place, QUANTITY, tuple(curve.tolist()))


def test_one_curve_is_read_off_directly() -> None:
    curve = np.array([0.5, 1.0, 1.4, 1.6])
    np.testing.assert_allclose(width_losses([1, 2, 4], [curve]), [1.1, 0.6, 0.0])


def test_networks_of_different_widths_agree_when_their_parts_do() -> None:
    wide = np.asarray(2 * (1 - 0.5 ** np.arange(1, 9)), dtype=np.float64)
    narrow = 0.7 * wide[:4]  # another level, the same parts
    alone = width_losses([1, 2, 4, 8], [wide])
    np.testing.assert_allclose(width_losses([1, 2, 4, 8], [wide, narrow]), alone)


def test_parts_multiply_from_the_widest_network_to_the_narrowest() -> None:
    wide, narrow = np.array([0.0, 1.0, 1.5, 2.0]), np.array([0.3, 0.6])
    assert width_losses([1], [wide, narrow])[0] == pytest.approx(2 * (1 - (0 + 0.5 * 0.5) / 2))


def test_places_that_hold_nothing_are_no_base_for_ratios() -> None:
    losses = width_losses([1, 2], [np.array([1.0, 2.0]), np.array([1e-9, 1e-3])])
    np.testing.assert_allclose(losses, [0.50025, 0.0], atol=0.01)


def test_a_group_is_read_at_its_places_and_unknown_places_are_ignored(space: DesignSpace) -> None:
    choice = next(c for c in space.choices if c.kind == "width" and c.target == "stem.conv")
    full = int(choice.options[choice.prototype])
    rise = np.linspace(1 / full, 1, full)
    answers = [response("stem.relu", rise), response("somewhere.else", rise[:3])]
    losses = LossReader(space).read([answers])[QUANTITY][choice.name]
    np.testing.assert_allclose(losses, [1 - int(w) / full for w in choice.options])


def test_a_width_nobody_read_takes_the_typical_loss_at_its_ratio(space: DesignSpace) -> None:
    widths = [c for c in space.choices if c.kind == "width"]
    full = int(widths[0].options[widths[0].prototype])
    answers = [response("stem.relu", np.linspace(1 / full, 1, full))]
    losses = LossReader(space).read([answers])[QUANTITY]
    for choice in widths:
        assert losses[choice.name][choice.prototype] == pytest.approx(0)
        assert losses[choice.name][0] > 0.5


def test_a_block_loses_what_it_adds_between_entry_and_exit(space: DesignSpace) -> None:
    keep = next(c for c in space.choices if c.kind == "keep")
    block = next(r for r in space.graph.regions if r.name == keep.target)
    answers = [
        response(block.entry, np.array([0.2, 0.5])),
        response(block.exit, np.array([0.4, 1.3])),
    ]
    losses = LossReader(space).read([answers])[QUANTITY][keep.name]
    assert losses[keep.index(False)] == pytest.approx(0.8)
    assert losses[keep.index(True)] == 0


def test_a_block_loses_what_its_probe_says_of_it(space: DesignSpace) -> None:
    keep = next(c for c in space.choices if c.kind == "keep")
    block = next(r for r in space.graph.regions if r.name == keep.target)
    rise = tuple(np.linspace(0.1, 1, 16).tolist())
    answers = [
        Response("direct", block.entry, "curves", rise[:8]),
        Response("direct", block.exit, "curves", rise),
        Response("direct", block.exit, "blocks", (0.3,)),
        Response("other", block.entry, "rises", rise[:8]),
        Response("other", block.exit, "rises", rise),
    ]
    narrower = [Response("direct", block.exit, "blocks", (0.5,))]
    losses = LossReader(space).read([answers, narrower])
    assert losses["blocks"][keep.name][keep.index(False)] == pytest.approx(0.4)
    kinds = {choice.name: choice.kind for choice in space.choices}
    assert {kinds[name] for name in losses["blocks"]} == {"keep"}
    assert {kinds[name] for name in losses["curves"]} == {"width"}
    assert losses["rises"][keep.name][keep.index(False)] == pytest.approx(rise[-1] - rise[7])


def test_noise_that_falls_along_a_curve_never_makes_a_loss_negative(space: DesignSpace) -> None:
    rng = np.random.default_rng(0)
    answers = [response("stem.relu", rng.normal(0.2, 1.0, 16)) for _ in range(5)]
    for losses in LossReader(space).read([answers])[QUANTITY].values():
        assert (losses >= 0).all()


def test_quantities_are_kept_apart(space: DesignSpace) -> None:
    rise = tuple(np.linspace(0.1, 1, 16).tolist())
    answers = [
        Response("a", "stem.relu", "information_bits", rise),
        Response("b", "stem.relu", "effective_rank_channels", rise[::-1]),
    ]
    losses = LossReader(space).read([answers])
    assert set(losses) == {"information_bits", "effective_rank_channels"}
    name = "stem.conv.width"
    assert losses["information_bits"][name][0] > losses["effective_rank_channels"][name][0] == 0
