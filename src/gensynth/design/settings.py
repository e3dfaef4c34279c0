"""Which families of choices a design space offers, and how far they go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
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
    operations: Sequence[str] | Mapping[str, Sequence[str]]
    kernels: Sequence[int]
    keep: bool
    downsampling: bool
    frozen: Sequence[str]

    def __post_init__(self) -> None:
        """Refuse wrong values."""
        for name in ("width_ratios", "kernels", "frozen"):
            value = getattr(self, name)
            _refuse_unless(_is_list(value), name, value, "a list, empty for none")
        either = "a list, empty for none, or a mapping of name patterns to lists"
        for value in self.operations_by_pattern.values():
            _refuse_unless(_is_list(value), "operations", value, either)
        for ratio in self.width_ratios:
            _refuse_unless(_is_positive(ratio), "width_ratios", ratio, "numbers above 0")
        multiple = self.width_multiple
        _refuse_unless(_is_int(multiple) and multiple > 0, "width_multiple", multiple, "1 or more")
        for name in (one for some in self.operations_by_pattern.values() for one in some):
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

    @property
    def operations_by_pattern(self) -> Mapping[str, Sequence[str]]:
        """Pattern of body names to the operations offered there; a list is for every body."""
        return self.operations if isinstance(self.operations, Mapping) else {"*": self.operations}

    def operations_of(self, body: str) -> tuple[str, ...]:
        """Return the operations offered to a body: those of all patterns that its name matches."""
        offered = self.operations_by_pattern.items()
        return tuple(
            dict.fromkeys(
                name for pattern, some in offered if fnmatchcase(body, pattern) for name in some
            )
        )


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and isfinite(value) and value > 0


def _refuse_unless(holds: bool, setting: str, value: object, allowed: str) -> None:
    if not holds:
        raise ConfigurationError(f"design.{setting}: {value!r} is not allowed; allowed: {allowed}")
