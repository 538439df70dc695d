"""What the backward pass keeps: which values are recorded, where, why, and how many bytes they take.

A record is a value of a forward block that the backward pass reads and cannot get otherwise. Outside
of loops and branches everything is still there, so nothing is recorded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
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
    readers: dict[Var, str | None] = {}
    inner = {
        e.args[0]: e.args[1]
        for function in functions
        for e in walk(function.body)
        if e.op == "push" and e.args[1].type.dtype == "object"
    }
    for function in functions:
        readers |= _readers(function, staged.lines_of(function.name), inner)
    nested = {v for v in inner.values() if isinstance(v, Var)}
    for function in functions:
        found += _Finder(staged, function, readers, nested).records(function.body, ())
    return Storage(staged.name, staged.program.function.name, tuple(found))


def _row(record: Record) -> tuple[str, ...]:
    where = " ".join(loop.header for loop in record.loops)
    stage = f"({record.stage})" if record.stage else ""
    name = f"{record.name} = {record.value}"
    return (name, stage, str(record.line), where, record.bytes, record.why)


def _readers(
    function: Function, lines: Sequence[Line], inner: Mapping[Atom, Atom]
) -> dict[Var, str | None]:
    """For each list the backward statement that first reads what is taken from it.

    None for snapshots. `inner` are the lists in lists of lists.
    """
    origin = definitions(function)
    found: dict[Var, str | None] = {}
    for eqn in walk(function.body):
        if eqn.op not in ("pop", "peek"):
            continue
        record = eqn.args[0]
        while isinstance(record, Var) and record in origin and origin[record].op in ("own", "pop"):
            taken = origin[record]
            record = taken.args[0] if taken.op == "own" else inner.get(taken.args[0], record)
        assert isinstance(record, Var)
        if eqn.op == "peek":
            found[record] = None
            continue
        at = next(i for i, x in enumerate(lines) if any(v is eqn.outs[-1] for _, v in x.names))
        name = next(n for n, v in lines[at].names if v is eqn.outs[-1])
        read = (x.text for x in lines[at + 1 :] if re.search(rf"\b{re.escape(name)}\b", x.text))
        found.setdefault(record, next(read, "").strip().split("\n")[0])
    return found


class _Finder:
    """Finds the records of one emitted function."""

    def __init__(
        self,
        staged: Staged,
        function: Function,
        readers: dict[Var, str | None],
        nested: AbstractSet[Var],
    ) -> None:
        self.function = function.name
        self.names = staged.names_of(function.name)
        self.origin = definitions(function)
        self.readers, self.nested = readers, nested
        self.depth: dict[Var, int] = {}  # how many loops are around where a list is made
        self.done: set[Var] = set()
        self.room = "1"  # how many snapshots of the next checkpointed loop there may be
        self.sizes = [
            v
            for v in (*function.params, *self.origin)
            if v.user and isinstance(v.type, Scalar) and v.type.dim is not None
        ]

    def records(self, body: Sequence[Eqn], loops: tuple[Eqn, ...]) -> Iterator[Record]:
        """The records in equations, the loops around them given."""
        for eqn in body:
            if eqn.op == "record":
                self.depth[eqn.out] = len(loops)
            elif eqn.op == "snapshot_count":
                self.room = f"snapshot_count({self.text(eqn.args[0])})"
            elif eqn.op == "places_every" and eqn.args[0] == eqn.args[2]:
                every = self.text(eqn.args[2])
                self.room = f"({self.text(eqn.args[1])} // {every} + {every})"
            elif eqn.op == "push" and eqn.args[0] not in self.done:
                record = eqn.args[0]
                assert isinstance(record, Var)
                if record in self.origin and self.origin[record].op != "record":
                    continue  # snapshots that take the place of those that are used up
                outer = 0 if record in self.nested else self.depth.get(record, 0)
                yield self.record(eqn, loops[outer:])
            inner = (*loops, eqn) if eqn.op in ("for", "while") else loops
            for block in eqn.blocks:
                yield from self.records(block.body, inner)

    def record(self, eqn: Eqn, loops: tuple[Eqn, ...]) -> Record:
        """One record; a value that a trip begins with stands at the line of the loop."""
        record, *values = eqn.args
        assert isinstance(record, Var)
        span = eqn.span or (loops[-1].span if loops else None)
        shown = tuple(Loop(_line(e), self.header(e), self.trips(e)) for e in loops)
        why, each = self.readers.get(record, ""), self.bytes(values, loops)
        if why is None:
            self.done.add(record)  # later ones take the place of those that are used up
            why = "what runs the loop again"
            each = _product([self.room, self.bytes(values, loops)])
            values = values[1:]  # the first is the trip
        return Record(
            self.function,
            self.names.get(record, record.hint),
            ", ".join(map(self.text, values)),
            eqn.stage,
            span.line if span is not None else 0,
            shown,
            why,
            each,
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
    parts = [p for f in factors for p in ([f] if _is_sum(f) else f.split(" * ", 1))]
    number = math.prod(int(p) for p in parts if p.isdigit())
    rest = [p for p in parts if not p.isdigit()]
    if len(rest) == 1 and number == 1:
        return rest[0]
    shown = [f"({p})" if _is_sum(p) else p for p in rest]
    return " * ".join([*([str(number)] if number != 1 or not shown else []), *shown])


def _sum(parts: Sequence[str]) -> str:
    """A sum of formulas, like ones added up.

    >>> _sum(["8 * n", "n", "8 * n"])
    '17 * n'
    """
    numbers: dict[str, int] = {}
    for part in parts:
        number, rest = "1", part
        if part.split(" ")[0].isdigit() and not _is_sum(part):
            number, _, rest = part.partition(" * ")
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
