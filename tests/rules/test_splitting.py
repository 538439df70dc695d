"""Splitting: the pieces tile the axis, or the call is refused."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall


def size(name, axis=0):
    return Dim.of(Sym(name, ("x", axis), single=False))


def lengths(dim, where, name="split"):
    call = OpCall((Array("float64", (Dim.of(dim),)),), {"indices_or_sections": where, "axis": 0})
    return [t.dims[0] for t in OPS[name].infer(call)]


@pytest.mark.parametrize("where", [(2,), (1, 3), (-1,), (-3, -1), (0, 4), (2, 9), (), (1, -1)])
def test_lengths_of_known_sizes(where):
    pieces = np.split(np.arange(4.0), where)
    assert lengths(4, where) == [Dim(p.size) for p in pieces]


@pytest.mark.parametrize("where", [(3, 1), (-1, 1), (1, -4)])
def test_overlaps_and_gaps_are_refused(where):
    with pytest.raises(NotSupported, match="overlap"):
        lengths(4, where)


@pytest.mark.parametrize("where", [(2, -1), (-1, 2)])
def test_bounds_from_both_ends_are_refused_when_the_size_is_not_known(where):
    with pytest.raises(NotSupported, match="overlap"):
        lengths(size("n"), where)


def test_a_bound_that_may_be_outside_makes_sizes_of_their_own():
    first, rest = lengths(size("n"), (3,))
    assert first.sym is not None
    assert rest.sym is not None


def test_bounds_that_are_sizes_of_parts_are_exact():
    n, m = size("n"), size("m")
    assert lengths(n + m * 2, (n, n + m)) == [n, m, m]


def test_an_int_argument_may_be_negative_and_so_is_no_second_bound():
    n = size("n")
    k = Dim.of(Sym("k", ("k", None), single=True))
    assert len(lengths(n, (k,))) == 2  # x[:k] and x[k:] tile for any k
    with pytest.raises(NotSupported, match="overlap"):
        lengths(n, (k, k + 1))


def test_equal_parts():
    n = size("n")
    assert lengths(n * 4, 2) == [n * 2] * 2
    first, second = lengths(n, 2)
    assert first == second
    with pytest.raises(InferError):
        lengths(5, 2)
    assert lengths(5, 2, "array_split") == [Dim(3), Dim(2)]
