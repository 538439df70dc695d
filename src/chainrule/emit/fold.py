"""Which temporaries are folded into the expression that uses them, and which get a line.

A value that the user named gets a line, in both passes. A temporary that is used once is folded,
unless the line would become too long; one that is used more often gets a line and a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from ..ir.program import Const, Eqn, Function, Var, free, use_counts, walk
from ..ir.types import Array, List, is_inexact
from ..rules.lists import LIST_WRITES
from ..rules.memory import returns

_OWN_LINE: Final = frozenset(
    {
        "accumulate",
        "add_at",
        "set_at",
        "call",
        "for",
        "while",
        "record",
        "push",
        "pop",
        *LIST_WRITES,
    }
)


@final
@dataclass(frozen=True)
class Folding:
    """The folded variables, and where the lines of equations begin, end, and use variables.

    Lines are numbered by the position of their equation, blocks included; results of the function
    are used after the last one. A value from outside a loop is used until the loop ends.
    """

    folded: frozenset[Var]
    start: dict[Eqn, int]
    end: dict[Eqn, int]
    uses: dict[Var, list[int]]
    sides: dict[Eqn, list[tuple[int, int]]]
    conditionals: frozenset[Eqn]

    def is_conditional(self, eqn: Eqn) -> bool:
        """Is the branch written `a if test else b`?"""
        return eqn in self.conditionals

    def last_use(self, var: Var) -> int:
        """The last line that uses a variable, -1 when none does."""
        return max(self.uses.get(var, ()), default=-1)


def fold(function: Function, forced: frozenset[Var]) -> Folding:
    """Fold every temporary that is used once, except the `forced` ones."""
    counts = use_counts(function)
    kept = {r for r in function.results if isinstance(r, Var)} | forced
    for eqn in walk(function.body):
        if eqn.blocks and not is_conditional(eqn, counts, forced):
            kept.update(r for b in eqn.blocks for r in b.results if isinstance(r, Var))
        if eqn.op == "while":
            kept.difference_update(r for r in eqn.blocks[0].results if isinstance(r, Var))
    kept |= _overtaken(function.body)
    folded = frozenset(
        eqn.out
        for eqn in walk(function.body)
        if _may_fold(eqn) and eqn.out not in kept
        and (counts.get(eqn.out) == 1 or _trivial(eqn))
        and (eqn.op != "if" or is_conditional(eqn, counts, forced))
    )  # fmt: skip
    conditionals = frozenset(
        e
        for e in walk(function.body)
        if is_conditional(e, counts, forced) and (e.outs[0] in folded or e.static.get("expression"))
    )
    return _Lines(folded, conditionals).number(function)


def _overtaken(body: Sequence[Eqn]) -> set[Var]:
    """Temporaries that read an array which is written before their only use.

    They get a line, as the array would have to be copied otherwise.
    """
    found: set[Var] = set()
    waiting: dict[Var, set[Var]] = {}  # temporaries not used yet, with the arrays they read
    for eqn in body:
        for block in eqn.blocks:
            found |= _overtaken(block.body)
        reads = {v for v in eqn.uses() if isinstance(v.type, Array | List)}
        for var in eqn.uses():
            reads |= waiting.pop(var, set())
        if written := _written(eqn):
            late = [v for v, arrays in waiting.items() if written & arrays]
            found.update(late)
            for var in late:
                del waiting[var]
        if _may_fold(eqn) and not eqn.blocks:
            waiting[eqn.out] = reads
    return found


def _written(eqn: Eqn) -> set[Var]:
    """The arrays that may be overwritten by an equation: also what a loop begins with."""
    if returns(eqn) == "inplace":
        return {a for a in eqn.args[:1] if isinstance(a, Var) and isinstance(a.type, Array | List)}
    if eqn.op in ("for", "while"):
        return {a for a in eqn.uses() if isinstance(a.type, Array | List)}
    inner = [_written(e) for block in eqn.blocks for e in block.body]
    return {v for part in inner for v in part}


def _may_fold(eqn: Eqn) -> bool:
    return (
        len(eqn.outs) == 1
        and not eqn.several
        and not eqn.effect
        and eqn.op not in _OWN_LINE
        and not eqn.out.user
    )


def is_conditional(eqn: Eqn, counts: dict[Var, int], forced: frozenset[Var]) -> bool:
    """Can it be written `a if test else b`: one result, and nothing in the blocks needs a line?"""
    if eqn.op != "if" or len(eqn.outs) != 1:
        return False
    for block in eqn.blocks:
        for inner in block.body:
            if inner.blocks and not is_conditional(inner, counts, forced):
                return False
            if not _may_fold(inner) or inner.out in forced:
                return False
            if counts.get(inner.out, 0) != 1 and not _trivial(inner):
                return False
    return all(r.value is not None for b in eqn.blocks for r in b.results if isinstance(r, Const))


class _Lines:
    """Numbers the lines of a function and notes which use what."""

    def __init__(self, folded: frozenset[Var], conditionals: frozenset[Eqn]) -> None:
        self.folded = folded
        self.conditionals = conditionals
        self.start: dict[Eqn, int] = {}
        self.end: dict[Eqn, int] = {}
        self.uses: dict[Var, list[int]] = {}
        self.sides: dict[Eqn, list[tuple[int, int]]] = {}
        self.loops: dict[Var, tuple[Eqn, ...]] = {}
        self.pending: list[tuple[Var, int, tuple[Eqn, ...]]] = []
        self.next = 0

    def number(self, function: Function) -> Folding:
        self.sequence(function.body, ())
        for var, line, loops in self.pending:
            known = self.loops.get(var, ())
            outer = [loop for loop in loops if loop not in known]
            self.uses.setdefault(var, []).append(self.end[outer[0]] if outer else line)
        for result in function.results:
            if isinstance(result, Var):
                self.uses.setdefault(result, []).append(self.next + 1)
        return Folding(self.folded, self.start, self.end, self.uses, self.sides, self.conditionals)

    def sequence(self, body: Sequence[Eqn], loops: tuple[Eqn, ...]) -> None:
        """Number equations in a row; a folded one counts as part of the line that uses it."""
        waiting: dict[Var, list[Var]] = {}
        for eqn in body:
            self.start[eqn] = self.next
            self.next += 1
            used = [*eqn.uses()]
            for var in eqn.uses():
                used += waiting.get(var, [])
            if eqn.blocks:
                self.blocks(eqn, loops, waiting)
            if len(eqn.outs) == 1 and eqn.out in self.folded:
                waiting[eqn.out] = used + self.inside(eqn, waiting)
            else:
                self.pending += [(v, self.start[eqn], loops) for v in used]
            self.end[eqn] = self.next
            self.next += 1  # what the next line reads is still needed at the end of this one
            self.loops.update(dict.fromkeys(eqn.outs, loops))
        self.waiting = waiting

    def inside(self, eqn: Eqn, waiting: dict[Var, list[Var]]) -> list[Var]:
        """What a conditional expression reads in its blocks."""
        found = [v for b in eqn.blocks for v in free(b)]
        return found + [w for v in found for w in waiting.get(v, [])]

    def blocks(self, eqn: Eqn, loops: tuple[Eqn, ...], waiting: dict[Var, list[Var]]) -> None:
        """Number the blocks of a control equation."""
        inner = loops if eqn.op == "if" else (*loops, eqn)
        self.sides[eqn] = []
        for block in eqn.blocks:
            begin = self.next
            self.loops.update(dict.fromkeys(block.params, inner))
            self.sequence(block.body, inner)
            held = {**waiting, **self.waiting}
            self.next += 1  # results are read after the last equation has ended
            for result in block.results:
                if isinstance(result, Var):
                    used = [result, *held.get(result, [])]
                    self.pending += [(v, self.next, inner) for v in used]
            for var in free(block):
                self.pending += [(v, self.next, inner) for v in waiting.get(var, [])]
            self.next += 1
            self.sides[eqn].append((begin, self.next - 1))


def _trivial(eqn: Eqn) -> bool:
    """Repeated rather than named: `x.shape[0]`, `W.T`, `-x` of a name, a constant."""
    if eqn.op == "index":  # a view costs nothing
        return bool(eqn.out.type.dims) and _is_plain(eqn.static["pattern"])
    if eqn.op in ("shape", "array_size", "T", "const", "matrix_transpose"):
        return True
    if eqn.op == "alias":
        return not eqn.out.user
    if eqn.op in ("add", "sub") and not is_inexact(eqn.out.type):  # `i + 1`
        return all(isinstance(a, Const) or a.user for a in eqn.args)
    if eqn.op in ("lt", "le", "gt", "ge", "eq", "ne"):
        return not eqn.out.type.dims and all(isinstance(a, Const) or a.user for a in eqn.args)
    return eqn.op in ("neg", "expand_dims") and not isinstance(eqn.args[0], Const)


def _is_plain(pattern: tuple[Any, ...]) -> bool:
    """Only ints, slices and None, all of them written out."""
    return all(
        entry[0] in ("int", "slice", "new", "all")
        and all(part is None or isinstance(part, int) for part in entry[1:])
        for entry in pattern
    )
