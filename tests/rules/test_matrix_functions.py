"""Norms at zero and at ties, and functions of matrices that generic tests cannot run."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim
from chainrule.ir.types import Array, Scalar
from chainrule.rules import matrix_functions
from chainrule.rules.registry import OPS, InferError, OpCall
from chainrule.testing.numeric import numeric_vjp


def norm_slope(x, ord=None, axis=None, dy=1.0, keepdims=False):
    with np.errstate(divide="ignore"):  # NumPy's own for negative orders at 0
        y = np.linalg.norm(x, ord, axis, keepdims)
    return matrix_functions.norm_x(dy, x, y, ord, axis, keepdims)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, 1.5, 0.5, -1, -2.5, 0, np.inf, -np.inf])
def test_every_vector_norm_is_flat_at_the_origin(ord):
    np.testing.assert_array_equal(norm_slope(np.zeros(3), ord), 0.0)


@pytest.mark.parametrize("ord", [None, "fro", 1, -1, np.inf, -np.inf])
def test_every_matrix_norm_is_flat_at_the_origin(ord):
    np.testing.assert_array_equal(norm_slope(np.zeros((2, 3)), ord), 0.0)


@pytest.mark.parametrize("ord", [None, 2, 3, 1.5, np.inf])
def test_a_single_zero_is_no_problem(ord):
    x = np.array([0.0, 3.0, -4.0])
    expected = numeric_vjp(lambda x: np.linalg.norm(x, ord), (x,), 0, 1.0)
    np.testing.assert_allclose(norm_slope(x, ord), expected, atol=1e-4)


@pytest.mark.parametrize("ord", [0.5, 1])
def test_a_zero_at_a_kink_gets_zero(ord):
    gradient = norm_slope(np.array([0.0, 3.0, -4.0]), ord)
    assert gradient[0] == 0
    np.testing.assert_array_equal(np.sign(gradient), [0, 1, -1])


def test_a_negative_order_with_a_zero_is_zero_everywhere():
    np.testing.assert_array_equal(norm_slope(np.array([0.0, 3.0, -4.0]), -1), 0.0)


def test_rows_that_are_zero_beside_rows_that_are_not():
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    gradient = norm_slope(x, axis=1, dy=np.array([1.0, 10.0]))
    np.testing.assert_allclose(gradient, [[0, 0], [6, 8]])


def test_ties_share_equally():
    np.testing.assert_array_equal(norm_slope(np.array([2.0, -2.0, 1.0]), np.inf), [0.5, -0.5, 0])
    x = np.array([[1.0, -2.0], [2.0, 1.0]])  # both columns, and both rows, sum to 3
    np.testing.assert_array_equal(norm_slope(x, 1), [[0.5, -0.5], [0.5, 0.5]])
    np.testing.assert_array_equal(norm_slope(x, np.inf), [[0.5, -0.5], [0.5, 0.5]])


def test_short_and_long_vectors():
    for scale in (1e-300, 1e300):
        x = np.array([3.0, 4.0]) * scale
        np.testing.assert_allclose(
            matrix_functions.norm_x(1.0, x, np.float64(5.0 * scale), None, None, False), [0.6, 0.8]
        )


def infer(name, *types, **options):
    return OPS[name].infer(OpCall(types, options, "np"))


@pytest.mark.parametrize(
    ("rank", "options"),
    [
        (1, {"ord": "fro"}),
        (2, {"ord": "fro", "axis": 0}),
        (2, {"ord": 3}),
        (3, {"ord": 1}),
        (3, {"axis": (0, 1, 2)}),
        (2, {"axis": 2}),
    ],
)
def test_norms_that_numpy_rejects(rank, options):
    with pytest.raises(ValueError):  # noqa: PT011
        np.linalg.norm(np.ones((3,) * rank), **options)
    with pytest.raises(InferError):
        infer("linalg.norm", Array("float64", (Dim(3),) * rank), **options)


def test_cholesky_reads_one_triangle_only():
    a = np.array([[4.0, 1.0], [1.0, 3.0]])
    dy = np.array([[1.0, 7.0], [2.0, 3.0]])
    lower = matrix_functions.cholesky_a(dy, np.linalg.cholesky(a), False)
    upper = matrix_functions.cholesky_a(dy, np.linalg.cholesky(a, upper=True), True)
    np.testing.assert_array_equal(np.triu(lower, 1), 0.0)
    np.testing.assert_array_equal(np.tril(upper, -1), 0.0)
    np.testing.assert_allclose(lower, numeric_vjp(np.linalg.cholesky, (a,), 0, dy), atol=1e-8)


@pytest.mark.parametrize("shape", [(4, 4), (2, 4, 4)])
def test_slogdet(shape):
    a = np.random.default_rng(0).normal(size=shape)
    dsign, dlog = (np.full(shape[:-2], value)[()] for value in (5.0, 2.0))
    gradient = matrix_functions.slogdet_a((dsign, dlog), a, np.linalg.slogdet(a))
    expected = numeric_vjp(lambda a: np.linalg.slogdet(a)[1], (a,), 0, dlog)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_a_vector_solves_every_matrix_of_a_stack():
    stack, vector = Array("float64", (Dim(2), Dim(3), Dim(3))), Array("int64", (Dim(3),))
    assert infer("linalg.solve", stack, vector).dims == (Dim(2), Dim(3))
    assert infer("linalg.solve", Array("float32", (Dim(3), Dim(3))), vector).dtype == "float64"


def test_matrix_functions_want_square_matrices():
    for name in ("linalg.inv", "linalg.det", "linalg.cholesky"):
        with pytest.raises(InferError):
            infer(name, Array("float64", (Dim(2), Dim(3))))
        with pytest.raises(InferError):
            infer(name, Array("float64", (Dim(2),)))
    assert infer("linalg.det", Array("int64", (Dim(2), Dim(2)))) == Scalar("float64")
