"""The job `explain`: where one network of a run comes from, choice by choice, found again."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import DictConfig

from gensynth.errors import ConfigurationError
from gensynth.jobs.choice_story import choice_stories, choice_table, strongest
from gensynth.jobs.descent import Descent, descent
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.replay import Replay
from gensynth.journal import write_whole
from gensynth.network.digest import weights_digest
from gensynth.terminal import told

log = logging.getLogger(__name__)

EXPLANATION = "explanation.json"


def run(cfg: DictConfig, folder: Path) -> float:
    """Tell of a network's seed, cycle, parent and choices; find its design again, untrained.

    A drawn design is drawn again from theta_G as it was then; a refined one is refined again, by
    what the run had measured. All that is told lies in explanation.json too. Returns 1 when the
    same graph was found, else 0.

    Raises:
        ConfigurationError: the run knows no such network, or it is the prototype or the control's.
        DataError: states of the run's cycles are missing.
    """
    if cfg.seeds < 1:
        raise ConfigurationError(f"seeds={cfg.seeds} must be 1 or more")
    past = PastRun.open(cfg.run, cfg.data_dir)
    one, replay, space = descent(past, cfg.network), Replay(past), past.assembly.space
    steps = replay.steps(one, cfg.seeds)
    active = space.active(np.array([one.candidate.design]))[0].tolist()
    stories = choice_stories(space, one.candidate.design, active, steps)
    facts = _facts(past, replay, one)
    whole = {**facts, "seeds": cfg.seeds, "choices": [asdict(story) for story in stories]}
    write_whole(folder / EXPLANATION, json.dumps(whole, indent=1))
    lines = [f"{one.name}: {one.told}", *_lines(past, one, facts), *_reasons(strongest(stories))]
    log.info("%s\n%s\nin %s", "\n  ".join(lines), choice_table(stories), folder / EXPLANATION)
    return float(facts["found_again"])


def _facts(past: PastRun, replay: Replay, one: Descent) -> dict[str, Any]:
    return {
        "network": one.name,
        "way": one.way,
        **asdict(one.candidate),
        "state": replay.state(one),
        "found_again": replay.found_again(one),
        "nearest": _nearest(past, replay, one) if one.way == "refined" else None,
        "parent": weights_digest(past.prototype) if past.assembly.training.inherit else None,
        "evaluations": [
            {"role": note.role, **json.loads(note.evaluation.to_json()), "responses": []}
            for note in one.notes
        ],
    }


def _nearest(past: PastRun, replay: Replay, one: Descent) -> dict[str, Any]:
    """Return a design that was drawn, and by which choices the refined one differs from it."""
    near, differing = replay.nearest(one)
    choices = past.assembly.space.choices
    return {
        "cycle": near.cycle,
        "index": near.index,
        "seed": near.seed,
        "changed": {
            choices[i].name: [
                choices[i].options[near.design[i]],
                choices[i].options[one.candidate.design[i]],
            ]
            for i in differing
        },
    }


def _lines(past: PastRun, one: Descent, facts: Mapping[str, Any]) -> Iterator[str]:
    seed, state = one.candidate.seed, facts["state"] or "theta_G as it began"
    if facts["nearest"] is None:
        yield f"seed {seed}, state of theta_G: {state}"
    else:
        near = facts["nearest"]
        changed = [f"{name} {a} to {b}" for name, (a, b) in near["changed"].items()]
        last = near["cycle"] == past.cfg.cycles
        when = f"after the last cycle, {state}" if last else f"in cycle {near['cycle']}"
        yield f"nearest drawn design: seed {near['seed']}, drawn {when}"
        yield f"changed from it: {', '.join(changed)}"
        yield f"seed {seed} only began its training"
    verb = "refined" if one.way == "refined" else "drawn"
    same = "the same graph" if facts["found_again"] else "ANOTHER GRAPH"
    yield f"{verb} again: {same}, {one.candidate.digest}"
    parent = facts["parent"]
    yield (
        f"weights: began with the first channels of the prototype, {parent}"
        if parent
        else f"weights: began at random, from seed {seed}; training.inherit is off"
    )
    names = [past.assembly.task.quality, past.assembly.performance.name]
    yield from (f"{note.role}: {told(note.evaluation, names).strip()}" for note in one.notes)


def _reasons(strongest: list[str]) -> list[str]:
    if not strongest:
        return ["theta_G had not been moved towards any of its options"]
    return ["options that theta_G was moved towards most:", *(f"  {text}" for text in strongest)]
