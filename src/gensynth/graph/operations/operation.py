"""What an operation declares, once for the whole program: shape, width law, parameters, MACs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, final

from gensynth.errors import InvalidGraph

Shape = tuple[int, ...]
"""Shape of one sample: (channels, height, width) or (features,)."""

Attribute = bool | int | float | str

WidthLaw = Literal["fixed", "free", "same", "sum", "shortcut"]
"""How an output's width (channels or features) follows from the inputs' (design.md 4).

fixed: given by the data. free: the operation's own attribute. same: that of the coupled inputs.
sum: the sum of the inputs'. shortcut: its own attribute, first channels correspond to the input's.
"""


class Required(Enum):
    """Marks an attribute that has no default."""

    REQUIRED = "required"


REQUIRED = Required.REQUIRED

ShapeRule = Callable[[Sequence[Shape], Mapping[str, Attribute]], Shape]
CountRule = Callable[[Sequence[Shape], Mapping[str, Attribute]], int]


def nothing(_inputs: Sequence[Shape], _attributes: Mapping[str, Attribute]) -> int:
    """Count nothing: the rule of operations without weights or multiply-adds."""
    return 0


@final
@dataclass(frozen=True, slots=True)
class Operation:
    """The laws of one primitive; shapes are per sample, counts are for one sample.

    Args:
        name: the key in `OPERATIONS`.
        width_law: how the output's width follows from the inputs'.
        arity: least and most inputs; None: no upper bound.
        shape: output shape from (input shapes, attributes); raises InvalidGraph if they do not fit.
        attributes: name to default, or REQUIRED.
        parameters: number of trained numbers.
        macs: multiply-adds of convolutions and linear layers, as fvcore counts those two.
        width_attribute: the attribute that holds the output's width, for `free` and `shortcut`.
        coupled: for `same`: how many leading inputs carry the output's width; None: all.
        ordered: whether a channel's neighbours matter, so that none may change its place.
    """

    name: str
    width_law: WidthLaw
    arity: tuple[int, int | None]
    shape: ShapeRule
    attributes: Mapping[str, Attribute | Required] = field(default_factory=dict)
    parameters: CountRule = nothing
    macs: CountRule = nothing
    width_attribute: str | None = None
    coupled: int | None = None
    ordered: bool = False

    def check(self, inputs: int, attributes: Mapping[str, Attribute]) -> None:
        """Refuse a wrong number of inputs, and missing, unknown or bad attributes.

        Raises:
            InvalidGraph: naming the value and what is allowed.
        """
        least, most = self.arity
        if inputs < least or (most is not None and inputs > most):
            allowed = f"{least}" if least == most else f"{least} to {most or 'any number of'}"
            raise InvalidGraph(f"takes {allowed} inputs, got {inputs}")
        if attributes.keys() != self.attributes.keys():
            wanted, given = sorted(self.attributes), sorted(attributes)
            raise InvalidGraph(f"has attributes {wanted}, got {given}")
        for key, value in attributes.items():
            holds, allowed = ATTRIBUTE_RULES[key]
            if not holds(value):
                raise InvalidGraph(f"attribute {key!r} must be {allowed}, got {value!r}")


def _positive(value: Attribute) -> bool:
    # `type(...) is` and not isinstance: True == 1 == 1.0, but their JSON, hence digests, differ.
    return type(value) is int and value >= 1


def _odd(value: Attribute) -> bool:
    return type(value) is int and value >= 1 and value % 2 == 1


def _flag(value: Attribute) -> bool:
    return type(value) is bool


def _rate(value: Attribute) -> bool:
    return type(value) is float and 0 <= value < 1


_SIZE = (_positive, "an int of at least 1")

ATTRIBUTE_RULES: Mapping[str, tuple[Callable[[Attribute], bool], str]] = {
    "channels": _SIZE,
    "features": _SIZE,
    "height": _SIZE,
    "width": _SIZE,
    "stride": _SIZE,
    "kernel": (_odd, "an odd int of at least 1"),
    "bias": (_flag, "true or false"),
    "rate": (_rate, "a float from 0 to below 1"),
}
"""What each attribute may hold; a name means the same in every operation."""


def size(attributes: Mapping[str, Attribute], key: str) -> int:
    """Return an attribute that counts something, as an int."""
    return int(attributes[key])


def image(shape: Shape) -> tuple[int, int, int]:
    """Return (channels, height, width).

    Raises:
        InvalidGraph: the value is a vector.
    """
    if len(shape) != 3:
        raise InvalidGraph(f"takes a (channels, height, width) value, got {shape}")
    return shape[0], shape[1], shape[2]


def strided(shape: Shape, channels: int, stride: int) -> Shape:
    """Return the shape after a window of odd kernel, padded by kernel // 2: ceil(size / stride)."""
    _, height, width = image(shape)
    return channels, (height - 1) // stride + 1, (width - 1) // stride + 1
