"""How the search went: scores over cycles, and what became of the generator."""

from collections.abc import Mapping

from gensynth.report.document import Plot, Section, Text
from gensynth.report.figures.generator import generator_figure, shown
from gensynth.report.figures.over_cycles import Expected, Tried, over_cycles
from gensynth.report.run_record import RunRecord

MEASURED = {"candidate", "promoted"}
CHANCE = "probability_requirements_hold"


def search(run: RunRecord) -> Section:
    """Return the section about the cycles."""
    return Section("How the search went", (_scores(run), _generator(run)))


def _scores(run: RunRecord) -> Plot | Text:
    tried = [
        Tried(e.candidate.cycle, network.role, e.measurements, _meets(run, e.measurements))
        for network in run.networks
        if network.role in MEASURED and (e := network.evaluation).status == "completed"
    ]
    if not tried:
        return Text("Scores over cycles: no candidate has been measured.", is_note=True)
    names = list(dict.fromkeys(name for name in (run.score, run.quality) if name))
    expected = [
        Expected(
            cycle.number,
            {n: cycle.figures[f"expected_{n}"] for n in names if f"expected_{n}" in cycle.figures},
            cycle.figures.get(CHANCE),
        )
        for cycle in run.cycles
    ]
    bounds = {name: [b.limit for b in run.bounds if b.name == name] for name in names}
    caption = (
        "What each cycle trained, as read on the search split, with what the inquisitor expected "
        "of the cycle's candidates after long training. The search tries what would beat the best "
        "in hand, so many of its candidates are expected to miss a requirement."
    )
    return Plot.of("cycles", over_cycles(tried, expected, names, bounds), caption)


def _meets(run: RunRecord, measurements: Mapping[str, float]) -> bool | None:
    if not run.bounds:
        return None
    return all(
        bound.name in measurements and bound.margin(measurements[bound.name]) >= 0
        for bound in run.bounds
    )


def _generator(run: RunRecord) -> Plot | Text:
    states = [cycle.beliefs for cycle in run.cycles if cycle.beliefs]
    times = [str(cycle.number) for cycle in run.cycles if cycle.beliefs]
    if run.beliefs:
        states.append(run.beliefs)
        times.append("end")
    if not states:
        return Text("theta_G over cycles: no state of the generator has been kept.", is_note=True)
    rows = shown(states)
    left_out = len(states[-1]) - len(rows)
    caption = (
        "The generator's parameters theta_G: for each choice (the prototype's option in brackets) "
        "the option that it would most likely draw after each cycle. Dark: still undecided; light: "
        "decided."
    )
    if left_out:
        caption += f" Shown are the {len(rows)} choices that moved most, of {len(states[-1])}."
    if len(states) == 1:
        caption += " States of single cycles were not kept."
    return Plot.of("generator", generator_figure(states, times, _prototype(run)), caption)


def _prototype(run: RunRecord) -> dict[str, str]:
    found = [network.design for network in run.networks if network.role == "prototype"]
    return dict(found[0]) if found else {}
