"""The factorised generator: independent categorical distributions over the choices."""

from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace
from gensynth.generators.generator import Allowed, Designs
from gensynth.generators.latent import Improvement, Latent, LatentGenerator


@final
class FactorisedGenerator(LatentGenerator):
    """Every choice is decided on its own: the latents are the choices. It starts uniform.

    Args:
        space: the designs to generate.
        allowed: (n, choices) designs to an (n,) mask of those that meet the requirements on exact
            costs; None when there are none.
        samples: designs judged per step.
        steps: steps per call of `improve`.
        elite_fraction: share of the samples that a step goes towards.
        trust_region_nats_per_choice: most that one call may move the distribution, KL(new || old),
            for every choice of the space.
        floor: least probability of any option.
        variety: least share of choices in which designs of two seeds differ, once it has settled.

    Raises:
        ConfigurationError: the floor leaves nothing to learn for the choice with the most options,
            or the space has no such variety.
        RequirementError: centring gave up with next to no samples that pass.
    """

    kind = "factorised"

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
    ) -> None:
        super().__init__(
            space,
            allowed,
            [Latent.even(choice.name, choice.options) for choice in space.choices],
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
        return drawn

    def _told(self, drawn: Designs, designs: Designs) -> NDArray[np.bool_]:
        del drawn
        return self._space.active(designs)
