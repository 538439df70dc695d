"""Trace with an infinite cotangent, and what cross refuses."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim
from chainrule.ir.types import Array
from chainrule.rules import tensors
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall


def test_beside_the_diagonal_the_gradient_is_exactly_zero():
    gradient = tensors.trace_a(np.inf, np.zeros((2, 2)), 0, 0, 1)
    np.testing.assert_array_equal(gradient, [[np.inf, 0], [0, np.inf]])


def test_trace_of_float32_stays_float32():
    assert tensors.trace_a(np.float32(1), np.zeros((2, 3), "float32"), 1, 0, 1).dtype == "float32"


def infer(name, *types, **options):
    return OPS[name].infer(OpCall(types, options, "np"))


def test_trace_wants_two_axes():
    with pytest.raises(InferError, match="two dimensions"):
        infer("trace", Array("float64", (Dim(3),)))
    with pytest.raises(InferError, match="same"):
        infer("trace", Array("float64", (Dim(3), Dim(3))), axis1=1, axis2=-1)


def test_vectors_in_the_plane_are_refused():
    vector = Array("float64", (Dim(3),))
    with pytest.raises(NotSupported, match="two components"):
        infer("cross", vector, Array("float64", (Dim(2),)))
    with pytest.raises(InferError, match="three components"):
        infer("cross", vector, Array("float64", (Dim(4),)))
