"""The contract of image data sets: everything in memory, batches made whole, splits kept apart."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal, Self, final

import torch
from pytorch_lightning import LightningDataModule
from torch import Tensor

from gensynth.data.augmentation import Augmentation
from gensynth.data.loader import Batch, Loader
from gensynth.data.normalisation import Normalisation
from gensynth.data.partition import Partition, Split
from gensynth.data.store import Contents, Store
from gensynth.data.streams import Stream, permutation
from gensynth.errors import DataError

__all__ = ["Contents", "Facts", "ImageData", "Labelled", "Split"]

Labelled = Literal["image", "pixel", "box"]
"""What has a class of its own in a data set."""

STIMULI_BYTES = 2**28
"""Memory for the images that networks are probed with."""


@final
@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a data set before it is read.

    Args:
        name: as in `data=<name>`.
        input_shape: (channels, height, width).
        classes: class names; a target is an index into them.
        mean: per channel, of pixel / 255.
        std: per channel, of pixel / 255.
    """

    name: str
    input_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]


class ImageData(LightningDataModule, ABC):
    """A set of images with targets, in memory on one device; nothing is read before it is needed.

    The order of images and their augmentation are functions of their arguments, never of global
    state. A pickled module carries its settings only: the copy reads the data again.

    Args:
        facts: what is known without reading.
        partition: how training images are divided; None: their contents say.
        augmentation: of training images.

    Attributes:
        name, input_shape, classes, mean, std: the facts.
        batch_size: of the loaders that Lightning's hooks return.
        order_seed: of the train loader.
    """

    name: str
    labelled: ClassVar[Labelled] = "image"
    """What has a class of its own. Targets are (n,) for images, (n, h, w) for pixels, and for boxes
    (n, m, 6) rows; see `data.boxes`."""
    licence: ClassVar[str] = "unknown to gensynth: ask whoever made the images"
    """On which terms the images may be used, and whom to cite; one line of plain text."""
    preparation: ClassVar[str] = ""
    """How a picture of any size becomes an input, before it is normalised; one line."""

    def __init__(
        self, facts: Facts, *, partition: Partition | None, augmentation: Augmentation
    ) -> None:
        super().__init__()
        self.name = facts.name
        self.input_shape = facts.input_shape
        self.classes = facts.classes
        self.mean = facts.mean
        self.std = facts.std
        self.batch_size = 128
        self.order_seed = 0
        self._facts, self._partition, self._augmentation = facts, partition, augmentation
        self._device = torch.device("cpu")
        self._test_open = False
        self._kept: Store | None = None

    @abstractmethod
    def read_training(self) -> Contents:
        """Read the images that train, search and confirm are cut from.

        Raises:
            DataError: they are missing or damaged.
        """

    @abstractmethod
    def read_test(self) -> Contents:
        """Read the test images; called once the test split is open.

        Raises:
            DataError: they are missing or damaged.
        """

    @abstractmethod
    def expected_test_images(self, training_images: int) -> int:
        """Return how many test images there should be, without reading them."""

    @property
    @final
    def counts(self) -> dict[Split, int]:
        """Images per split; `test` is the expected number until it is open."""
        store = self._store()
        return {"test": self.expected_test_images(store.training_images), **store.counts}

    @property
    @final
    def digest(self) -> str:
        """SHA-256 of what training depends on: contents, splits, normalisation, augmentation.

        The test split has no part in it.
        """
        partition = None if self._partition is None else asdict(self._partition)
        settings = [asdict(self._facts), partition, self._augmentation.settings()]
        parts = json.dumps([self._store().identity, *settings], sort_keys=True)
        return hashlib.sha256(parts.encode()).hexdigest()

    @final
    def describe(self) -> dict[str, Any]:
        """Return what the user of a trained network must know of its data, as plain JSON values."""
        facts: dict[str, Any] = json.loads(json.dumps(asdict(self._facts)))
        told = {"licence": self.licence, "preparation": self.preparation}
        return {**facts, **told, "counts": dict(self.counts), "digest": self.digest}

    @property
    @final
    def device(self) -> torch.device:
        """Where images are kept and batches are made."""
        return self._device

    @final
    def to(self, device: torch.device | str) -> Self:
        """Keep images and make batches on a device from now on."""
        if torch.device(device) != self._device:
            self._device, self._kept = torch.device(device), None
        return self

    @final
    def open_test(self) -> None:
        """Open the test split and read it; before this, nothing of it is read.

        Raises:
            DataError: it is missing or damaged.
        """
        self._test_open = True
        self._split("test")

    @final
    def images(self, split: Split) -> tuple[Tensor, Tensor]:
        """Return a split's (n, c, h, w) uint8 images and (n, ...) targets; views, do not write.

        Raises:
            DataError: the test split is closed, or data are missing or damaged.
        """
        images, targets = self._split(split)
        return images.permute(0, 3, 1, 2), targets

    @final
    def stimuli(self, count: int = 4096) -> tuple[Tensor, Tensor]:
        """Return `count` train images, normalised and not augmented, and their targets.

        They are spread evenly over the split, which may be in the order of a film. There are fewer
        where so many would take more than `STIMULI_BYTES`. Shapes (n, c, h, w), float32, and
        (n, ...).
        """
        images, targets = self._split("train")
        count = min(count, max(1, STIMULI_BYTES // (4 * images[0].numel())))
        chosen = self._spread(len(targets), count)
        return self._store().normal(images[chosen]), targets[chosen]

    @final
    def samples(self, split: Split, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return images spread evenly over a split, always the same, as they are.

        Returns:
            Pixels (n, c, h, w) uint8, normalised images of that shape, float32, and targets
            (n, ...); n is `count`, or all where there are fewer.

        Raises:
            DataError: the test split is closed, or data are missing or damaged.
        """
        images, targets = self._split(split)
        chosen = self._spread(len(targets), count)
        pixels = images[chosen]
        return pixels.permute(0, 3, 1, 2), self._store().normal(pixels), targets[chosen]

    @final
    def batches(self, split: Split, batch_size: int) -> Iterator[Batch]:
        """Yield every image of a split once, in a fixed order and as it is (not augmented).

        Yields:
            Normalised images (b, c, h, w) float32 channels_last, and targets (b, ...).

        Raises:
            DataError: the test split is closed, or data are missing or damaged.
        """
        images, targets = self._split(split)
        for start in range(0, len(targets), batch_size):
            batch = slice(start, start + batch_size)
            yield self._store().normal(images[batch]), targets[batch]

    @final
    def augmented(self, epoch: int, indices: Tensor) -> Tensor:
        """Return train images as an epoch shows them: (b, c, h, w) float32 channels_last.

        A pure function of (augmentation, epoch, index): batch, order and network have no part in
        it.

        Args:
            epoch: which epoch's shifts and flips.
            indices: (b,) positions in the train split, int64.
        """
        return self._store().augmented(epoch, indices)

    @final
    def order(self, epoch: int, seed: int) -> Tensor:
        """Return the order of train images in an epoch: a permutation, int64, on the device."""
        count = len(self._split("train")[1])
        order = permutation(Stream.ORDER, seed=seed, epoch=epoch, count=count)
        return torch.from_numpy(order).to(self._device)

    @final
    def steps(self, batch_size: int) -> int:
        """Return how many batches `train_batches` yields."""
        return max(1, len(self._split("train")[1]) // batch_size)

    @final
    def train_batches(
        self, batch_size: int, epoch: int, seed: int
    ) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yield one epoch of augmented batches in random order.

        An incomplete last batch is left out unless it is the only one.

        Args:
            batch_size: images per batch.
            epoch: decides the augmentation and, together with the seed, the order.
            seed: of the order.

        Yields:
            Positions in the train split (b,), images (b, c, h, w) float32 channels_last, targets
            (b, ...) that follow the images.
        """
        order, store = self.order(epoch, seed), self._store()
        for step in range(self.steps(batch_size)):
            indices = order[step * batch_size : (step + 1) * batch_size]
            targets = store.augmented_targets(epoch, indices)
            yield indices, store.augmented(epoch, indices), targets

    @final
    def setup(self, stage: str | None = None) -> None:
        """Read the training images (Lightning's hook); the test split stays as it is."""
        del stage
        self._store()

    @final
    def train_dataloader(self) -> Loader:
        """Return augmented train batches in random order, another epoch at every iteration."""

        def epoch_batches(epoch: int) -> Iterator[Batch]:
            # Lightning starts more iterations than it has epochs, and may resume at a later one.
            if self.trainer is not None and self.trainer.training:
                epoch = self.trainer.current_epoch
            for _, images, targets in self.train_batches(self.batch_size, epoch, self.order_seed):
                yield images, targets

        return Loader(epoch_batches, steps=self.steps(self.batch_size))

    @final
    def val_dataloader(self) -> Loader:
        """Return the batches of the search split."""
        return self._loader("search")

    @final
    def test_dataloader(self) -> Loader:
        """Return the batches of the test split.

        Raises:
            DataError: it is closed.
        """
        return self._loader("test")

    def _loader(self, split: Split) -> Loader:
        steps = -(-len(self._split(split)[1]) // self.batch_size)
        return Loader(lambda _: self.batches(split, self.batch_size), steps=steps)

    def _spread(self, images: int, count: int) -> Tensor:
        """Return the places of `count` images, both ends included, or of all there are."""
        places = torch.linspace(0, images - 1, min(count, images), dtype=torch.float64)
        return places.round().long().to(self._device)

    def _store(self) -> Store:
        if self._kept is None:
            self.prepare_data()
            height, width = self.input_shape[1:]
            self._kept = Store(
                self.read_training(),
                partition=self._partition,
                augmentation=self._augmentation,
                normalisation=Normalisation(mean=self.mean, std=self.std, pixels=height * width),
                device=self._device,
            )
        return self._kept

    def _split(self, split: Split) -> tuple[Tensor, Tensor]:
        store = self._store()
        if split == "test" and not self._test_open:
            raise DataError(
                f"the test split of {self.name} is closed; open_test() opens it, once a network "
                f"has been nominated on the confirm split"
            )
        if split == "test" and not store.holds("test"):
            contents = self.read_test()
            store.hold("test", contents.images, contents.targets)
        return store.split(split)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the images out: whoever gets the copy reads them again."""
        return {**self.__dict__, "_kept": None, "trainer": None}
