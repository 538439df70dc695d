"""Sizes of reshaped arrays: what -1 stands for, what cancels, what cannot fit."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array, Scalar
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall
from chainrule.rules.shape import like, reshaped


def sizes(*names):
    return [Dim.of(Sym(name, ("x", i), single=False)) for i, name in enumerate(names)]


def test_minus_one_is_what_the_other_sizes_leave():
    m, n = sizes("m", "n")
    assert reshaped((m, n), (m, -1)) == (m, n)
    assert reshaped((m, Dim(3), Dim(4)), (m, -1)) == (m, Dim(12))
    assert reshaped((m, Dim(6)), (-1, 2)) == (m * 3, Dim(2))
    assert reshaped((m * 4,), (2, -1)) == (Dim(2), m * 2)


def test_minus_one_is_a_size_of_its_own_where_it_is_not_linear():
    m, n = sizes("m", "n")
    (flat,) = reshaped((m, n), -1)
    assert flat.sym is not None
    assert not flat.maybe_one  # m * n is 1 only if both are
    (_, rest) = reshaped((m,), (2, -1))
    assert rest.maybe_one


def test_sizes_that_a_reshape_forces_to_agree_are_merged():
    m, n, k = sizes("m", "n", "k")
    reshaped((m, n), (m, k))
    assert n == k


@pytest.mark.parametrize(
    ("dims", "shape"), [((12,), (5, -1)), ((12,), (5, 3)), ((0, 3), (0, -1)), ((2,), (-1, -1))]
)
def test_what_cannot_fit_is_an_error(dims, shape):
    with pytest.raises(InferError):
        reshaped(tuple(map(Dim, dims)), shape)


def test_a_size_that_cancels_leaves_an_impossible_rest():
    (m,) = sizes("m")
    with pytest.raises(InferError):
        reshaped((m, Dim(2)), (m, 3))


def test_zero_sizes_do_not_cancel():
    assert reshaped((Dim(0), Dim(2)), (0,)) == (Dim(0),)


@pytest.mark.parametrize("name", ["reshape", "ravel", "flatten"])
def test_other_orders_are_refused(name):
    call = OpCall((Array("float64", (Dim(6),)),), {"shape": (2, 3), "order": "F"})
    with pytest.raises(NotSupported, match="order='F'"):
        OPS[name].infer(call)


def test_a_cotangent_of_a_number_comes_back_as_a_number():
    assert like(np.ones((1, 1)), np.float64(2.0)) == 1.0
    assert np.shape(like(np.ones((1, 1)), np.float64(2.0))) == ()


def test_a_numpy_scalar_stays_one_and_a_python_number_becomes_an_array():
    transpose = OPS["transpose"].infer
    assert isinstance(transpose(OpCall((Scalar("float64"),), {"axes": None})), Scalar)
    assert isinstance(transpose(OpCall((Scalar("float64", weak=True),), {"axes": None})), Array)
