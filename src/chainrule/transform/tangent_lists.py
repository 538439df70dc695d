"""Lists in forward mode: the tangent of a list is a list of tangents, of the same length always.

    xs.append(v)        ->  xs_dot.append(v_dot)
    v = xs[i]           ->  v_dot = xs_dot[i]
    A = np.array(xs)    ->  A_dot = np.array(xs_dot)
    m = max(xs)         ->  the mean of the tangents of the items that are equal to m

An item whose tangent is zero gets a zero, so that both lists can be read at the same places.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..analysis.activity import passes
from ..errors import UnsupportedError
from ..ir.program import Atom, Eqn, Var
from ..ir.types import List, is_inexact
from ..rules.builder import Builder, const
from .lists import zero_list

if TYPE_CHECKING:
    from .forward import Tangents

# The operands that are lists or items, in which an operation is linear; the others are kept.
_OPERANDS: Final[dict[str, int]] = {
    "list_append": 2, "list_extend": 2, "list_concat": 2, "list_set": 2, "list_pop": 1,
    "list_get": 1, "list_slice": 1, "list_copy": 1, "list_repeat": 1, "list_stack": 1,
    "list_join": 1, "list_from": 1, "list_sum": 1, "list_take": 1,
    # steps of a backward pass
    "list_fill": 1, "list_parts": 1, "list_split": 1, "list_share": 1, "list_add": 2,
    "list_add_slice": 2, "list_total": 2, "list_fold": 1,
}  # fmt: skip


def tangent_of_list_op(tangents: Tangents, eqn: Eqn) -> None:
    """Append a list operation, and the same on the tangents."""
    from .forward import called, fitted, keep

    builder = tangents.builder
    keep(builder, eqn)
    count = len(eqn.args) if eqn.op == "list_new" else _OPERANDS.get(eqn.op, 0)
    moving = any(passes(eqn, i) and tangents.get(a) is not None for i, a in enumerate(eqn.args))
    if not moving or not any(out in tangents.active for out in eqn.outs):
        return
    if eqn.op in ("list_max", "list_min"):
        dots = [fitted(builder, _extremum(tangents, eqn), eqn.out)]
    elif not count:
        why = f"the tangent of {eqn.op} is not written"
        raise UnsupportedError("CR025", why, eqn.span)
    else:
        args = [_dot(tangents, a) if i < count else a for i, a in enumerate(eqn.args)]
        outs = tuple(Var("", out.type) for out in eqn.outs)
        builder.append(replace(eqn, outs=outs, args=tuple(args), tangent=True, effect=False))
        dots = list(outs)
    for out, dot in zip(eqn.outs, dots, strict=True):
        if is_inexact(out.type):
            tangents.current[out] = called(builder, dot, out)
            tangents.masked.add(out)


def _dot(tangents: Tangents, atom: Atom) -> Atom:
    """The tangent of a list or of an item, zeros where it has none."""
    known = tangents.get(atom)
    if known is not None:
        return known
    if isinstance(atom.type, List) or np.dtype(atom.type.dtype).kind == "f":
        return tangents.or_zero(atom)
    return const(0.0)


def list_zero(builder: Builder, atom: Var) -> Var:
    """A list of zeros; an empty list where there are no items yet."""
    assert isinstance(atom.type, List)
    if atom.type.element is None:
        return builder.one("list_new", [])
    return zero_list(builder, atom)


def _extremum(tangents: Tangents, eqn: Eqn) -> Atom:
    """The mean of the tangents of the largest items: ties share equally."""
    builder, (xs,) = tangents.builder, eqn.args
    static = {"axis": 0, "dtype": None}
    values = builder.one("list_stack", [xs], static)
    dots = builder.one("list_stack", [_dot(tangents, xs)], static)
    chosen = builder.one("eq", [values, eqn.out])
    parts = builder.one("where", [chosen, dots, const(0.0)], {}, "np")
    whole = {"axis": None, "keepdims": False}
    total = builder.one("sum", [parts], whole, "np")
    return builder.one("div", [total, builder.one("sum", [chosen], whole, "np")])
