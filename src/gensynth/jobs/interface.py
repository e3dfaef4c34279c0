"""What `import gensynth` offers: the jobs as functions, and what they leave behind as objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from gensynth.errors import DataError
from gensynth.jobs.calling import call
from gensynth.jobs.runs import find_run
from gensynth.jobs.tables import read_result, read_rows, read_table
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load
from gensynth.records import Evaluation
from gensynth.report.result_table import Row
from gensynth.run_files import NETWORK, PROTOTYPE, PROTOTYPE_EVALUATION


def synthesize(*overrides: str, **settings: Any) -> "Run":
    """Learn a generator of networks that meet requirements: `gensynth synthesize`, from Python.

        run = gensynth.synthesize("data=digits", "requirements.parameters.at_most=50%", cycles=4)
        print(run.table)
        network = run.network                  # the nominated one, a torch.nn.Module
        drawn = run.generate(networks=5)       # more like it
        print(run.evaluate(networks=list(drawn.networks.values())).table)

    The log is printed, and all that the run leaves behind lies in `run.folder`.

    Args:
        overrides: what would stand on the command line: `"data=digits"`, `"resume=last"`.
        settings: the same with Python's values: `seed=1`, `data_dir=Path("images")`.

    Raises:
        NothingMetRequirements: no network met them; `gensynth.run("last")` shows what was found.
        GensynthError: an override is wrong, data are missing, no design can meet a requirement.
    """
    return Run(call("synthesize", overrides, settings).folder)


def prototype(*overrides: str, **settings: Any) -> "Prototype":
    """Train the network that a synthesis with the same overrides would start from, or find it.

        gensynth.prototype("data=digits").measurements["accuracy"]

    Args:
        overrides: as those of `synthesize`.
        settings: the same with Python's values.

    Raises:
        GensynthError: an override is wrong, data are missing, its loss is no number.
    """
    return Prototype(call("prototype", overrides, settings).folder)


def run(name: str | Path = "last") -> "Run":
    """Return a synthesis that was run before, here or on the command line.

    Args:
        name: its folder under outputs/runs or any path to it, its MLflow id, or `last`.

    Raises:
        ConfigurationError: there is none.
    """
    return Run(find_run(str(name)))


@final
@dataclass(frozen=True, slots=True)
class Prototype:
    """A prototype that is ready to be inherited from.

    Args:
        folder: where it was written.
    """

    folder: Path

    @property
    def network(self) -> GraphNetwork:
        """Its network, on the CPU, in evaluation mode."""
        return load(self.folder / PROTOTYPE)

    @property
    def measurements(self) -> Mapping[str, float]:
        """What was measured of it on the confirm split: accuracy in percent, parameters, ..."""
        text = (self.folder / PROTOTYPE_EVALUATION).read_text(encoding="utf-8")
        return Evaluation.from_json(text).measurements


@final
@dataclass(frozen=True, slots=True)
class Run:
    """A synthesis: what it found, and what can be done with it.

    Every job takes the overrides that it has on the command line, except `run`.

    Args:
        folder: everything that the synthesis left behind.
    """

    folder: Path

    @property
    def rows(self) -> tuple[Row, ...]:
        """The result table's rows: prototype, finalists, control, with measurements and margins.

        Raises:
            DataError: the synthesis has not come to its end.
        """
        return read_rows(self.folder)

    @property
    def table(self) -> str:
        """The result table as plain text."""
        return read_table(self.folder)

    @property
    def network(self) -> GraphNetwork:
        """The nominated network, on the CPU, in evaluation mode.

        Raises:
            DataError: none has been nominated.
        """
        path = self.folder / NETWORK
        if not path.exists():
            raise DataError(f"{self.folder} has no nominated network: its result names the nearest")
        return load(path)

    @property
    def score(self) -> float:
        """The nominated network's value of the performance function, on the confirm split.

        Raises:
            DataError: none has been nominated.
        """
        for row in self.rows:
            if row.mark and row.split == "confirm":
                return row.measurements[read_result(self.folder)["score"]]
        raise DataError(f"{self.folder} has no nominated network: its result names the nearest")

    def generate(self, *overrides: str, **settings: Any) -> "Result":
        """Draw different networks from the learned generator: `networks=5`, `train=True`."""
        return self._job("generate", *overrides, **settings)

    def evaluate(self, *overrides: str, **settings: Any) -> "Result":
        """Train and test networks fully: `networks=[...]`, names or paths."""
        return self._job("evaluate", *overrides, **settings)

    def explain(self, *overrides: str, **settings: Any) -> "Result":
        """Tell where a network comes from: `network=...`, a name or path; none: the nominated."""
        return self._job("explain", *overrides, **settings)

    def export(self, *overrides: str, **settings: Any) -> "Result":
        """Write networks as files for other programs."""
        return self._job("export", *overrides, **settings)

    def report(self, *overrides: str, **settings: Any) -> "Result":
        """Write the run up."""
        return self._job("report", *overrides, **settings)

    def _job(self, job: str, *overrides: str, **settings: Any) -> "Result":
        done = call(job, overrides, {**settings, "run": self.folder})
        return Result(self, job, done.folder, done.score)


@final
@dataclass(frozen=True, slots=True)
class Result:
    """What a job made of a synthesis.

    Args:
        run: the synthesis.
        job: the job word.
        folder: what the job left behind.
        score: what it returned; the job says what that is.
    """

    run: Run
    job: str
    folder: Path
    score: float

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of its table.

        Raises:
            DataError: the job leaves none.
        """
        return read_rows(self.folder)

    @property
    def table(self) -> str:
        """Its table as plain text.

        Raises:
            DataError: the job leaves none.
        """
        return read_table(self.folder)

    @property
    def networks(self) -> Mapping[str, Path]:
        """The networks that it saved, by name; `gensynth.load` loads one."""
        return {path.stem: path for path in sorted(self.folder.glob("*.safetensors"))}
