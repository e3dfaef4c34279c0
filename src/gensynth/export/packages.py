"""The packages that ONNX files need: an extra, so that nobody else has to install them."""

from importlib.util import find_spec

from gensynth.errors import ConfigurationError

PACKAGES = ("onnx", "onnxruntime", "onnxscript")


def check_installed() -> None:
    """Refuse to begin what could not be finished here.

    Raises:
        ConfigurationError: naming the packages that are missing, and how to install them.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"export needs {', '.join(missing)}, which this environment has not:"
            f" python -m pip install {' '.join(missing)}"
        )
