"""Lightning's Trainer with nothing on that a short training has no use for."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from pytorch_lightning import Callback, Trainer
from pytorch_lightning.plugins.environments import (  # type: ignore[attr-defined]
    LightningEnvironment,
)

from gensynth.network.hardware import Precision
from gensynth.training.lightning_module import Fitting
from gensynth.training.loader import EpochLoader

TALKERS = ("pytorch_lightning", "lightning_fabric")


def run(
    module: Fitting,
    loader: EpochLoader,
    *,
    epochs: int,
    precision: Precision,
    callbacks: list[Callback],
) -> None:
    """Let Lightning drive the loop: no logger, checkpoints, validation, files or announcements.

    Args:
        module: on the device to train on.
        loader: on the same device.
        epochs: passes over the loader.
        precision: what the network computes in.
        callbacks: watch the training.

    Raises:
        KeyboardInterrupt: the user pressed Ctrl-C.
        TrainingFailed: what the module raises.
    """
    device = next(module.parameters()).device
    with _quiet():
        trainer = Trainer(
            accelerator=device.type,
            devices=[device.index or 0] if device.type == "cuda" else 1,
            precision="bf16-mixed" if precision == "bfloat16" else "32-true",
            max_epochs=epochs,
            callbacks=callbacks,
            # Nobody but us starts processes: do not look for a cluster.
            plugins=[LightningEnvironment()],
            use_distributed_sampler=False,
            limit_val_batches=0,
            num_sanity_val_steps=0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            trainer.fit(module, loader)
    module.to(device)  # Lightning leaves what it trained on the CPU


@contextmanager
def _quiet() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in TALKERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            # Lightning 2.6 trips over a renamed part of torch; no user can do anything about it.
            warnings.filterwarnings("ignore", message=".*LeafSpec", category=FutureWarning)
            # Whoever computes on the CPU beside a GPU asked for it.
            warnings.filterwarnings("ignore", message="GPU available but not used")
            yield
    except SystemExit as end:
        # What Lightning makes of Ctrl-C; callers want to know it was that.
        if isinstance(end.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from end
        raise
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
