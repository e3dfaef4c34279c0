"""Every configuration file says what it is, fits what it targets, and composes."""

import importlib
import inspect
import pkgutil
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

import gensynth
from gensynth import plugins
from gensynth.data.data_module import ImageData
from gensynth.executors.executor import Executor
from gensynth.generators.generator import Generator
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.inquisitors.probe import Probe
from gensynth.jobs import places, resolvers
from gensynth.jobs.arguments import parse, split
from gensynth.jobs.checks import check, target
from gensynth.jobs.compatibility import VERSION
from gensynth.jobs.options_help import describe, groups
from gensynth.metrics.metric import Metric
from gensynth.performance.performance import PerformanceFunction
from gensynth.tasks.task import Task
from gensynth.tracking.tracker import Tracker

ROOT = Path(__file__).parents[1]
CONF = ROOT / "conf"
FOLDERS = [CONF, *sorted(path.parent for path in ROOT.glob("plugins/*/*/conf/__init__.py"))]
FILES = [path for folder in FOLDERS for path in sorted(folder.rglob("*.yaml"))]
OPTIONS = [
    (group, name) for group, options in sorted(groups(FOLDERS).items()) for name in sorted(options)
]
CONTRACTS: dict[str, tuple[type, ...]] = {
    "data": (ImageData,),
    "executor": (Executor,),
    "generator": (Generator,),
    "inquisitor": (Inquisitor,),
    "metrics": (Metric, PerformanceFunction),
    "performance": (PerformanceFunction,),
    "probe": (Probe,),
    "task": (Task,),
    "tracking": (Tracker,),
}


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "_target_" in node:
            yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def load(path: Path) -> Any:
    """Return what a file holds, and the keys that its defaults list puts beside it."""
    config = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    if isinstance(config, dict) and "_target_" in config:
        packages = [key.partition("@")[2] for one in config.pop("defaults", []) for key in one]
        config.update((package.partition(".")[0], {}) for package in packages)
    return config


TARGETS = [(path, node) for path in FILES for node in nodes(load(path))]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(autouse=True)
def _composing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv(places.DATA, str(tmp_path))
    plugins.register()
    resolvers.register()
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF), **VERSION):
        yield


def composed(job: str, *overrides: str) -> dict[str, Any]:
    config = OmegaConf.to_container(compose(job, list(overrides)), resolve=True)
    assert isinstance(config, dict)
    return {str(key): value for key, value in config.items()}


COMMANDS = re.findall(
    r"^(?:\.venv/bin/)?(gensynth(?: .*)?)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M
)


def words_of(command: str) -> list[str]:
    """Return what follows the program's name; something takes the place of what a user fills in."""
    return shlex.split(re.sub(r"<.*?>", "filled_in", command), comments=True)[1:]


CHOSEN = {"probe": "+probe@inquisitor.probes.one", "prior": "prior@inquisitor.prior"}
"""Groups whose options are part of another group's."""


def at_home(group: str, option: str) -> list[str]:
    """Return the overrides that choose an option with the task that it is for."""
    tasks = [path.stem for path in (CONF / "task").glob("*.yaml")]
    homes = [task for task in tasks if (CONF / f"{task}_{group}" / f"{option}.yaml").exists()]
    choosing = [t for t in tasks if f"- /{group}:" in (CONF / "task" / f"{t}.yaml").read_text()]
    homes += choosing if len(choosing) == 1 else []
    return [*(f"task={home}" for home in homes), f"{CHOSEN.get(group, group)}={option}"]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_first_line_says_what_the_file_is(path: Path) -> None:
    assert len(describe(path).split()) >= 3


@pytest.mark.parametrize(
    ("path", "node"), TARGETS, ids=[f"{name_of(p)}-{n['_target_']}" for p, n in TARGETS]
)
def test_keys_are_the_keyword_only_parameters_of_the_target(
    path: Path, node: dict[str, Any]
) -> None:
    parameters = inspect.signature(target(node["_target_"])).parameters
    keys = {key for key in node if not key.startswith("_")}
    if node["_target_"].partition(".")[0] in {"gensynth", "gensynth_plugins"}:
        settings = {k for k, one in parameters.items() if one.kind is one.KEYWORD_ONLY}
        assert keys <= settings if node.get("_partial_") else keys == settings
    else:
        assert keys <= set(parameters)


@pytest.mark.parametrize("job", places.job_names())
def test_every_job_composes_and_holds_no_wrong_type(job: str) -> None:
    check(composed(job), job)


@pytest.mark.parametrize(("group", "option"), OPTIONS, ids=["=".join(one) for one in OPTIONS])
def test_every_option_composes_and_holds_no_wrong_type(group: str, option: str) -> None:
    check(composed("synthesize", *at_home(group, option)), "synthesize")


@pytest.mark.parametrize(
    ("group", "option"),
    [one for one in OPTIONS if one[0] in CONTRACTS],
    ids=["=".join(one) for one in OPTIONS if one[0] in CONTRACTS],
)
def test_options_target_members_of_their_group(group: str, option: str) -> None:
    config = composed("synthesize", *at_home(group, option))
    node = config["inquisitor"]["probes"] if group == "probe" else config[group]
    for one in [node] if "_target_" in node else node.values():
        found = target(one["_target_"])
        assert inspect.isclass(found)
        assert issubclass(found, CONTRACTS[group])


def members(contract: type) -> Iterator[type]:
    subclass: type
    for subclass in contract.__subclasses__():
        if not inspect.isabstract(subclass) and subclass.__module__.startswith("gensynth"):
            yield subclass
        yield from members(subclass)


def test_every_member_of_a_contract_can_be_configured() -> None:
    for contract in {one for several in CONTRACTS.values() for one in several}:
        package = importlib.import_module(contract.__module__.rpartition(".")[0])
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    texts = "".join(path.read_text(encoding="utf-8") for path in FILES)  # a comment may show how
    everything = {one for several in CONTRACTS.values() for c in several for one in members(c)}
    named = {f"{one.__module__}.{one.__qualname__}" for one in everything}
    # other tests define members too; only what is shipped has to be an option
    shipped = {n for n in named if n.startswith(("gensynth.", "gensynth_plugins."))}
    assert not [name for name in shipped if ".testing." not in name and name not in texts]


def test_command_line_wins_over_task_and_experiment() -> None:
    config = composed("synthesize", "data=digits", "experiment=cifar10", "seed=5")
    assert config["data"]["_target_"].endswith(".Digits")
    assert config["seed"] == 5


@pytest.mark.parametrize(
    ("task", "data"),
    [
        ("classification", "cifar10"),
        ("segmentation", "camvid"),
        ("detection", "penn_fudan"),
        ("detection", "boxed_scenes"),
    ],
)
def test_what_suits_a_set_is_said_by_the_set_and_wins_over_the_task(task: str, data: str) -> None:
    config = compose("synthesize", [f"task={task}", f"data={data}"])
    OmegaConf.set_struct(config, False)
    said = OmegaConf.load(CONF / "data" / f"{data}.yaml")
    assert OmegaConf.merge(config, said) == config


def test_default_inquisitor_comes_from_a_plugin() -> None:
    node = composed("synthesize")["inquisitor"]
    assert any(one["_target_"].startswith("gensynth_plugins.") for one in nodes(node))


def test_probes_can_be_combined() -> None:
    two = composed("synthesize", "inquisitor=effective_rank", "+probe@inquisitor.probes.t=taylor")
    targets = [one["_target_"] for one in two["inquisitor"]["probes"].values()]
    assert [name.rpartition(".")[2] for name in targets] == ["EffectiveRank", "Taylor"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_composes(command: str) -> None:
    asked = parse(words_of(command), places.job_names())
    overrides = OverridesParser.create().parse_overrides(split(asked.hydra)[1])
    first = [
        f"{one.get_key_element()}={next(one.sweep_string_iterator())}"
        if one.is_sweep_override()
        else str(one.input_line)
        for one in overrides
    ]
    check(composed(asked.job, *first), asked.job)


def test_the_readme_has_commands_of_many_jobs() -> None:
    jobs = {parse(words_of(one), places.job_names()).job for one in COMMANDS}
    assert jobs >= {"synthesize", "generate", "evaluate", "explain", "export", "report", "ui"}


def test_configuration_of_the_checkout_is_the_one_in_use() -> None:
    assert places.conf() == CONF
    assert Path(gensynth.__file__).is_relative_to(ROOT)
