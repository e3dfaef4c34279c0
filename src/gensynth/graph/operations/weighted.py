"""Operations with weights: convolutions, linear layers, batch normalisation."""

import math
from collections.abc import Mapping, Sequence

from gensynth.errors import InvalidGraph
from gensynth.graph.operations.operation import (
    REQUIRED,
    Attribute,
    Operation,
    Shape,
    image,
    size,
    strided,
)

Inputs = Sequence[Shape]
Attributes = Mapping[str, Attribute]


def _conv_shape(inputs: Inputs, attributes: Attributes) -> Shape:
    return strided(inputs[0], size(attributes, "channels"), size(attributes, "stride"))


def _conv_weights(inputs: Inputs, attributes: Attributes) -> int:
    channels, kernel = size(attributes, "channels"), size(attributes, "kernel")
    return inputs[0][0] * channels * kernel * kernel


def _conv_parameters(inputs: Inputs, attributes: Attributes) -> int:
    bias = size(attributes, "bias") * size(attributes, "channels")
    return _conv_weights(inputs, attributes) + bias


def _conv_macs(inputs: Inputs, attributes: Attributes) -> int:
    return _conv_weights(inputs, attributes) * math.prod(_conv_shape(inputs, attributes)[1:])


def _depthwise_shape(inputs: Inputs, attributes: Attributes) -> Shape:
    return strided(inputs[0], inputs[0][0], size(attributes, "stride"))


def _depthwise_parameters(inputs: Inputs, attributes: Attributes) -> int:
    return inputs[0][0] * (size(attributes, "kernel") ** 2 + size(attributes, "bias"))


def _depthwise_macs(inputs: Inputs, attributes: Attributes) -> int:
    return math.prod(_depthwise_shape(inputs, attributes)) * size(attributes, "kernel") ** 2


def _linear_shape(inputs: Inputs, attributes: Attributes) -> Shape:
    if len(inputs[0]) != 1:
        raise InvalidGraph(f"takes a (features,) value, got {inputs[0]}; flatten it first")
    return (size(attributes, "features"),)


def _linear_parameters(inputs: Inputs, attributes: Attributes) -> int:
    return (inputs[0][0] + size(attributes, "bias")) * size(attributes, "features")


def _linear_macs(inputs: Inputs, attributes: Attributes) -> int:
    return inputs[0][0] * size(attributes, "features")


def _norm_shape(inputs: Inputs, _attributes: Attributes) -> Shape:
    return image(inputs[0])


def _norm_parameters(inputs: Inputs, _attributes: Attributes) -> int:
    return 2 * inputs[0][0]


WEIGHTED = (
    Operation(
        name="conv",
        width_law="free",
        arity=(1, 1),
        shape=_conv_shape,
        attributes={"channels": REQUIRED, "kernel": REQUIRED, "stride": 1, "bias": False},
        parameters=_conv_parameters,
        macs=_conv_macs,
        width_attribute="channels",
    ),
    Operation(
        name="depthwise",
        width_law="same",
        arity=(1, 1),
        shape=_depthwise_shape,
        attributes={"kernel": REQUIRED, "stride": 1, "bias": False},
        parameters=_depthwise_parameters,
        macs=_depthwise_macs,
    ),
    Operation(
        name="linear",
        width_law="free",
        arity=(1, 1),
        shape=_linear_shape,
        attributes={"features": REQUIRED, "bias": True},
        parameters=_linear_parameters,
        macs=_linear_macs,
        width_attribute="features",
    ),
    Operation(
        name="batch_norm",
        width_law="same",
        arity=(1, 1),
        shape=_norm_shape,
        parameters=_norm_parameters,
    ),
)
"""`conv` is dense, `depthwise` has one filter per channel; both pad by kernel // 2."""
