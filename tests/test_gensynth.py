"""The package's public surface is small and cheap to import."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import gensynth
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.prototypes.resnet import resnet


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, gensynth;"
        "heavy = ('torch', 'numpy', 'hydra', 'mlflow', 'gensynth.jobs');"
        "print([n for n in heavy if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_load_needs_no_configuration_no_trainer_and_no_tracking(tmp_path: Path) -> None:
    network = GraphNetwork(resnet((1, 8, 8), 10, depth=8, widths=(4, 4, 4))).eval()
    save(tmp_path / "network.safetensors", network)
    code = """
import sys
for name in ["hydra", "omegaconf", "lightning", "pytorch_lightning", "mlflow"]:
    sys.modules[name] = None
import gensynth
import torch
network = gensynth.load("network.safetensors")
print(network(torch.ones(2, 1, 8, 8)).tolist())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    answers = torch.tensor(json.loads(done.stdout))
    torch.testing.assert_close(answers, network(torch.ones(2, 1, 8, 8)), rtol=1e-4, atol=1e-5)


def test_every_name_that_is_shown_is_there() -> None:
    assert dir(gensynth) == sorted(gensynth.__all__)
    assert all(getattr(gensynth, name) for name in gensynth.__all__)


def test_unknown_names_are_refused_by_name() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = gensynth.nothing
