"""Silence for what other people's exporters tell of themselves."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

CHATTY = ("torch.onnx", "onnxscript", "onnx_ir", "onnxruntime")


@contextmanager
def quiet() -> Iterator[None]:
    """Keep deprecations inside the exporters, and how they get on, off the terminal.

    Errors are still raised. What was set before is set again afterwards.
    """
    loggers = {logging.getLogger(name): logging.getLogger(name).level for name in CHATTY}
    root = logging.getLogger()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    # The quantiser writes to the root logger itself; what others hand up to it passes the filter.
    root.addFilter(_is_error)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.removeFilter(_is_error)
        for logger, level in loggers.items():
            logger.setLevel(level)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
