"""The Pareto front: networks that no other one beats in quality and cost at once."""

from collections.abc import Sequence


def front(costs: Sequence[float], qualities: Sequence[float]) -> list[int]:
    """Return the places of those on the front, from the cheapest to the best.

    One is on it when no other is at most as costly and at least as good, and better in one of the
    two. Of equals the first is named.

    Args:
        costs: less is better.
        qualities: more is better; one for each cost.
    """
    order = sorted(range(len(costs)), key=lambda i: (costs[i], -qualities[i], i))
    found: list[int] = []
    for index in order:
        if not found or qualities[index] > qualities[found[-1]]:
            found.append(index)
    return found
