"""Names that people write: which of them mean something, and which come near."""

from collections.abc import Iterable
from difflib import get_close_matches


def near(name: str, known: Iterable[str]) -> str:
    """Return the end of an error's line: the known names nearest to one that is not."""
    found = get_close_matches(name, list(known), n=3, cutoff=0.4)
    return f"; near it: {', '.join(found)}" if found else ""
