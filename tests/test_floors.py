"""Imports go down or stay on a floor, and each room uses only the outside packages it may."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "gensynth"
PLUGINS = ROOT / "plugins" / "gensynth_plugins"

FLOORS: list[dict[str, set[str]]] = [
    {
        "errors": set(),
        "graph": set(),
        "design": {"numpy"},
        "records": set(),
        "requirements": set(),
        "confirmation": set(),
        "reach": set(),
        "performance": {"numpy"},
    },
    {
        "network": {"torch", "safetensors", "numpy"},
        "metrics": {"torch", "fvcore"},
        "journal": set(),
        "run_files": set(),
        "diary": set(),
    },
    {
        "prototypes": set(),
        "data": {
            "torch",
            "torchvision",
            "pytorch_lightning",
            "sklearn",
            "numpy",
            "filelock",
            "PIL",
        },
        "tasks": {"torch", "torchvision", "torchmetrics", "numpy", "PIL"},
    },
    {
        "training": {"torch", "pytorch_lightning", "numpy"},
        "distillation": {"torch", "numpy", "filelock"},
        "pretrained_encoder": {"torch", "torchvision"},
        "trained_prototype": {"torch", "filelock"},
        "generators": {"numpy", "torch"},
        "inquisitors": {"numpy", "torch"},
    },
    {
        "evaluation": {"torch", "numpy"},
        "recording": set(),
        "pairing": {"numpy"},
        "reading": {"numpy"},
        "synthesis": {"numpy"},
        "nomination": {"numpy"},
        "terminal": {"numpy"},
        "live_view": {"rich"},
        "tracking": {"mlflow", "filelock", "numpy", "torch"},
        "report": {"PIL", "numpy", "matplotlib"},
        "export": {"torch", "onnx", "onnxruntime", "numpy"},
        "executors": {"torch"},
        "testing": {"numpy", "torch", "pytest"},
    },
    {
        "jobs": {"hydra", "omegaconf", "yaml", "filelock", "numpy", "torch"},
        "plugins": {"hydra"},
        "__main__": set(),
        "__init__": set(),
    },
]
"""Room to outside packages, floor by floor; `__init__` is what the package shows to the world."""

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
OUTSIDE = {room: packages for rooms in FLOORS for room, packages in rooms.items()}
CONTRACTS = {
    *["errors", "graph", "design", "records", "requirements", "performance", "network", "metrics"],
    *["generators", "inquisitors"],
}
"""Rooms that plugins may import: those that hold contracts and what contracts are about."""


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.module is not None, f"{path}: relative import"
            yield from {f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def room_of(path: Path) -> str:
    return path.relative_to(SRC).with_suffix("").parts[0]


FILES = sorted(SRC.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_imports_look_down_and_use_only_what_the_room_may(path: Path) -> None:
    room = room_of(path)
    assert room in FLOOR, f"on which floor is {room}? say so in FLOORS"
    for name in imports(path):
        top, _, rest = name.partition(".")
        if top == "gensynth":
            other = rest.partition(".")[0]
            assert FLOOR.get(other, 0) <= FLOOR[room], f"{room} looks up to {other}"
        elif top not in sys.stdlib_module_names:
            assert top in OUTSIDE[room], f"{room} may not import {top}"


def test_every_room_of_the_table_exists() -> None:
    assert {room_of(path) for path in FILES} == set(FLOOR)


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=lambda path: path.stem)
def test_plugins_import_contract_rooms_only(path: Path) -> None:
    own = path.relative_to(PLUGINS).parts[0]
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "gensynth":
            assert parts[1] in CONTRACTS, f"{own} imports {name}"
        if parts[0] == "gensynth_plugins":
            assert parts[1] == own, f"{own} imports another plugin: {name}"
