"""Lowering one function: array stages become loops over scalars, in the order of the program.

    c = a * b          (arrays)            nothing yet: c is a function from a position to a number
    s = np.sum(c)                          s = 0.0
                                           for i in range(n):
                                               s = s + a[i] * b[i]

What is known of each value is in `env`. An array that is used more than once is stored, since it
would be computed again for each use; one that reads memory is stored before that memory is
overwritten (`acquire`). That is the one place where sharing of memory has to be right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Block, Const, Eqn, Function, Ref, Var, use_counts
from ..ir.types import Array, Scalar
from ..rules.builder import const
from ..transform.sizes import Like
from .code import INT, Code
from .outline import Outline
from .scalars import cast, constant, narrowed
from .scopes import Scopes, scope
from .table import TABLE, refuse
from .values import Buffer, Dims, Held, Index, Lazy, Value

if TYPE_CHECKING:
    from .tape import Tape


@final
@dataclass(frozen=True, eq=False)
class Lowered:
    """A lowered function: everything that it gets and gives is one number or one contiguous array.

    `captured` are the names of the values from outside that follow the parameters.
    """

    function: Function
    captured: tuple[str, ...]


@final
class Lowerer:
    """Lowers one function of those in `known`; `done` are the lowered ones.

    The arrays that are `absent` on some way have no sizes there. A `root` is called by none of the
    functions: it makes the tape that they need, and with `hands_tape` it returns it.
    """

    def __init__(
        self,
        function: Function,
        done: Mapping[Function, Lowered],
        known: Mapping[Function, Outline],
        absent: frozenset[Var],
        *,
        root: bool,
        hands_tape: bool = False,
    ) -> None:
        self.function, self.absent = function, absent
        self.done, self.known, self.root = done, known, root
        self.hands_tape = hands_tape
        self.outline = known[function]
        self.tape: Tape | None = None
        self.depth: Atom = const(0)
        self.code = Code()
        self.env: dict[Var, Value] = {}
        self.counts = use_counts(function)
        self.scopes = Scopes()
        self.ranges: dict[Sym, tuple[Dim, Dim]] = {}
        self.sizes: dict[Sym, Atom] = {}
        self.reserved: set[Eqn] = set()  # pushes that need not look for room
        self.captured = {a: Var(*made) for a, made in self.outline.captured.items()}
        self.escaping = {r for r in function.results if isinstance(r, Var)}

    def run(self) -> Lowered:
        """The lowered function."""
        from . import interface

        params = interface.parameters(self)
        function = self.function
        level = scope(function.body, function.results, function.params, False)
        level.made.update(function.captures)
        self.scopes.stack.append(level)
        self.equations(function.body)
        self.code.source = None
        level.index = len(function.body)
        results = interface.results(self)
        names = tuple(self.captured)
        lowered = Function(
            self.outline.name,
            (*params, *self.captured.values()),
            tuple(self.code.body),
            results,
            stages=function.stages,
        )
        return Lowered(lowered, names)

    # -- equations -------------------------------------------------------------------------------

    def equations(self, body: Sequence[Eqn]) -> None:
        """Lower equations in a row."""
        for number, eqn in enumerate(body):
            self.scopes.stack[-1].index = number
            self.code.source = eqn
            self.equation(eqn)

    def equation(self, eqn: Eqn) -> None:
        """Lower one equation and bind its results."""
        lowering = TABLE.get(eqn.op)
        if lowering is None:
            raise refuse(eqn, f"the operation {eqn.op}")
        made = lowering(self, eqn, [self.value(a) for a in eqn.args])
        values = made if isinstance(made, tuple) else (made,)
        for out, value in zip(eqn.outs, values, strict=True):
            if isinstance(value, Var) and isinstance(value.type, Scalar) and not eqn.blocks:
                value = narrowed(self.code, value)
            self.bind(out, value)

    def value(self, atom: Atom) -> Value:
        """What an atom of the program is here."""
        return atom if isinstance(atom, Const) else self.env[atom]

    def bind(self, var: Var, value: Value) -> None:
        """Note what a variable is; store an array that would be computed twice."""
        if isinstance(value, Lazy) and isinstance(var.type, Scalar):
            value = value.at(())
        if isinstance(value, Lazy):
            for atom, dim in zip(value.dims, var.type.dims, strict=True):
                if var not in self.absent:
                    self.note_size(atom, dim)
            if value.cost and self.counts.get(var, 0) > 1:
                value = self.stored(value, self.hint(var))
        elif not isinstance(value, Held):
            if isinstance(var.type, Array):
                value = number(var.type.dtype, value)
            elif isinstance(value, Var) and not value.hint:
                value.hint = self.hint(var)
        self.env[var] = value

    def hint(self, var: Var) -> str:
        """What a variable is called in the lowered program."""
        if not var.hint and var.adjoint_of is not None and var.adjoint_of.hint:
            return f"d{var.adjoint_of.hint}"
        return var.hint

    def note_size(self, atom: Atom, dim: Dim) -> None:
        """Where a size can be read, and whether it may be 1."""
        if isinstance(atom, Var) and not dim.maybe_one:
            self.code.plural.add(atom)
        if dim.sym is not None:
            self.sizes.setdefault(dim.sym, atom)

    def size(self, dim: Dim) -> Atom | None:
        """A length that is an expression of sizes, at least 0; None where one cannot be read here."""
        terms = dim.terms
        if not terms or any(sym not in self.sizes for sym in terms):
            return None
        code = self.code
        total: Atom | None = None
        for sym, factor in terms.items():
            part = code.whole("mul", self.sizes[sym], const(factor))
            total = part if total is None else code.whole("add", total, part)
        assert total is not None
        if dim.const:
            total = code.whole("add", total, const(dim.const))
        if dim.least > 0:
            made: Atom = total
        else:
            made = code.whole("max", total, const(0))
        if isinstance(made, Var) and not dim.maybe_one:
            code.plural.add(made)
        return made

    # -- options ---------------------------------------------------------------------------------

    def atom(self, value: Any, args: Sequence[Value]) -> Atom:
        """An integer among the options: written out, or an argument."""
        if isinstance(value, Ref):
            found = args[value.arg]
            assert not isinstance(found, Lazy | Held)
            return found
        return const(int(value))

    def shape(self, value: Any, args: Sequence[Value]) -> Dims:
        """A shape among the options."""
        if isinstance(value, Like):
            like = args[value.arg]
            assert isinstance(like, Lazy)
            return like.dims
        items = value if isinstance(value, tuple) else (value,)
        return tuple(self.atom(item, args) for item in items)

    # -- memory ----------------------------------------------------------------------------------

    def stored(self, value: Lazy, hint: str = "", dtype: str | None = None) -> Lazy:
        """The array in memory of its own."""
        code, dtype = self.code, dtype or value.dtype
        zero = value.fill is not None and isinstance(value.fill, Const) and not value.fill.value
        whole = value.buffer is not None and dtype == value.dtype and value.dims
        if whole and value.buffer is not None and len(code.memo) == 1:  # in loops, memory is reused
            type_ = value.buffer.var.type
            return code.lazy(
                Buffer(code.emit("copy", (value.buffer.var,), type_, hint), value.dims)
            )
        buffer = code.alloc(dtype, value.dims, hint, zero=zero)
        if not zero:
            code.nest(
                value.dims,
                lambda index: code.store(
                    buffer, cast(code, value.at(index), buffer.var.type.dtype), index
                ),
            )
        return code.lazy(buffer)

    def memory(self, value: Lazy, hint: str = "") -> Buffer:
        """Contiguous memory that holds the array."""
        found = value if value.buffer is not None else self.stored(value, hint)
        assert found.buffer is not None
        return found.buffer

    def acquire(
        self, atom: Atom, dtype: str | None = None, taken: Collection[Buffer] = ()
    ) -> Buffer:
        """Memory that holds an array and may be overwritten from here on.

        Its own memory when that is ours, not `taken`, the array is not read again, and whatever else
        reads the memory can be stored before.
        """
        value = self.value(atom)
        if not isinstance(value, Lazy):
            assert not isinstance(value, Held)
            value = number(dtype or value.type.dtype, value)
        hint = self.hint(atom) if isinstance(atom, Var) else ""
        buffer = value.buffer
        if buffer is not None and (dtype is None or dtype == value.dtype):
            if buffer.root not in taken and self.may_take(buffer, atom):
                return buffer
        made = self.stored(value, hint, dtype).buffer
        assert made is not None
        return made

    def may_take(self, buffer: Buffer, atom: Atom) -> bool:
        """May memory be overwritten? Stores what else reads it, where it can be stored here."""
        if not buffer.owned or (isinstance(atom, Var) and self.scopes.live(atom)):
            return False
        readers = [
            var
            for var, value in self.env.items()
            if isinstance(value, Lazy)
            and buffer.root in value.reads
            and var is not atom
            and self.scopes.live(var)
        ]
        if any(not self.scopes.inner(var) for var in readers):
            return False
        if any(self.env[var].buffer is not None for var in readers):  # type: ignore[union-attr]
            return False
        for var in readers:
            value = self.env[var]
            assert isinstance(value, Lazy)
            self.env[var] = self.stored(value, self.hint(var))
        return True

    def apart(self, value: Value, buffer: Buffer, *, aligned: bool = False) -> Value:
        """A value that is safe to read while memory is overwritten.

        With `aligned`, element by element at the same positions.
        """
        if not isinstance(value, Lazy):
            return value
        risky = value.crossed if aligned else value.reads
        return self.stored(value) if buffer.root in risky else value

    # -- blocks ----------------------------------------------------------------------------------

    @contextmanager
    def inside(self, block: Block, loop: bool) -> Iterator[None]:
        """The state for lowering a block: names and sizes that are found in it are forgotten."""
        outer, ranges, sizes = self.env, dict(self.ranges), dict(self.sizes)
        self.env = dict(outer)
        self.scopes.stack.append(scope(block.body, block.results, block.params, loop))
        try:
            yield
        finally:
            self.scopes.stack.pop()
            self.env, self.ranges, self.sizes = outer, ranges, sizes

    def finish_block(self, block: Block) -> None:
        """Lower the equations of a block; from then on its results are what is read."""
        self.equations(block.body)
        self.scopes.stack[-1].index = len(block.body) - 1

    def zero(self, type_: Any) -> Atom:
        """A number to begin with where none is known."""
        return constant(0, type_.dtype)


def number(dtype: str, atom: Atom, dims: Dims = ()) -> Lazy:
    """An array of one number everywhere."""

    def at(index: Index) -> Atom:
        return atom

    return Lazy(dtype, dims, at, fill=atom)


def as_lazy(value: Value) -> Lazy:
    """An array, of rank 0 for a number."""
    if isinstance(value, Lazy):
        return value
    assert not isinstance(value, Held)
    return number(value.type.dtype, value)


def changed(value: Lazy, **what: Any) -> Lazy:
    """The array with other sizes and positions: no longer the memory itself."""
    return replace(value, **{"buffer": None, "turned": None, "crossed": value.reads, **what})


__all__ = ["INT", "Lowered", "Lowerer", "as_lazy", "changed", "number"]
