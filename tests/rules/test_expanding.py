"""Axes of length 1: what is known of them decides."""

import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall


def size(name, single):
    return Dim.of(Sym(name, ("x", 0), single))


def infer(name, *dims, **static):
    return OPS[name].infer(OpCall((Array("float64", dims),), static))


def test_squeeze_of_all_axes_needs_to_know_which_have_length_1():
    n = size("n", single=False)
    assert infer("squeeze", Dim(1), n, axis=None).dims == (n,)
    with pytest.raises(NotSupported, match="axis="):
        infer("squeeze", size("m", single=True), n, axis=None)


def test_squeeze_of_a_named_axis_trusts_it_unless_it_cannot_be_1():
    m, n = size("m", single=True), size("n", single=False)
    assert infer("squeeze", m, n, axis=0).dims == (n,)
    with pytest.raises(InferError):
        infer("squeeze", m, n, axis=1)


def test_broadcast_to_merges_what_must_be_equal():
    m, n = size("m", single=False), size("n", single=False)
    assert infer("broadcast_to", m, shape=(3, n)).dims == (Dim(3), n)
    assert m == n


@pytest.mark.parametrize(("dims", "shape"), [((2,), (3,)), ((2, 3), (3,)), ((3,), (3, 1))])
def test_broadcast_to_what_does_not_fit(dims, shape):
    with pytest.raises(InferError):
        infer("broadcast_to", *map(Dim, dims), shape=shape)
