"""A run in one paragraph of plain words: what was asked, what was found, how sure that is."""

from collections.abc import Iterator

from gensynth.report.phrases import (
    amount,
    difference,
    fewer,
    listed,
    requirement,
    uncertain_amount,
)
from gensynth.report.result_table import Row
from gensynth.report.run_record import UNIFORM, RunRecord
from gensynth.report.wording import count, figure_of, plain, signed
from gensynth.requirements import EXACT


def summary(run: RunRecord, *, alone: bool = True) -> str:
    """Return the paragraph; what the run did not get to is said, not left out.

    Args:
        run: as it was left.
        alone: whether nothing says how much such runs differ.
    """
    caution = (
        f"This is one run (n = 1, seed {run.seed}): how far another seed would have led is not "
        "known from it."
    )
    return " ".join([*_sentences(run), *([caution] if alone and run.finished else [])])


def _sentences(run: RunRecord) -> Iterator[str]:
    yield _asked(run)
    if not run.finished:
        yield _unfinished(run)
        return
    yield _spent(run)
    found = run.row(run.best, "confirm")
    if found is None:
        yield "No network was trained to the end: nothing can be reported."
        return
    if run.nominated is None:
        yield _missed(found)
    else:
        yield _found(run, found)
        yield from _margin(run, found)
        yield _tested(run)
    yield from _gains(run, found)


def _asked(run: RunRecord) -> str:
    what = f"Asked for: {run.task or 'a task'} on {run.data or 'some data'}"
    bounds = [requirement(bound) for bound in run.bounds] or list(_written(run))
    if bounds:
        what += f" with {listed(bounds)}"
    else:
        what += f" without requirements, so the highest {plain(run.score)}"
    if run.prototype is None:
        return f"{what}; the prototype was not ready when the run stopped."
    m = run.prototype.measurements
    told = [f"{count(m['parameters'])} parameters", f"{count(m['macs'])} MACs"]
    if run.quality in m:
        told.append(f"{plain(run.quality)} {amount(run.quality, m[run.quality])}")
    name = run.choices.get("prototype") or "given"
    return f"{what}, starting from the prototype {name} ({', '.join(told)})."


def _written(run: RunRecord) -> Iterator[str]:
    """Yield the bounds as they were written; those relative to a prototype wait for it."""
    for name, sides in run.config.get("requirements", {}).items():
        for side, bound in sides.items():
            if bound is not None:
                yield f"{plain(name)} {side.replace('_', ' ')} {bound}"


def _unfinished(run: RunRecord) -> str:
    return (
        f"The run has not come to its result: {len(run.trained)} training(s) and "
        f"{len(run.cycles)} finished cycle(s) are on record, and nothing is nominated yet. What "
        "follows is what was seen so far."
    )


def _spent(run: RunRecord) -> str:
    done = [e for e in run.trained if e.status == "completed"]
    short = sum(e.fidelity == "short" for e in done)
    long = len({e.candidate.digest for e in done if e.fidelity == "long"})
    failed = len(run.trained) - len(done)
    told = f"{short} networks were trained briefly and {long} fully, the control's included"
    return f"{told}; {failed} training{'s' if failed > 1 else ''} failed." if failed else f"{told}."


def _found(run: RunRecord, row: Row) -> str:
    m = row.measurements
    told = f"Found: {row.name}, with {plain(run.quality)} {uncertain_amount(row, run.quality)}"
    n = run.counts.get("confirm")
    told += f" on the confirm split (n = {n:,} images)" if n else " on the confirm split"
    base = run.row("prototype", "confirm")
    if base is None:
        return f"{told}, {count(m['parameters'])} parameters and {count(m['macs'])} MACs."
    gap = m[run.quality] - base.measurements[run.quality]
    where = "below" if gap < 0 else "above"
    return (
        f"{told}, {difference(run.quality, abs(gap))[1:]} {where} the prototype's, and "
        f"{fewer(base, row, 'parameters')} and {fewer(base, row, 'macs')}."
    )


def _margin(run: RunRecord, row: Row) -> Iterator[str]:
    tight = run.tightest(row)
    if tight is not None:
        spare = difference(tight, row.margins[tight])[1:]
        slack = "" if tight in EXACT else " beyond the slack for the step from confirm to test"
        yield f"The tightest requirement, on {plain(tight)}, holds with {spare} to spare{slack}."


def _tested(run: RunRecord) -> str:
    row = run.row(run.nominated, "test")
    if row is None:
        return "The test split was not opened."
    n = run.counts.get("test")
    told = (
        f"On the test split{f' (n = {n:,} images)' if n else ''}, read once, its "
        f"{plain(run.quality)} is {uncertain_amount(row, run.quality)}"
    )
    if not row.margins:
        return f"{told}."
    missed = [plain(name) for name, margin in row.margins.items() if margin < 0]
    verdict = f"there it misses {listed(missed)}" if missed else "all requirements hold there"
    return f"{told}; {verdict}."


def _missed(row: Row) -> str:
    missed = [f"{plain(n)} by {difference(n, -m)[1:]}" for n, m in row.margins.items() if m < 0]
    return (
        f"No network met the requirements. Nearest came {row.name}, which misses {listed(missed)}, "
        "the slack for the step from confirm to test included."
    )


def _gains(run: RunRecord, row: Row) -> Iterator[str]:
    base = run.row("prototype", "confirm")
    if base is None or not {run.score} <= row.measurements.keys() & base.measurements.keys():
        return
    value = row.measurements[run.score]
    against = signed(value - base.measurements[run.score])
    told = (
        f"Its {plain(run.score)} is {figure_of(run.score, value)}: {against} against the prototype"
    )
    control = run.best_control("confirm")
    if control is None:
        had = any(other.name.startswith(UNIFORM) for other in run.rows)
        tried = any(network.role.startswith(UNIFORM) for network in run.networks)
        why = (
            "the control found none that meets the requirements"
            if had
            else "the control's trainings failed"
            if tried
            else "there was no control"
        )
        yield f"{told}; {why}."
    else:
        gain = signed(value - control.measurements[run.score])
        yield f"{told} and {gain} against the best uniformly scaled prototype, the control."
