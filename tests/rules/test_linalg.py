"""Shapes that gradients of products come in, and promotion."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array, Scalar
from chainrule.rules import linalg
from chainrule.rules.registry import OPS, InferError, OpCall


def infer(name, *types):
    return OPS[name].infer(OpCall(types, {}, "np"))


def sizes(names, single=False):
    return tuple(Dim.of(Sym(name, None, single)) for name in names)


def test_a_weight_matrix_gets_one_product_over_the_whole_batch():
    rng = np.random.default_rng(0)
    x, w, dy = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5)), rng.normal(size=(2, 3, 5))
    assert linalg.matmul_b(dy, x, w).shape == w.shape
    assert linalg.matmul_a(dy.swapaxes(1, 2), w.T, x.swapaxes(1, 2)).shape == w.T.shape


def test_inner_sizes_become_one_symbol():
    n, k, j, m = sizes("nkjm")
    assert infer("matmul", Array("float64", (n, k)), Array("float64", (j, m))).dims == (n, m)
    assert k == j


def test_stacks_broadcast():
    b, n, k, m = sizes("bnkm")
    left, right = Array("float64", (Dim(1), n, k)), Array("float64", (b, k, m))
    assert infer("matmul", left, right).dims == (b, n, m)
    assert infer("matmul", right, Array("float64", (m, n))).dims == (b, k, n)


@pytest.mark.parametrize("name", ["matmul", "dot", "inner", "vdot"])
def test_sizes_that_do_not_fit(name):
    with pytest.raises(InferError):
        infer(name, Array("float64", (Dim(3),)), Array("float64", (Dim(4),)))


def test_matmul_wants_axes():
    with pytest.raises(InferError, match="enough dimensions"):
        infer("matmul", Scalar("float64", weak=True), Array("float64", (Dim(4),)))


def test_a_python_number_counts_as_a_double_in_dot():
    vector = Array("float32", (Dim(4),))
    number = Scalar("float64", weak=True)
    assert infer("dot", vector, number) == Array("float64", (Dim(4),))
    assert np.dot(np.ones(4, "float32"), 2.0).dtype == "float64"
    assert infer("dot", vector, vector) == Scalar("float32")
    assert infer("outer", number, number) == Array("float64", (Dim(1), Dim(1)))


def test_vdot_of_different_shapes():
    a, b = np.arange(6.0), np.arange(6.0).reshape(2, 3)
    assert linalg.vdot_a(2.0, a, b).shape == (6,)
    assert linalg.vdot_b(2.0, a, b).shape == (2, 3)
    np.testing.assert_array_equal(linalg.vdot_b(2.0, a, b), 2 * b)
