"""CamVid's 32 classes, their colours, and the 11 that networks are trained on.

Colours and names are the data set's own (Brostow, Fauqueur and Cipolla 2009, "Semantic object
classes in video"); the 11 classes and what they join are those of Badrinarayanan, Kendall and
Cipolla 2017, "SegNet". Everything else is void.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gensynth.data.warp import VOID
from gensynth.errors import DataError

Labels = NDArray[np.uint8]

CLASSES = (
    "Sky",
    "Building",
    "Pole",
    "Road",
    "Pavement",
    "Tree",
    "SignSymbol",
    "Fence",
    "Car",
    "Pedestrian",
    "Bicyclist",
)
UNLABELLED = len(CLASSES)
"""Void in label maps that hold class indices."""

COLOURS: Mapping[str, tuple[int, int, int]] = {
    "Animal": (64, 128, 64),
    "Archway": (192, 0, 128),
    "Bicyclist": (0, 128, 192),
    "Bridge": (0, 128, 64),
    "Building": (128, 0, 0),
    "Car": (64, 0, 128),
    "CartLuggagePram": (64, 0, 192),
    "Child": (192, 128, 64),
    "Column_Pole": (192, 192, 128),
    "Fence": (64, 64, 128),
    "LaneMkgsDriv": (128, 0, 192),
    "LaneMkgsNonDriv": (192, 0, 64),
    "Misc_Text": (128, 128, 64),
    "MotorcycleScooter": (192, 0, 192),
    "OtherMoving": (128, 64, 64),
    "ParkingBlock": (64, 192, 128),
    "Pedestrian": (64, 64, 0),
    "Road": (128, 64, 128),
    "RoadShoulder": (128, 128, 192),
    "Sidewalk": (0, 0, 192),
    "SignSymbol": (192, 128, 128),
    "Sky": (128, 128, 128),
    "SUVPickupTruck": (64, 128, 192),
    "TrafficCone": (0, 0, 64),
    "TrafficLight": (0, 64, 64),
    "Train": (192, 64, 128),
    "Tree": (128, 128, 0),
    "Truck_Bus": (192, 128, 192),
    "Tunnel": (64, 0, 64),
    "VegetationMisc": (192, 192, 0),
    "Void": (0, 0, 0),
    "Wall": (64, 192, 0),
}
"""All 32 in alphabetical order, which is the order of their indices where labels hold indices."""

JOINED: Mapping[str, tuple[str, ...]] = {
    "Sky": ("Sky",),
    "Building": ("Building", "Bridge", "Wall", "Tunnel", "Archway"),
    "Pole": ("Column_Pole", "TrafficCone"),
    "Road": ("Road", "LaneMkgsDriv", "LaneMkgsNonDriv"),
    "Pavement": ("Sidewalk", "ParkingBlock", "RoadShoulder"),
    "Tree": ("Tree", "VegetationMisc"),
    "SignSymbol": ("SignSymbol", "Misc_Text", "TrafficLight"),
    "Fence": ("Fence",),
    "Car": ("Car", "SUVPickupTruck", "Truck_Bus", "Train", "OtherMoving"),
    "Pedestrian": ("Pedestrian", "Child", "CartLuggagePram", "Animal"),
    "Bicyclist": ("Bicyclist", "MotorcycleScooter"),
}
"""Which of the 32 each of the 11 joins; `Void` is in none."""


def of_eleven(labels: Labels, source: str) -> Labels:
    """Return label maps of the 11 classes, whose void is 11, with void where nobody looks.

    Raises:
        DataError: a label is above 11.
    """
    highest = int(labels.max(initial=0))
    if highest > UNLABELLED:
        raise DataError(
            f"{source} has the label {highest}; allowed are 0 .. {UNLABELLED - 1} and "
            f"{UNLABELLED} for void"
        )
    return np.where(labels == UNLABELLED, np.uint8(VOID), labels)


def of_thirty_two(labels: Labels, source: str) -> Labels:
    """Return label maps of the 11 classes from indices of all 32.

    Raises:
        DataError: there is no class of that index.
    """
    highest = int(labels.max(initial=0))
    if highest >= len(COLOURS):
        raise DataError(f"{source} has the label {highest}; allowed are 0 .. {len(COLOURS) - 1}")
    found: Labels = _BY_INDEX[labels]
    return found


def of_colours(pixels: Labels, source: str) -> Labels:
    """Return (h, w) label maps of the 11 classes from (h, w, 3) colours.

    Raises:
        DataError: a colour is no class's.
    """
    codes = (pixels.astype(np.int64) * (65536, 256, 1)).sum(-1)
    place = np.clip(np.searchsorted(_CODES, codes), 0, len(_CODES) - 1)
    unknown = codes != _CODES[place]
    if unknown.any():
        y, x = np.argwhere(unknown)[0]
        raise DataError(
            f"{source} has the colour {tuple(pixels[y, x].tolist())} at x={x}, y={y}, which is no "
            "class of CamVid: label images must be lossless"
        )
    found: Labels = _BY_INDEX[_INDEX_OF_CODE[place]]
    return found


def _eleven_by_index() -> Labels:
    table = np.full(len(COLOURS), VOID, dtype=np.uint8)
    names = list(COLOURS)
    for index, name in enumerate(CLASSES):
        table[[names.index(one) for one in JOINED[name]]] = index
    return table


_BY_INDEX = _eleven_by_index()
_ALL_CODES = np.array([r * 65536 + g * 256 + b for r, g, b in COLOURS.values()])
_INDEX_OF_CODE = np.argsort(_ALL_CODES)
_CODES = _ALL_CODES[_INDEX_OF_CODE]
