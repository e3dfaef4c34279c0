"""Learn a generator of small networks that meet your requirements: generative synthesis."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gensynth.network.saving import load

    __version__: str

__all__ = ["__version__", "load"]


def __getattr__(name: str) -> Any:
    """Import on first use, so that `import gensynth` does not import torch."""
    if name == "load":
        from gensynth.network.saving import load

        return load
    if name == "__version__":
        from importlib.metadata import version

        return version("gensynth")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
