"""Lists of numbers: where an item is, how often, and in which order the items stand."""

from __future__ import annotations

from ..ir.types import Array, List, Scalar, Type
from .lists import element_of
from .registry import NotSupported, OpCall, built, internal, no_derivative

_HOW = "transform.lists puts the gradients back to where the items came from"


def _numbers(call: OpCall) -> Scalar:
    element = element_of(call.types[0])
    if isinstance(element, Array):
        raise NotSupported("arrays in the list, which are not compared as a whole")
    return element


def _place(call: OpCall) -> Type:
    _numbers(call)
    return Scalar("int64", weak=True)


def _contained(call: OpCall) -> Type:
    _numbers(call)
    return Scalar("bool", weak=True)


def _order(call: OpCall) -> Type:
    _numbers(call)
    xs = call.types[0]
    assert isinstance(xs, List)
    return List(Scalar("int64", weak=True), xs.length)


def _taken(call: OpCall) -> Type:
    xs, order = call.types
    assert isinstance(xs, List)
    assert isinstance(order, List)
    return List(xs.element, order.length)


no_derivative(internal("list_index", "xs, v", _place, text="xs.index(v)"), because="it is a place")
no_derivative(internal("list_count", "xs, v", _place, text="xs.count(v)"), because="it is a count")
no_derivative(
    internal("list_contains", "v, xs", lambda c: Scalar("bool", weak=True), text="v in xs")
)
# The places of the items in rising order; equal items keep their order.
no_derivative(internal("list_order", "xs", _order, static=("reverse",)), because="they are places")
# The items at places, each of which is there once.
_take = internal("list_take", "xs, order", _taken)
built(_take, "xs", how=_HOW)
no_derivative(_take, "order")
