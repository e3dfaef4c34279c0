"""The size of the images that dense networks read."""

from collections.abc import Sequence

from gensynth.errors import ConfigurationError

LEAST_SIDE = 32
"""Pixels; encoders halve five times."""


def checked_size(input_size: Sequence[int]) -> tuple[int, int]:
    """Return height and width in pixels.

    Raises:
        ConfigurationError: there are not two, or one is below `LEAST_SIDE`.
    """
    if len(input_size) != 2 or min(input_size) < LEAST_SIDE:
        raise ConfigurationError(
            f"data.input_size={list(input_size)} must be height and width, {LEAST_SIDE} or more"
        )
    height, width = input_size
    return int(height), int(width)
