"""The hierarchical generator: like choices share a level, each with a chance to differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.choice import Choice, Option
from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError
from gensynth.generators.generator import Allowed, Designs
from gensynth.generators.latent import Improvement, Latent, LatentGenerator


@final
@dataclass(frozen=True, slots=True)
class Kin:
    """Choices that can agree.

    Args:
        name: what they decide.
        members: their places among the choices, two or more.
        levels: the options of the member that has the most.
    """

    name: str
    members: tuple[int, ...]
    levels: tuple[Option, ...]


@final
class HierarchicalGenerator(LatentGenerator):
    """A seed decides a level for every kind of choice, and which choices differ from it, and how.

    Kin are all widths (level: a place in their list of options, as a part of its length), and all
    choices of another kind with the same options. Independent choices are a poor start for a search
    that trains few networks: their designs are all alike in the mean, half of everything, and say
    little about what a whole network of one kind or size can do. Here whole networks differ, in
    operation, width and depth, and theta_G learns both the levels and where to leave them.

    Latents: per kin a level; per member whether it agrees; per choice its own option, which counts
    where it does not agree.

    Args:
        space: the designs to generate.
        allowed: (n, choices) designs to an (n,) mask of those that meet the requirements on exact
            costs; None when there are none.
        samples: designs judged per step.
        steps: steps per call of `improve`.
        elite_fraction: share of the samples that a step goes towards.
        trust_region_nats_per_choice: most that one call may move the distribution of the latents,
            KL(new || old), for every choice of the space; that of the designs moves by no more.
        floor: least probability of any option.
        variety: least share of choices in which designs of two seeds differ, once it has settled.
        agreement: chance, at the start, that a choice takes its kin's level; above 0 and below 1,
            and not nearer to them than the floor.

    Raises:
        ConfigurationError: the agreement is out of its range, the floor leaves nothing to learn
            for the choice with the most options, or the space has no such variety.
        RequirementError: centring gave up with next to no samples that pass.
    """

    kind = "hierarchical"

    def __init__(  # noqa: PLR0913 - one parameter per key of conf/generator/
        self,
        space: DesignSpace,
        allowed: Allowed | None = None,
        *,
        samples: int,
        steps: int,
        elite_fraction: float,
        trust_region_nats_per_choice: float,
        floor: float,
        variety: float,
        agreement: float,
    ) -> None:
        if not (0 < agreement < 1 and floor <= agreement <= 1 - floor):
            raise ConfigurationError(
                f"generator.agreement={agreement}: choose a chance above 0 and below 1, and not "
                f"nearer to them than generator.floor={floor}"
            )
        self._kin = _kin(space.choices)
        self._members = np.array([m for kin in self._kin for m in kin.members], dtype=np.int64)
        super().__init__(
            space,
            allowed,
            list(_latents(space.choices, self._kin, agreement)),
            Improvement(
                samples=samples,
                steps=steps,
                elite_fraction=elite_fraction,
                trust_region_nats_per_choice=trust_region_nats_per_choice,
                floor=floor,
                variety=variety,
            ),
        )

    def _decoded(self, drawn: Designs) -> Designs:
        levels, agrees, own = self._parts(drawn)
        designs = own.copy()
        designs[:, self._members] = np.where(agrees, self._common(levels), own[:, self._members])
        return designs

    def _told(self, drawn: Designs, designs: Designs) -> NDArray[np.bool_]:
        _, agrees, _ = self._parts(drawn)
        counts = self._space.active(designs)
        asked = counts[:, self._members]
        own = counts.copy()
        own[:, self._members] &= ~agrees
        ends = np.cumsum([len(kin.members) for kin in self._kin])[:-1]
        followers = np.split(asked & agrees, ends, axis=1)
        levels = [one.any(axis=1, keepdims=True) for one in followers if self._kin]
        return np.concatenate([*levels, asked, own], axis=1)

    def _parts(self, drawn: Designs) -> tuple[Designs, NDArray[np.bool_], Designs]:
        """Part (n, latents) into levels by kin, who agrees by member, options by choice."""
        levels, agrees, own = np.split(
            drawn, [len(self._kin), len(self._kin) + len(self._members)], axis=1
        )
        return levels, agrees.astype(np.bool_), own

    def _common(self, levels: Designs) -> Designs:
        """Return (n, members) options that the levels mean."""
        columns = [
            _nearest(levels[:, number], len(kin.levels), len(self._space.choices[member].options))
            for number, kin in enumerate(self._kin)
            for member in kin.members
        ]
        return np.array(columns, dtype=np.int64).reshape(len(columns), len(levels)).T


def _nearest(level: NDArray[np.int64], levels: int, options: int) -> NDArray[np.int64]:
    """Return the option that lies as far along its list as the level lies along its own."""
    return np.rint(level * (options - 1) / (levels - 1)).astype(np.int64)


def _kin(choices: Sequence[Choice]) -> tuple[Kin, ...]:
    alike: dict[tuple[object, ...], list[int]] = {}
    for place, choice in enumerate(choices):
        key = (choice.kind,) if choice.kind == "width" else (choice.kind, *choice.options)
        alike.setdefault(key, []).append(place)
    found: list[Kin] = []
    for members in alike.values():
        levels = max((choices[m].options for m in members), key=len)
        if len(members) > 1 and len(levels) > 1:
            kind = choices[members[0]].kind
            before = sum(kin.name.split(":")[0] == kind for kin in found)
            found.append(Kin(f"{kind}:{before}", tuple(members), levels))
    return tuple(found)


def _latents(choices: Sequence[Choice], kin: Sequence[Kin], agreement: float) -> Iterator[Latent]:
    for one in kin:
        yield Latent.even(f"level of {one.name}", range(len(one.levels)))
    for one in kin:
        for member in one.members:
            start = np.array([1 - agreement, agreement])
            yield Latent(f"{choices[member].name} agrees", (False, True), start)
    for choice in choices:
        yield Latent.even(choice.name, choice.options)
