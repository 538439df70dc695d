"""Diagonals of matrices whose shape is known, square by name, or unknown."""

import numpy as np
import pytest

from chainrule.errors import NeedStatic
from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array
from chainrule.rules.diagonal import diag_v, diagonal_a
from chainrule.rules.registry import OPS, NotSupported, OpCall


def infer(name, *dims, **static):
    return OPS[name].infer(OpCall((Array("float64", dims),), static))


def test_length_of_a_diagonal():
    n, m = (Dim.of(Sym(c, ("x", i), single=False)) for i, c in enumerate("nm"))
    assert infer("diag", n, n, k=-1).dims == (n - 1,)
    assert infer("diag", n, m, k=0).dims[0].sym not in (n.sym, m.sym)
    assert infer("diag", Dim(3), Dim(5), k=-2).dims == (Dim(1),)


def test_a_diagonal_outside_the_matrix_is_refused():
    with pytest.raises(NotSupported):
        infer("diag", Dim(3), Dim(3), k=3)


def test_which_diagonal_has_to_be_known():
    k = Dim.of(Sym("k", ("k", None), single=True))
    with pytest.raises(NeedStatic):
        infer("tril", Dim(3), Dim(3), k=k)


def test_an_infinite_gradient_stays_on_its_diagonal():
    dy = np.array([[np.inf, 1.0], [2.0, np.inf], [1.0, 1.0]])
    da = diagonal_a(dy, np.ones((2, 4, 3)), 0, 0, 1)
    assert np.isinf(da).sum() == 2
    assert not np.isnan(da).any()


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (4, 2)])
@pytest.mark.parametrize("k", [-5, 5])
def test_a_diagonal_outside_the_matrix_has_no_gradient(shape, k):
    a = np.ones(shape)
    da = diag_v(np.diag(a, k), a, k)
    np.testing.assert_array_equal(da, np.zeros(shape))
