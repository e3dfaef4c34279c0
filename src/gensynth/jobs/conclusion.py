"""The end of a synthesis: test reading, result table, saved network."""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final

from gensynth.confirmation import Confirmation
from gensynth.jobs.assembly import Assembly
from gensynth.jobs.prepare import Prepared
from gensynth.jobs.rows import Readings, confirm_row
from gensynth.journal import Ledger, write_whole
from gensynth.network.saving import load, save
from gensynth.records import Evaluation
from gensynth.report.result_table import Row, result_table
from gensynth.run_files import NETWORK, RESULT

log = logging.getLogger(__name__)


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What one search ended with.

    Args:
        trained: everything the cycles evaluated, those promoted to the long fidelity included.
        finalists: every long one.
        nominated: the best finalist that meets the requirements, or None.
    """

    trained: tuple[Evaluation, ...]
    finalists: tuple[Evaluation, ...]
    nominated: Evaluation | None


@final
@dataclass(frozen=True, slots=True)
class Conclusion:
    """Turns outcomes into rows, files and one score.

    Args:
        assembly: the run's objects.
        prepared: the prototype.
        confirmation: the requirements with their margin.
        folder: the run's folder.
    """

    assembly: Assembly
    prepared: Prepared
    confirmation: Confirmation
    folder: Path

    def rows(self, main: Outcome, control: Outcome | None, ledger: Ledger | None) -> list[Row]:
        """Return the table: confirm figures of all; test figures of what is reported.

        Without a ledger, and without a nominated network, the test split stays closed.
        """
        prototype = self.prepared.evaluation
        rows = [confirm_row("prototype", prototype, prototype, self.confirmation)]
        rows += [self._finalist_row(e, "", main) for e in main.finalists]
        if control is not None:
            rows += [self._finalist_row(e, "uniform ", control) for e in control.finalists]
        if ledger is None or main.nominated is None:
            return rows
        tested = Readings.beside(self.prepared.network, self.assembly, ledger)
        rows.append(tested.prototype())
        for kind, outcome in (("", main), ("uniform ", control)):
            if outcome is not None and outcome.nominated is not None:
                name = f"{kind}{outcome.nominated.candidate.name}"
                network = load(self.folder / outcome.nominated.network)
                rows.append(tested.row(name, network, mark="" if kind else "*"))
        return rows

    def write(self, rows: Sequence[Row], main: Outcome) -> None:
        """Save the rows and the nominated network, and show the table."""
        result = {
            "nominated": main.nominated.candidate.name if main.nominated else None,
            "quality": self.assembly.task.quality,
            "score": self.assembly.performance.name,
            "columns": sorted(self.assembly.columns),
            "requirements": [asdict(one) for one in self.confirmation.requirements.bounds],
            "rows": [asdict(row) for row in rows],
        }
        write_whole(self.folder / RESULT, json.dumps(result, indent=1))
        log.info("result\n%s", result_table(rows, self.assembly.columns))
        if main.nominated is not None:
            path = self.folder / NETWORK
            network = load(self.folder / main.nominated.network)
            evaluation = json.loads(main.nominated.to_json())
            save(path, network, {"evaluation": evaluation, "data": self.assembly.data.describe()})
            log.info("nominated %s: %s", main.nominated.candidate.name, path)

    def nearest(self, finalists: Sequence[Evaluation]) -> str:
        """Return which finalist came nearest to the requirements, and by how much it missed."""
        best = self.confirmation.nearest(finalists)
        if best is None:
            causes = "; ".join(e.cause for e in finalists) or "none was trained long"
            return f"no network met the requirements: {causes}"
        shortfall = self.confirmation.shortfall(best)
        return f"no network met the requirements; nearest is {best.candidate.name}: {shortfall}"

    def _finalist_row(self, e: Evaluation, kind: str, outcome: Outcome) -> Row:
        if e.status == "failed":
            return Row(f"{kind}{e.candidate.name} failed: {e.cause}", e.split, {}, {}, {})
        mark = "*" if e is outcome.nominated and not kind else ""
        name = f"{kind}{e.candidate.name}"
        return confirm_row(name, e, self.prepared.evaluation, self.confirmation, mark)
