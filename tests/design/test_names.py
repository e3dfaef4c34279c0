"""The nearest names end an error's line."""

from gensynth.design.names import near


def test_the_nearest_name_comes_first() -> None:
    assert near("stem.conf", ["classifier", "stem.norm", "stem.conv"]).startswith(
        "; near it: stem.conv"
    )


def test_nothing_is_near_nonsense() -> None:
    assert near("xyz", ["classifier"]) == ""
