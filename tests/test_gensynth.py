"""The package's public surface is small and cheap to import."""

import subprocess
import sys

import pytest

import gensynth


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, gensynth;"
        "print([n for n in ('torch', 'numpy', 'hydra', 'mlflow') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_load_needs_no_configuration_no_trainer_and_no_tracking() -> None:
    code = """
import sys
for name in ["hydra", "omegaconf", "pytorch_lightning", "mlflow"]:
    sys.modules[name] = None
import gensynth
try:
    gensynth.load("/does/not/exist.safetensors")
except gensynth.errors.DataError as error:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "refused"


def test_unknown_names_are_refused_by_name() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = gensynth.nothing
