"""Which families of choices a design space offers, and how far they go."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, final

from gensynth.design.rewrite import REGION_OPERATIONS
from gensynth.errors import ConfigurationError


@final
@dataclass(frozen=True, slots=True)
class Settings:
    """What `gensynth.design.space.derive` takes, checked.

    Args:
        width_ratios: see `derive`.
        width_multiple: see `derive`.
        operations: see `derive`.
        kernels: see `derive`.
        keep: see `derive`.
        downsampling: see `derive`.
        frozen: see `derive`.

    Raises:
        ConfigurationError: a value is wrong; the message says what is allowed.
    """

    width_ratios: Sequence[float]
    width_multiple: int
    operations: Sequence[str]
    kernels: Sequence[int]
    keep: bool
    downsampling: bool
    frozen: Sequence[str]

    def __post_init__(self) -> None:
        """Refuse wrong values."""
        for name in ("width_ratios", "operations", "kernels", "frozen"):
            value = getattr(self, name)
            is_list = isinstance(value, Sequence) and not isinstance(value, str)
            _refuse_unless(is_list, name, value, "a list, empty for none")
        for ratio in self.width_ratios:
            _refuse_unless(_is_positive(ratio), "width_ratios", ratio, "numbers above 0")
        multiple = self.width_multiple
        _refuse_unless(_is_int(multiple) and multiple > 0, "width_multiple", multiple, "1 or more")
        for name in self.operations:
            known = ", ".join(REGION_OPERATIONS)
            _refuse_unless(name in REGION_OPERATIONS, "operations", name, known)
        for kernel in self.kernels:
            odd = _is_int(kernel) and kernel >= 3 and kernel % 2 == 1
            _refuse_unless(odd, "kernels", kernel, "odd whole numbers from 3")
        for flag in ("keep", "downsampling"):
            value = getattr(self, flag)
            _refuse_unless(isinstance(value, bool), flag, value, "true or false")
        for pattern in self.frozen:
            _refuse_unless(isinstance(pattern, str), "frozen", pattern, "patterns of names")


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and isfinite(value) and value > 0


def _refuse_unless(holds: bool, setting: str, value: object, allowed: str) -> None:
    if not holds:
        raise ConfigurationError(f"design.{setting}: {value!r} is not allowed; allowed: {allowed}")
