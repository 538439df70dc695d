"""Reductions where NumPy or a naive formula is delicate."""

import warnings

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array, Scalar
from chainrule.rules import reductions
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall
from chainrule.testing.numeric import numeric_vjp

PLAIN = {"axis": None, "keepdims": False, "ddof": 0, "correction": None}


def test_a_constant_vector_has_no_slope_of_its_standard_deviation():
    a = np.full(4, 2.0)
    gradient = reductions.std_a(np.float64(3.0), a, np.std(a), **PLAIN)
    np.testing.assert_array_equal(gradient, 0.0)


def test_only_the_constant_rows_have_no_slope():
    a = np.array([[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]])
    options = PLAIN | {"axis": 1}
    dy = np.array([1.0, 2.0])
    gradient = reductions.std_a(dy, a, np.std(a, axis=1), **options)
    expected = numeric_vjp(lambda row: np.std(row), (a[1],), 0, 2.0)
    np.testing.assert_array_equal(gradient[0], 0.0)
    np.testing.assert_allclose(gradient[1], expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["var", "std"])
def test_no_freedom_gives_nan_and_no_exception(name):
    a = np.array([2.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's own, as for the value
        y = getattr(np, name)(a, ddof=1)
        extra = (y,) if name == "std" else ()
        rule = getattr(reductions, f"{name}_a")
        gradient = rule(np.float64(1.0), a, *extra, **PLAIN | {"ddof": 1})
    assert np.isnan(y)
    assert np.isnan(gradient).all()


def test_tiny_deviations_do_not_overflow():
    a = np.array([1e-200, 3e-200])
    y = np.float64(1e-200)  # np.std underflows to 0 here; another engine might not
    np.testing.assert_allclose(reductions.std_a(1.0, a, y, **PLAIN), [-0.5, 0.5])


@pytest.mark.parametrize(
    ("axis", "shape"), [(None, (3, 4)), (0, (3, 4)), (0, (3,)), (-1, (4,)), (1, (4,))]
)
@pytest.mark.parametrize("keepdims", [False, True])
def test_weighted_average_is_numpys(axis, shape, keepdims):
    rng = np.random.default_rng(0)
    a, weights = rng.uniform(1, 2, (3, 4)), rng.uniform(1, 2, shape)
    ours = reductions.average(a, axis, weights, keepdims=keepdims)
    theirs = np.average(a, axis, weights, keepdims=keepdims)
    np.testing.assert_allclose(ours, theirs, rtol=1e-14)
    plain = reductions.average(a, axis, keepdims=keepdims)
    np.testing.assert_array_equal(plain, np.average(a, axis, keepdims=keepdims))


def test_weights_without_sum_raise_as_in_numpy():
    with pytest.raises(ZeroDivisionError, match="sum to zero"):
        reductions.average(np.ones(2), None, np.array([1.0, -1.0]))


def test_weights_of_average():
    assert reductions.average(np.ones(2), None, None, True) == (1.0, 2.0)
    with pytest.raises(TypeError, match="Axis must be specified"):
        reductions.average(np.ones((2, 3)), None, np.ones(3))


def infer(name, type_, **options):
    return OPS[name].infer(OpCall((type_,), options, "np"))


def test_result_types():
    n, m = (Dim.of(Sym(name, None, False)) for name in "nm")
    matrix = Array("float32", (n, m))
    assert infer("sum", matrix) == Scalar("float32")
    assert infer("sum", matrix, axis=(-1,)) == Array("float32", (n,))
    assert infer("sum", matrix, axis=(), keepdims=True) == matrix
    assert infer("mean", matrix, axis=0, keepdims=True) == Array("float32", (Dim(1), m))
    assert infer("mean", Array("int32", (n,))) == Scalar("float64")
    assert infer("sum", Array("int32", (n,))) == Scalar("int64")
    assert infer("sum", Array("bool", (n,))) == Scalar("int64")
    assert infer("prod", Array("uint8", (n,))) == Scalar("uint64")
    assert infer("sum", matrix, dtype=np.float64) == Scalar("float64")
    assert infer("max", Array("int32", (n,)), initial=0) == Scalar("int32")
    assert infer("sum", Scalar("float64", weak=True)) == Scalar("float64")
    assert infer("sum", Array("float64", ())) == Scalar("float64")


@pytest.mark.parametrize("axis", [2, -3, (0, 2), (0, -2), [0], "x"])
def test_an_axis_that_is_none(axis):
    with pytest.raises(InferError):
        infer("sum", Array("float64", (Dim(3), Dim(4))), axis=axis)


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("sum", {"out": 1}, "out="),
        ("sum", {"where": False}, "np.where"),
        ("std", {"mean": 1.0}, "mean="),
    ],
)
def test_refused_options(name, options, text):
    with pytest.raises(NotSupported, match=text):
        infer(name, Array("float64", (Dim(3),)), **options)


def test_two_corrections_raise_as_in_numpy():
    with pytest.raises(InferError, match="simultaneously"):
        infer("var", Array("float64", (Dim(3),)), ddof=1, correction=1)


def test_the_mean_of_nothing_has_an_empty_gradient():
    gradient = reductions.mean_a(1.0, np.zeros((0, 3)), axis=None, keepdims=False)
    assert gradient.shape == (0, 3)
