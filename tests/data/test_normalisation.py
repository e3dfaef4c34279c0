"""Normalisation against its formula."""

import torch

from gensynth.data.normalisation import Normalisation


def test_equals_the_formula_per_channel_and_is_channels_last() -> None:
    mean, std = (0.5, 0.25, 0.1), (0.2, 0.3, 0.4)
    images = torch.randint(0, 256, (4, 5, 6, 3), dtype=torch.uint8)
    normal = Normalisation(mean=mean, std=std, pixels=30)(images)
    assert normal.dtype == torch.float32
    assert normal.shape == (4, 3, 5, 6)
    assert normal.is_contiguous(memory_format=torch.channels_last)
    for channel in range(3):
        oracle = (images[..., channel].double() / 255 - mean[channel]) / std[channel]
        torch.testing.assert_close(normal[:, channel].double(), oracle, rtol=0, atol=1e-6)


def test_takes_views_of_larger_images() -> None:
    padded = torch.randint(0, 256, (3, 8, 8, 1), dtype=torch.uint8)
    normalise = Normalisation(mean=[0.3], std=[0.4], pixels=16).to(torch.device("cpu"))
    inside = padded[:, 2:-2, 2:-2]
    assert torch.equal(normalise(inside), normalise(inside.contiguous()))
