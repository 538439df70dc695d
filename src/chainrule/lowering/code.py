"""Building lowered programs: equations over numbers and memory, with loops that carry nothing.

A lowered program uses the same equations and blocks, but it is out of static single assignment
form: what a loop changes is a *cell*, a variable that `set` gives a new value, or memory.

    py(args; text)            any pure expression, `_0`, `_1` standing for the arguments
    alloc(dims; dtype, zero)  load(A, i, j)   view(A, dims)  dim(A; axis)
    store(A, v, i, j; add)    set(cell, v)    cell(v)   run(args; text)   raise_if(test; error)
    room(A, size)             end_if(test), which leaves the loop
    for(start, stop, step)    if(test)        while()        with blocks that have no results
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, final

from ..ir.dims import Dim
from ..ir.program import Atom, Block, Const, Eqn, Var
from ..ir.types import Array, Scalar
from ..rules.builder import const
from .values import Buffer, Dims, Index, Lazy

INT = Scalar("int64", weak=True)
BOOL = Scalar("bool", weak=True)
CHANGES = 10**6  # the depth of a cell, whose value is not the same everywhere
_ANY = Dim(0)  # the sizes of memory are in its `Buffer`
MISMATCH = 'ValueError("operands could not be broadcast together")'

_INT_TEXT = {
    "add": "_0 + _1", "sub": "_0 - _1", "mul": "_0 * _1", "floordiv": "_0 // _1", "mod": "_0 % _1",
    "max": "max(_0, _1)", "min": "min(_0, _1)",
}  # fmt: skip
_INT_FUN: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b, "max": max, "min": min,
}  # fmt: skip


def known(atom: Atom) -> int | None:
    """The integer that an atom is in every run, else None."""
    return int(atom.value) if isinstance(atom, Const) else None


@final
class Code:
    """A lowered program under construction; `emit` and its relatives append to the inner block."""

    def __init__(self) -> None:
        self.body: list[Eqn] = []
        self.root = self.body
        self.source: Eqn | None = None
        self.memo: list[dict[Any, Var]] = [{}]
        self.depth_of: dict[Var, int] = {}
        self.sums: dict[Var, tuple[Var, int]] = {}
        self.plural: set[Var] = set()  # sizes that are never 1
        self.natural: set[Var] = set()  # integers that are never negative

    # -- equations -------------------------------------------------------------------------------

    def append(self, eqn: Eqn) -> None:
        """Append an equation with the stage and the place of the one that is being lowered."""
        source = self.source
        if source is not None:
            eqn = replace(eqn, stage=source.stage, span=source.span, backward=source.backward)
        for out in eqn.outs:
            self.depth_of.setdefault(out, CHANGES if eqn.op == "cell" else len(self.memo))
        self.body.append(eqn)

    def emit(self, op: str, args: Sequence[Atom], type_: Any, hint: str = "", **static: Any) -> Var:
        """Append an equation with one result."""
        out = Var(hint, type_)
        if op == "dim":
            self.natural.add(out)
        self.append(Eqn((out,), op, tuple(args), static))
        return out

    def effect(self, op: str, args: Sequence[Atom], **static: Any) -> None:
        """Append an equation that is there for what it does."""
        self.append(Eqn((), op, tuple(args), static, effect=True))

    def py(self, text: str, args: Sequence[Atom], dtype: str, hint: str = "") -> Var:
        """A number that is computed by a Python expression."""
        return self.emit("py", args, Scalar(dtype), hint, text=text)

    def test(self, text: str, *args: Atom) -> Var:
        """A bool that is computed by a Python expression."""
        return self.emit("py", args, BOOL, text=text)

    # -- integers --------------------------------------------------------------------------------

    def once(self, key: Any, make: Callable[[], Var]) -> Var:
        """What was made for this key before and can be read here, or what `make` makes."""
        for level in reversed(self.memo):
            if key in level:
                found: Var = level[key]
                return found
        made = make()
        self.memo[-1][key] = made
        return made

    def whole(self, op: str, a: Atom, b: Atom) -> Atom:
        """Arithmetic on positions and sizes, folded where it is known."""
        x, y = known(a), known(b)
        if x is not None and y is not None:
            return const(_INT_FUN[op](x, y))
        if y == 0 and op in ("add", "sub"):
            return a
        if x == 0 and op == "add":
            return b
        if op == "mul" and 0 in (x, y):
            return const(0)
        if y == 1 and op in ("mul", "floordiv"):
            return a
        if x == 1 and op == "mul":
            return b
        if op in ("max", "min") and a is b:
            return a
        if op == "max" and y == 0 and a in self.natural:
            return a
        if y is not None and y < 0 and op in ("add", "sub"):
            return self.whole("sub" if op == "add" else "add", a, const(-y))
        if any(self.depth_of.get(v) == CHANGES for v in (a, b) if isinstance(v, Var)):
            return self.emit("py", (a, b), INT, "n", text=_INT_TEXT[op])
        if y is not None and op in ("add", "sub") and isinstance(a, Var):
            folded = self._folded(op, a, y)
            if folded is not None:
                return folded
        made = self._computed(op, a, b)
        if op == "max" and y is not None and y >= 0:
            self.natural.add(made)
        if y is not None and op in ("add", "sub") and isinstance(a, Var):
            self.sums[made] = (a, y if op == "add" else -y)
        return made

    def _computed(self, op: str, a: Atom, b: Atom) -> Var:
        """Arithmetic on two integers; a division may raise, so it stays where it is."""
        if op in ("floordiv", "mod"):
            return self.emit("py", (a, b), INT, "n", text=_INT_TEXT[op])
        return self.early(op, _INT_TEXT[op], (a, b))

    def early(self, op: str, text: str, args: Sequence[Atom], hint: str = "n") -> Var:
        """An integer that is computed once, before all loops where its operands are known there."""

        def make() -> Var:
            return self.emit("py", args, INT, hint, text=text)

        names = tuple(x if isinstance(x, Var) else known(x) for x in args)
        if any(self.depth_of.get(x, 2) != 1 for x in args if isinstance(x, Var)):
            return self.once((op, *names), make)
        outer, memo = self.body, self.memo
        self.body, self.memo = self.root, memo[:1]
        try:
            return self.once((op, *names), make)
        finally:
            self.body, self.memo = outer, memo

    def _folded(self, op: str, a: Var, y: int) -> Atom | None:
        """`(n - 1) - 1` as `n - 2`."""
        before = self.sums.get(a)
        if before is None:
            return None
        base, constant = before
        total = constant + (y if op == "add" else -y)
        return self.whole("add" if total >= 0 else "sub", base, const(abs(total)))

    def total(self, op: str, atoms: Sequence[Atom], start: int) -> Atom:
        """A sum or product of integers."""
        result: Atom = const(start)
        for atom in atoms:
            result = self.whole(op, result, atom)
        return result

    def size(self, dims: Dims) -> Atom:
        """The number of elements."""
        return self.total("mul", dims, 1)

    # -- checks ----------------------------------------------------------------------------------

    def same(self, a: Atom, b: Atom, error: str = MISMATCH) -> Atom:
        """One of two sizes that have to be equal, checked when the program runs where it is not known."""
        if a is b or (known(a) is not None and known(a) == known(b)):
            return a
        if known(a) is None and known(b) is not None:
            a, b = b, a

        def check() -> Var:
            test = self.test("_0 != _1", a, b)
            self.effect("raise_if", (test,), error=error)
            return test

        names = tuple(x if isinstance(x, Var) else known(x) for x in (a, b))
        self.once(("same", *names), check)
        return a

    def refuse_if(self, error: str, text: str, *args: Atom) -> None:
        """Raise where a test holds."""
        self.effect("raise_if", (self.test(text, *args),), error=error)

    # -- control ---------------------------------------------------------------------------------

    @contextmanager
    def block(self) -> Iterator[list[Eqn]]:
        """What is appended inside goes into a list of its own."""
        outer, self.body = self.body, []
        self.memo.append({})
        try:
            yield self.body
        finally:
            self.body = outer
            self.memo.pop()

    @contextmanager
    def resume(self, body: list[Eqn]) -> Iterator[None]:
        """What is appended inside goes to the end of a block that was left."""
        outer, self.body = self.body, body
        self.memo.append({})
        try:
            yield
        finally:
            self.body = outer
            self.memo.pop()

    @contextmanager
    def loop(
        self, stop: Atom, start: Atom | None = None, step: Atom | None = None, *,
        hint: str = "i", backwards: bool = False,
    ) -> Iterator[Var]:  # fmt: skip
        """A `for`; the name of its counter is given."""
        index = Var(hint, INT)
        with self.block() as body:
            self.depth_of[index] = len(self.memo)
            yield index
        bounds = (start or const(0), stop, step or const(1))
        static = {"reversed": True} if backwards else {}
        self.append(
            Eqn((), "for", bounds, static, effect=True, blocks=(Block((index,), tuple(body), ()),))
        )

    @contextmanager
    def when(self, test: Atom) -> Iterator[None]:
        """An `if` without `else`."""
        with self.block() as body:
            yield
        self.append(
            Eqn(
                (),
                "if",
                (test,),
                effect=True,
                blocks=(Block((), tuple(body), ()), Block((), (), ())),
            )
        )

    def nest(self, dims: Dims, run: Callable[[Index], None]) -> None:
        """Loops over all positions, the last axis innermost; axes of length 1 need none."""

        def inner(axis: int, index: Index) -> None:
            if axis == len(dims):
                run(index)
            elif known(dims[axis]) == 1:
                inner(axis + 1, (*index, const(0)))
            else:
                with self.loop(dims[axis], hint="ijklmn"[axis] if axis < 6 else "i") as i:
                    inner(axis + 1, (*index, i))

        inner(0, ())

    # -- cells and memory ------------------------------------------------------------------------

    def cell(self, init: Atom, dtype: str, hint: str = "") -> Var:
        """A variable that changes, and its first value."""
        return self.emit("cell", (init,), Scalar(dtype), hint)

    def set(self, cell: Var, value: Atom) -> None:
        """Give a cell a new value."""
        self.effect("set", (cell, value))

    def alloc(self, dtype: str, dims: Dims, hint: str = "", *, zero: bool = False) -> Buffer:
        """New memory."""
        type_ = Array(dtype, (_ANY,) * len(dims))
        return Buffer(self.emit("alloc", dims, type_, hint, dtype=dtype, zero=zero), dims)

    def load(self, buffer: Buffer, index: Index) -> Var:
        """An element."""
        return self.emit("load", (buffer.var, *index), Scalar(buffer.var.type.dtype))

    def store(self, buffer: Buffer, value: Atom, index: Index, *, add: bool = False) -> None:
        """Write an element, or add to it."""
        self.effect("store", (buffer.var, value, *index), add=add)

    def lazy(self, buffer: Buffer) -> Lazy:
        """Memory as a value."""
        return Lazy(
            buffer.var.type.dtype,
            buffer.dims,
            lambda index: self.load(buffer, index),
            frozenset((buffer.root,)),
            frozenset(() if buffer.root is buffer else (buffer.root,)),
            buffer=buffer,
        )

    def view(self, buffer: Buffer, dims: Dims) -> Buffer:
        """The same memory with other sizes."""
        type_ = Array(buffer.var.type.dtype, (_ANY,) * len(dims))
        view = Buffer(
            self.emit("view", (buffer.var, *dims), type_, buffer.var.hint), dims, buffer.owned
        )
        view.root = buffer.root
        return view
