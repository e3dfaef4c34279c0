"""Blocks of channels that shortcuts tie together."""

from gensynth.graph.coupling import CouplingGroup
from gensynth.network.nesting import Block, tied_blocks


def group(name: str, width: int, *parents: str) -> CouplingGroup:
    return CouplingGroup(name, width, (name,), (name,), shortcut_parents=parents)


def classes(*groups: CouplingGroup) -> set[frozenset[Block]]:
    """Return the sets of blocks that are tied to each other."""
    tied = tied_blocks(groups)
    return {
        frozenset(block for block, root in tied.items() if root == representative)
        for representative in tied.values()
    }


def test_a_group_without_shortcuts_is_one_block() -> None:
    assert classes(group("a", 5)) == {frozenset({Block("a", 0, 5)})}


def test_a_chain_is_cut_at_every_width() -> None:
    found = classes(group("a", 2), group("b", 4, "a"), group("c", 8, "b"))
    assert found == {
        frozenset({Block("a", 0, 2), Block("b", 0, 2), Block("c", 0, 2)}),
        frozenset({Block("b", 2, 4), Block("c", 2, 4)}),
        frozenset({Block("c", 4, 8)}),
    }


def test_two_children_share_only_what_comes_from_their_parent() -> None:
    found = classes(group("a", 2), group("b", 4, "a"), group("c", 8, "a"))
    assert found == {
        frozenset({Block("a", 0, 2), Block("b", 0, 2), Block("c", 0, 2)}),
        frozenset({Block("b", 2, 4)}),
        frozenset({Block("c", 2, 8)}),
    }


def test_a_cut_travels_against_the_direction_of_shortcuts() -> None:
    # `a` is cut at 3 because `c`, which only `b` reaches, holds no more of their common channels.
    found = classes(group("a", 9), group("b", 7, "a"), group("c", 3, "b"))
    assert frozenset({Block("a", 0, 3), Block("b", 0, 3), Block("c", 0, 3)}) in found
    assert frozenset({Block("a", 3, 7), Block("b", 3, 7)}) in found
    assert frozenset({Block("a", 7, 9)}) in found


def test_equal_widths_are_tied_whole() -> None:
    assert classes(group("a", 4), group("b", 4, "a")) == {
        frozenset({Block("a", 0, 4), Block("b", 0, 4)})
    }


def test_blocks_come_in_channel_order_within_a_group() -> None:
    tied = tied_blocks([group("a", 2), group("b", 4, "a"), group("c", 8, "b")])
    assert [block for block in tied if block.group == "c"] == [
        Block("c", 0, 2),
        Block("c", 2, 4),
        Block("c", 4, 8),
    ]
