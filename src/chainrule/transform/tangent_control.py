"""Branches, loops and records with tangents.

    if test: y = f(x)         ->   if test: y = f(x); y_dot = ...
    else:    y = 0.0               else:    y = 0.0;  y_dot = 0.0

    for i in range(n):        ->   for i in range(n):
        s = s * x                      s_dot = x * s_dot + s * x_dot
                                       s = s * x

A loop carries tangents beside values. A list in which a backward pass records values has a second
list for their tangents.
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UnsupportedError
from ..frontend.blocks import UNSET
from ..ir.program import Atom, Block, Const, Eqn, Var
from ..ir.types import Array
from ..rules.builder import Builder

if TYPE_CHECKING:
    from .forward import Forward, Tangents


def tangent_control(forward: Forward, tangents: Tangents, eqn: Eqn) -> None:
    """Append an `if`, `for` or `while` that computes tangents too."""
    if eqn.op == "if":
        _branch(forward, tangents, eqn)
    else:
        _loop(forward, tangents, eqn)


def _inside(tangents: Tangents) -> Tangents:
    """Tangents for a block, in a builder of its own."""
    outer = tangents.builder
    builder = Builder(
        stage=outer.stage,
        span=outer.span,
        backward=outer.backward,
        tangent=True,
        known=outer.known,
        origin=ChainMap({}, outer.origin),  # type: ignore[arg-type]
    )
    inner = replace(tangents, builder=builder, current=dict(tangents.current))
    inner.masked = set(tangents.masked)
    return inner


def _branch(forward: Forward, tangents: Tangents, eqn: Eqn) -> None:
    from .forward import keep, tangent_var

    moving = [out for out in eqn.outs if out in tangents.active]
    places = [eqn.outs.index(out) for out in moving]
    blocks = []
    for block in eqn.blocks:
        inner = _inside(tangents)
        forward.equations(inner, block.body)
        inner.builder.tangent = True
        results: list[Atom] = []
        for place, out in zip(places, moving, strict=True):
            result = block.results[place]
            if isinstance(result, Const) and result.value is None:
                results.append(UNSET)
            else:
                results.append(_fitted(inner, result, out))
        tangents.masked |= inner.masked
        blocks.append(Block((), tuple(inner.builder.eqns), (*block.results, *results)))
    outs = tuple(map(tangent_var, moving))
    static = {k: v for k, v in eqn.static.items() if k != "expression" or not outs}
    keep(
        tangents.builder,
        replace(eqn, outs=(*eqn.outs, *outs), blocks=tuple(blocks), static=static),
    )
    tangents.current.update(zip(moving, outs, strict=True))
    tangents.masked.update(moving)  # one side may be constant


def _loop(forward: Forward, tangents: Tangents, eqn: Eqn) -> None:
    from .forward import keep, tangent_var

    fixed = 3 if eqn.op == "for" else 0
    skipped = 1 if fixed else 0
    body = eqn.blocks[-1]
    params = body.params[skipped:]
    slots = [i for i, p in enumerate(params) if p in tangents.active]
    starts = tuple(
        UNSET if _is_unset(eqn.args[fixed + i]) else
        _fitted(tangents, eqn.args[fixed + i], params[i])
        for i in slots
    )  # fmt: skip
    carried = tuple(tangent_var(params[i]) for i in slots)
    inner = _inside(tangents)
    inner.current.update(zip((params[i] for i in slots), carried, strict=True))
    inner.masked.update(params[i] for i in slots)
    forward.equations(inner, body.body)
    inner.builder.tangent = True
    results = tuple(
        UNSET if _is_unset(body.results[i]) else
        _fitted(inner, body.results[i], params[i])
        for i in slots
    )  # fmt: skip
    after = Block((*body.params, *carried), tuple(inner.builder.eqns), (*body.results, *results))
    tests = [
        replace(b, params=(*b.params, *(tangent_var(b.params[i]) for i in slots)))
        for b in eqn.blocks[:-1]
    ]
    outs = tuple(tangent_var(eqn.outs[i]) for i in slots)
    keep(
        tangents.builder,
        replace(eqn, outs=(*eqn.outs, *outs), args=(*eqn.args, *starts), blocks=(*tests, after)),
    )
    tangents.masked |= inner.masked
    for i, out in zip(slots, outs, strict=True):
        tangents.current[eqn.outs[i]] = out
        tangents.masked.add(eqn.outs[i])


def _fitted(tangents: Tangents, value: Atom, out: Var) -> Atom:
    """The tangent of a value that becomes `out`, which has its own name for the same sizes."""
    from .forward import fitted

    if isinstance(out.type, Array) and len(value.type.dims) == len(out.type.dims):
        out = Var(out.hint, Array(out.type.dtype, value.type.dims), user=out.user)
    return fitted(tangents.builder, tangents.or_zero(value), out)


def _is_unset(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.value is None


# -- records ---------------------------------------------------------------------------------------


def is_list(eqn: Eqn) -> bool:
    """Does the equation make, fill, copy or read a list of recorded values?"""
    if eqn.op == "peek" or (eqn.op == "push" and len(eqn.args) > 2):
        why = "derivatives of the gradient of a checkpointed loop are not supported yet"
        raise UnsupportedError("CR033", why, eqn.span, "leave out checkpoint")
    if eqn.op in ("record", "push", "pop"):
        return True
    return eqn.op == "own" and np.dtype(eqn.args[0].type.dtype).kind == "O"


def tangent_of_list(tangents: Tangents, eqn: Eqn) -> None:
    """The same step on the list of tangents, where values with tangents are recorded."""
    from .forward import keep, tangent_var

    builder = tangents.builder
    keep(builder, eqn)
    holder = eqn.args[0] if eqn.args else eqn.outs[0]
    if holder not in tangents.active:
        return
    if eqn.op in ("record", "own"):
        out = tangent_var(eqn.out)
        args = () if eqn.op == "record" else (tangents.or_zero(eqn.args[0]),)
        keep(builder, replace(eqn, outs=(out,), args=args, tangent=True))
        tangents.current[eqn.out] = out
    elif eqn.op == "push":
        pushed = (tangents.current[eqn.uses().__next__()], tangents.or_zero(eqn.args[1]))
        keep(builder, replace(eqn, args=pushed, tangent=True))
    else:
        out = tangent_var(eqn.out)
        holder_dot = tangents.or_zero(eqn.args[0])
        keep(builder, replace(eqn, outs=(out,), args=(holder_dot,), tangent=True))
        tangents.current[eqn.out] = out
