"""Differences: what is refused, promotion by what is put around."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array, python_scalar
from chainrule.rules import differences
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall

VECTOR = Array("float32", (Dim(4),))


def diff(*, type_=VECTOR, **static):
    options = {"n": 1, "axis": -1, "prepend": None, "append": None} | static
    return OPS["diff"].infer(OpCall((type_,), options))


def gradient(*types, axis=None, edge_order=1):
    return OPS["gradient"].infer(OpCall(types, {"axis": axis, "edge_order": edge_order}))


def test_a_number_put_before_forces_double_precision_as_in_numpy():
    assert diff().dtype == "float32"
    assert diff(prepend=1.0).dtype == "float64"
    assert np.diff(np.ones(4, np.float32), prepend=1.0).dtype == np.float64


def test_nothing_is_left_of_fewer_elements_than_the_order():
    assert diff(n=5).dims == (Dim(0),)
    assert differences.diff_a(np.zeros(0), np.ones(2), 3, -1, None, None).shape == (2,)
    assert differences.diff_a(np.zeros(0), np.ones(1), 3, -1, 0.0, None).shape == (1,)


def test_order_zero_and_negative_orders_are_refused():
    with pytest.raises(NotSupported):
        diff(n=0)
    with pytest.raises(InferError):
        diff(n=-1)


def test_symbolic_length():
    n = Dim.of(Sym("n", ("x", 0), single=False))
    assert diff(type_=Array("float64", (n,)), n=2, append=0.0).dims == (n - 1,)


def test_spacing_by_coordinates_is_refused():
    with pytest.raises(NotSupported, match="coordinates"):
        gradient(VECTOR, VECTOR)


def test_one_result_for_each_axis():
    matrix = Array("float32", (Dim(3), Dim(4)))
    assert gradient(matrix) == (matrix, matrix)
    assert gradient(matrix, python_scalar(0.1), axis=1) == matrix
    with pytest.raises(InferError):
        gradient(matrix, python_scalar(0.1), python_scalar(0.1), python_scalar(0.1))
    with pytest.raises(InferError):
        gradient(Array("float64", (Dim(2),)), edge_order=2)
