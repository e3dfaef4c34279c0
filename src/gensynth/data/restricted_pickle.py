"""Read a pickled dictionary of arrays without running anything the pickle asks to run.

A pickle is a program. This reader knows the four names that rebuild a numpy array, replaces each by
its own, and refuses every other; no code and no class of numpy's is handed to the pickle.
"""

import io
import pickle
import re
import struct
from collections.abc import Callable
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from gensynth.errors import DataError

_NUMBERS = re.compile(r"[<>=|]?([iu][1248]|f[248]|b1)")
_NEVER = b"".join(
    (
        pickle.BYTEARRAY8,  # allocates what it claims before it looks for the bytes
        pickle.NEXT_BUFFER,
        pickle.READONLY_BUFFER,
        pickle.PERSID,
        pickle.BINPERSID,
        pickle.OBJ,
        pickle.NEWOBJ,
        pickle.NEWOBJ_EX,
        pickle.EXT1,
        pickle.EXT2,
        pickle.EXT4,
    )
)
"""Instructions that no dictionary of arrays uses."""
_DAMAGE = (
    pickle.UnpicklingError,
    struct.error,
    AssertionError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    OverflowError,
    TypeError,
    ValueError,
)


def load_dictionary(payload: bytes, *, source: str, advice: str) -> dict[Any, Any]:
    """Return the dictionary in a pickle; arrays among its values come back as numpy arrays.

    Python 2 strings come back as bytes.

    Args:
        payload: the pickle, of protocol 0 to 4.
        source: what it was read from, for messages.
        advice: what the user can do about a bad one, for messages.

    Raises:
        DataError: it is damaged, holds something else, or wants to run something.
    """
    try:
        content = _Reader(payload, source, advice).load()
        if isinstance(content, dict):
            return {key: _plain(value) for key, value in content.items()}
    except _DAMAGE as error:
        reason = _one_line(f"{type(error).__name__} {error}".strip())
        raise DataError(f"{source} is damaged or no pickle ({reason}); {advice}") from error
    kind = type(content).__name__
    raise DataError(f"{source} holds a {kind}, not a dictionary of arrays; {advice}")


# The reader in C sizes its memo by what the pickle claims: one flipped bit can ask for 30 GB.
# The one in Python does not, and takes 50 ms for a CIFAR-10 batch.
@final
class _Reader(pickle._Unpickler):
    dispatch: ClassVar[dict[int, Callable[..., None]]] = {
        code: run for code, run in pickle._Unpickler.dispatch.items() if code not in _NEVER
    }

    def __init__(self, payload: bytes, source: str, advice: str) -> None:
        super().__init__(io.BytesIO(payload), encoding="bytes")
        self._source, self._advice = source, advice

    def find_class(self, module: str, name: str, /) -> Any:
        """Return our stand-in for a function that rebuilds arrays; refuse all others."""
        stand_ins: dict[tuple[str, str], Any] = {
            ("numpy.core.multiarray", "_reconstruct"): self._array,
            ("numpy._core.multiarray", "_reconstruct"): self._array,
            ("numpy", "ndarray"): "ndarray",  # only ever passed to _reconstruct
            ("numpy", "dtype"): self._dtype,
            ("_codecs", "encode"): self._encode,
        }
        if (module, name) not in stand_ins:
            wanted = _one_line(f"{module}.{name}")
            raise DataError(
                f"{self._source}: refused to run {wanted}, which no array needs; {self._advice}"
            )
        return stand_ins[module, name]

    def _array(self, *_: object) -> "_Array":
        return _Array()

    def _dtype(self, code: str | bytes, *_: object) -> "_DType":
        return _DType(code.decode("ascii") if isinstance(code, bytes) else code)

    def _encode(self, text: str, encoding: str | bytes) -> bytes:
        if encoding not in ("latin1", b"latin1"):
            raise ValueError(f"bytes encoded as {encoding!r}")
        return text.encode("latin1")


@final
class _DType:
    __slots__ = ("_code",)

    def __init__(self, code: str) -> None:
        if not _NUMBERS.fullmatch(code):
            raise ValueError(f"an array of {code!r}; only plain numbers are read")
        self._code = code.lstrip("<>=|")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1].decode("ascii") if isinstance(state[1], bytes) else state[1]
        self._code = {"<": "<", ">": ">", "|": ""}[order] + self._code

    def numpy(self) -> np.dtype[Any]:
        return np.dtype(self._code)


@final
class _Array:
    __slots__ = ("value",)

    value: NDArray[Any]

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, fortran, raw = state
        if not isinstance(dtype, _DType) or not isinstance(raw, bytes):
            raise TypeError("an array whose state is not numbers and bytes")
        flat = np.frombuffer(raw, dtype.numpy()) if raw else np.empty(0, dtype.numpy())
        self.value = flat.reshape(shape, order="F" if fortran else "C")


def _plain(value: object) -> object:
    return value.value if isinstance(value, _Array) else value


def _one_line(text: str) -> str:
    line = text if text.isprintable() else ascii(text)
    return line if len(line) <= 160 else line[:157] + "..."
