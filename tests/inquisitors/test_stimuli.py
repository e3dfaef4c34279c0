"""Which images are chosen to probe with."""

import numpy as np
import torch

from gensynth.inquisitors.probe import Stimulus
from gensynth.inquisitors.stimuli import balanced


def test_stimuli_are_balanced_and_from_the_split() -> None:
    classes = torch.tensor([0] * 300 + [1] * 100 + [2] * 20 + [3] * 5)
    split = Stimulus(torch.arange(425.0)[:, None, None, None].expand(-1, 1, 2, 2), classes, 4)
    stimulus = balanced(split, 100, np.random.default_rng(0))
    counts = np.bincount(stimulus.classes)
    assert sorted(counts[:2]) == [37, 38]
    assert counts[2:].tolist() == [20, 5]
    chosen = stimulus.inputs[:, 0, 0, 0].long()
    assert len(set(chosen.tolist())) == 100
    assert torch.equal(classes[chosen], stimulus.classes)
    other = balanced(split, 100, np.random.default_rng(1))
    assert not torch.equal(other.inputs, stimulus.inputs)
    assert len(balanced(split, 1000, np.random.default_rng(0)).classes) == 425


def test_where_positions_have_the_classes_images_are_drawn_at_random() -> None:
    images = torch.arange(50.0)[:, None, None, None].expand(-1, 1, 4, 4)
    classes = (torch.arange(50) % 3)[:, None, None].expand(-1, 4, 4)
    values = images.clone()
    stimulus = balanced(Stimulus(images, classes, 3, values), 20, np.random.default_rng(0))
    assert stimulus.inputs.shape == (20, 1, 4, 4)
    assert len(set(stimulus.inputs[:, 0, 0, 0].tolist())) == 20
    assert stimulus.values is not None
    assert torch.equal(stimulus.values, stimulus.inputs)
    assert torch.equal(stimulus.inputs[:, 0, 0, 0].long() % 3, stimulus.classes[:, 0, 0])
