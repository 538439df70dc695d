"""Reading and writing parts of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.program import Atom, Eqn, Ref
from ..rules.builder import const
from .broadcasting import fitted
from .function import as_lazy, changed
from .places import Places, places
from .scalars import cast
from .table import lowers
from .values import Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("index")
def index(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A part of an array: positions in it, nothing is read yet."""
    base = as_lazy(args[0])
    return part(lo, base, places(lo, eqn, base, args, eqn.args[0].type.dims))


def part(lo: Lowerer, base: Lazy, found: Places) -> Lazy:
    """The elements at these places."""

    def at(index: Index) -> Atom:
        return base.at(found.at(index))

    if base.fill is not None:
        return changed(base, dims=found.dims)
    reads = base.reads | found.reads
    cost = base.cost + (0 if found.basic else 1)
    return changed(base, dims=found.dims, at=at, reads=reads, crossed=reads, cost=cost)


@lowers("take")
def take(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Elements along one axis."""
    base = as_lazy(args[0])
    rank = len(base.dims)
    axis = (eqn.static["axis"] or 0) % rank
    before = (("slice", None, None, None),) * axis
    after = (("slice", None, None, None),) * (rank - axis - 1)
    kind = "array" if isinstance(args[1], Lazy) else "int"
    indexed = Eqn(
        eqn.outs,
        "index",
        eqn.args,
        {"pattern": (*before, (kind, Ref(1)), *after)},
        span=eqn.span,
        backward=eqn.backward,
    )
    return part(lo, base, places(lo, indexed, base, args, eqn.args[0].type.dims))


@lowers("last_stores")
def last_stores(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Which stores at an index stay: the last one at each element."""
    base, code = as_lazy(args[0]), lo.code
    found = places(lo, eqn, base, args, eqn.args[0].type.dims)
    winner = code.alloc("int64", base.dims, "winner")
    made = code.alloc("bool", found.dims, "stays")

    def number(index: Index) -> Atom:
        flat: Atom = const(0)
        for i, size in zip(index, found.dims, strict=True):
            flat = code.whole("add", code.whole("mul", flat, size), i)
        return flat

    def compare(index: Index) -> None:
        last = code.load(winner, found.at(index))
        code.store(made, code.py("_0 == _1", (last, number(index)), "bool"), index)

    code.nest(found.dims, lambda index: code.store(winner, number(index), found.at(index)))
    code.nest(found.dims, compare)
    return code.lazy(made)


@lowers("set_at", "add_at")
def write(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Write into an array, or add to it: in its own memory where nobody reads the old one."""
    base = as_lazy(args[0])
    found = places(lo, eqn, base, args, eqn.args[0].type.dims)
    given = fitted(lo, args[1], found.dims)
    code, dtype = lo.code, eqn.args[0].type.dtype
    target = lo.acquire(eqn.args[0], dtype)
    whole = all(e[0] == "all" or e == ("slice", None, None, None) for e in eqn.static["pattern"])
    given_ = lo.apart(given, target, aligned=whole)
    assert isinstance(given_, Lazy)
    if target.root in found.reads:  # the places themselves would change
        stored = lo.stored(base, "", dtype).buffer
        assert stored is not None
        target = stored
    add = eqn.op == "add_at"
    code.nest(
        found.dims,
        lambda i: code.store(target, cast(code, given_.at(i), dtype), found.at(i), add=add),
    )
    return code.lazy(target)
