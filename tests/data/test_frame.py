"""Frames by hand: where cells lie, and that the whole frame is the image."""

import torch

from gensynth.data.frame import LUMA, axis, grey, resampled


def test_a_frame_s_cells_lie_evenly_between_its_edges() -> None:
    found = axis(4, middle=torch.tensor([0.0, 0.5]), step=torch.tensor([1.0, -0.5]))
    expected = torch.tensor([[-0.75, -0.25, 0.25, 0.75], [0.875, 0.625, 0.375, 0.125]])
    torch.testing.assert_close(found, expected)


def test_the_whole_frame_is_the_image_and_half_a_frame_half_of_it() -> None:
    images = torch.rand(1, 2, 4, 6, generator=torch.Generator().manual_seed(0))
    zero, one = torch.zeros(1), torch.ones(1)
    across, down = axis(6, middle=zero, step=one), axis(4, middle=zero, step=one)
    torch.testing.assert_close(resampled(images, across, down), images)
    right = axis(3, middle=one / 2, step=one / 2)
    torch.testing.assert_close(resampled(images, right, down), images[..., 3:])


def test_beyond_an_image_its_border_is_repeated() -> None:
    images = torch.arange(4.0).view(1, 1, 1, 4)
    far = axis(2, middle=torch.tensor([3.0]), step=torch.ones(1))
    found = resampled(images, far, torch.zeros(1, 1))
    assert found.flatten().tolist() == [3.0, 3.0]


def test_grey_keeps_the_brightness_of_grey() -> None:
    level = torch.full((1, 3, 2, 2), 7.0)
    torch.testing.assert_close(grey(level), level[:, :1])
    assert grey(torch.eye(3).view(3, 3, 1, 1)).flatten().tolist() == torch.tensor(LUMA).tolist()
