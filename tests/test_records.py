"""Records round-trip through JSON and hold their laws."""

import math
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.records import Candidate, Evaluation, Response

relaxed = settings(deadline=None, max_examples=50, derandomize=True)
finite = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(max_size=8)
candidates = st.builds(
    Candidate,
    cycle=st.integers(0, 99),
    index=st.integers(0, 99),
    seed=st.integers(0, 2**63),
    design=st.lists(st.integers(0, 9)).map(tuple),
    digest=st.text("0123456789abcdef", min_size=64, max_size=64),
)
responses = st.builds(
    Response,
    probe=names,
    place=names,
    quantity=names,
    curve=st.lists(finite).map(tuple),
    order=st.lists(st.integers(0, 99)).map(tuple),
)
completed = st.builds(
    Evaluation,
    candidate=candidates,
    key=names,
    fidelity=st.sampled_from(["short", "long"]),
    split=names,
    status=st.just("completed"),
    measurements=st.dictionaries(names, finite),
    standard_errors=st.dictionaries(names, finite),
    seconds=finite,
    responses=st.lists(responses).map(tuple),
    network=names,
    intervals=st.dictionaries(names, st.tuples(finite, finite)),
)
CANDIDATE = Candidate(cycle=3, index=1, seed=7, design=(0, 2), digest="1f2e3d4c" * 8)


def evaluation(status: str = "completed", cause: str = "", **measurements: float) -> Evaluation:
    return Evaluation(
        CANDIDATE,
        "key",
        "short",
        "search",
        status,  # type: ignore[arg-type]
        cause,
        measurements,
    )


@relaxed
@given(completed)
def test_evaluations_round_trip_through_one_line_of_json(record: Evaluation) -> None:
    text = record.to_json()
    assert "\n" not in text
    assert Evaluation.from_json(text) == record


def test_failures_round_trip() -> None:
    record = evaluation("failed", "loss is NaN in epoch 2", macs=3.0)
    assert Evaluation.from_json(record.to_json()) == record


def test_only_a_failure_has_a_cause() -> None:
    with pytest.raises(ValueError, match="only a failure has a cause"):
        evaluation("failed", "")
    with pytest.raises(ValueError, match="only a failure has a cause"):
        evaluation("completed", "out of memory")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_measurement_is_finite(value: float) -> None:
    with pytest.raises(ValueError, match=r"must be finite, got .*accuracy"):
        evaluation(accuracy=value, macs=1.0)


def test_a_candidates_name_tells_cycle_index_and_digest() -> None:
    assert CANDIDATE.name == "c03-1-1f2e3d4c"


def test_records_are_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        CANDIDATE.seed = 8  # type: ignore[misc]


def test_measurements_keep_their_order() -> None:
    record = evaluation(net_score=3.0, accuracy=2.0, macs=1.0)
    assert list(Evaluation.from_json(record.to_json()).measurements) == list(record.measurements)
