"""How a named network was made: which design and seed of which synthesis, from which prototype."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gensynth.jobs.assembly import plain
from gensynth.jobs.named_networks import Named
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.runs import Saved
from gensynth.journal import Journal
from gensynth.network.digest import weights_digest
from gensynth.records import Candidate, Evaluation
from gensynth.run_files import JOURNAL


def candidate_of(past: PastRun, one: Named) -> Candidate | None:
    """Return the candidate that a network was in this synthesis; None: it was none of it."""
    evaluations = Journal(past.folder / JOURNAL).all()
    noted = one.metadata.get("evaluation", {}).get("key")
    for evaluation in evaluations:
        if evaluation.key == noted or (noted is None and _is_file_of(evaluation, one.name)):
            return evaluation.candidate
    return None


def provenance(past: PastRun, one: Named) -> dict[str, Any]:
    """Return how a network came to be, as plain JSON values.

    One that `generate` drew brings its seed with it. Of another that this synthesis has no
    evaluation of, there is no seed: only whose data and requirements it is held against.
    """
    candidate, cfg = candidate_of(past, one), past.cfg
    seed = one.metadata.get("seed") if candidate is None else candidate.seed
    return {
        "synthesis": past.folder.name,
        "run_seed": cfg.seed,
        **({} if seed is None else {"network_seed": seed}),
        **({} if candidate is None else {"cycle": candidate.cycle}),
        "prototype": Saved.read(past.folder).choices.get("prototype"),
        "prototype_settings": {
            key: value for key, value in plain(cfg.prototype).items() if key != "_target_"
        },
        "prototype_weights": _weights(past),
        "precision": cfg.training.precision,
        "graph": one.network.graph.digest,
        "weights": weights_digest(one.network),
        "gensynth": version("gensynth"),
        "torch": version("torch"),
    }


def design_of(past: PastRun, one: Named) -> Mapping[str, Any]:
    """Return the option of every choice of the design space; empty where nobody knows."""
    candidate = candidate_of(past, one)
    if candidate is None:
        return dict(one.metadata.get("design", {}))
    return past.assembly.space.describe(candidate.design)


def _is_file_of(evaluation: Evaluation, name: str) -> bool:
    return bool(evaluation.network) and Path(evaluation.network).stem == name


def _weights(past: PastRun) -> str:
    if past.cfg.get("prototype_checkpoint") is not None:
        return "given by the user"
    began = ", begun with ImageNet weights" if past.cfg.get("prototype_pretrained") else ""
    return f"trained on {past.assembly.data.name}{began}"
