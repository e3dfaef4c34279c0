"""Training as Lightning's and torchvision's tutorials show it: the baseline of a benchmark."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image
from pytorch_lightning import LightningModule, Trainer
from torch import Tensor, nn
from torch.utils.data import Dataset, Subset
from torchvision import datasets, transforms

from gensynth.data.cifar10 import FACTS
from gensynth.data.presence import present


class Stock(LightningModule):
    """Nesterov SGD under one cycle.

    Args:
        network: what is trained.
        loss: of logits and targets.
        steps: of the whole training.
        rate: the peak learning rate.
        decay: of all weights.
        warmup: share of the steps in which the rate rises.
    """

    def __init__(
        self,
        network: nn.Module,
        loss: Callable[[Tensor, Tensor], Tensor],
        *,
        steps: int,
        rate: float,
        decay: float,
        warmup: float,
    ) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)
        self.loss = loss
        self.steps, self.rate, self.decay, self.warmup = steps, rate, decay, warmup

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Return the loss of a batch."""
        images = batch[0].contiguous(memory_format=torch.channels_last)
        return self.loss(self.network(images), batch[1])

    def configure_optimizers(self) -> Any:
        """Return the optimiser and its schedule."""
        optimizer = torch.optim.SGD(
            self.parameters(), self.rate, momentum=0.9, nesterov=True, weight_decay=self.decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            self.rate,
            total_steps=self.steps,
            pct_start=self.warmup,
            cycle_momentum=False,
        )
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]


def stock_trainer(precision: str, clip: float) -> Trainer:
    """Return a Trainer for one epoch that logs, saves and shows nothing, in its own favour."""
    return Trainer(
        accelerator="cpu",
        max_epochs=1,
        precision="bf16-mixed" if precision == "bfloat16" else "32-true",
        gradient_clip_val=clip,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def photographs(folder: str, images: int, *, shift: int) -> Dataset[Any]:
    """Return so many PIL images, of CIFAR-10 or random ones, through torchvision's transforms."""
    transform = transforms.Compose(
        [
            transforms.RandomCrop(32, padding=shift, padding_mode="reflect"),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(FACTS.mean, FACTS.std),
        ]
    )
    if present("cifar10", folder):
        return Subset(datasets.CIFAR10(folder, transform=transform), range(images))
    return Noise(images, transform)


class Noise(Dataset[Any]):
    """Random images in the shape of CIFAR-10, drawn beforehand, read as torchvision reads those.

    Args:
        images: how many.
        transform: what torchvision does to each.
    """

    def __init__(self, images: int, transform: Callable[[Image.Image], Tensor]) -> None:
        rng = np.random.default_rng(0)
        self.images = rng.integers(0, 256, (images, 32, 32, 3), dtype=np.uint8)
        self.transform = transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), index % 10
