"""Pictures as PNG files."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def write_picture(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write (h, w, 3) pixels losslessly; the folder is created, an older file is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    Image.fromarray(pixels).save(part, format="PNG")
    part.replace(path)
