"""What is written is what is read."""

from pathlib import Path

import numpy as np
from PIL import Image

from gensynth.report.picture import write_picture


def test_pixels_come_back_and_no_part_stays(tmp_path: Path) -> None:
    path = tmp_path / "pictures" / "a.png"
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    for shown in (255 - pixels, pixels):
        write_picture(path, shown)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), pixels)
    assert list(path.parent.iterdir()) == [path]
