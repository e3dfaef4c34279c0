"""Region operations against the parameters that their papers' formulas give."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.design.body import Body, body_of, configured
from gensynth.design.rewrite import REGION_OPERATIONS, Rewriting, rewrite, rounded
from gensynth.graph.graph import Graph, Region, Vertex, vertex

Chain = Callable[[Iterable[Vertex]], Graph]
ENTRY, HIDDEN, EXIT, MULTIPLE = 11, 16, 6, 4


def residual(kernel: int = 3, stride: int = 1) -> list[Vertex]:
    """Two convolutions with norms, as in a residual block."""
    return [
        vertex("conv1", "conv", ["input"], channels=HIDDEN, kernel=kernel, stride=stride),
        vertex("norm1", "batch_norm", ["conv1"]),
        vertex("relu1", "relu", ["norm1"]),
        vertex("conv2", "conv", ["relu1"], channels=EXIT, kernel=kernel),
        vertex("norm2", "batch_norm", ["conv2"]),
    ]


def preactivated() -> list[Vertex]:
    """Two activated convolutions with biases and without norms, as in RefineNet."""
    return [
        vertex("relu1", "relu6", ["input"]),
        vertex("conv1", "conv", ["relu1"], channels=HIDDEN, kernel=3, bias=True),
        vertex("relu2", "relu6", ["conv1"]),
        vertex("conv2", "conv", ["relu2"], channels=EXIT, kernel=3, bias=True),
    ]


def body_in(chain: Chain, vertices: list[Vertex]) -> Body:
    names = tuple(v.name for v in vertices)
    body = body_of(chain(vertices), Region("body", "body", "input", names[-1], names))
    assert body is not None
    return body


def rewritten(chain: Chain, vertices: list[Vertex], operation: str) -> Graph:
    taken = frozenset(v.name for v in vertices)
    return chain(rewrite(body_in(chain, vertices), Rewriting(operation, ENTRY, MULTIPLE, taken)))


def conv(source: int, target: int, kernel: int = 1) -> int:
    return source * target * kernel**2


def normed(source: int, target: int, kernel: int = 1) -> int:
    return conv(source, target, kernel) + 2 * target


def depthwise(channels: int, kernel: int = 3) -> int:
    return channels * kernel**2 + 2 * channels


def gate(channels: int) -> int:
    squeezed = max(4, 4 * round(channels / 16 + 1e-9))
    return 2 * channels * squeezed + channels + squeezed


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("dense", normed(11, 16, 3) + normed(16, 6, 3)),
        ("dense_se", normed(11, 16, 3) + normed(16, 6, 3) + gate(6)),
        ("separable", depthwise(11) + normed(11, 16) + depthwise(16) + normed(16, 6)),
        (
            "separable_se",
            depthwise(11) + normed(11, 16) + depthwise(16) + gate(16) + normed(16, 6),
        ),
        ("bottleneck", normed(11, 4) + normed(4, 4, 3) + normed(4, 6)),
        ("bottleneck_se", normed(11, 4) + normed(4, 4, 3) + gate(4) + normed(4, 6)),
        ("inverted_bottleneck", normed(11, 48) + depthwise(48) + normed(48, 6)),
        ("inverted_bottleneck_se", normed(11, 48) + depthwise(48) + gate(48) + normed(48, 6)),
    ],
)
def test_parameters_of_a_residual_body(chain: Chain, operation: str, parameters: int) -> None:
    graph = rewritten(chain, residual(), operation)
    assert graph.parameters == parameters
    assert graph.shapes[graph.outputs[0][1]] == (EXIT, 9, 9)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("separable", 11 * 10 + conv(11, 16) + 16 + 16 * 10 + conv(16, 6) + 6),
        ("bottleneck", conv(11, 4) + 4 + conv(4, 4, 3) + 4 + conv(4, 6) + 6),
        ("inverted_bottleneck", conv(11, 48) + 48 + 48 * 10 + conv(48, 6) + 6),
    ],
)
def test_a_body_without_norms_keeps_biases_and_its_kind_of_activation(
    chain: Chain, operation: str, parameters: int
) -> None:
    graph = rewritten(chain, preactivated(), operation)
    assert graph.parameters == parameters
    kinds = [v.operation for v in graph.vertices]
    assert kinds[1] == "relu6"
    assert not {"batch_norm", "relu"}.intersection(kinds)
    assert kinds[-1] == "conv"


@pytest.mark.parametrize("operation", list(REGION_OPERATIONS))
def test_every_operation_keeps_exit_shape_kernel_and_trailing_activation(
    chain: Chain, operation: str
) -> None:
    vertices = [
        *residual(kernel=5, stride=2),
        vertex("relu2", "hard_swish", ["norm2"]),
    ]
    graph = rewritten(chain, vertices, operation)
    assert graph.shapes[graph.outputs[0][1]] == (EXIT, 5, 5)
    assert graph.vertices[-1].name == "relu2"
    windows = [v for v in graph.vertices if "kernel" in dict(v.attributes)]
    assert {v["kernel"] for v in windows} - {1} == (set() if operation == "pointwise" else {5})
    assert np.prod([v["stride"] for v in windows]) == 2


def test_pointwise_is_dense_with_kernels_of_one(chain: Chain) -> None:
    dense = rewritten(chain, residual(kernel=5, stride=2), "dense")
    found = rewritten(chain, residual(kernel=5, stride=2), "pointwise")
    assert [configured(v, kernel=1) for v in dense.vertices] == list(found.vertices)


NEW = [name for name in REGION_OPERATIONS if "dense" not in name and name != "pointwise"]


@pytest.mark.parametrize("operation", NEW)
def test_new_weights_have_new_names(chain: Chain, operation: str) -> None:
    vertices = residual()
    old = {v.name: v for v in vertices}
    for v in rewritten(chain, vertices, operation).vertices[1:]:
        kept = v.name in old
        assert kept != v.name.startswith("body.")
        assert not kept or v.operation == "relu"


def test_a_point_convolution_stays_in_a_separable_body(chain: Chain) -> None:
    vertices = [
        vertex("reduce", "conv", ["input"], channels=4, kernel=1),
        vertex("norm", "batch_norm", ["reduce"]),
        vertex("conv", "conv", ["norm"], channels=8, kernel=3),
    ]
    names = [v.name for v in rewritten(chain, vertices, "separable").vertices[1:]]
    assert names == ["reduce", "norm", "body.depthwise1", "body.depthwise1_norm", "body.pointwise1"]


def test_a_name_that_is_taken_is_not_used_again(chain: Chain) -> None:
    body = body_in(chain, residual())
    taken = frozenset({"body.reduce"})
    names = {v.name for v in rewrite(body, Rewriting("bottleneck", ENTRY, MULTIPLE, taken))}
    assert "body.reduce.new" in names
    assert not names & taken


@settings(deadline=None, max_examples=50, derandomize=True)
@given(widths=st.lists(st.integers(1, 300), min_size=1, max_size=9), multiple=st.integers(1, 16))
def test_rounding_is_to_the_nearest_multiple_and_the_same_for_arrays(
    widths: list[int], multiple: int
) -> None:
    each = [rounded(width, multiple) for width in widths]
    assert rounded(np.array(widths), multiple).tolist() == each
    for width, found in zip(widths, each, strict=True):
        assert found % multiple == 0
        assert found == multiple or abs(found - width) * 2 <= multiple


@pytest.mark.parametrize("operation", list(REGION_OPERATIONS))
def test_arrays_of_widths_are_rewritten_like_each_of_them(chain: Chain, operation: str) -> None:
    body = body_in(chain, residual())

    def widened(width: object) -> Body:
        new = [configured(v, channels=width) if v.name == "conv1" else v for v in body.chain]  # type: ignore[arg-type]
        return body.exchanged("input", new)

    widths, entries = np.array([4, 16, 30]), np.array([5, 11, 17])
    together = rewrite(widened(widths), Rewriting(operation, entries, MULTIPLE, frozenset()))
    for place, (width, entry) in enumerate(zip(widths, entries, strict=True)):
        alone = rewrite(
            widened(int(width)), Rewriting(operation, int(entry), MULTIPLE, frozenset())
        )
        assert [v.name for v in alone] == [v.name for v in together]
        for one, many in zip(alone, together, strict=True):
            for (key, value), (_, values) in zip(one.attributes, many.attributes, strict=True):
                column = np.broadcast_to(np.asarray(values), widths.shape)
                assert column[place] == value, (one.name, key)
