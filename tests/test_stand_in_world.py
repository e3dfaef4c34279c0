"""What the stand-in for CIFAR-10 makes of recorded trainings, against Gaussians written out."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal

ROOT = Path(__file__).parents[1]
MISSED = 0.3
DEVIATIONS = np.array([2.0, 0.5, 0.1])


@pytest.fixture(scope="module")
def posterior_class() -> Any:
    return runpy.run_path(str(ROOT / "benchmarks" / "cifar_world.py"))["Posterior"]


@pytest.fixture
def observed() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(7, 3))
    return rows, rows @ [1.0, -0.5, 0.1] + rng.normal(0, MISSED, 7)


def test_its_mean_is_that_of_the_joint_gaussian(posterior_class: Any, observed: Any) -> None:
    rows, logits = observed
    across = np.diag(DEVIATIONS**2) @ rows.T
    covariance = rows @ across + MISSED**2 * np.eye(len(logits))
    found = posterior_class(rows, logits, DEVIATIONS, MISSED)
    assert found.mean == pytest.approx(across @ np.linalg.solve(covariance, logits))


def test_its_evidence_is_the_probability_of_what_was_observed_but_for_a_constant(
    posterior_class: Any, observed: Any
) -> None:
    rows, logits = observed
    sizes = [(DEVIATIONS, MISSED), (DEVIATIONS / 3, MISSED), (DEVIATIONS, 2 * MISSED)]
    found = [posterior_class(rows, logits, *each).evidence for each in sizes]
    expected = [
        multivariate_normal.logpdf(
            logits, cov=rows @ np.diag(deviations**2) @ rows.T + missed**2 * np.eye(len(logits))
        )
        for deviations, missed in sizes
    ]
    assert np.diff(found) == pytest.approx(np.diff(expected))


def test_draws_spread_as_the_posterior_does(posterior_class: Any, observed: Any) -> None:
    rows, logits = observed
    found = posterior_class(rows, logits, DEVIATIONS, MISSED)
    rng = np.random.default_rng(1)
    drawn = np.array([found.draw(rng) for _ in range(20_000)])
    covariance = np.linalg.inv(rows.T @ rows / MISSED**2 + np.diag(DEVIATIONS**-2))
    assert drawn.mean(0) == pytest.approx(found.mean, abs=0.01)
    assert np.cov(drawn.T) == pytest.approx(covariance, abs=0.05 * covariance.max())
