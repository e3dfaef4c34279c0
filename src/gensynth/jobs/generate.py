"""The job `generate`: draw different networks from a learned generator."""

import json
import logging
from pathlib import Path

import numpy as np
from omegaconf import DictConfig

from gensynth.errors import ConfigurationError
from gensynth.evaluation import child
from gensynth.generators.seeding import seed_of
from gensynth.jobs.past_run import PastRun
from gensynth.journal import write_whole
from gensynth.network.saving import save
from gensynth.records import Candidate
from gensynth.report.result_table import Row, result_table

log = logging.getLogger(__name__)

DRAWN = 2_000_000
"""Cycle number in the seeds of generated networks, so that no search has used them."""


def run(cfg: DictConfig, folder: Path) -> float:
    """Draw `networks` designs that differ in their graphs and meet the exact requirements.

    Each is saved with the weights it inherits from the prototype, untrained; the job `evaluate`
    trains them. Returns how many were found.

    Raises:
        ConfigurationError: `attempts` seeds did not give as many different networks.
    """
    for name in ("networks", "attempts"):
        if cfg[name] < 1:
            raise ConfigurationError(f"{name}={cfg[name]} must be 1 or more")
    past = PastRun.open(cfg.run, cfg.data_dir)
    found = draw(past, cfg.networks, cfg.attempts, cfg.seed)
    judged = past.inquisitor().judge(np.array([one.design for one in found]))
    quality, score = past.assembly.task.quality, past.assembly.performance.name
    heir_of = past.prototype if past.assembly.training.inherit else None
    rows = []
    for index, candidate in enumerate(found):
        name = f"drawn-{candidate.digest[:8]}"
        network = child(past.assembly.space, candidate, heir_of)
        expected = {
            quality: float(judged.quality[index]),
            "parameters": float(network.graph.parameters),
            "macs": float(network.graph.macs),
            score: float(judged.utility[index]),
            "probability": float(judged.probability[index]),
        }
        metadata = {
            "seed": candidate.seed,
            "design": past.assembly.space.describe(candidate.design),
            "expected": expected,
            "trained": False,
            "data": past.assembly.data.describe(),
        }
        save(folder / f"{name}.safetensors", network, metadata)
        errors = {quality: float(judged.deviation[index])}
        rows.append(Row(name, "expected", expected, errors, {}))
    listed = [{"name": row.name, **row.measurements} for row in rows]
    write_whole(folder / "generated.json", json.dumps(listed, indent=1))
    log.info("generated from %s\n%s\nsaved in %s", past.folder.name, result_table(rows), folder)
    return float(len(rows))


def draw(past: PastRun, networks: int, attempts: int, seed: int) -> list[Candidate]:
    """Return that many candidates, unique by graph digest; the seeds are tried in order.

    Raises:
        ConfigurationError: `attempts` seeds were not enough.
    """
    generator, allowed, space = past.generator(), past.allowed, past.assembly.space
    seeds = [seed_of(seed, DRAWN, index) for index in range(attempts)]
    designs = generator.generate(seeds)
    fits = allowed(designs)
    found: dict[str, Candidate] = {}
    for index, (one, row) in enumerate(zip(seeds, designs, strict=True)):
        if len(found) == networks:
            break
        if fits[index]:
            design = tuple(int(option) for option in row)
            digest = space.digest(design)
            found.setdefault(digest, Candidate(DRAWN, index, one, design, digest))
    if len(found) < networks:
        raise ConfigurationError(
            f"networks={networks}: {attempts} seeds gave {len(found)} different networks that meet"
            " the requirements on exact costs; ask for fewer, or raise attempts"
        )
    return list(found.values())
