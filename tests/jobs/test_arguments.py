"""The command line's own words are parted from Hydra's."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from gensynth.errors import ConfigurationError
from gensynth.jobs.arguments import parse, split, written

JOBS = ("evaluate", "generate", "synthesize")


@pytest.mark.parametrize(
    ("argv", "job", "rest"),
    [
        ([], "synthesize", ()),
        (["seed=1"], "synthesize", ("seed=1",)),
        (["generate", "seed=1"], "generate", ("seed=1",)),
        (["--help"], "synthesize", ("--help",)),
        (["generate", "-m", "seed=1,2"], "generate", ("-m", "seed=1,2")),
        (["+new=1"], "synthesize", ("+new=1",)),
        (["~task"], "synthesize", ("~task",)),
    ],
)
def test_first_word_is_the_job(argv: list[str], job: str, rest: tuple[str, ...]) -> None:
    parsed = parse(argv, JOBS)
    assert (parsed.job, parsed.hydra) == (job, rest)


def test_resume_is_taken_out_and_data_dir_is_only_read() -> None:
    parsed = parse(["resume=a/1", "data_dir=x", "data_dir='y z'", "seed=1"], JOBS)
    assert parsed.resume == "a/1"
    assert parsed.data_dir == "y z"
    assert parsed.hydra == ("data_dir=x", "data_dir='y z'", "seed=1")


@pytest.mark.parametrize("value", ["", "null"])
def test_resume_of_nothing_is_a_new_run(value: str) -> None:
    assert parse([f"resume={value}"], JOBS).resume is None


def test_unknown_job_names_the_jobs() -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean 'generate'.*evaluate, generate"):
        parse(["generat"], JOBS)


def test_a_sweep_may_be_asked_for_anywhere() -> None:
    parsed = parse(["experiment=tiny", "-m", "seed=0,1", "--config-dir", "mine"], JOBS)
    assert parsed.sweeps
    assert parsed.hydra == ("-m", "experiment=tiny", "seed=0,1", "--config-dir", "mine")


def test_flags_keep_their_values() -> None:
    flags, overrides = split(["seed=1", "--config-dir", "./mine", "-m", "data=digits"])
    assert flags == ["--config-dir", "./mine", "-m"]
    assert overrides == ["seed=1", "data=digits"]


@pytest.mark.parametrize("flag", [["--cfg", "job"], ["-c", "all"], ["-i", "defaults"], ["--info"]])
def test_questions_keep_their_values(flag: list[str]) -> None:
    assert split(["seed=1", *flag, "data=digits"]) == (flag, ["seed=1", "data=digits"])


@pytest.mark.parametrize("argv", [["--help"], ["--cfg", "job"], ["--cfg=job"], ["-c", "job"]])
def test_questions_are_recognised(argv: list[str]) -> None:
    assert parse(argv, JOBS).only_asks
    assert not parse(["seed=1"], JOBS).only_asks


TEXTS = st.text(st.characters(exclude_categories=["C"]))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS)


@given(
    st.one_of(
        SCALARS,
        st.lists(SCALARS),
        st.dictionaries(st.from_regex("k_[a-z]*", fullmatch=True), SCALARS),
    )
)
def test_values_survive_hydra_s_grammar(value: object) -> None:
    parsed = OverridesParser.create().parse_override(written("hydra.run.dir", value))
    assert parsed.value() == value
