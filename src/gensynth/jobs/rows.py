"""Rows of the result table: what was read of a network, beside the prototype on the same images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, final

from gensynth.confirmation import Confirmation
from gensynth.evaluation import measure
from gensynth.jobs.assembly import Assembly
from gensynth.journal import Ledger
from gensynth.network.graph_network import GraphNetwork
from gensynth.pairing import beside, differences
from gensynth.reading import Reading, read_test
from gensynth.records import MINUS_PROTOTYPE, Evaluation
from gensynth.report.result_table import Row
from gensynth.requirements import ResolvedRequirements


def confirm_row(
    name: str, e: Evaluation, prototype: Evaluation, confirmation: Confirmation, mark: str = ""
) -> Row:
    """Return a network's row on the confirm split; its margins keep the confirmation's slack.

    What was compared with the prototype image by image has its difference beside it.
    """
    errors = e.standard_errors
    compared = {n: v for n, v in e.measurements.items() if f"{n}{MINUS_PROTOTYPE}" in errors}
    measurements = {**e.measurements, **differences(compared, prototype.measurements)}
    margins = confirmation.margins(e)
    return Row(name, e.split, measurements, e.standard_errors, margins, mark, e.intervals)


@final
@dataclass(frozen=True, slots=True)
class Readings:
    """Rows of the test split; open with `beside`.

    Args:
        assembly: data, task, recipe and metrics.
        ledger: where readings are entered, each network's once.
        reading: the prototype's.
        measurements: the prototype's, with its costs.
        requirements: resolved against them: a bound relative to the prototype means its figure on
            the same images. No slack is kept, these figures are what is reported.
    """

    assembly: Assembly
    ledger: Ledger
    reading: Reading
    measurements: Mapping[str, float]
    requirements: ResolvedRequirements

    @classmethod
    def beside(cls, prototype: GraphNetwork, assembly: Assembly, ledger: Ledger) -> Self:
        """Read the prototype first: all others are compared with it.

        Raises:
            DataError: the test images or the ledger cannot be read.
        """
        reading = _read(prototype, assembly, ledger)
        measurements = measure(prototype, reading.values, assembly.metrics)
        requirements = assembly.requirements.resolve(measurements)
        return cls(assembly, ledger, reading, measurements, requirements)

    def prototype(self) -> Row:
        """Return the prototype's row."""
        margins = self.requirements.margins(self.measurements)
        reading = self.reading
        return Row(
            "prototype",
            "test",
            self.measurements,
            reading.standard_errors,
            margins,
            intervals=reading.intervals,
        )

    def row(self, name: str, network: GraphNetwork, mark: str = "") -> Row:
        """Return a network's row, with its paired difference to the prototype.

        Raises:
            DataError: the test images or the ledger cannot be read.
        """
        reading = _read(network, self.assembly, self.ledger)
        measured = measure(network, reading.values, self.assembly.metrics)
        measurements = {**measured, **differences(reading.values, self.reading.values)}
        errors, intervals = beside(reading, self.reading.examples)
        margins = self.requirements.margins(measured)
        return Row(name, "test", measurements, errors, margins, mark, intervals)


def _read(network: GraphNetwork, assembly: Assembly, ledger: Ledger) -> Reading:
    return read_test(network, assembly.data, assembly.task, assembly.training, ledger)
