"""How training images are divided, once and for all, into train, search and confirm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from gensynth.data.streams import Stream, uniform
from gensynth.errors import ConfigurationError

Split = Literal["train", "search", "confirm", "test"]
"""train: networks learn from it. search: read in every cycle. confirm: read once per long-trained
network. test: closed until the network to be reported is nominated."""

Indices = NDArray[np.int64]


def stratified_order(targets: Indices, seed: int) -> Indices:
    """Order images at random so that every stretch of them holds the classes in proportion.

    Args:
        targets: (n,) class of each image.
        seed: the same seed gives the same order.

    Returns:
        (n,) a permutation of 0 .. n - 1.
    """
    keys = uniform(Stream.SPLIT, seed=seed, epoch=0, count=len(targets))
    place = np.empty(len(targets))
    for one in np.unique(targets):
        members = np.flatnonzero(targets == one)
        members = members[np.argsort(keys[members], kind="stable")]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.lexsort((keys, place)).astype(np.int64, copy=False)


def dealt(order: Indices, counts: Mapping[Split, int], split: Split) -> Indices:
    """Return a split's stretch of an order, ascending.

    Args:
        order: (n,) a permutation.
        counts: how many each split gets, in the order in which they are dealt; n together.
        split: which.
    """
    ends = dict(zip(counts, np.cumsum(list(counts.values())), strict=True))
    return np.sort(order[ends[split] - counts[split] : ends[split]])


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Sizes and seed of the three training-side splits.

    Args:
        search_images: images of the search split.
        confirm_images: images of the confirm split; they do not depend on the other sizes.
        train_images: use only so many of the remaining images, or None for all of them.
        seed: the division is a function of this seed and the targets.
    """

    search_images: int
    confirm_images: int
    train_images: int | None
    seed: int

    def divide(self, targets: Indices) -> dict[Split, Indices]:
        """Return the image indices of train, search and confirm; disjoint, classes in proportion.

        Args:
            targets: (n,) class of each training image.

        Raises:
            ConfigurationError: the sizes do not fit the number of images.
        """
        held = self.confirm_images + self.search_images
        left = len(targets) - held
        if min(self.search_images, self.confirm_images, left) < 1:
            raise ConfigurationError(
                f"data.search_images={self.search_images} and data.confirm_images="
                f"{self.confirm_images} must be positive and leave training images of the "
                f"{len(targets)} there are; lower them"
            )
        if self.train_images is not None and not 1 <= self.train_images <= left:
            raise ConfigurationError(
                f"data.train_images={self.train_images} must lie in 1..{left} "
                f"(or null for all {left})"
            )
        order = stratified_order(targets, self.seed)
        train = (
            order[held:] if self.train_images is None else order[held : held + self.train_images]
        )
        return {
            "train": train,
            "search": order[self.confirm_images : held],
            "confirm": order[: self.confirm_images],
        }
