"""Ways to choose stimuli from a training-side split."""

import numpy as np
import torch
from numpy.typing import NDArray

from gensynth.inquisitors.probe import Stimulus


def balanced(split: Stimulus, images: int, rng: np.random.Generator) -> Stimulus:
    """Choose images at random, as many of each class as of any other while they last.

    Where classes are given per position, images are chosen at random.

    Args:
        split: to choose from.
        images: at most so many.
        rng: the same state gives the same images.
    """
    shuffled = rng.permutation(len(split.classes))
    if split.classes.ndim == 1:
        classes = split.classes.cpu().numpy()[shuffled]
        shuffled = shuffled[np.argsort(_turns(classes), kind="stable")]
    chosen = torch.from_numpy(np.sort(shuffled[:images])).to(split.inputs.device)
    own = chosen.to(split.classes.device)
    values = None if split.values is None else split.values[own]
    return Stimulus(split.inputs[chosen], split.classes[own], split.class_count, values)


def _turns(classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n,) how many earlier entries have the same class."""
    order = np.argsort(classes, kind="stable")
    sorted_classes = classes[order]
    starts = np.searchsorted(sorted_classes, sorted_classes)
    turns = np.empty(len(classes), dtype=np.int64)
    turns[order] = np.arange(len(classes)) - starts
    return turns
