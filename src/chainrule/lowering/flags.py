"""A name that is None until it is set gets a flag beside it, which says whether it is set.

    best = None                         best, best_set = 0.0, False
    for x in xs:                        for x in xs:
        if best is None or x < best:        if not best_set or x < best:
            best = x                            best, best_set = x, True

A value has a flag where a test may see that it is None (`analysis.unset`). What a function gets and
gives is set: the frontend refuses to hand over anything else. A value that is tested after it was
recorded is refused; records keep no flags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ..analysis.unset import observed
from ..ir.callees import Changed, with_callees
from ..ir.program import Atom, Block, Const, Eqn, Function, Var, walk
from ..ir.types import Scalar
from ..rules.builder import const
from .table import refuse

_TESTS: Final = frozenset({"is_none", "is_set"})
_RECORDED: Final = "a test whether a value is None after it was recorded"

Flags = dict[Var, Atom]


def with_flags(function: Function) -> Function:
    """The function, and what it calls, with flags in place of tests whether a value is None."""
    return _flagged(with_callees(function, _flagged, Changed()))


def _flagged(function: Function) -> Function:
    if not any(e.op in _TESTS for e in walk(function.body)):
        return function
    seen = observed(function)
    flags: Flags = {}
    body = _body(function.body, seen, flags)
    return function.with_body(tuple(body))


def _flag(atom: Atom, flags: Mapping[Var, Atom]) -> Atom:
    """The flag of a value; what is not known to be None at times is set."""
    if isinstance(atom, Const):
        return const(atom.value is not None)
    return flags.get(atom, const(True))


def _body(body: Sequence[Eqn], seen: set[Var], flags: Flags) -> list[Eqn]:
    """Equations in a row; flags of what they define are added to `flags`."""
    result: list[Eqn] = []
    for eqn in body:
        if eqn.op in _TESTS:
            op = "not" if eqn.op == "is_none" else "alias"
            result.append(replace(eqn, op=op, args=(_flag(eqn.args[0], flags),), via=""))
        elif eqn.op == "if":
            result.append(_branch(eqn, seen, flags))
        elif eqn.blocks:
            result.append(_loop(eqn, seen, flags))
        else:
            _plain(eqn, seen, flags)
            result.append(eqn)
    return result


def _plain(eqn: Eqn, seen: set[Var], flags: Flags) -> None:
    """What an equation without blocks gives is set, except another name."""
    if eqn.op == "alias":
        flags[eqn.out] = _flag(eqn.args[0], flags)
    elif eqn.op in ("pop", "peek") and any(out in seen for out in eqn.outs):
        raise refuse(eqn, _RECORDED)


def _new(var: Var) -> Var:
    return Var(f"{var.hint}_set" if var.hint else "is_set", Scalar("bool", weak=True))


def _branch(eqn: Eqn, seen: set[Var], flags: Flags) -> Eqn:
    """A branch whose results may be None on a side hands out flags too."""
    chosen = [i for i, out in enumerate(eqn.outs) if out in seen]
    blocks = []
    for block in eqn.blocks:
        inner = dict(flags)
        body = _body(block.body, seen, inner)
        more = tuple(_flag(block.results[i], inner) for i in chosen)
        blocks.append(Block(block.params, tuple(body), (*block.results, *more)))
    outs = tuple(_new(eqn.outs[i]) for i in chosen)
    flags.update((eqn.outs[i], flag) for i, flag in zip(chosen, outs, strict=True))
    return replace(eqn, outs=(*eqn.outs, *outs), blocks=tuple(blocks))


def _loop(eqn: Eqn, seen: set[Var], flags: Flags) -> Eqn:
    """A loop carries the flags of values that it carries and that may be None."""
    fixed = 3 if eqn.op == "for" else 0
    chosen = [i for i, out in enumerate(eqn.outs) if out in seen]
    chosen += [
        i
        for i in range(len(eqn.outs))
        if i not in chosen and any(_carried(b, eqn)[i] in seen for b in eqn.blocks)
    ]
    starts = tuple(_flag(eqn.args[fixed + i], flags) for i in chosen)
    blocks = []
    for block in eqn.blocks:
        inner = dict(flags)
        params = tuple(_new(_carried(block, eqn)[i]) for i in chosen)
        inner.update(
            (_carried(block, eqn)[i], flag) for i, flag in zip(chosen, params, strict=True)
        )
        body = _body(block.body, seen, inner)
        is_test = eqn.op == "while" and block is eqn.blocks[0]
        more = () if is_test else tuple(_flag(block.results[i], inner) for i in chosen)
        blocks.append(Block((*block.params, *params), tuple(body), (*block.results, *more)))
    outs = tuple(_new(eqn.outs[i]) for i in chosen)
    flags.update((eqn.outs[i], flag) for i, flag in zip(chosen, outs, strict=True))
    return replace(eqn, outs=(*eqn.outs, *outs), args=(*eqn.args, *starts), blocks=tuple(blocks))


def _carried(block: Block, eqn: Eqn) -> tuple[Var, ...]:
    """The parameters of a block that a loop carries."""
    return block.params[len(block.params) - len(eqn.outs) :]
