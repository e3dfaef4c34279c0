"""Searches that gensynth is compared with: regularised evolution and Optuna's TPE.

Both start from designs of the same theta_G as gensynth and see what it sees: the measured quality,
exact costs, and the accuracy to aim at. They are told of every training before they ask for the
next.
"""

from collections import deque
from collections.abc import Iterator

import numpy as np
import optuna
from curves import Design, Search, Seen, Try
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace

ORDERED = ("width", "kernel", "keep", "downsampling")
"""Kinds of choices whose options are in an order."""


def evolution(
    space: DesignSpace, start: Iterator[Design], train: Try, budget: int, rng: np.random.Generator
) -> None:
    """Search by regularised evolution (Real et al. 2019).

    The oldest member leaves when a mutant of the best of a random sample enters. A mutant differs
    in one active choice, drawn again while its network is one that was trained before.
    """
    members: deque[Seen] = deque(maxlen=POPULATION)
    trained: set[str] = set()
    for number in range(budget):
        if number < POPULATION:
            design = next(start)
        else:
            sample = rng.choice(len(members), SAMPLE, replace=False)
            parent = max((members[int(i)] for i in sample), key=lambda seen: seen.rank)
            design = mutant(space, parent.design, rng)
            for _ in range(ATTEMPTS):
                if space.digest(design) not in trained:
                    break
                design = mutant(space, parent.design, rng)
        trained.add(space.digest(design))
        members.append(train(design))


POPULATION, SAMPLE, ATTEMPTS = 16, 5, 64
"""For budgets of some dozens of trainings; the paper's 100 and 25 are for twenty thousand."""


def mutant(space: DesignSpace, design: Design, rng: np.random.Generator) -> Design:
    """Return a legal design with another option of one active choice."""
    row = np.array([design])
    active = np.nonzero(space.active(row)[0] & (space.options_per_choice > 1))[0]
    choice = rng.choice(active)
    options = space.options_per_choice[choice]
    row[0, choice] = (row[0, choice] + rng.integers(1, options)) % options
    repaired: NDArray[np.int64] = space.repair(row)
    return tuple(repaired[0].tolist())


def tpe(
    space: DesignSpace, start: Iterator[Design], train: Try, budget: int, rng: np.random.Generator
) -> None:
    """Search by Optuna's multivariate TPE, the floor as a constraint (Watanabe & Hutter 2023)."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(
        n_startup_trials=STARTUP,
        multivariate=True,
        constraints_func=lambda trial: (trial.user_attrs["short_by"],),
        seed=int(rng.integers(2**31)),
    )
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for _ in range(STARTUP):
        named = zip((choice.name for choice in space.choices), next(start), strict=True)
        study.enqueue_trial(dict(named))
    for _ in range(budget):
        trial = study.ask()
        asked = [_suggested(trial, space, index) for index in range(len(space.choices))]
        seen = train(tuple(space.repair(np.array([asked]))[0].tolist()))
        trial.set_user_attr("short_by", seen.short_by)
        study.tell(trial, seen.score)


STARTUP = 10
"""Optuna's own number of trials before its model is used."""


def _suggested(trial: optuna.Trial, space: DesignSpace, index: int) -> int:
    choice, most = space.choices[index], int(space.options_per_choice[index]) - 1
    if choice.kind in ORDERED:
        return int(trial.suggest_int(choice.name, 0, most))
    return int(trial.suggest_categorical(choice.name, list(range(most + 1))))


SEARCHES: dict[str, Search] = {"evolution": evolution, "tpe": tpe}
