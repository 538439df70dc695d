"""Common subexpressions: what the backward pass computes again takes the value that is there.

The forward pass stays as the user wrote it. Operations that cost next to nothing are repeated, as a
person would: `-x`, `W.T`, `dy[:, None]`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from ..ir.dims import Dim
from ..ir.program import Atom, Block, Const, Eqn, Function, Var, in_blocks, walk
from .dead import sized_by

_CHEAP: Final = frozenset(
    {"neg", "T", "transpose", "expand_dims", "broadcast_to", "size", "const", "alias", "swapaxes",
     "matrix_transpose", "reshape", "cast"}
)  # fmt: skip
_NEVER: Final = frozenset(
    {
        "accumulate",
        "add_at",
        "filled",
        "own",
        "call",
        "chain",
        "record",
        "push",
        "pop",
        "set_at",
        "peek",
        "length",
        "contains",
        "vjp",
        "list_new",
        "list_append",
        "list_extend",
        "list_pop",
        "list_set",
        "list_add",
        "list_add_slice",
        "list_zeros",
        "list_fill",
        "list_parts",
        "list_split",
        "list_share",
        "list_total",
        "list_copy",
        "list_take",
        "list_fold",
        "list_slice",
    }
)


def share_common(function: Function) -> Function:
    """Backward equations equal to an earlier one become another name for its result."""
    became: dict[Var, Atom] = {}
    read = {v for eqn in walk(function.body) for v in sized_by(eqn.static)}
    body = _shared(function.body, {}, became, read)
    results = tuple(became.get(r, r) if isinstance(r, Var) else r for r in function.results)
    return function.with_body(body, results)


def _shared(
    body: tuple[Eqn, ...], seen: dict[Any, Var], became: dict[Var, Atom], read: set[Var]
) -> tuple[Eqn, ...]:
    """Equations in a row, `seen` being what is computed before them and can be read there.

    The integers that options `read` stay, as options name them.
    """
    result: list[Eqn] = []
    for eqn in body:
        eqn = eqn.with_args(tuple(became.get(a, a) if isinstance(a, Var) else a for a in eqn.args))
        if eqn.blocks:
            result.append(in_blocks(eqn, lambda b: _in_block(b, dict(seen), became, read)))
            continue
        if eqn.op in _CHEAP or eqn.op in _NEVER or eqn.effect or len(eqn.outs) != 1:
            result.append(eqn)
            continue
        key = (eqn.op, tuple(map(_atom_key, eqn.args)), _static_key(eqn.static), eqn.out.type.dtype)
        known = seen.get(key) if eqn.out not in read else None
        if known is None or not eqn.derived:
            seen.setdefault(key, eqn.out)
            result.append(eqn)
        elif eqn.out.user:
            result.append(replace(eqn, op="alias", args=(known,), static={}, via=""))
        else:
            became[eqn.out] = known
            hand_over_sizes(eqn.out, known)
    return tuple(result)


def hand_over_sizes(old: Var, new: Var) -> None:
    """Sizes that were read from a value are read from the equal one that takes its place."""
    for axis, dim in enumerate(old.type.dims):
        for sym in (dim.sym, dim.sym.find()) if dim.sym is not None else ():
            if sym.root == (old, axis):
                sym.root = (new, axis)


def _in_block(block: Block, seen: dict[Any, Var], became: dict[Var, Atom], read: set[Var]) -> Block:
    body = _shared(block.body, seen, became, read)
    results = tuple(became.get(r, r) if isinstance(r, Var) else r for r in block.results)
    return Block(block.params, body, results)


def _atom_key(atom: Atom) -> Any:
    return (type(atom.value), repr(atom.value)) if isinstance(atom, Const) else atom


def _static_key(value: Any) -> Any:
    if isinstance(value, Dim):
        return ("dim", value)
    if isinstance(value, tuple):
        return tuple(map(_static_key, value))
    if hasattr(value, "items"):
        return tuple((k, _static_key(v)) for k, v in sorted(value.items()))
    return value
