"""The wheel, installed into a fresh environment, works from any directory."""

import os
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Run a command without anything that points at the checkout; return what it printed."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "GENSYNTH"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=inherited | env,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that holds our wheel; it borrows the dependencies of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation")
    run(*build, "--outdir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("gensynth-*.whl")
    venv.create(folder / "venv")
    python = folder / "venv" / "bin" / "python"
    install = (sys.executable, "-m", "pip", "--python", python, "install", "--no-index")
    run(*install, "--no-deps", wheel, cwd=folder)
    purelib = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    )
    # A folder named in a .pth file comes last, and .pth files in it (the checkout's) are not read.
    borrowed = "\n".join(site.getsitepackages())
    (Path(purelib.strip()) / "borrowed.pth").write_text(f"{borrowed}\n", encoding="utf-8")
    return folder


def test_package_configuration_and_plugins_come_from_the_wheel(installed: Path) -> None:
    code = (
        "import gensynth, gensynth_plugins.mutual_info as plugin;"
        "from gensynth.jobs import places;"
        "print(gensynth.__file__, plugin.__file__, places.conf(), sep='\\n')"
    )
    out = run(installed / "venv" / "bin" / "python", "-c", code, cwd=installed)
    paths = [Path(line) for line in out.splitlines()]
    assert len(paths) == 3
    assert all(path.is_relative_to(installed / "venv") for path in paths)


def test_wheel_holds_every_configuration_file_and_no_tests(installed: Path) -> None:
    out = run(sys.executable, "-m", "zipfile", "-l", *installed.glob("*.whl"), cwd=installed)
    for path in (ROOT / "conf").rglob("*.yaml"):
        assert f"gensynth/{path.relative_to(ROOT)}" in out
    for path in (ROOT / "plugins").rglob("*.yaml"):
        assert str(path.relative_to(ROOT / "plugins")) in out
    assert "tests/" not in out
    assert "py.typed" in out


def test_command_lists_the_plugin_s_option(installed: Path, tmp_path: Path) -> None:
    out = run(installed / "venv" / "bin" / "gensynth", "--help", cwd=tmp_path)
    assert "mutual_info *" in out
    assert not list(tmp_path.iterdir())


def test_tiny_synthesis_runs_outside_the_repository(installed: Path, tmp_path: Path) -> None:
    python = installed / "venv" / "bin" / "python"
    words = ["experiment=tiny", "requirements.accuracy.at_least=null"]
    run(python, "-m", "gensynth", *words, cwd=tmp_path, OMP_NUM_THREADS="1")
    outputs = tmp_path / "outputs"
    assert [path.name for path in tmp_path.iterdir()] == ["outputs"]
    assert (outputs / "mlflow.db").is_file()
    code = (
        "import sys, gensynth;"
        "print(*(gensynth.load(path).graph.parameters for path in sys.argv[1:]))"
    )
    networks = sorted(outputs.glob("runs/*/**/*.safetensors"))
    assert networks
    assert run(python, "-c", code, *networks, cwd=tmp_path).split()


NOTEBOOK = """
import gensynth

prototype = gensynth.prototype("experiment=tiny")
print(prototype.network.graph.parameters, prototype.measurements["accuracy"])
run = gensynth.synthesize("experiment=tiny", "requirements.accuracy.at_least=null", cycles=1)
print(run.table, run.score, run.network.graph.parameters)
drawn = run.generate(networks=2)
tested = run.evaluate(networks=list(drawn.networks.values()))
print(drawn.table, tested.table, sep="\\n")
"""


def test_python_does_it_in_ten_lines(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
    python = installed / "venv" / "bin" / "python"
    out = run(python, "notebook.py", cwd=tmp_path, OMP_NUM_THREADS="1")
    assert out.count("  drawn-") >= 4
    assert {path.name for path in tmp_path.iterdir()} == {"notebook.py", "outputs"}
