"""Types of lists: what elements of several types make, and sizes that differ between elements."""

import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.program import Var
from chainrule.ir.types import Array, List, Scalar
from chainrule.rules.lists import (
    RAGGED,
    closed,
    element_of,
    is_length,
    joined,
    joined_lists,
    list_of,
)
from chainrule.rules.registry import NotSupported

FLOAT = Scalar("float64", weak=True)
N, M = (Dim.of(Sym(name, None, single=False)) for name in "nm")


def test_numbers_of_several_kinds_are_floats():
    assert list_of([Scalar("int64", weak=True), FLOAT]) == List(FLOAT)
    assert list_of([FLOAT, Scalar("float64")]) == List(Scalar("float64"))
    assert list_of([]) == List(None)


def test_sizes_that_differ_are_ragged():
    both = list_of([Array("float64", (N, Dim(2))), Array("float64", (M, Dim(2)))])
    assert both == List(Array("float64", (RAGGED, Dim(2))))
    again = joined_lists(both, list_of([Array("float64", (N, Dim(2)))]))
    assert again == both


def test_each_element_of_a_ragged_list_has_sizes_of_its_own():
    ragged = List(Array("float64", (RAGGED,)))
    first, second = element_of(ragged), element_of(ragged)
    assert first.dims != second.dims
    assert element_of(List(Array("float64", (N,)))).dims == (N,)


def test_numbers_and_arrays_do_not_mix():
    with pytest.raises(NotSupported, match="in one list"):
        list_of([FLOAT, Array("float64", (N,))])
    with pytest.raises(NotSupported, match="a list in a list"):
        list_of([List(FLOAT)])
    assert joined(List(FLOAT), List(Array("float64", (N,)))) is None
    assert joined(List(FLOAT), FLOAT) is None


def test_sizes_that_are_read_in_a_block_differ_outside():
    inner = Var("u", Array("float64", ()))
    size = Dim.of(Sym("k", (inner, 0), single=True))
    grown = List(Array("float64", (size + 1, N)))
    assert closed(grown, {inner}) == List(Array("float64", (RAGGED, N)))
    assert closed(grown, set()) == grown
    assert closed(FLOAT, {inner}) == FLOAT


def test_an_integer_may_be_negative_and_a_length_not():
    x = Var("x", Array("float64", ()))
    length, number = Dim.of(Sym("n", (x, 0), True)), Dim.of(Sym("k", (x, None), True))
    assert is_length(length + 1)
    assert not is_length(length - 1)
    assert not is_length(number)
    assert not is_length(N)
