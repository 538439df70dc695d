"""What the backward pass keeps: which values are recorded, where, why, and how many bytes they take.

A record is a value of a forward block that the backward pass reads and cannot get otherwise. Outside
of loops and branches everything is still there, so nothing is recorded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from ..emit.module import functions_of_program
from ..ir.dims import Dim
from ..ir.program import Atom, Const, Eqn, Function, Var, definitions, walk
from ..ir.types import Scalar

if TYPE_CHECKING:
    from ..emit.body import Line
    from .stages import Staged

UNKNOWN = "unknown trips"


@final
@dataclass(frozen=True)
class Loop:
    """A loop around a record: its line in the user's file, its header, its trips as a formula."""

    line: int
    header: str
    trips: str


@final
@dataclass(frozen=True)
class Record:
    """A value that is recorded once in each trip of the loops around it.

    `function` is the emitted function that records it, `name` its list, `value` what is recorded,
    `stage` and `line` the user's statement, and `why` the statement of the backward pass that reads
    it first. `bytes` is a formula of the sizes; the numbers of a Python list count as 8 bytes.
    """

    function: str
    name: str
    value: str
    stage: int
    line: int
    loops: tuple[Loop, ...]
    why: str
    bytes: str


@final
@dataclass(frozen=True)
class Storage:
    """The records of a program; `str()` has a line for each, and the total.

    `function` is the emitted function, besides which there are those that it calls.
    """

    name: str
    function: str
    records: tuple[Record, ...]

    @property
    def total(self) -> str:
        """The bytes of the records as a formula, those of one call of each function that is called."""
        parts: dict[str, list[str]] = {}
        for record in self.records:
            parts.setdefault(record.function, []).append(record.bytes)
        own = _sum(parts.pop(self.function, ["0"]))
        calls = (f"{_sum(found)} for each call of {name}" for name, found in parts.items())
        return " + ".join([*([own] if own != "0" or not parts else []), *calls])

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __str__(self) -> str:
        if not self.records:
            return f"{self.name}: nothing is recorded"
        rows = [("record", "stage", "line", "in", "bytes", "read by"), *map(_row, self.records)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in rows)
        return "\n".join([*(line.rstrip() for line in lines), f"bytes in total: {self.total}"])


def storage(staged: Staged) -> Storage:
    """What the program of a staged function records."""
    found: list[Record] = []
    functions = functions_of_program(staged.program.function)
    readers: dict[Var, str] = {}
    for function in functions:
        readers |= _readers(function, staged.lines_of(function.name))
    for function in functions:
        found += _Finder(staged, function, readers).records(function.body, ())
    return Storage(staged.name, staged.program.function.name, tuple(found))


def _row(record: Record) -> tuple[str, ...]:
    where = " ".join(loop.header for loop in record.loops)
    stage = f"({record.stage})" if record.stage else ""
    name = f"{record.name} = {record.value}"
    return (name, stage, str(record.line), where, record.bytes, record.why)


def _readers(function: Function, lines: Sequence[Line]) -> dict[Var, str]:
    """For each list the backward statement that first reads what is taken from it."""
    origin = definitions(function)
    found: dict[Var, str] = {}
    for eqn in walk(function.body):
        if eqn.op not in ("pop", "peek"):
            continue
        record = eqn.args[0]
        while isinstance(record, Var) and record in origin and origin[record].op == "own":
            record = origin[record].args[0]
        at = next(i for i, x in enumerate(lines) if any(v is eqn.outs[-1] for _, v in x.names))
        name = next(n for n, v in lines[at].names if v is eqn.outs[-1])
        read = (x.text for x in lines[at + 1 :] if re.search(rf"\b{re.escape(name)}\b", x.text))
        assert isinstance(record, Var)
        found.setdefault(record, next(read, "").strip().split("\n")[0])
    return found


class _Finder:
    """Finds the records of one emitted function."""

    def __init__(self, staged: Staged, function: Function, readers: dict[Var, str]) -> None:
        self.function = function.name
        self.names = staged.names_of(function.name)
        self.origin = definitions(function)
        self.readers = readers
        self.sizes = [
            v
            for v in (*function.params, *self.origin)
            if v.user and isinstance(v.type, Scalar) and v.type.dim is not None
        ]

    def records(self, body: Sequence[Eqn], loops: tuple[Eqn, ...]) -> Iterator[Record]:
        """The records in equations, the loops around them given."""
        for eqn in body:
            if eqn.op == "push":
                yield self.record(eqn, loops)
            inner = (*loops, eqn) if eqn.op in ("for", "while") else loops
            for block in eqn.blocks:
                yield from self.records(block.body, inner)

    def record(self, eqn: Eqn, loops: tuple[Eqn, ...]) -> Record:
        """One record; a value that a trip begins with stands at the line of the loop."""
        record, *values = eqn.args
        assert isinstance(record, Var)
        span = eqn.span or (loops[-1].span if loops else None)
        shown = tuple(Loop(_line(e), self.header(e), self.trips(e)) for e in loops)
        return Record(
            self.function,
            self.names.get(record, record.hint),
            ", ".join(map(self.text, values)),
            eqn.stage,
            span.line if span is not None else 0,
            shown,
            self.readers.get(record, ""),
            self.bytes(values, loops),
        )

    # -- formulas ----------------------------------------------------------------------------------

    def bytes(self, values: Sequence[Atom], loops: Sequence[Eqn]) -> str:
        """The bytes of values in all trips of the loops."""
        each = _sum([self.size(v) for v in values])
        counters = [e.blocks[-1].params[0] for e in loops if e.op == "for"]
        trips = [self.trips(e) for e in loops]
        first = next((i for i, e in enumerate(loops) if self.depends(e, counters)), len(loops))
        if first == len(loops):
            return _product([each, *trips])
        outer = loops[first - 1 :] if first else loops  # the loops that others depend on
        start = min(i for i, e in enumerate(loops) if any(self.reads(f, e) for f in outer))
        clauses = " ".join(self.header(e) for e in loops[start:-1])
        return _product([each, *trips[:start], f"sum({trips[-1]} {clauses})"])

    def depends(self, eqn: Eqn, counters: Sequence[Var]) -> bool:
        """Do the bounds of a loop depend on the counters of others?"""
        return eqn.op == "for" and bool(set(counters) & self.behind(eqn.args[:3]))

    def reads(self, eqn: Eqn, loop: Eqn) -> bool:
        """Do the bounds of a loop depend on the counter of another?"""
        return loop.op == "for" and self.depends(eqn, [loop.blocks[-1].params[0]])

    def behind(self, atoms: Sequence[Atom]) -> set[Var]:
        """What values are computed from, through temporaries."""
        found: set[Var] = set()
        todo = [a for a in atoms if isinstance(a, Var)]
        while todo:
            var = todo.pop()
            found.add(var)
            if var in self.origin and not self.origin[var].blocks:
                todo += [v for v in self.origin[var].uses() if v not in found]
        return found

    def trips(self, eqn: Eqn) -> str:
        """The trips of a loop."""
        if eqn.op == "while":
            return UNKNOWN
        start, stop, step = eqn.args[:3]
        if not _is(step, 1):
            return f"len({self.range(eqn)})"
        last = self.text(stop)
        if _is(start, 0):
            return last
        first = self.text(start)
        return f"{last} - {first if first.isidentifier() or first.isdigit() else f'({first})'}"

    def header(self, eqn: Eqn) -> str:
        """The loop as a person writes it."""
        if eqn.op == "while":
            return "while"
        counter = eqn.blocks[-1].params[0]
        name = self.names.get(counter, counter.hint)
        return f"for {counter.hint if name == '_' else name} in {self.range(eqn)}"

    def range(self, eqn: Eqn) -> str:
        start, stop, step = eqn.args[:3]
        bounds = [stop] if _is(start, 0) else [start, stop]
        bounds = bounds if _is(step, 1) else [start, stop, step]
        return f"range({', '.join(map(self.text, bounds))})"

    def size(self, value: Atom) -> str:
        """The bytes of one value."""
        if value.type.dtype == "object":  # a list that a call returned, which is counted there
            return "0"
        item = str(np.dtype(value.type.dtype).itemsize)
        return _product([item, *map(self.dim, value.type.dims)])

    def dim(self, dim: Dim) -> str:
        """A size in names of the program."""
        for var in self.sizes:
            if isinstance(var.type, Scalar) and var.type.dim == dim:
                return self.names.get(var, var.hint)
        parts: list[str] = []
        for sym, coefficient in dim.terms.items():
            root = sym.root
            text = sym.name
            if sym.factors:
                text = " * ".join(map(self.dim, sym.factors))
            elif root is not None and isinstance(root[0], Var):
                named = (v for v in self.sizes if v.type.dim == Dim.of(sym))  # type: ignore[union-attr]
                size = next(named, None)
                base = self.names.get(root[0], root[0].hint)
                text = base if root[1] is None else f"{base}.shape[{root[1]}]"
                text = self.names.get(size, size.hint) if size is not None else text
            sign = "- " if coefficient < 0 else "+ " if parts else ""
            factor = "" if abs(coefficient) == 1 else f"{abs(coefficient)} * "
            parts.append(f"{sign}{factor}{text}")
        if dim.const or not parts:
            parts.append(f"{'-' if dim.const < 0 else '+'} {abs(dim.const)}" if parts else f"{dim}")
        return " ".join(parts)

    def text(self, atom: Atom) -> str:
        """A value as the program calls it, a temporary by what it is computed from."""
        if isinstance(atom, Const):
            return repr(atom.value)
        if atom in self.names:
            return self.names[atom]
        eqn = self.origin.get(atom)
        signs = {"add": "+", "sub": "-", "mul": "*", "floordiv": "//"}
        if eqn is not None and eqn.op in signs:
            return f" {signs[eqn.op]} ".join(map(self.text, eqn.args))
        if eqn is not None and eqn.op == "shape":
            return f"{self.text(eqn.args[0])}.shape[{eqn.static['axis']}]"
        return atom.hint or (eqn.op if eqn is not None else "value")


def _is(atom: Atom, value: int) -> bool:
    return isinstance(atom, Const) and atom.value == value


def _line(eqn: Eqn) -> int:
    return eqn.span.line if eqn.span is not None else 0


def _product(factors: Sequence[str]) -> str:
    """A product of formulas, the number first.

    >>> _product(["8", "n - 1", "3", "steps"])
    '24 * (n - 1) * steps'
    """
    number = math.prod(int(f) for f in factors if f.isdigit())
    shown = [f"({f})" if _is_sum(f) else f for f in factors if not f.isdigit()]
    return " * ".join([*([str(number)] if number != 1 or not shown else []), *shown])


def _sum(parts: Sequence[str]) -> str:
    """A sum of formulas, like ones added up.

    >>> _sum(["8 * n", "n", "8 * n"])
    '17 * n'
    """
    numbers: dict[str, int] = {}
    for part in parts:
        number, _, rest = part.partition(" * ") if part.split(" ")[0].isdigit() else ("1", "", part)
        numbers[rest] = numbers.get(rest, 0) + int(number)
    return " + ".join(_product([str(n), rest] if rest else [str(n)]) for rest, n in numbers.items())


def _is_sum(text: str) -> bool:
    """Are there a plus or minus outside of parentheses?"""
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and c in "+-" and i:
            return True
    return False
