"""What the jobs of a sweep found, summed up over their seeds."""

import hashlib
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import final

SEED = "seed"
LONGEST = 120
"""Characters of a setting; its figures' names must not get too long for a store."""


@final
@dataclass(frozen=True, slots=True)
class SweptJob:
    """How one job of a sweep ended.

    Args:
        overrides: the settings it was started with, as `key=value`.
        figures: its final ones; empty for a job that failed.
    """

    overrides: tuple[str, ...]
    figures: Mapping[str, float]


@final
@dataclass(frozen=True, slots=True)
class Summed:
    """Which figures of the nominated network are summed up.

    Args:
        higher: measurements of which more is better: score and quality.
        lower: measurements of which less is better: costs.
    """

    higher: tuple[str, ...]
    lower: tuple[str, ...]

    def over(self, jobs: Sequence[SweptJob]) -> dict[str, float]:
        """Return figures over all jobs and, where more than the seed was swept, per setting.

        Mean, standard deviation (of a sample: from two on) and best are over the jobs that
        nominated a network; `feasible_fraction` is their share, and `jobs` counts all.
        """
        figures = self._over(jobs)
        groups: dict[str, list[SweptJob]] = {}
        for job, setting in zip(jobs, settings(jobs), strict=True):
            groups.setdefault(setting, []).append(job)
        if len(groups) > 1:
            for setting, some in groups.items():
                figures |= {f"{setting}/{name}": v for name, v in self._over(some).items()}
        return figures

    def _over(self, jobs: Sequence[SweptJob]) -> dict[str, float]:
        names = [f"nominated_{measurement}" for measurement in (*self.higher, *self.lower)]
        feasible = [job.figures for job in jobs if any(name in job.figures for name in names)]
        figures = {"jobs": float(len(jobs)), "feasible_fraction": len(feasible) / len(jobs)}
        for number, name in enumerate(names):
            values = [one[name] for one in feasible if name in one]
            if values:
                choose = max if number < len(self.higher) else min
                figures[f"mean_{name}"] = statistics.fmean(values)
                figures[f"best_{name}"] = choose(values)
            if len(values) > 1:
                figures[f"standard_deviation_{name}"] = statistics.stdev(values)
        return figures


def settings(jobs: Sequence[SweptJob]) -> list[str]:
    """Return what was set for each job, but not for all, and is not the seed.

    >>> jobs = [SweptJob(("data=digits", f"seed={s}", f"a={a}"), {}) for s in (0, 1) for a in "xy"]
    >>> settings(jobs)
    ['a:x', 'a:y', 'a:x', 'a:y']
    """
    common = set.intersection(*(set(job.overrides) for job in jobs)) if jobs else set()
    return [
        _short(" ".join(_plain(one) for one in job.overrides if _counts(one, common)))
        for job in jobs
    ]


def _counts(override: str, common: Collection[str]) -> bool:
    return override not in common and override.partition("=")[0] != SEED


def _plain(override: str) -> str:
    """Return an override without what parts the names of figures."""
    return override.replace("=", ":").replace("/", "_")


def _short(setting: str) -> str:
    if len(setting) <= LONGEST:
        return setting
    return f"{setting[:LONGEST]}.{hashlib.sha256(setting.encode()).hexdigest()[:6]}"
