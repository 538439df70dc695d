"""Nests of operands, fill values, powers at zero."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim
from chainrule.ir.types import Array, python_scalar
from chainrule.rules.creation import place, vander_x
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall

NUMBER = python_scalar(1.0)


def infer_array(nesting, *types, dtype=None):
    return OPS["array"].infer(OpCall(types, {"nesting": nesting, "dtype": dtype}))


def test_a_nest_may_mix_rows_and_lists_of_numbers():
    row = Array("float32", (Dim(2),))
    assert infer_array(((0, 1), 2), NUMBER, NUMBER, row) == Array("float64", (Dim(2), Dim(2)))
    assert place(((0, 1), 2), 1) == (0, 1)
    assert place(((0, 1), 2), 2) == (1,)
    assert place(0, 0) == ()


@pytest.mark.parametrize("nesting", [((0, 1), (2,)), (0, (1, 2)), ((0, 1), 2)])
def test_ragged_nests_are_errors(nesting):
    with pytest.raises(InferError):
        infer_array(nesting, NUMBER, NUMBER, NUMBER)


def test_an_empty_nest_is_an_empty_array_of_floats():
    assert infer_array(()) == Array("float64", (Dim(0),))
    assert infer_array(((), ())) == Array("float64", (Dim(2), Dim(0)))


def test_a_fill_value_with_more_axes_is_refused():
    row = Array("float64", (Dim(1), Dim(3)))
    static = {"shape": (3,), "dtype": None, "order": "C"}
    with pytest.raises(NotSupported, match="more axes"):
        OPS["full"].infer(OpCall((row,), static))
    with pytest.raises(InferError):
        OPS["full"].infer(OpCall((Array("float64", (Dim(2),)),), static))


def test_derivatives_of_powers_at_zero():
    x = np.array([0.0, 2.0])
    y = np.vander(x, 4)
    columns = np.stack([vander_x(np.tile(row, (2, 1)), y, False) for row in np.eye(4)])
    assert columns.tolist() == [[0.0, 12.0], [0.0, 4.0], [1.0, 1.0], [0.0, 0.0]]
