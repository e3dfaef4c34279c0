"""The regression, against independent formulas and on data drawn from its own assumptions."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from gensynth.inquisitors import regression
from gensynth.inquisitors.columns import Column, Rows
from gensynth.inquisitors.regression import Hyperparameters, fit

PLAUSIBLE = Hyperparameters(
    noise=0.1, short_noise=0.2, scale=1.0, residual=0.3, length=1.0, choice=0.5, insight=0.5
)
COLUMNS = (Column("bias", "known", 1.0, 2.0), Column("slope", "choice", 0.2, 1.0))


def rows(count: int, seed: int = 0, short: int = 0) -> Rows:
    rng = np.random.default_rng(seed)
    values = np.column_stack([np.ones(count), rng.normal(size=count)])
    return Rows(values, rng.normal(size=(count, 3)), np.arange(count) < short)


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the plausible hyperparameters, and believe every reading."""
    monkeypatch.setattr(regression, "SWEEPS", 0)
    monkeypatch.setattr(regression, "SUSPECT", np.inf)


@pytest.mark.usefixtures("fixed")
def test_the_residual_alone_is_sklearns_gaussian_process() -> None:
    seen, new = rows(12, short=8), rows(7, seed=1, short=3)
    logits = np.random.default_rng(2).normal(size=12)
    errors = np.full(12, 0.2)
    h = replace(PLAUSIBLE, choice=1e-9)
    columns = (Column("bias", "known", 0.0, 1e-9), COLUMNS[1])
    ours = fit(columns, seen, logits - 0.2 * seen.values[:, 1], errors, h)
    kernel = ConstantKernel(h.residual**2, "fixed") * Matern(h.length, "fixed", nu=0.5)
    noise, new_noise = (h.noise**2 + one.short * h.short_noise**2 for one in (seen, new))
    oracle = GaussianProcessRegressor(kernel, alpha=errors**2 + noise, optimizer=None)
    oracle.fit(seen.coordinates, logits - 0.4 * seen.values[:, 1])
    mean, deviation = ours.predict(new)
    oracle_mean, oracle_deviation = oracle.predict(new.coordinates, return_std=True)
    np.testing.assert_allclose(mean - 0.2 * new.values[:, 1], oracle_mean, atol=1e-6)
    np.testing.assert_allclose(deviation, np.sqrt(oracle_deviation**2 + new_noise), atol=1e-6)


@pytest.mark.usefixtures("fixed")
def test_the_linear_part_alone_is_ridge_regression() -> None:
    seen, new = rows(9), rows(4, seed=1)
    logits = np.random.default_rng(2).normal(size=9)
    h = replace(PLAUSIBLE, residual=1e-9)
    model = fit(COLUMNS, seen, logits, np.zeros(9), h)
    precision = np.diag([1 / 2.0**2, 1 / h.choice**2]) + seen.values.T @ seen.values / h.noise**2
    prior = np.array([1 / 2.0**2, 0.2 / h.choice**2])
    effects = np.linalg.solve(precision, prior + seen.values.T @ logits / h.noise**2)
    np.testing.assert_allclose(model.effects(), effects, atol=1e-6)
    np.testing.assert_allclose(model.predict(new)[0], new.values @ effects, atol=1e-6)


def test_without_observations_the_priors_speak() -> None:
    model = fit(COLUMNS, rows(0), np.zeros(0), np.zeros(0), PLAUSIBLE)
    new = rows(3)
    mean, deviation = model.predict(new)
    np.testing.assert_allclose(mean, 1.0 + 0.2 * new.values[:, 1])
    variance = 2.0**2 + (0.5 * new.values[:, 1]) ** 2 + 0.3**2 + 0.1**2
    np.testing.assert_allclose(deviation, np.sqrt(variance))
    assert model.hyperparameters == PLAUSIBLE


@pytest.mark.usefixtures("fixed")
def test_a_scale_is_the_same_as_larger_priors() -> None:
    columns = (*COLUMNS, Column("costs", "cost", 0.3, 0.2))
    larger = (COLUMNS[0], replace(COLUMNS[1], mean=0.4), Column("costs", "cost", 0.6, 0.4))
    one, two = rows(9), rows(4, seed=1)
    seen = replace(one, values=np.column_stack([one.values, one.coordinates[:, 0]]))
    new = replace(two, values=np.column_stack([two.values, two.coordinates[:, 0]]))
    logits, errors = np.random.default_rng(2).normal(size=9), np.full(9, 0.1)
    scaled = fit(columns, seen, logits, errors, replace(PLAUSIBLE, scale=2.0))
    larger_sizes = replace(PLAUSIBLE, residual=0.6, choice=1.0, insight=1.0)
    same = fit(larger, seen, logits, errors, larger_sizes)
    np.testing.assert_allclose(scaled.predict(new), same.predict(new), atol=1e-9)
    np.testing.assert_allclose(scaled.effects(), same.effects(), atol=1e-9)


def test_observations_choose_how_steep_a_task_is() -> None:
    rng, seen = np.random.default_rng(3), rows(40)
    columns = (COLUMNS[0], Column("costs", "cost", 0.3, 0.15))
    chosen = []
    for slope in (0.1, 0.9):
        logits = 1.0 + slope * seen.values[:, 1] + rng.normal(0, 0.1, 40)
        chosen.append(fit(columns, seen, logits, np.zeros(40), PLAUSIBLE).hyperparameters.scale)
    assert chosen[0] < 1 < chosen[1]


def test_observations_choose_the_size_of_the_noise() -> None:
    rng = np.random.default_rng(3)
    seen = rows(80)
    chosen = []
    for noise in (0.03, 0.4):
        logits = 1.0 + 0.3 * seen.values[:, 1] + rng.normal(0, noise, 80)
        chosen.append(fit(COLUMNS, seen, logits, np.zeros(80), PLAUSIBLE).hyperparameters.noise)
    assert chosen[0] < 0.1 < chosen[1]


def test_observations_choose_what_short_trainings_have_to_themselves() -> None:
    rng, seen = np.random.default_rng(3), rows(80, short=40)
    truth = 1.0 + 0.3 * seen.values[:, 1]
    chosen = []
    for noise in (0.03, 0.8):
        logits = truth + rng.normal(0, np.where(seen.short, noise, 0.03))
        chosen.append(fit(COLUMNS, seen, logits, np.zeros(80), PLAUSIBLE).hyperparameters)
    assert chosen[0].short_noise < 0.2 < chosen[1].short_noise
    assert chosen[1].noise < 0.1


def test_scattered_short_trainings_leave_long_ones_sure() -> None:
    rng, seen, new = np.random.default_rng(3), rows(24, short=16), rows(200, seed=1)
    logits = 1.0 + 0.3 * seen.values[:, 1] + rng.normal(0, 0.03 + 0.4 * seen.short)
    as_if_long = replace(seen, short=np.zeros(24, dtype=np.bool_))
    sure, unsure = (
        fit(COLUMNS, one, logits, np.zeros(24), PLAUSIBLE).predict(new)[1].mean()
        for one in (seen, as_if_long)
    )
    assert sure < 0.75 * unsure


def test_a_short_training_tells_less_about_a_long_one_than_a_long_one_does() -> None:
    one, new = rows(1), rows(1)
    short = Rows(one.values, one.coordinates, np.ones(1, dtype=np.bool_))
    surprise = np.array([3.0])
    from_long, from_short = (
        fit(COLUMNS, seen, surprise, np.zeros(1), PLAUSIBLE).predict(new) for seen in (one, short)
    )
    assert from_long[1] < from_short[1]
    assert from_long[0] > from_short[0]


@pytest.mark.parametrize("short", [0, 20])
@pytest.mark.parametrize("collapsed", [(7,), (3, 7)])
def test_collapsed_trainings_tell_next_to_nothing(short: int, collapsed: tuple[int, ...]) -> None:
    seen, new = rows(20, short=short), rows(5, seed=1)
    logits = 1.0 + 0.3 * seen.values[:, 1] + np.random.default_rng(3).normal(0, 0.05, 20)
    kept = np.array([i not in collapsed for i in range(20)])
    without = fit(COLUMNS, part(seen, kept), logits[kept], np.zeros(kept.sum()), PLAUSIBLE)
    logits[~kept] -= 4
    shaken = fit(COLUMNS, seen, logits, np.zeros(20), PLAUSIBLE)
    np.testing.assert_allclose(shaken.predict(new), without.predict(new), atol=0.1)


@pytest.mark.parametrize("seed", range(4))
def test_one_collapse_makes_no_sound_reading_suspect(seed: int) -> None:
    rng, seen = np.random.default_rng(50 + seed), rows(60, seed=seed, short=40)
    logits = 1.0 + 0.3 * seen.values[:, 1] + 0.1 * rng.standard_t(5, size=60)
    kept = np.arange(60) != 7
    without = fit(COLUMNS, part(seen, kept), logits[kept], np.zeros(59), PLAUSIBLE)
    logits[7] -= 4
    shaken = fit(COLUMNS, seen, logits, np.zeros(60), PLAUSIBLE)
    assert shaken.hyperparameters == without.hyperparameters


def test_a_collapse_is_found_among_few_networks() -> None:
    moved = {}
    for gate in (regression.SUSPECT, np.inf):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(regression, "SUSPECT", gate)
            moved[gate] = [moved_by_a_collapse(8, seed) for seed in range(6)]
    assert np.median(moved[regression.SUSPECT]) < 0.1 < np.median(moved[np.inf])


def test_a_network_is_believed_to_be_better_than_all_expected() -> None:
    seen = rows(20)
    logits = 1.0 + 0.3 * seen.values[:, 1] + np.random.default_rng(3).normal(0, 0.05, 20)
    logits[7] += 4
    mean, _ = fit(COLUMNS, seen, logits, np.zeros(20), PLAUSIBLE).predict(seen)
    logits[7] -= 8
    doubted, _ = fit(COLUMNS, seen, logits, np.zeros(20), PLAUSIBLE).predict(seen)
    assert mean[7] - doubted[7] > 1


def test_a_network_that_is_rather_bad_is_believed_for_collapses_are_rare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = rows(20)
    logits = 1.0 + 0.3 * seen.values[:, 1] + np.random.default_rng(3).normal(0, 0.05, 20)
    logits[7] -= 0.4
    missed = []
    for chance in (regression.COLLAPSE_CHANCE, 1.0):
        monkeypatch.setattr(regression, "COLLAPSE_CHANCE", chance)
        mean, _ = fit(COLUMNS, seen, logits, np.zeros(20), PLAUSIBLE).predict(seen)
        missed.append(mean[7] - logits[7])
    assert missed[0] < 0.2 < missed[1]


def test_a_network_is_believed_to_be_bad_where_its_costs_explain_it() -> None:
    seen = rows(20)
    seen.values[7, 1] = -6.0
    logits = 1.0 + 0.6 * seen.values[:, 1] + np.random.default_rng(3).normal(0, 0.05, 20)
    columns = (COLUMNS[0], Column("costs", "cost", 0.3, 0.15))
    mean, deviation = fit(columns, seen, logits, np.zeros(20), PLAUSIBLE).predict(seen)
    assert mean[7] == pytest.approx(logits[7], abs=0.3)
    assert deviation[7] < 0.3


def part(seen: Rows, kept: np.ndarray) -> Rows:
    return Rows(seen.values[kept], seen.coordinates[kept], seen.short[kept])


def moved_by_a_collapse(count: int, seed: int) -> float:
    """Return by how many logits predictions of others move when one of few has collapsed."""
    seen, new = rows(count, seed=seed, short=count - 2), rows(50, seed=100 + seed)
    rng = np.random.default_rng(seed)
    logits = 1.0 + 0.3 * seen.values[:, 1] + rng.normal(0, 0.1, count)
    kept = np.arange(count) != 1
    without = fit(COLUMNS, part(seen, kept), logits[kept], np.zeros(count - 1), PLAUSIBLE)
    logits[1] -= 4
    shaken = fit(COLUMNS, seen, logits, np.zeros(count), PLAUSIBLE)
    return float(np.abs(shaken.predict(new)[0] - without.predict(new)[0]).mean())
