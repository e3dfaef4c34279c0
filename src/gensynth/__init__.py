"""Learn a generator of small networks that meet your requirements: generative synthesis.

    import gensynth

    run = gensynth.synthesize("data=digits", "requirements.macs.at_most=40%")
    print(run.table)
    network = run.network  # the nominated one, a torch.nn.Module

`synthesize`, `prototype` and `run` do what the command line does; `load` reads a saved network.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gensynth import errors

if TYPE_CHECKING:
    from gensynth.jobs.interface import Prototype, Result, Run, prototype, run, synthesize
    from gensynth.network.saving import load

    __version__: str

__all__ = [
    "Prototype", "Result", "Run", "__version__", "errors", "load", "prototype", "run", "synthesize",
]  # fmt: skip

_HOMES = {"load": "gensynth.network.saving"}
"""Where names are; all others are the jobs'."""


def __getattr__(name: str) -> Any:
    """Import on first use, so that `import gensynth` does not import torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "__version__":
        from importlib.metadata import version

        return version("gensynth")
    return getattr(import_module(_HOMES.get(name, "gensynth.jobs.interface")), name)


def __dir__() -> list[str]:
    return __all__
