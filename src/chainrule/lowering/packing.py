"""Writing on the tape and reading from it: what a recursive function saves, as one place.

The integers come first: where the floats begin, then numbers, then for each array its sizes, and its
elements if they are integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from ..ir.program import Atom, Const, Eqn, Var
from ..ir.types import Array, List, Scalar
from ..rules.builder import const
from .code import INT
from .interface import record_of, record_parts, taken_dtype
from .items import flat, item_parts, items_of, rank_of
from .scalars import cast
from .table import lowers
from .tape import Tape, is_saved
from .values import Buffer, Dims, Held, Index, Items, Lazy, Record, Value

if TYPE_CHECKING:
    from .function import Lowerer


def is_whole(dtype: str) -> bool:
    """Is it kept among the integers?"""
    return np.dtype(dtype).kind in "iub"


# -- writing ---------------------------------------------------------------------------------------


@lowers("pack")
def pack(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Write values on the tape; where they begin."""
    assert lo.tape is not None
    code, tape = lo.code, lo.tape
    place = code.emit("py", (tape.mark_count,), INT, "saved", text="_0")
    start = code.emit("py", (tape.float_count,), INT, "start", text="_0")
    numbers = [v for v in args if isinstance(v, Var | Const)]
    others = [v for v in args if isinstance(v, Lazy | Held)]
    whole = [v for v in numbers if is_whole(v.type.dtype)]
    floats = [v for v in numbers if not is_whole(v.type.dtype)]
    _write(lo, tape.marks, tape.mark_count, [start, *whole])
    _write(lo, tape.floats, tape.float_count, floats)
    for value in others:
        _write_array(lo, value)
    return place


def _write(lo: Lowerer, data: Buffer, count: Var, numbers: list[Atom]) -> None:
    """Append some numbers."""
    code, dtype = lo.code, data.var.type.dtype
    if not numbers:
        return
    made = [cast(code, number, dtype) for number in numbers]
    place = code.emit("py", (count,), INT, "place", text="_0")
    after = code.whole("add", place, const(len(numbers)))
    code.effect("room", (data.var, after))
    for k, number in enumerate(made):
        code.store(data, number, (code.whole("add", place, const(k)),))
    code.set(count, after)


def _write_array(lo: Lowerer, value: Value) -> None:
    """Append an array, or the memory of a list or of a record."""
    assert lo.tape is not None
    marks = (lo.tape.marks, lo.tape.mark_count)
    if isinstance(value, Lazy):
        _write(lo, *marks, list(value.dims))
        _write_elements(lo, value)
        return
    if isinstance(value, Items):
        counts = [value.length, *([] if value.used is None else [value.used])]
        rows = None if value.table is None else lo.code.whole(
            "mul", value.length, const(rank_of(value.element) + 1))  # fmt: skip
        memory = [(value.data, counts[-1]), *([] if rows is None else [(value.table, rows)])]
    else:
        assert isinstance(value, Record)
        counts = [value.count, value.sizes]
        memory = [(value.data, value.count), (value.shapes, value.sizes)]
    _write(lo, *marks, counts)
    for buffer, length in memory:
        assert buffer is not None
        size = lo.code.emit("py", (length,), INT, "n", text="_0")
        part = Lazy(buffer.var.type.dtype, (size,), lambda i, b=buffer: lo.code.load(b, i))  # type: ignore[misc]
        _write_elements(lo, part)


def _write_elements(lo: Lowerer, value: Lazy) -> None:
    """Append the elements of an array."""
    assert lo.tape is not None
    code, tape = lo.code, lo.tape
    whole = is_whole(value.dtype)
    data, count = (tape.marks, tape.mark_count) if whole else (tape.floats, tape.float_count)
    start = code.emit("py", (count,), INT, "start", text="_0")
    after = code.whole("add", start, code.size(value.dims))
    code.effect("room", (data.var, after))

    def store(index: Index) -> None:
        number = cast(code, value.at(index), data.var.type.dtype)
        code.store(data, number, (flat(lo, start, index, value.dims),))

    code.nest(value.dims, store)
    code.set(count, after)


# -- reading ---------------------------------------------------------------------------------------


@lowers("unpack")
def unpack(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """Read what was written at a place; arrays are not read yet."""
    assert lo.tape is not None
    place = args[0]
    assert isinstance(place, Var | Const)
    reader = _Reader(lo, lo.tape, place)
    numbers = [v for v in eqn.outs if _is_number(v)]
    found: dict[Var, Value] = {}
    for var in (v for v in numbers if is_whole(_dtype(v))):
        found[var] = reader.mark(_dtype(var))
    for var in (v for v in numbers if not is_whole(_dtype(v))):
        found[var] = reader.float(_dtype(var))
    for var in (v for v in eqn.outs if v not in found):
        found[var] = reader.array(var)
    return tuple(found[v] for v in eqn.outs)


def _is_number(var: Var) -> bool:
    if var.type.dtype == "object":
        return is_saved(var)
    return isinstance(var.type, Scalar)


def _dtype(var: Var) -> str:
    """The dtype of a number; what an inner call saved is a place."""
    return "int64" if var.type.dtype == "object" else var.type.dtype


@final
class _Reader:
    """Goes along the tape."""

    def __init__(self, lo: Lowerer, tape: Tape, place: Atom) -> None:
        self.lo, self.tape = lo, tape
        self.floats: Atom = lo.code.load(tape.marks, (place,))
        self.marks: Atom = lo.code.whole("add", place, const(1))

    def mark(self, dtype: str = "int64") -> Atom:
        """An integer."""
        number = self.lo.code.load(self.tape.marks, (self.marks,))
        self.marks = self.lo.code.whole("add", self.marks, const(1))
        return cast(self.lo.code, number, dtype)

    def float(self, dtype: str) -> Atom:
        """A float."""
        number = self.lo.code.load(self.tape.floats, (self.floats,))
        self.floats = self.lo.code.whole("add", self.floats, const(1))
        return cast(self.lo.code, number, dtype)

    def elements(self, dtype: str, dims: Dims) -> Lazy:
        """The elements of an array."""
        code, whole = self.lo.code, is_whole(dtype)
        data = self.tape.marks if whole else self.tape.floats
        start = self.marks if whole else self.floats
        after = code.whole("add", start, code.size(dims))
        if whole:
            self.marks = after
        else:
            self.floats = after
        reads = frozenset((data,))

        def at(index: Index) -> Atom:
            return cast(code, code.load(data, (flat(self.lo, start, index, dims),)), dtype)

        return Lazy(dtype, dims, at, reads, reads)

    def array(self, var: Var) -> Value:
        """An array, a list or a record; the memory of the latter two is made anew."""
        type_ = var.type
        if isinstance(type_, Array):
            return self.elements(type_.dtype, tuple(self.mark() for _ in type_.dims))
        if isinstance(type_, List):
            parts = item_parts(type_.element, var.hint or "items")
            counts = [self.mark() for _ in parts[1::2]]
            self.memory(parts[0], counts[-1])
            if len(parts) > 2:
                width = const(rank_of(type_.element) + 1)
                self.memory(parts[2], self.lo.code.whole("mul", counts[0], width))
            self.cells(parts[1::2], counts)
            return items_of(type_.element, parts, owned=True)
        parts = record_parts(taken_dtype(self.lo.function, var), var.hint)
        counts = [self.mark(), self.mark()]
        self.memory(parts[0], counts[0])
        self.memory(parts[2], counts[1])
        self.cells(parts[1::2], counts)
        return record_of(parts, None)

    def memory(self, made: Var, length: Atom) -> None:
        """New memory with the next elements."""
        code, target = self.lo.code, Buffer(made, ())
        dtype = made.type.dtype
        source = self.elements(dtype, (length,))
        room = code.whole("max", length, const(1))
        code.append(Eqn((made,), "alloc", (room,), {"dtype": dtype, "zero": False}))
        code.nest((length,), lambda index: code.store(target, source.at(index), index))

    def cells(self, parts: list[Var], counts: list[Atom]) -> None:
        """How much is in memory that was made."""
        for cell, count in zip(parts, counts, strict=True):
            self.lo.code.append(Eqn((cell,), "cell", (count,)))
