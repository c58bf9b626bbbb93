"""EfficientNet-Lite0 as an ONNX graph, made from the weights that its package has.

The package holds a state of PyTorch; the graph is written by the library `onnx`, so nothing needs
PyTorch. The architecture is that of the authors' release (Apache-2.0): no squeeze and excitation,
ReLU6, stem and head of fixed size. Batch normalisation becomes part of each convolution.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[np.float32]]

EPSILON = 1e-3
"""Of the batch normalisation."""
LARGEST = 6.0
"""What ReLU6 lets pass at most."""
SIDE = 224
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)
"""The stride of each block."""
INPUT, OUTPUT = "pictures", "activations"


def build_graph(weights: Weights) -> bytes:
    """Return the model: pictures of shape (n, 3, SIDE, SIDE) in, (n, 1280) activations out."""
    # The extra may be missing.
    from onnx import TensorProto, checker, helper  # noqa: PLC0415

    graph = _Graph(weights)
    found = graph.convolve(INPUT, "_conv_stem", "_bn0", stride=2)
    for number, stride in enumerate(STRIDES):
        found = graph.add_block(found, f"_blocks.{number}.", stride)
    found = graph.convolve(found, "_conv_head", "_bn1")
    found = graph.add("GlobalAveragePool", found)
    graph.add("Flatten", found, name=OUTPUT)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "efficientnet-lite0",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", "activations"])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    checker.check_model(model)
    serialized: bytes = model.SerializeToString()
    return serialized


class _Graph:
    """Nodes and constants of a graph, one after the other."""

    def __init__(self, weights: Weights) -> None:
        from onnx import helper, numpy_helper  # noqa: PLC0415

        self._weights = weights
        self._helper, self._numpy_helper = helper, numpy_helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._lowest = self._add_constant("lowest", np.zeros((), dtype=np.float32))
        self._largest = self._add_constant("largest", np.array(LARGEST, dtype=np.float32))

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        name = name or f"{operator}{len(self.nodes)}"
        node = self._helper.make_node(operator, list(inputs), [name], name=name, **attributes)
        self.nodes.append(node)
        return name

    def convolve(
        self,
        found: str,
        name: str,
        normalisation: str,
        *,
        stride: int = 1,
        groups: int = 1,
        is_linear: bool = False,
    ) -> str:
        """Add a convolution with its normalisation and, unless it is linear, ReLU6."""
        kernel, bias = self._fold(name, normalisation)
        found = self.add(
            "Conv",
            found,
            self._add_constant(f"{name}.kernel", kernel),
            self._add_constant(f"{name}.bias", bias),
            group=groups,
            strides=[stride, stride],
            # As TensorFlow pads: what is odd is added at the end.
            auto_pad="SAME_UPPER",
        )
        return found if is_linear else self.add("Clip", found, self._lowest, self._largest)

    def add_block(self, before: str, prefix: str, stride: int) -> str:
        """Add an inverted residual block."""
        found = before
        if f"{prefix}_expand_conv.weight" in self._weights:
            found = self.convolve(found, f"{prefix}_expand_conv", f"{prefix}_bn0")
        depthwise = self._weights[f"{prefix}_depthwise_conv.weight"]
        found = self.convolve(
            found,
            f"{prefix}_depthwise_conv",
            f"{prefix}_bn1",
            stride=stride,
            groups=len(depthwise),
        )
        found = self.convolve(found, f"{prefix}_project_conv", f"{prefix}_bn2", is_linear=True)
        n_out = len(self._weights[f"{prefix}_project_conv.weight"])
        first = f"{prefix}_expand_conv.weight"
        n_in = self._weights[first].shape[1] if first in self._weights else len(depthwise)
        is_residual = stride == 1 and n_in == n_out
        return self.add("Add", found, before) if is_residual else found

    def _fold(
        self, name: str, normalisation: str
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the kernel and the bias of a convolution and the normalisation behind it."""
        scale, shift, mean, variance = (
            self._weights[f"{normalisation}.{part}"]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        factor = scale / np.sqrt(variance + np.float32(EPSILON))
        kernel = self._weights[f"{name}.weight"] * factor[:, None, None, None]
        return kernel, shift - mean * factor

    def _add_constant(self, name: str, values: NDArray[np.float32]) -> str:
        self.constants.append(self._numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name
