"""One thing a design decides (design words: design, choice, option)."""

from dataclasses import dataclass
from typing import Literal, final

from gensynth.errors import InvalidDesign

ChoiceKind = Literal["width", "operation", "kernel", "keep", "downsampling"]
Option = bool | int | str


@final
@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a design decides about its prototype, and the options it has.

    Args:
        name: unique within a design space: target and kind, e.g. `stage1.block0.keep`.
        kind: `width` of a coupling group, `operation` or `kernel` of a body, `keep` of a block or
            branch, `downsampling` of the whole graph.
        target: the coupling group or region it is about; `graph` for down-sampling.
        options: widths and kernels ascending; `False, True` for keep; strides such as `2-1-2`.
        prototype: index of the option that leaves the prototype as it is.
    """

    name: str
    kind: ChoiceKind
    target: str
    options: tuple[Option, ...]
    prototype: int

    def __post_init__(self) -> None:
        """Hold the record's laws: two or more different options, the prototype's among them."""
        different = len({(type(option), option) for option in self.options})
        if different < 2 or different < len(self.options):
            raise ValueError(f"{self.name}: two or more different options, got {self.options}")
        if not 0 <= self.prototype < len(self.options):
            raise ValueError(f"{self.name}: no option has the index {self.prototype}")

    def index(self, option: object) -> int:
        """Return the index of an option.

        Raises:
            InvalidDesign: the choice has no such option; the message lists those it has.
        """
        for index, own in enumerate(self.options):
            if type(own) is type(option) and own == option:
                return index
        allowed = ", ".join(str(own) for own in self.options)
        raise InvalidDesign(f"{self.name} has no option {option!r}: choose one of {allowed}")


def choice(kind: ChoiceKind, target: str, options: tuple[Option, ...], own: Option) -> Choice:
    """Build a choice named after its kind and target; `own` is the prototype's option."""
    name = kind if kind == "downsampling" else f"{target}.{kind}"
    return Choice(name, kind, target, options, options.index(own))
