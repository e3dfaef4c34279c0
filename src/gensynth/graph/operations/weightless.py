"""Operations without weights: the input, activations, joins, pooling and resizing."""

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


def _input_shape(_inputs: Inputs, attributes: Attributes) -> Shape:
    return tuple(size(attributes, key) for key in ("channels", "height", "width"))


def _unchanged(inputs: Inputs, _attributes: Attributes) -> Shape:
    return inputs[0]


def _add_shape(inputs: Inputs, _attributes: Attributes) -> Shape:
    if any(shape != inputs[0] for shape in inputs):
        raise InvalidGraph(f"takes values of one shape, got {list(inputs)}")
    return inputs[0]


def _multiply_shape(inputs: Inputs, _attributes: Attributes) -> Shape:
    first, second = inputs
    if second not in (first, (first[0], 1, 1)):
        gate = f", or a second of ({first[0]}, 1, 1)" if len(first) == 3 else ""
        raise InvalidGraph(f"takes two values of one shape{gate}; got {first} and {second}")
    return first


def _concat_shape(inputs: Inputs, _attributes: Attributes) -> Shape:
    if any(shape[1:] != inputs[0][1:] for shape in inputs):
        raise InvalidGraph(f"takes values that differ in width alone, got {list(inputs)}")
    return (sum(shape[0] for shape in inputs), *inputs[0][1:])


def _pool_shape(inputs: Inputs, attributes: Attributes) -> Shape:
    return strided(inputs[0], inputs[0][0], size(attributes, "stride"))


def _global_pool_shape(inputs: Inputs, _attributes: Attributes) -> Shape:
    return image(inputs[0])[0], 1, 1


def _flatten_shape(inputs: Inputs, _attributes: Attributes) -> Shape:
    if inputs[0][1:] != (1, 1):
        raise InvalidGraph(f"takes a (channels, 1, 1) value, got {inputs[0]}; pool it first")
    return inputs[0][:1]


def _shortcut_shape(inputs: Inputs, attributes: Attributes) -> Shape:
    return strided(inputs[0], size(attributes, "channels"), size(attributes, "stride"))


def _upsample_shape(inputs: Inputs, _attributes: Attributes) -> Shape:
    return (image(inputs[0])[0], *image(inputs[1])[1:])


def _activation(name: str) -> Operation:
    return Operation(name=name, width_law="same", arity=(1, 1), shape=_unchanged)


def _pool(name: str) -> Operation:
    return Operation(
        name=name,
        width_law="same",
        arity=(1, 1),
        shape=_pool_shape,
        attributes={"kernel": REQUIRED, "stride": REQUIRED},
    )


WEIGHTLESS = (
    Operation(
        name="input",
        width_law="fixed",
        arity=(0, 0),
        shape=_input_shape,
        attributes={"channels": REQUIRED, "height": REQUIRED, "width": REQUIRED},
    ),
    *map(_activation, ("relu", "relu6", "hard_swish", "sigmoid", "hard_sigmoid")),
    Operation(
        name="local_response_norm", width_law="same", arity=(1, 1), shape=_unchanged, ordered=True
    ),
    Operation(
        name="dropout",
        width_law="same",
        arity=(1, 1),
        shape=_unchanged,
        attributes={"rate": REQUIRED},
    ),
    Operation(name="add", width_law="same", arity=(2, None), shape=_add_shape),
    Operation(name="multiply", width_law="same", arity=(2, 2), shape=_multiply_shape),
    Operation(name="concat", width_law="sum", arity=(2, None), shape=_concat_shape),
    *map(_pool, ("max_pool", "avg_pool")),
    Operation(name="global_avg_pool", width_law="same", arity=(1, 1), shape=_global_pool_shape),
    Operation(name="flatten", width_law="same", arity=(1, 1), shape=_flatten_shape),
    Operation(
        name="shortcut",
        width_law="shortcut",
        arity=(1, 1),
        shape=_shortcut_shape,
        attributes={"channels": REQUIRED, "stride": 1},
        width_attribute="channels",
    ),
    Operation(name="upsample", width_law="same", arity=(2, 2), shape=_upsample_shape, coupled=1),
)
"""`multiply` takes (value, value or one gate per channel). Pools pad by kernel // 2. `shortcut`
takes every stride-th pixel, then adds zero channels at the end or cuts there (He et al., 4.2).
`upsample` takes (value, reference) and resizes bilinearly to the reference's height and width.
`local_response_norm` divides by (1 + 1e-4 x mean square of the 5 channels around)^0.75, as
GoogLeNet does (Krizhevsky et al. 2012, 3.3)."""
