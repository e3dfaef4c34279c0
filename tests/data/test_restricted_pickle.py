"""What is read equals what was pickled; everything else is refused in one line."""

import contextlib
import os
import pickle
import pickletools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gensynth.data.restricted_pickle import load_dictionary
from gensynth.errors import DataError

CONTENT = {
    b"labels": [1, 2, 300, -4],
    b"data": np.arange(12, dtype=np.uint8).reshape(3, 4),
    b"fortran": np.asfortranarray(np.arange(6, dtype="<i4").reshape(2, 3)),
    b"big": np.linspace(0, 1, 3, dtype=">f8"),
    b"name": b"batch",
}


def read(payload: bytes) -> dict[Any, Any]:
    return load_dictionary(payload, source="a_file", advice="DELETE IT")


@pytest.mark.parametrize("protocol", range(5))
def test_reads_what_was_pickled(protocol: int) -> None:
    content = read(pickle.dumps(CONTENT, protocol))
    assert content.keys() == CONTENT.keys()
    for key, value in CONTENT.items():
        np.testing.assert_array_equal(content[key], value)
        assert type(content[key]) is type(value)


def test_reads_strings_and_arrays_as_python_2_wrote_them() -> None:
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"
        b"(K\x01K\x02K\x02\x86cnumpy\ndtype\n(U\x02u1K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xff"
        b"J\xff\xff\xff\xffK\x00tb\x89U\x04\x01\x02\xfe\xfftb"
    )
    content = read(b"\x80\x02}U\x04data" + array + b"s.")
    np.testing.assert_array_equal(content[b"data"], np.array([[1, 2], [254, 255]], np.uint8))


class Call:
    """Pickles to a call of a function."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.reduced = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.reduced


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    ("function", "argument", "named"),
    [
        (os.system, "touch /tmp/owned", rf"{os.name}\.system"),
        (eval, "1", r"builtins\.eval"),
        (np.load, "x", r"numpy\.load"),
        (getattr, "x", r"builtins\.getattr"),
        (pickle.loads, b"N.", r"_pickle\.loads"),
    ],
)
def test_refuses_to_run_anything_and_says_what(
    protocol: int, function: Callable[..., Any], argument: object, named: str
) -> None:
    payload = pickle.dumps({b"data": Call(function, argument)}, protocol, fix_imports=False)
    with pytest.raises(DataError, match=f"a_file: refused to run {named}, .*DELETE IT$"):
        read(payload)


def test_the_oldest_way_to_run_something_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"refused to run os\.system"):
        read(b"(dS'data'\n(S'touch /tmp/owned'\nios\nsystem\ns.")


def test_a_refused_name_cannot_forge_another_line() -> None:
    payload = b"\x80\x04\x8c\x01a\x8c\x07b\nfixed\x93."
    with pytest.raises(DataError, match=r"refused to run 'a\.b\\nfixed'") as caught:
        read(payload)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"not a pickle",
        pickle.dumps(CONTENT, 2)[:-40],
        pickle.dumps({b"data": np.array([object], dtype=object)[:0]}, 2),
        pickle.dumps({b"data": np.zeros(2, dtype=[("a", "u1"), ("b", "u1")])}, 2),
        b"\x80\x02}U\x01acnumpy.core.multiarray\n_reconstruct\n)Rs.",  # an array without contents
        b"\x80\x05}U\x01a\x96" + (1 << 40).to_bytes(8, "little") + b"short",
        b"\x80\x02}U\x01ac_codecs\nencode\nU\x01xU\x03rot\x86Rs.",
    ],
)
def test_damage_is_one_line_that_names_file_and_fix(payload: bytes) -> None:
    with pytest.raises(
        DataError, match=r"^a_file is damaged or no pickle .*; DELETE IT$"
    ) as caught:
        read(payload)
    assert "\n" not in str(caught.value)


def test_something_else_than_a_dictionary_is_refused() -> None:
    with pytest.raises(DataError, match="holds a list, not a dictionary"):
        read(pickle.dumps([1, 2]))


SAMPLE = pickle.dumps(CONTENT, 2)


@settings(deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=4
    ),
    cut=st.integers(0, len(SAMPLE)),
)
@example(changes=[(SAMPLE.index(b"q\x01"), ord("r"))], cut=len(SAMPLE))  # a huge memo index
def test_flipped_bytes_give_a_dictionary_or_a_data_error(
    changes: list[tuple[int, int]], cut: int
) -> None:
    payload = bytearray(SAMPLE)
    for place, value in changes:
        payload[place] = value
    with contextlib.suppress(DataError):
        assert isinstance(read(bytes(payload[:cut])), dict)


def test_the_sample_uses_memo_entries() -> None:
    assert "BINPUT" in {code.name for code, _, _ in pickletools.genops(SAMPLE)}
