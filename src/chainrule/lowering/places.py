"""Places in an array: what an index pattern stands for, as sizes and a function of positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from ..ir.dims import Dim
from ..ir.program import Atom, Eqn, Ref, Var
from ..rules.builder import const, int_dim
from ..rules.indexing import expanded
from ..rules.indexing import sliced as sliced_dim
from .broadcasting import joint, stretched
from .code import INT, Code, known
from .elementwise import only_element
from .function import as_lazy
from .scalars import constant
from .values import Buffer, Dims, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

OUT_OF_BOUNDS = 'IndexError("index is out of bounds")'


@final
@dataclass(frozen=True)
class Places:
    """The sizes of an indexed part, and where in the array each of its elements is.

    `basic` says that no arrays take part; `reads` is the memory that the positions come from.
    """

    dims: Dims
    at: Callable[[Index], Index]
    basic: bool
    reads: frozenset[Buffer]


def places(lo: Lowerer, eqn: Eqn, base: Lazy, args: Sequence[Value], axes: Sequence[Dim]) -> Places:
    """The places that the index pattern of an equation names; `axes` are the sizes as far as known."""

    def mask_rank(entry: tuple[Any, ...]) -> int:
        return len(as_lazy(args[entry[1].arg]).dims)

    entries = expanded(eqn.static["pattern"], len(base.dims), mask_rank)
    finder = Finder(lo, eqn, base.dims, args, axes)
    has_arrays = any(e[0] in ("array", "mask") for e in entries)
    return finder.advanced(entries) if has_arrays else finder.basic(entries)


def stepped(code: Code, start: Atom, index: Atom, step: Atom | int) -> Atom:
    """A position in a slice."""
    if step == -1:
        return code.whole("sub", start, index)
    factor = const(step) if isinstance(step, int) else step
    return code.whole("add", code.whole("mul", index, factor), start)


@final
class Finder:
    """Finds places along axes of sizes `dims`; `axes` are the sizes as far as they are known."""

    def __init__(
        self, lo: Lowerer, eqn: Eqn, dims: Dims, args: Sequence[Value], axes: Sequence[Dim]
    ) -> None:
        self.lo, self.eqn, self.dims, self.args, self.axes = lo, eqn, dims, args, axes
        self.code = lo.code

    def basic(self, entries: Sequence[tuple[Any, ...]]) -> Places:
        """Ints, slices and new axes."""
        out: list[Atom] = []
        maps: list[Callable[[Index], Atom]] = []
        axis = 0
        for kind, *values in entries:
            if kind == "new":
                out.append(const(1))
                continue
            if kind == "int":
                position = self.position(values[0], axis)
                maps.append(lambda index, position=position: position)  # type: ignore[misc]
            else:
                maps.append(self.sliced(len(out), axis, values, out))
            axis += 1
        return Places(tuple(out), lambda i: tuple(m(i) for m in maps), True, frozenset())

    def sliced(
        self, place: int, axis: int, values: Sequence[Any], out: list[Atom]
    ) -> Callable[[Index], Atom]:
        """A slice: its length goes to `out`."""
        start, length, step = self.slice(axis, *values)
        out.append(self.simple(axis, length, values))
        code = self.code

        def at(index: Index) -> Atom:
            return stepped(code, start, index[place], step)

        return at

    def simple(self, axis: int, length: Atom, values: Sequence[Any]) -> Atom:
        """The length as an expression of sizes where it is one: the same for `x[2:]` and `x[1:-1]`."""
        if known(length) is not None:
            return length
        bounds = tuple(int_dim(self.eqn.args[v.arg]) if isinstance(v, Ref) else v for v in values)
        dim = sliced_dim(self.axes[axis], *bounds)
        return self.lo.size(dim) or length

    def advanced(self, entries: Sequence[tuple[Any, ...]]) -> Places:
        """Arrays of positions and masks: their common axes stand where the first of them is."""
        code, lo = self.code, self.lo
        kinds = [e[0] for e in entries]
        where = [i for i, k in enumerate(kinds) if k in ("array", "mask", "int")]
        together = where == list(range(where[0], where[-1] + 1))
        front = sum(k in ("new", "slice") for k in kinds[: where[0]]) if together else 0
        selected: list[tuple[int, Lazy, bool]] = []  # axis, positions, may be negative or too large
        plain: list[tuple[int, int, list[Any]]] = []
        out: list[Atom] = []
        axis = 0
        for kind, *values in entries:
            if kind == "new":
                out.append(const(1))
            elif kind == "slice":
                plain.append((axis, len(out), values))
                out.append(const(0))
                axis += 1
            elif kind == "mask":
                found = self.mask(as_lazy(self.args[values[0].arg]), axis)
                selected += [(axis + k, part, False) for k, part in enumerate(found)]
                axis += len(found)
            elif kind == "array":
                selected.append((axis, as_lazy(self.args[values[0].arg]), True))
                axis += 1
            else:
                selected.append((axis, as_lazy(self.position(values[0], axis)), False))
                axis += 1
        common = joint(lo, [part.dims for _, part, _ in selected])
        wide = [(axis, stretched(lo, part, common), check) for axis, part, check in selected]
        maps: dict[int, Callable[[Index], Atom]] = {}
        for axis, place, values in plain:
            start, length, step = self.slice(axis, *values)
            out[place] = length
            shifted = place if place < front else place + len(common)
            maps[axis] = lambda i, p=shifted, s=start, k=step: stepped(code, s, i[p], k)  # type: ignore[misc]
        dims = (*out[:front], *common, *out[front:])
        for axis, part, check in wide:
            maps[axis] = self.selecting(axis, part, check, front, len(common))
        order = [maps[axis] for axis in range(len(self.dims))]
        reads = frozenset().union(*(part.reads for _, part, _ in wide))
        return Places(dims, lambda i: tuple(m(i) for m in order), False, reads)

    def selecting(
        self, axis: int, part: Lazy, check: bool, front: int, rank: int
    ) -> Callable[[Index], Atom]:
        """The position that an array of positions gives."""
        code, size = self.code, self.dims[axis]
        forward = not self.eqn.backward

        def at(index: Index) -> Atom:
            found = part.at(index[front : front + rank])
            if not check:
                return found
            if forward:
                code.refuse_if(OUT_OF_BOUNDS, "_0 < -_1 or _0 >= _1", found, size)
            return code.emit("py", (found, size), INT, text="_0 + _1 if _0 < 0 else _0")

        return at

    def mask(self, mask: Lazy, axis: int) -> list[Lazy]:
        """The positions where a mask is true, one vector per axis of it."""
        code = self.code
        mine = tuple(
            code.same(size, self.dims[axis + k], 'IndexError("a mask does not fit its array")')
            for k, size in enumerate(mask.dims)
        )
        mask = code.lazy(self.lo.memory(mask))
        count = code.cell(const(0), "int64", "count")

        def counting(index: Index) -> None:
            with code.when(mask.at(index)):
                code.set(count, code.py("_0 + 1", (count,), "int64"))

        code.nest(mine, counting)
        total = code.emit("py", (count,), INT, "n", text="_0")
        found = code.alloc("int64", (const(len(mine)), total), "places")
        place = code.cell(const(0), "int64", "place")

        def noting(index: Index) -> None:
            with code.when(mask.at(index)):
                for k, i in enumerate(index):
                    code.store(found, i, (const(k), place))
                code.set(place, code.py("_0 + 1", (place,), "int64"))

        code.nest(mine, noting)
        return [
            Lazy(
                "int64",
                (total,),
                lambda index, k=k: code.load(found, (const(k), index[0])),  # type: ignore[misc]
                frozenset((found,)),
                frozenset((found,)),
            )
            for k in range(len(mine))
        ]

    # -- positions and slices --------------------------------------------------------------------

    def position(self, value: Any, axis: int) -> Atom:
        """An int as a position from the front; checked where it may be outside."""
        code, size = self.code, self.dims[axis]
        if not isinstance(value, Ref):
            return self.constant(int(value), size)
        atom = self.args[value.arg]
        source = self.eqn.args[value.arg]
        if isinstance(atom, Lazy):
            atom = atom.at(())
        assert isinstance(atom, Var) or known(atom) is not None  # type: ignore[arg-type]
        if known(atom) is not None:  # type: ignore[arg-type]
            return self.constant(known(atom) or 0, size)  # type: ignore[arg-type]
        dim = int_dim(source)
        low = self.never_negative(dim)
        high = dim is not None and self.never_negative(self.axes[axis] - 1 - dim)
        if not self.eqn.backward and not (low and high):
            parts = [*(() if low else ("_0 < -_1",)), *(() if high else ("_0 >= _1",))]
            code.refuse_if(OUT_OF_BOUNDS, " or ".join(parts), atom, size)  # type: ignore[arg-type]
        if low:
            return atom  # type: ignore[return-value]
        return code.emit("py", (atom, size), INT, text="_0 + _1 if _0 < 0 else _0")  # type: ignore[arg-type]

    def constant(self, value: int, size: Atom) -> Atom:
        """A position that is written out."""
        code = self.code
        if not self.eqn.backward and known(size) is None:
            least = value + 1 if value >= 0 else -value
            code.once(("least", size, least), lambda: self._checked(size, least))
        return const(value) if value >= 0 else code.whole("add", size, const(value))

    def _checked(self, size: Atom, least: int) -> Var:
        self.code.refuse_if(OUT_OF_BOUNDS, "_0 < _1", size, const(least))
        assert isinstance(size, Var)
        return size

    def never_negative(self, dim: Dim | None) -> bool:
        """Is an integer at least 0 in every run?"""
        if dim is None:
            return False
        for _ in range(8):
            terms = dim.terms
            counter = next((s for s in terms if s in self.lo.ranges), None)
            if counter is None:
                break
            factor = terms[counter]
            low, high = self.lo.ranges[counter]
            dim = dim - Dim.of(counter) * factor + (low if factor > 0 else high) * factor
        terms = dim.terms
        sizes = all(s.root is not None and s.root[1] is not None for s in terms)
        if not sizes or not all(c > 0 for c in terms.values()):
            return False
        return dim.const + sum(c * (0 if s.single else 2) for s, c in terms.items()) >= 0

    def number(self, value: Any) -> Atom:
        """A part of a slice, as it was given."""
        if not isinstance(value, Ref):
            return const(0 if value is None else int(value))
        return only_element(self.args[value.arg])

    def any_step(self, start: Any, stop: Any, step: Atom, size: Atom) -> tuple[Atom, Atom, Atom]:
        """A slice whose direction is seen when the program runs."""
        code = self.code
        given = [constant(bound is not None, "bool") for bound in (start, stop)]
        text = "slice_first(_0, _1, _2, _3)"
        first = code.emit("py", (self.number(start), given[0], step, size), INT, "first", text=text)
        parts = (first, self.number(stop), given[1], step, size)
        length = code.emit("py", parts, INT, "n", text="slice_length(_0, _1, _2, _3, _4)")
        return first, length, step

    def bound(self, value: Any, size: Atom) -> Atom:
        """A bound of a slice, counted from the front; it may be outside on either side."""
        if not isinstance(value, Ref):
            number = int(value)
            return const(number) if number >= 0 else self.code.whole("add", size, const(number))
        atom = self.args[value.arg]
        if isinstance(atom, Lazy):
            atom = atom.at(())
        if known(atom) is not None:  # type: ignore[arg-type]
            return self.bound(known(atom), size)  # type: ignore[arg-type]
        if self.never_negative(int_dim(self.eqn.args[value.arg])):
            return atom  # type: ignore[return-value]
        return self.code.emit("py", (atom, size), INT, text="_0 + _1 if _0 < 0 else _0")  # type: ignore[arg-type]

    def slice(self, axis: int, start: Any, stop: Any, step: Any) -> tuple[Atom, Atom, Atom | int]:
        """The first position, the length and the step of a slice."""
        code, size = self.code, self.dims[axis]
        if isinstance(step, Ref):
            found = self.number(step)
            if known(found) is None:
                return self.any_step(start, stop, found, size)
            step = known(found)
        step = 1 if step is None else int(step)
        zero = const(0)
        if step > 0:
            first = zero if start is None else self.bound(start, size)
            if start is not None and not (known(first) is not None and (known(first) or 0) >= 0):
                first = code.whole("max", first, zero)
            last = size if stop is None else self.bound(stop, size)
            if not (isinstance(stop, int) and stop < 0):
                last = code.whole("min", last, size)
            if first is zero and step == 1 and stop is None:
                return zero, size, 1
            length = code.whole("sub", last, first)
            if step != 1:
                length = code.whole(
                    "floordiv", code.whole("add", length, const(step - 1)), const(step)
                )
            return first, code.whole("max", length, zero), step
        top = code.whole("sub", size, const(1))
        first = top if start is None else code.whole("min", self.bound(start, size), top)
        last = const(-1) if stop is None else code.whole("max", self.bound(stop, size), const(-1))
        length = code.whole("sub", first, last)
        if step != -1:
            length = code.whole(
                "floordiv", code.whole("add", length, const(-step - 1)), const(-step)
            )
        if start is None and stop is None and step == -1:
            return first, size, step
        return first, code.whole("max", length, zero), step
