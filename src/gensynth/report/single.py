"""The report of one run."""

from gensynth.report.document import Document, Section
from gensynth.report.run_record import RunRecord
from gensynth.report.sections.changed import changed
from gensynth.report.sections.comparison import comparison
from gensynth.report.sections.cost import cost
from gensynth.report.sections.learned import learned
from gensynth.report.sections.outcome import outcome
from gensynth.report.sections.pictures import pictures
from gensynth.report.sections.reproduction import reproduction
from gensynth.report.sections.results import results
from gensynth.report.sections.search import search


def of_one(run: RunRecord) -> Document:
    """Return a run's report; what the run did not get to is explained where it would be."""
    sections: list[Section | None] = [
        outcome(run),
        comparison(run),
        cost(run),
        changed(run),
        pictures(run),
        search(run),
        learned(run),
        results(run),
        reproduction(run),
    ]
    about = [run.task, run.data, run.choices.get("prototype"), run.choices.get("inquisitor")]
    subtitle = f"{', '.join(str(one) for one in about if one)}; run {run.name}, seed {run.seed}"
    found = tuple(section for section in sections if section is not None)
    return Document("Report of a generative synthesis", subtitle, found)
