"""Whether a long-trained network meets the requirements, with a margin for the test split."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import final

from gensynth.records import Evaluation
from gensynth.requirements import ResolvedRequirements, confirm_margin


@final
@dataclass(frozen=True, slots=True)
class Confirmation:
    """The requirements with the margin that covers the step from `confirm` to the test split.

    Args:
        requirements: resolved against the prototype.
        prototype: its evaluation on the confirm split.
        n_confirm: images of the confirm split.
        n_test: images of the test split.
        z: normal quantile of the margin; 1.28 is one-sided 90 %.
        percentages: names of the measurements that are shares.
    """

    requirements: ResolvedRequirements
    prototype: Evaluation
    n_confirm: int
    n_test: int
    z: float
    percentages: frozenset[str]

    def expected_slack(self) -> dict[str, float]:
        """Return the slack of a network whose quality lies at its bound, for judging designs.

        Its standard error is the prototype's; that of a share changes as it does between the two
        values. The paired difference of a bound relative to the prototype is not known
        before training; the unpaired margin, which is wider, stands in for it.
        """
        slack = {}
        for bound in self.requirements.bounds:
            error = self.prototype.standard_errors.get(bound.name)
            if error is not None:
                own = _spread(self.prototype.measurements[bound.name])
                if bound.name in self.percentages and own:
                    error *= _spread(bound.limit) / own
                slack[bound.name] = confirm_margin(error, self.n_confirm, self.n_test, self.z)
        return slack

    def slack(self, evaluation: Evaluation) -> dict[str, float]:
        """Return the distance to keep from each bound, in the measurement's unit."""
        return self.requirements.slack(
            evaluation.standard_errors, n_confirm=self.n_confirm, n_test=self.n_test, z=self.z
        )

    def margins(self, evaluation: Evaluation) -> dict[str, float]:
        """Return by how much each requirement holds beyond its slack; 0 or more holds."""
        return self.requirements.margins(evaluation.measurements, self.slack(evaluation))

    def met(self, evaluation: Evaluation) -> bool:
        """Return whether a completed evaluation meets every requirement with its margin."""
        return (
            evaluation.status == "completed"
            and min(self.margins(evaluation).values(), default=0.0) >= 0.0
        )

    def figures(self, evaluation: Evaluation) -> dict[str, float]:
        """Return margins by name, for the record; none of a failure.

        Bounds on exact costs hold on any split. What was read on the search split decides nothing:
        the margins of its quality have names of their own, and keep no slack.
        """
        if evaluation.status == "failed":
            return {}
        if evaluation.split == "confirm":
            return {f"margin_{name}": margin for name, margin in self.margins(evaluation).items()}
        exact = self.requirements.cheap.margins(evaluation.measurements)
        others = self.requirements.quality.margins(evaluation.measurements)
        return {f"margin_{name}": margin for name, margin in exact.items()} | {
            f"search_margin_{name}": margin for name, margin in others.items()
        }

    def shortfall(self, evaluation: Evaluation) -> str:
        """Return which requirements are missed and by how much; empty when all hold."""
        return self.requirements.shortfall(evaluation.measurements, self.slack(evaluation))

    def worst(self, evaluation: Evaluation) -> float:
        """Return the smallest margin as a share of its bound, to rank networks that miss."""
        margins: Mapping[str, float] = self.margins(evaluation)
        limits = {b.name: max(abs(b.limit), 1e-9) for b in self.requirements.bounds}
        return min((m / limits[name] for name, m in margins.items()), default=0.0)

    def nearest(self, evaluations: Iterable[Evaluation]) -> Evaluation | None:
        """Return the one whose worst margin is best; None when none was completed."""
        completed = [e for e in evaluations if e.status == "completed"]
        return max(completed, key=self.worst, default=None)


def _spread(percent: float) -> float:
    """Return the standard deviation of single images, in percent, when a share has a property."""
    return math.sqrt(max(percent * (100 - percent), 0.0))
