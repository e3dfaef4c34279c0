"""What measuring and probing must leave alone."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn


@contextmanager
def untouched(network: nn.Module) -> Iterator[None]:
    """Fail unless weights, buffers, gradients, modes, hooks and global randomness stay."""
    before = copy.deepcopy(network.state_dict())
    modes, settings, hooks = _modes(network), _settings(network), _hooks(network)
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()  # noqa: NPY002
    yield
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name]), f"{name} changed"
    assert _modes(network) == modes, "a module's training mode changed"
    assert _settings(network) == settings, "a parameter's gradient or requires_grad changed"
    assert _hooks(network) == hooks, "a hook was left behind"
    assert torch.equal(torch.get_rng_state(), torch_state), "torch's global generator was used"
    assert repr(np.random.get_state()) == repr(numpy_state), "numpy's was used"  # noqa: NPY002


def _modes(network: nn.Module) -> list[bool]:
    return [module.training for module in network.modules()]


def _settings(network: nn.Module) -> list[tuple[bool, bool]]:
    return [(one.requires_grad, one.grad is None) for one in network.parameters()]


def _hooks(network: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in network.modules())
