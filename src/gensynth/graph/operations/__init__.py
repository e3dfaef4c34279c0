"""The operations a graph is made of, by name."""

from collections.abc import Mapping

from gensynth.graph.operations.operation import REQUIRED, Attribute, Operation, Shape, WidthLaw
from gensynth.graph.operations.weighted import WEIGHTED
from gensynth.graph.operations.weightless import WEIGHTLESS

__all__ = ["OPERATIONS", "REQUIRED", "Attribute", "Operation", "Shape", "WidthLaw"]

OPERATIONS: Mapping[str, Operation] = {rule.name: rule for rule in (*WEIGHTLESS, *WEIGHTED)}
