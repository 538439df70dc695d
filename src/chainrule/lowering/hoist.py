"""Memory is made before the loop whose trips use it; checks of counters are made before it too.

    for t in range(n):                     a = np.empty(m)
        a = np.empty(m)                    if n > 0 and n > k: raise IndexError
        if t >= k: raise IndexError   ->   for t in range(n):
        ...                                    ...

A check is taken out where each trip makes it: then the trip with the largest counter decides. Checks
with the same message that follow each other become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ..ir.program import Atom, Block, Const, Eqn, Function, Var, in_blocks, walk
from ..ir.types import Array
from ..rules.builder import const
from .code import BOOL, INT

_IN_A_LOOP: Final = "_0 < _1 and _2"  # a loop has a trip, and one of its checks fails in it
_STAYING: Final = frozenset({"load", "store", "run", "dim", "copy", "made", "alloc"})


def hoisted(function: Function) -> Function:
    """The function with memory and checks before its loops."""
    kept = {r for r in function.results if isinstance(r, Var)}
    for eqn in walk(function.body):
        if eqn.op not in _STAYING:
            kept.update(a for a in eqn.uses() if isinstance(a.type, Array))
    return function.with_body(tuple(_merged(_sequence(function.body, kept))))


def _sequence(body: Iterable[Eqn], kept: set[Var]) -> list[Eqn]:
    """Equations in a row, what can be taken out of each loop in front of it."""
    done: list[Eqn] = []
    for eqn in body:
        eqn = in_blocks(eqn, lambda b: replace(b, body=tuple(_sequence(b.body, kept))))
        if eqn.op in ("for", "while"):
            before, eqn = _memory(eqn, kept)
            done += before
        if eqn.op == "for":
            before, eqn = _checks(eqn)
            done += before
        done.append(eqn)
    return done


# -- memory --------------------------------------------------------------------------------------


def _memory(loop: Eqn, kept: set[Var]) -> tuple[list[Eqn], Eqn]:
    """New memory of each trip that no later trip sees: one for all of them."""
    inside = _made_inside(loop)
    before: list[Eqn] = []
    body: list[Eqn] = []
    lengths = {a for e in loop.blocks[-1].body if e.op == "alloc" for a in e.args}
    for eqn in loop.blocks[-1].body:
        if eqn.op == "py" and eqn.out in lengths and eqn.static["text"] == "max(_0, _1)":
            if not any(a in inside for a in eqn.args):
                before.append(eqn)
                inside.discard(eqn.out)
                continue
        sizes = not any(a in inside for a in eqn.args)
        if eqn.op == "alloc" and eqn.out not in kept and sizes:
            before.append(replace(eqn, static={**eqn.static, "zero": False}))
            if eqn.static["zero"]:
                body.append(_cleared(eqn))
        else:
            body.append(eqn)
    return before, _with_body(loop, body)


def _cleared(made: Eqn) -> Eqn:
    """Zeros in memory; NumPy's way for arrays, which Numba does not have for those of rank 0."""
    if not made.args:
        args = (made.out, const(0))
        return replace(made, outs=(), op="store", args=args, static={"add": False}, effect=True)
    static = {"text": "_0.fill(0)", "writes": made.out}
    return replace(made, outs=(), op="run", args=(made.out,), static=static, effect=True)


def _made_inside(loop: Eqn) -> set[Atom]:
    found: set[Atom] = {p for b in loop.blocks for p in b.params}
    for inner in walk([e for b in loop.blocks for e in b.body]):
        found.update(inner.outs)
        found.update(p for b in inner.blocks for p in b.params)
        if inner.op in ("set", "room"):
            found.add(inner.args[0])
    return found


def _with_body(loop: Eqn, body: Sequence[Eqn]) -> Eqn:
    *others, last = loop.blocks
    return replace(loop, blocks=(*others, Block(last.params, tuple(body), last.results)))


# -- checks --------------------------------------------------------------------------------------


def _checks(loop: Eqn) -> tuple[list[Eqn], Eqn]:
    """Checks that every trip makes, of the largest counter or of what does not change."""
    start, stop, step = loop.args
    ends = any(e.op == "end_if" for e in walk(loop.blocks[0].body))
    if ends or not (isinstance(step, Const) and step.value == 1):
        return [], loop
    counter = loop.blocks[0].params[0]
    inside = _made_inside(loop)
    origin: dict[Atom, Eqn] = {out: e for e in loop.blocks[0].body for out in e.outs}
    before: list[Eqn] = []
    body: list[Eqn] = []
    tests: list[Eqn] = []
    for eqn in loop.blocks[0].body:
        plain = eqn.op == "raise_if" and "raised" not in eqn.static
        test = origin.get(eqn.args[0]) if plain else None
        last = None if test is None else _at_last(test, counter, stop, inside, origin)
        if last is None:
            body.append(eqn)
            continue
        *made, out = last
        guard = Var("", BOOL)
        before += [*made, out]
        before.append(_py(eqn, guard, (start, stop, out.out), {"text": _IN_A_LOOP}))
        before.append(replace(eqn, args=(guard,)))
        tests.append(eqn)
    return before, _with_body(loop, body) if tests else loop


def _at_last(
    test: Eqn, counter: Var, stop: Atom, inside: set[Atom], origin: dict[Atom, Eqn]
) -> list[Eqn] | None:
    """The equations of a test for the last trip, the test itself last; None where it is another one."""
    if test.op != "py":
        return None
    used = [a for a in test.args if a in inside]
    if not used:
        return [replace(test, outs=(Var("", BOOL),))]
    if test.static["text"] == _IN_A_LOOP:
        return _of_inner_loop(test, counter, stop, inside, origin)
    if test.static["text"] not in ("_0 >= _1", "_0 < -_1 or _0 >= _1") or test.args[1] in inside:
        return None
    made: list[Eqn] = []
    last = _largest(test.args[0], counter, stop, inside, origin, made, test)
    if last is None or test.static["text"] != "_0 >= _1":
        return None
    return [*made, replace(test, outs=(Var("", BOOL),), args=(last, test.args[1]))]


def _of_inner_loop(
    test: Eqn, counter: Var, stop: Atom, inside: set[Atom], origin: dict[Atom, Eqn]
) -> list[Eqn] | None:
    """The same for a test that was taken out of an inner loop: it holds where that loop has a trip."""
    start, last, found = test.args
    inner = origin.get(found)
    if start in inside or (found in inside and inner is None):
        return None
    made: list[Eqn] = []
    last_stop = _largest(last, counter, stop, inside, origin, made, test)
    then = _at_last(inner, counter, stop, inside, origin) if inner and found in inside else []
    if last_stop is None or then is None:
        return None
    args = (start, last_stop, then[-1].out if then else found)
    return [*made, *then, replace(test, outs=(Var("", BOOL),), args=args)]


def _largest(
    atom: Atom,
    counter: Var,
    stop: Atom,
    inside: set[Atom],
    origin: dict[Atom, Eqn],
    made: list[Eqn],
    like: Eqn,
) -> Atom | None:
    """The largest value that an integer has, where it grows with the counter."""
    if atom is counter:
        out = Var("last", INT)
        made.append(_py(like, out, (stop, const(1)), {"text": "_0 - _1"}))
        return out
    if atom not in inside:
        return atom
    eqn = origin.get(atom)
    if eqn is None or eqn.op != "py" or eqn.static["text"] not in ("_0 + _1", "_0 - _1", "_0 * _1"):
        return None
    first, second = eqn.args
    if eqn.static["text"] == "_0 * _1":
        if not (isinstance(second, Const) and second.value > 0):
            first, second = second, first
        if not (isinstance(second, Const) and second.value > 0):
            return None
    if eqn.static["text"] == "_0 - _1" and second in inside:
        return None
    parts = [_largest(a, counter, stop, inside, origin, made, like) for a in (first, second)]
    if parts[0] is None or parts[1] is None:
        return None
    out = Var("last", INT)
    made.append(replace(eqn, outs=(out,), args=(parts[0], parts[1])))
    return out


def _py(like: Eqn, out: Var, args: tuple[Atom, ...], static: dict[str, str]) -> Eqn:
    """An expression at the place of another equation."""
    return replace(like, outs=(out,), op="py", args=args, static=static, effect=False)


def _merged(body: Sequence[Eqn]) -> list[Eqn]:
    """Checks with the same message that follow each other, in one line."""
    result: list[Eqn] = []
    last = -1  # where the last check is in the result
    for eqn in body:
        eqn = in_blocks(eqn, lambda b: replace(b, body=tuple(_merged(b.body))))
        if eqn.op == "raise_if":
            if last >= 0 and result[last].static == eqn.static and len(eqn.args) == 1:
                both = Var("", BOOL)
                old = result.pop(last)
                args = (old.args[0], eqn.args[0])
                static = {"text": "_0 or _1"}
                result.append(_py(eqn, both, args, static))
                eqn = replace(eqn, args=(both,))
            last = len(result)
        elif eqn.op not in ("py", "dim", "alloc"):
            last = -1
        result.append(eqn)
    return result
