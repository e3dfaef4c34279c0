"""What was measured survives a kill at any byte, and the test split is entered once."""

from pathlib import Path

import pytest

from gensynth.errors import DataError
from gensynth.journal import Journal, Ledger, write_whole
from gensynth.records import Candidate, Evaluation, Response


def evaluation(key: str, accuracy: float = 90.0) -> Evaluation:
    return Evaluation(
        Candidate(0, 1, 2, (0, 1), "d" * 64),
        key,
        "short",
        "search",
        "completed",
        measurements={"accuracy": accuracy},
        responses=(Response("probe", "vertex", "bits", (0.1, 0.2), (1, 0)),),
    )


def test_a_journal_read_back_holds_the_same_records_in_the_same_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "evaluations.jsonl")
    records = [evaluation("a"), evaluation("b", 80.0)]
    for record in records:
        journal.append(record)
    again = Journal(tmp_path / "evaluations.jsonl")
    assert again.all() == tuple(records)
    assert again.find("b") == records[1]
    assert again.find("c") is None


def test_a_kill_at_any_byte_of_the_last_line_loses_that_line_only(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.jsonl"
    first, second = evaluation("a"), evaluation("b")
    whole = first.to_json() + "\n" + second.to_json() + "\n"
    start = len(first.to_json()) + 1
    for cut in range(start, len(whole) - 1, 7):
        path.write_text(whole[:cut], encoding="utf-8")
        journal = Journal(path)
        assert journal.all() == (first,)
        journal.append(second)
        assert Journal(path).all() == (first, second)


def test_damage_before_the_last_line_is_refused_with_its_line_number(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.jsonl"
    path.write_text("{broken\n" + evaluation("a").to_json() + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1 is damaged"):
        Journal(path)


def test_reading_a_file_that_is_being_written_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.jsonl"
    half = evaluation("a").to_json() + "\n" + evaluation("b").to_json()[:30]
    path.write_text(half, encoding="utf-8")
    assert Journal(path).all() == (evaluation("a"),)
    assert path.read_text(encoding="utf-8") == half
    with path.open("a", encoding="utf-8") as writer:  # who was writing goes on
        writer.write(evaluation("b").to_json()[30:] + "\n")
    assert Journal(path).all() == (evaluation("a"), evaluation("b"))


def test_a_file_of_nothing_but_a_torn_line_starts_again(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.jsonl"
    path.write_bytes(evaluation("a").to_json()[:20].encode() + b"\xe2\x82")
    Journal(path).append(evaluation("b"))
    assert Journal(path).all() == (evaluation("b"),)


@pytest.mark.parametrize(
    "line",
    [
        "{broken",
        "null",
        "[1, 2]",
        '{"network": "a"}',
        '{"network": "a", "reading": {"values": {}}}',
        '{"network": "a", "reading": {"values": 1, "standard_errors": {}}}',
    ],
)
def test_a_damaged_ledger_is_refused_with_its_line_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "ledger.jsonl"
    Ledger(path).append("net", {"values": {"accuracy": 89.0}, "standard_errors": {}})
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(DataError, match="line 2 is damaged") as error:
        Ledger(path)
    assert "\n" not in str(error.value)


def test_the_ledger_returns_the_first_reading_and_takes_no_second(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    first = {"values": {"accuracy": 89.0}, "standard_errors": {"accuracy": 0.3}}
    assert ledger.find("net") is None
    ledger.append("net", first)
    with pytest.raises(ValueError, match="already"):
        ledger.append("net", {"values": {"accuracy": 91.0}, "standard_errors": {}})
    assert Ledger(tmp_path / "ledger.jsonl").find("net") == first


def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new" * 10_000 + "\ud800")  # cannot be encoded to its end
    assert path.read_text(encoding="utf-8") == "old"
    write_whole(path, "new")
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]
    assert path.read_text(encoding="utf-8") == "new"
