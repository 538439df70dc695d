"""Joining: promotion of numbers, sizes that must agree, parts that operands fill."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array, python_scalar
from chainrule.rules.joining import part
from chainrule.rules.registry import OPS, InferError, OpCall

VECTOR = Array("float32", (Dim(2),))
NUMBER = python_scalar(0.5)


def infer(name, *types, **static):
    return OPS[name].infer(OpCall(types, {"axis": 0, "dtype": None} | static))


def test_a_python_number_is_weak_in_concatenate_without_axis_only():
    ones = np.ones(2, np.float32)
    assert infer("concatenate", VECTOR, NUMBER, axis=None).dtype == "float32"
    assert np.concatenate((ones, 0.5), axis=None).dtype == np.float32
    assert infer("append", VECTOR, NUMBER, axis=None).dtype == "float64"
    assert np.append(ones, 0.5).dtype == np.float64
    assert infer("hstack", VECTOR, NUMBER).dtype == "float64"
    assert np.hstack((ones, 0.5)).dtype == np.float64


def test_sizes_across_the_joined_axis_are_merged():
    m, n, k, p = (Dim.of(Sym(c, ("x", 0), single=False)) for c in "mnkp")
    joined = infer("concatenate", Array("float64", (m, n)), Array("float64", (k, p)))
    assert joined.dims == (m + k, n)
    assert n == p


@pytest.mark.parametrize(
    ("name", "shapes"),
    [("concatenate", [(2, 3), (2, 4)]), ("concatenate", [(2,), (2, 2)]), ("concatenate", [()]),
     ("concatenate", []), ("stack", [(2,), (3,)]), ("stack", []), ("vstack", [(2,), (3,)]),
     ("hstack", [(2, 3), (3, 3)]), ("dstack", [(2, 3), (2, 2)]), ("column_stack", [(2,), (3,)])],
)  # fmt: skip
def test_what_does_not_fit_together(name, shapes):
    types = [Array("float64", tuple(map(Dim, shape))) for shape in shapes]
    with pytest.raises(InferError):
        infer(name, *types)


def test_the_last_part_has_no_end():
    n = Dim.of(Sym("n", ("x", 0), single=False))
    assert part((2, 3, 4), 1) == slice(2, 5)
    assert part((2, n, 4), 2) == slice(n + 2, None)
    assert part((n, 4), 0) == slice(None, n)
