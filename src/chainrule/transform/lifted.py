"""Walking a program whose values change their form: what depends on some of them is written anew.

The passes that do this give values an axis in front (`batched`) or make index sets of them
(`index_sets`). What they have in common is here: which values *move*, that is have the new form, and
how that goes through branches, loops, records and calls. A pass says what form a value has, and what
becomes of an operation on values that have it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

from ..ir.callees import is_recursive
from ..ir.program import Atom, Block, Const, Eqn, Function, Var, called
from ..ir.types import Type
from ..rules.builder import Builder


class NotLifted(Exception):
    """This program cannot be written in the other form."""


class Lift(ABC):
    """The values that have the new form so far, by the value of the old program."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.env: dict[Var, Var] = {}
        self.lists: set[Var] = set()
        self.callees: dict[Any, tuple[Function, tuple[bool, ...]]] = {}

    # -- what a pass says ------------------------------------------------------------------------

    @abstractmethod
    def like(self) -> Self:
        """An empty one with the same options, for a function that is called or for a block."""

    @abstractmethod
    def form(self, type_: Type) -> Type:
        """The type of a value that moves."""

    @abstractmethod
    def whole(self, atom: Atom) -> Atom:
        """A value in the new form, be it one that does not move."""

    @abstractmethod
    def operation(self, eqn: Eqn) -> None:
        """Write an operation, and bind its results, where an argument moves."""

    # -- values ----------------------------------------------------------------------------------

    def param(self, old: Var) -> Var:
        """A new variable for a value that moves."""
        new = Var(
            old.hint,
            self.form(old.type),
            user=old.user,
            adjoint_of=old.adjoint_of,
            tangent=old.tangent,
        )
        self.env[old] = new
        return new

    def moves(self, atom: Atom) -> bool:
        """Has the value the new form?"""
        return isinstance(atom, Var) and atom in self.env

    def new(self, atom: Atom) -> Atom:
        """The value as it is in the new program."""
        return self.env.get(atom, atom) if isinstance(atom, Var) else atom

    def bind(self, old: Var, new: Var) -> None:
        """Note what a result became; it keeps its name."""
        origin = self.builder.origin.get(new)
        if new.user or new.adjoint_of is not None or origin is None:
            out = Var("", self.form(old.type))
            self.builder.append(Eqn((out,), "alias", (new,)))
            new = out
        new.hint, new.user = old.hint, old.user
        new.adjoint_of, new.tangent = old.adjoint_of, old.tangent
        self.env[old] = new

    # -- equations -------------------------------------------------------------------------------

    def sequence(self, body: Sequence[Eqn]) -> None:
        """Append equations in a row."""
        for eqn in body:
            builder = self.builder
            builder.stage, builder.span = eqn.stage, eqn.span
            builder.backward, builder.tangent = eqn.backward, eqn.tangent
            if eqn.op == "if":
                self.branch(eqn)
            elif eqn.blocks:
                self.loop(eqn)
            elif eqn.op in ("push", "pop", "peek"):
                self.record(eqn)
            elif eqn.op == "call" and any(self.moves(a) or a in self.lists for a in eqn.args):
                self.call(eqn)
            elif not any(map(self.moves, eqn.args)):
                if eqn.op == "own" and eqn.args[0] in self.lists:  # a copy of a record
                    self.lists.add(eqn.out)
                builder.eqns.append(eqn)
                builder.origin.update(dict.fromkeys(eqn.outs, eqn))
            else:
                self.operation(eqn)

    def record(self, eqn: Eqn) -> None:
        """A value is recorded with the axis, or taken out of such a record."""
        if eqn.op == "peek" or len(eqn.args) > 2:  # snapshots
            raise NotLifted
        if eqn.op == "push":
            if self.moves(eqn.args[1]):
                self.lists.add(eqn.args[0])  # type: ignore[arg-type]
            eqn = eqn.with_args((eqn.args[0], self.new(eqn.args[1])))
        elif eqn.args[0] in self.lists:
            eqn = replace(eqn, outs=(self.param(eqn.out),))
        self.builder.append(eqn)

    def call(self, eqn: Eqn) -> None:
        """A call of a function with tangents."""
        flags = tuple(self.moves(a) or a in self.lists for a in eqn.args)
        callee = called(eqn)
        if eqn.effect or "custom" in eqn.static or is_recursive(callee):
            raise NotLifted
        key = (callee, flags)
        if key not in self.callees:
            inner = self.like()
            inner.callees = self.callees
            pairs = list(zip(callee.params, flags, strict=True))
            inner.lists = {p for p, f in pairs if f and _is_record(p)}
            params = tuple(inner.param(p) if f and p not in inner.lists else p for p, f in pairs)
            inner.sequence(callee.body)
            results = tuple(map(inner.new, callee.results))
            moving = tuple(inner.moves(r) or r in inner.lists for r in callee.results)
            made = replace(callee, params=params, body=tuple(inner.builder.eqns), results=results)
            self.callees[key] = (made, moving)
        function, moving = self.callees[key]
        recorded = {o for o, f in zip(eqn.outs, moving, strict=True) if f and _is_record(o)}
        self.lists |= recorded
        outs = tuple(
            self.param(o) if f and o not in recorded else o
            for o, f in zip(eqn.outs, moving, strict=True)
        )
        static = {**eqn.static, "callee": function}
        args = tuple(map(self.new, eqn.args))
        self.builder.append(replace(eqn, outs=outs, args=args, static=static))

    # -- control ---------------------------------------------------------------------------------

    def inside(self) -> Self:
        """A block: what is made there is forgotten after it."""
        outer = self.builder
        inner = self.like()
        inner.builder = Builder(
            stage=outer.stage,
            span=outer.span,
            backward=outer.backward,
            tangent=True,
            origin=dict(outer.origin),
        )
        inner.env, inner.lists, inner.callees = dict(self.env), self.lists, self.callees
        return inner

    def result(self, atom: Atom, moving: bool) -> Atom:
        """A result of a block, with the axis where it has one."""
        if not moving or (isinstance(atom, Const) and atom.value is None):
            return atom
        return self.whole(atom)

    def branch(self, eqn: Eqn) -> None:
        """An `if` whose test is the same for all directions."""
        if self.moves(eqn.args[0]):
            raise NotLifted
        sides = []
        for block in eqn.blocks:
            side = self.inside()
            side.sequence(block.body)
            sides.append(side)
        moving = [
            any(s.moves(b.results[i]) for s, b in zip(sides, eqn.blocks, strict=True))
            for i in range(len(eqn.outs))
        ]
        blocks = []
        for side, block in zip(sides, eqn.blocks, strict=True):
            results = tuple(side.result(r, m) for r, m in zip(block.results, moving, strict=True))
            blocks.append(Block((), tuple(side.builder.eqns), results))
        outs = tuple(self.param(o) if m else o for o, m in zip(eqn.outs, moving, strict=True))
        static = {k: v for k, v in eqn.static.items() if k != "expression" or not any(moving)}
        self.builder.append(replace(eqn, outs=outs, blocks=tuple(blocks), static=static))

    def loop(self, eqn: Eqn) -> None:
        """A loop that carries values with the axis."""
        fixed = 3 if eqn.op == "for" else 0
        inits = eqn.args[fixed:]
        if any(map(self.moves, eqn.args[:fixed])):
            raise NotLifted
        moving = [self.moves(a) for a in inits]
        while True:
            made = self.trip(eqn, moving)
            more = [m or n for m, n in zip(moving, made[1], strict=True)]
            if more == moving:
                break
            moving = more
        block, _ = made
        starts = tuple(self.result(a, m) for a, m in zip(inits, moving, strict=True))
        tests = []
        for test in eqn.blocks[:-1]:
            inner = self.inside()
            params = tuple(
                inner.param(p) if m else p for p, m in zip(test.params, moving, strict=True)
            )
            inner.sequence(test.body)
            if any(map(inner.moves, test.results)):
                raise NotLifted
            tests.append(Block(params, tuple(inner.builder.eqns), test.results))
        outs = tuple(self.param(o) if m else o for o, m in zip(eqn.outs, moving, strict=True))
        args = (*eqn.args[:fixed], *starts)
        self.builder.append(replace(eqn, outs=outs, args=args, blocks=(*tests, block)))

    def trip(self, eqn: Eqn, moving: Sequence[bool]) -> tuple[Block, list[bool]]:
        """The body of a loop, and which of its results have the axis."""
        body = eqn.blocks[-1]
        skipped = 1 if eqn.op == "for" else 0
        inner = self.inside()
        carried = tuple(
            inner.param(p) if m else p for p, m in zip(body.params[skipped:], moving, strict=True)
        )
        inner.sequence(body.body)
        found = [inner.moves(r) for r in body.results]
        results = tuple(
            inner.result(r, m or f) for r, m, f in zip(body.results, moving, found, strict=True)
        )
        block = Block((*body.params[:skipped], *carried), tuple(inner.builder.eqns), results)
        return block, found


def _is_record(var: Var) -> bool:
    """Is it a list of recorded values?"""
    return var.type.dtype == "object"
