"""Figures of rows and bounds, as sentences and tables hold them."""

from collections.abc import Sequence

from gensynth.report.result_table import Row
from gensynth.report.wording import COUNTS, count, estimate, figure_of, is_percentage, plain, signed
from gensynth.requirements import ResolvedBound
from gensynth.requirements.resolved import text


def requirement(bound: ResolvedBound) -> str:
    """Return a bound in words.

    >>> requirement(ResolvedBound("accuracy", "at_least", 89.0, False))
    'accuracy at least 89 %'
    """
    side = "at least" if bound.side == "at_least" else "at most"
    percent = " %" if is_percentage(bound.name) else ""
    relative = " (from the prototype's)" if bound.relative else ""
    return f"{plain(bound.name)} {side} {text(bound.limit)}{percent}{relative}"


def amount(name: str, value: float) -> str:
    """Return a value with its unit.

    >>> amount("accuracy", 94.5), amount("macs", 97120.0)
    ('94.50 %', '97,120')
    """
    return f"{figure_of(name, value)} %" if is_percentage(name) else figure_of(name, value)


def difference(name: str, value: float) -> str:
    """Return a signed difference with its unit.

    >>> difference("accuracy", 1.25), difference("macs", 97120.0)
    ('+1.25 points', '+97.1 K')
    """
    if is_percentage(name):
        return f"{signed(value)} points"
    if name in COUNTS:
        return f"{signed(value)[0]}{count(abs(value))}"
    return signed(value)


def uncertain(row: Row, name: str) -> str:
    """Return a value without its unit, with its 95 % interval where it has one, or a dash."""
    if name not in row.measurements:
        return "-"
    value = row.measurements[name]
    if name in row.intervals:
        low, high = row.intervals[name]
        return f"{figure_of(name, value)} ({low:.2f} to {high:.2f})"
    if name in row.standard_errors:
        return estimate(value, row.standard_errors[name])
    return figure_of(name, value)


def uncertain_amount(row: Row, name: str) -> str:
    """Return a value with its unit, and with its 95 % interval where it has one."""
    told, unit = uncertain(row, name), " %" if is_percentage(name) else ""
    value, bracket, rest = told.partition(" (")
    return f"{value}{unit}{bracket}{rest}"


def fewer(base: Row, row: Row, name: str) -> str:
    """Return how a count compares with another network's: `19.4 times fewer parameters (13 K)`."""
    old, new = base.measurements[name], row.measurements[name]
    what = f"{plain(name)} ({count(new)})"
    if old > new > 0:
        return f"{old / new:.3g} times fewer {what}"
    return f"as many {what}" if old == new else f"{new / max(old, 1.0):.3g} times as many {what}"


def listed(parts: Sequence[str]) -> str:
    """Return phrases as a sentence lists them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *first, last = parts or [""]
    return f"{', '.join(first)} and {last}" if first else last
