"""Python lists whose length is known only at run time, as values: each write makes a new list.

The pattern of `xs[i]` and `xs[a:b]` is that of `rules.indexing`, with one entry. What the backward
pass does to a list of gradients (`dxs.pop()` for `xs.append(v)`) is written in `transform.lists`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any, Final

import numpy as np

from ..ir.dims import Dim, Sym
from ..ir.program import Eqn, Var
from ..ir.types import Array, List, Scalar, Type
from .indexing import sliced
from .python_builtins import STEP_OF_BACKWARD
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    built,
    complex_too,
    internal,
    no_derivative,
    not_written,
)
from .shapes import fresh_dim

RAGGED: Final = Dim.of(Sym("m", None, single=True))  # a size that differs between elements

LIST_WRITES: Final = (
    "list_append", "list_extend", "list_pop", "list_set", "list_add", "list_add_slice"
)  # fmt: skip

_HOW: Final = "transform.lists does to the list of gradients what undoes the operation"


def list_of(types: Iterable[Type], length: Dim | None = None) -> List:
    """The type of a list with elements of these types."""
    known = [List(_element(t)) for t in types]
    joined = reduce(joined_lists, known, List(None))
    return List(joined.element, length)


def joined_lists(a: List, b: List) -> List:
    """The type of a list that has elements of both lists."""
    if a.element is None or b.element is None:
        return List(a.element or b.element)
    if len(a.element.dims) != len(b.element.dims):
        raise NotSupported("numbers and arrays, or arrays of different ranks, in one list")
    dtype = np.result_type(a.element.dtype, b.element.dtype).name
    if isinstance(a.element, Scalar) and isinstance(b.element, Scalar):
        return List(Scalar(dtype, a.element.weak and b.element.weak))
    dims = (x if x == y else RAGGED for x, y in zip(a.element.dims, b.element.dims, strict=True))
    return List(Array(dtype, tuple(dims)))


def joined(a: Type, b: Type) -> List | None:
    """The type of a list that is of either type, None for what is no list or of another kind."""
    if not (isinstance(a, List) and isinstance(b, List)):
        return None
    try:
        return joined_lists(a, b)
    except NotSupported:
        return None


def closed(type_: Type, inside: set[Var]) -> Type:
    """The type outside a block: the elements of a list differ in sizes that are read inside."""
    if not isinstance(type_, List) or not isinstance(type_.element, Array):
        return type_

    def escapes(dim: Dim) -> bool:
        return any(
            (sym.root is not None and sym.root[0] in inside) or any(map(escapes, sym.factors))
            for sym in dim.terms
        )

    dims = tuple(RAGGED if escapes(d) else d for d in type_.element.dims)
    return List(Array(type_.element.dtype, dims))


def element_of(type_: Type) -> Scalar | Array:
    """The type of one element; its sizes are fresh where they differ between elements.

    A list that is still empty gets its elements later in a loop, which is then walked again.
    """
    assert isinstance(type_, List)
    element = type_.element or Scalar("float64", weak=True)
    if isinstance(element, Scalar):
        return element
    return Array(element.dtype, tuple(fresh_dim("m") if d == RAGGED else d for d in element.dims))


def _element(type_: Type) -> Scalar | Array:
    if isinstance(type_, List):
        raise NotSupported("a list in a list; write a 2-d array, np.zeros((n, m))")
    return Scalar(type_.dtype, type_.weak) if isinstance(type_, Scalar) else type_


def _longer(type_: Type, by: int) -> Dim | None:
    assert isinstance(type_, List)
    return None if type_.length is None else type_.length + by


def _new(call: OpCall) -> Type:
    return list_of(call.types, Dim(len(call.types)))


def _append(call: OpCall) -> Type:
    xs, v = call.types
    assert isinstance(xs, List)
    return List(joined_lists(xs, list_of([v])).element, _longer(xs, 1))


def _pop(call: OpCall) -> tuple[Type, ...]:
    (xs,) = call.types
    assert isinstance(xs, List)
    if xs.length is not None and xs.length.known == 0:
        raise InferError("pop from empty list")
    return List(xs.element, _longer(xs, -1)), element_of(xs)


def _get(call: OpCall) -> Type:
    return element_of(call.types[0])


def _slice(call: OpCall) -> Type:
    xs = call.types[0]
    assert isinstance(xs, List)
    ((_, *parts),) = call["pattern"]
    known = xs.length is not None and all(isinstance(p, int | None) for p in parts)
    length = sliced(xs.length, *parts) if known and xs.length is not None else None
    readable = length is not None and all(s.root is not None for s in length.terms)
    return List(xs.element, length if readable else None)


def _set(call: OpCall) -> Type:
    xs, v = call.types[:2]
    assert isinstance(xs, List)
    return List(joined_lists(xs, list_of([v])).element, xs.length)


def _same(call: OpCall) -> Type:
    return call.types[0]


def _concat(call: OpCall) -> Type:
    xs, ys = call.types
    assert isinstance(xs, List)
    assert isinstance(ys, List)
    known = xs.length is not None and ys.length is not None
    length = xs.length + ys.length if known and xs.length and ys.length else None
    return List(joined_lists(xs, ys).element, length)


def _repeat(call: OpCall) -> Type:
    xs, n = call.types
    assert isinstance(xs, List)
    count = n.dim if isinstance(n, Scalar) else None
    once = xs.length is not None and xs.length.known == 1
    return List(xs.element, count if once and count is not None and is_length(count) else None)


def is_length(dim: Dim) -> bool:
    """Is a size never negative: a sum of lengths of axes?"""
    return (
        dim.const >= 0
        and all(c > 0 for c in dim.terms.values())
        and all(s.root is not None and s.root[1] is not None for s in dim.terms)
    )


def _len(call: OpCall) -> Type:
    return Scalar("int64", weak=True)


def length_dim(type_: Type) -> Dim:
    """The length of the axis that a list becomes."""
    assert isinstance(type_, List)
    return fresh_dim("m") if type_.length is None else type_.length


def _stack(call: OpCall) -> Type:
    element = element_of(call.types[0])
    dims = list(element.dims)
    dims.insert(call["axis"] or 0, length_dim(call.types[0]))
    return Array(element.dtype, tuple(dims))


def _join(call: OpCall) -> Type:
    element = element_of(call.types[0])
    axis = call["axis"]
    dims = tuple(fresh_dim("m") if i == axis else d for i, d in enumerate(element.dims))
    return Array(element.dtype, dims)


def _from(call: OpCall) -> Type:
    dtype, dims = call.types[0].dtype, call.types[0].dims
    if len(dims) > 1:
        return List(Array(dtype, dims[1:]), dims[0])
    return List(Scalar(dtype, weak=bool(call["tolist"])), dims[0])


def _sum(call: OpCall) -> Type:
    element = element_of(call.types[0])
    if np.dtype(element.dtype).kind == "b":
        return Scalar("int64", weak=True)
    if call["fun"] == "math.fsum":
        return Scalar("float64", weak=True)
    return element


def _extremum(call: OpCall) -> Type:
    element = element_of(call.types[0])
    if isinstance(element, Array):
        raise InferError("the truth value of an array is ambiguous")
    return element


def _zeros(call: OpCall) -> Type:
    return call.types[0]


def _like(call: OpCall) -> Type:
    return call.types[-1]


built(internal("list_append", "xs, v", _append, returns="inplace"), "xs", "v", how=_HOW)
built(internal("list_extend", "xs, ys", _concat, returns="inplace"), "xs", "ys", how=_HOW)
built(internal("list_pop", "xs", _pop, returns="inplace"), "xs", how=_HOW)
built(
    internal("list_set", "xs, v", _set, static=("pattern",), returns="inplace"),
    "xs",
    "v",
    how=_HOW,
)
_new_list = internal("list_new", "items", _new)
_new_list.variadic, _new_list.varargs = "items", True
built(_new_list, "items", how=_HOW)
built(internal("list_get", "xs", _get, static=("pattern",), returns="view"), "xs", how=_HOW)
built(internal("list_slice", "xs", _slice, static=("pattern",)), "xs", how=_HOW)
built(internal("list_concat", "xs, ys", _concat, text="xs + ys"), "xs", "ys", how=_HOW)
built(internal("list_copy", "xs", _same, text="xs.copy()"), "xs", how=_HOW)
_repeated = internal("list_repeat", "xs, n", _repeat, text="xs * n")
built(_repeated, "xs", how=_HOW)
no_derivative(_repeated, "n")
no_derivative(internal("list_len", "xs", _len, text="len(xs)"))
built(internal("list_stack", "xs", _stack, static=("axis", "dtype")), "xs", how=_HOW)
built(internal("list_join", "xs", _join, static=("axis",)), "xs", how=_HOW)
built(internal("list_from", "a", _from, static=("tolist",)), "a", how=_HOW)
built(internal("list_sum", "xs", _sum, static=("fun",)), "xs", how=_HOW)
built(internal("list_max", "xs", _extremum, text="max(xs)"), "xs", how=_HOW)
built(internal("list_min", "xs", _extremum, text="min(xs)"), "xs", how=_HOW)


# -- steps of a backward pass ----------------------------------------------------------------------


def _step(name: str, operands: str, infer: Any, **options: Any) -> None:
    not_written(internal(name, operands, infer, **options), because=STEP_OF_BACKWARD)


# A zero for each element.
no_derivative(internal("list_zeros", "xs", _zeros))
# `d` for each element.
_step("list_fill", "d, xs", _like)
# The parts of the gradient of an array that was made of the elements.
_step("list_parts", "d, xs", _like, static=("axis",))
_step("list_split", "d, xs", _like, static=("axis",))
# `d` for the elements that are the extremum `m`, in equal shares.
_step("list_share", "d, m, xs", _like)
# The gradients of a list that was repeated: of each item, the sum over its copies.
_step("list_fold", "d, xs", _like)
# `d` added to an element, or to the elements of a slice.
_step("list_add", "base, d", _same, static=("pattern",), returns="inplace")
_step("list_add_slice", "base, d", _same, static=("pattern",), returns="inplace")
# Gradients of one list that add up.
_step("list_total", "a, b", _same)


def is_list_op(eqn: Eqn) -> bool:
    """Is it an operation of this file?"""
    return eqn.op.startswith("list_")


complex_too(
    "list_append", "list_extend", "list_pop", "list_set", "list_new", "list_get", "list_slice",
    "list_concat", "list_copy", "list_repeat", "list_len", "list_stack", "list_join", "list_from",
    "list_sum", "list_zeros", "list_fill", "list_parts", "list_split", "list_share", "list_add",
    "list_add_slice", "list_total",
)  # fmt: skip
