"""Nesterov's momentum under a one-cycle learning rate."""

import math

from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR


def one_cycle(step: int, steps: int, warmup: float) -> float:
    """Return the share of the peak learning rate at a step.

    A straight rise over the first `warmup` share of the steps, then half a cosine that would reach
    zero one step after the last. After Smith and Topin, "Super-convergence" (2018).

    Args:
        step: from 0.
        steps: of the whole training.
        warmup: share of the steps that rise, at least 0 and below 1.

    >>> [round(one_cycle(step, 8, 0.5), 2) for step in range(8)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.85, 0.5, 0.15]
    """
    rise = round(warmup * steps)
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1.0 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def nesterov(
    network: nn.Module, *, learning_rate: float, momentum: float, weight_decay: float
) -> SGD:
    """Return stochastic gradient descent over all weights that ask for a gradient.

    Norms and biases do not decay: their size says nothing about how simple a function is.

    Args:
        network: already on its device.
        learning_rate: the peak.
        momentum: 0 is plain gradient descent.
        weight_decay: of weights with two or more dimensions.
    """
    weights = [w for w in network.parameters() if w.requires_grad]
    groups = [
        {"params": [w for w in weights if w.ndim > 1], "weight_decay": weight_decay},
        {"params": [w for w in weights if w.ndim <= 1], "weight_decay": 0.0},
    ]
    return SGD(
        [group for group in groups if group["params"]],
        lr=learning_rate,
        momentum=momentum,
        nesterov=momentum > 0.0,
        fused=True,
    )


def one_cycle_schedule(optimizer: SGD, *, steps: int, warmup: float) -> LambdaLR:
    """Return the schedule that takes a step after every batch."""
    return LambdaLR(optimizer, lambda step: one_cycle(step, steps, warmup))
