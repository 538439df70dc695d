"""Programs: variables, constants, equations, functions.

The order of things in a `Function` is the order of execution. Equations of the forward pass come
first, those of a backward pass after them (`Eqn.backward`); both carry stage numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, final

from .types import Type


@final
@dataclass(frozen=True)
class Span:
    """Where a statement or an expression stands in the user's source (lines from 1)."""

    file: str
    line: int
    col: int
    end_line: int
    end_col: int


@final
class Var:
    """One value of a program. Identity is what counts: `hint` need not be unique.

    `user` is True when the hint is a name that the user gave; a value without such a name is a
    *temporary*, which the emitter may fold into the expression that uses it. `adjoint_of` is the
    value whose gradient this is; with `tangent`, the value whose tangent it is.
    """

    __slots__ = ("adjoint_of", "hint", "tangent", "type", "user")

    def __init__(
        self,
        hint: str,
        type_: Type,
        *,
        user: bool = False,
        adjoint_of: Var | None = None,
        tangent: bool = False,
    ) -> None:
        self.hint = hint
        self.type = type_
        self.user = user
        self.adjoint_of = adjoint_of
        self.tangent = tangent

    def __repr__(self) -> str:
        return f"<{self.hint}: {self.type!r}>"


@final
@dataclass(frozen=True)
class Const:
    """A constant. `text` is how the user wrote it, when they did (`1.0`, `1e-10`, `np.pi`)."""

    value: Any
    type: Type
    text: str | None = None


Atom = Var | Const


@final
@dataclass(frozen=True)
class Ref:
    """Inside `static`: stands for the equation's argument number `arg`."""

    arg: int


@final
@dataclass(frozen=True, eq=False)
class Block:
    """Equations with parameters and results, inside a control equation.

    A block sees the variables around it. Control equations are

        outs = if(test)                        then: () -> outs      else: () -> outs
        outs = for(start, stop, step, *init)   body: (i, *carried) -> carried
        outs = while(*init)                    test: (*carried) -> bool   body: (*carried) -> carried

    The option `reversed` of a `for` runs it from the last trip to the first. The option `until` of a
    loop is the parameter of a carried bool: the loop ends after the trip that makes it False.
    `once` are parameters that have no value before the trip that sets them, which is the last.
    """

    params: tuple[Var, ...]
    body: tuple[Eqn, ...]
    results: tuple[Atom, ...]


@final
@dataclass(frozen=True, eq=False)
class Eqn:
    """`outs = op(args; static)`: one operation applied to values.

    `static` holds what is fixed when specialising (axis, shape, index pattern). `via` says how the
    user spelled it: `"np"`, `"math"`, `"method"` or `""` for an operator, since that decides the
    text and, for scalars, whether Python's or NumPy's arithmetic runs. `backward` marks the
    equations of the backward pass, `tangent` those that compute tangents, beside the equation that
    they belong to; `effect` those that are kept though nothing uses their result.
    `several` marks an operation that returns a tuple, be it of one result.
    """

    outs: tuple[Var, ...]
    op: str
    args: tuple[Atom, ...] = ()
    static: Mapping[str, Any] = field(default_factory=dict)
    via: str = ""
    stage: int = 0
    span: Span | None = None
    backward: bool = False
    tangent: bool = False
    effect: bool = False
    several: bool = False
    blocks: tuple[Block, ...] = ()

    @property
    def out(self) -> Var:
        """The only result; an error to ask for when there are several."""
        (out,) = self.outs
        return out

    @property
    def derived(self) -> bool:
        """Is the equation made by differentiation? The user's own text is left as it is."""
        return self.backward or self.tangent

    def uses(self) -> Iterator[Var]:
        """The variables among the arguments, with repetition."""
        return (a for a in self.args if isinstance(a, Var))

    def reads(self) -> Iterator[Var]:
        """`uses`, and the variables from outside that its blocks use."""
        yield from self.uses()
        for block in self.blocks:
            yield from free(block)

    def with_args(self, args: tuple[Atom, ...]) -> Eqn:
        """The same equation applied to other arguments."""
        return replace(self, args=args)


@final
@dataclass(frozen=True)
class Stage:
    """What the user wrote at a numbered statement: its comment and the comment lines above it."""

    comment: str = ""
    above: tuple[str, ...] = ()


@final
@dataclass(frozen=True, eq=False)
class Function:
    """A program: `params` in, `body`, `results` out.

    `captures` are values that the function reads from outside (numeric globals, closure cells),
    with the name that they have at module level; they are read anew at each call. `stages` keeps
    the user's comments by stage number. `silent` are kinds of floating-point errors that the
    function ignores (`np.errstate`).
    """

    name: str
    params: tuple[Var, ...]
    body: tuple[Eqn, ...]
    results: tuple[Atom, ...]
    captures: Mapping[Var, str] = field(default_factory=dict)
    stages: Mapping[int, Stage] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()

    def with_body(self, body: tuple[Eqn, ...], results: tuple[Atom, ...] | None = None) -> Function:
        """The same function with another body (and other results, when given)."""
        return replace(self, body=body, results=self.results if results is None else results)


def is_ufunc(eqn: Eqn) -> bool:
    """Did the user call NumPy or SciPy, which return inf or NaN where `math` raises?"""
    return eqn.via in ("np", "special", "scipy")


@final
class Knot:
    """Stands for a function within itself: what it calls where it calls itself, by whatever way.

    A `Function` does not change, so it cannot hold itself; `function` is set when it is finished.
    """

    __slots__ = ("function", "name")

    def __init__(self, name: str, function: Function | None = None) -> None:
        self.name = name
        self.function = function


def called(eqn: Eqn) -> Function:
    """The function that a `call` calls."""
    callee: Function | Knot = eqn.static["callee"]
    if isinstance(callee, Function):
        return callee
    assert callee.function is not None
    return callee.function


def walk(body: Iterable[Eqn]) -> Iterator[Eqn]:
    """All equations, those in blocks right after the equation that has the blocks."""
    for eqn in body:
        yield eqn
        for block in eqn.blocks:
            yield from walk(block.body)


def free(block: Block) -> Iterator[Var]:
    """The variables from outside that a block uses, with repetition."""
    inside = set(block.params)
    for eqn in block.body:
        yield from (v for v in eqn.reads() if v not in inside)
        inside.update(eqn.outs)
    yield from (r for r in block.results if isinstance(r, Var) and r not in inside)


def definitions(function: Function) -> dict[Var, Eqn]:
    """The equation that defines each variable, also in blocks (parameters have none)."""
    return {out: eqn for eqn in walk(function.body) for out in eqn.outs}


def use_counts(function: Function) -> dict[Var, int]:
    """How often each variable is used, as an argument or as a result.

    A use inside a block of a variable from outside counts twice: such a variable is not just another
    name for the place where it is used.
    """
    counts: dict[Var, int] = {}

    def count(body: Iterable[Eqn], results: Iterable[Atom], inside: set[Var]) -> None:
        for eqn in body:
            for var in eqn.uses():
                counts[var] = counts.get(var, 0) + (1 if var in inside else 2)
            for block in eqn.blocks:
                count(block.body, block.results, set(block.params))
            inside.update(eqn.outs)
        for atom in results:
            if isinstance(atom, Var):
                counts[atom] = counts.get(atom, 0) + (1 if atom in inside else 2)

    count(function.body, function.results, {*function.params, *function.captures})
    return counts


def in_blocks(eqn: Eqn, change: Callable[[Block], Block]) -> Eqn:
    """The equation with each of its blocks changed."""
    return replace(eqn, blocks=tuple(map(change, eqn.blocks))) if eqn.blocks else eqn


def renamed(body: Iterable[Eqn], names: Mapping[Var, Atom]) -> tuple[Eqn, ...]:
    """Equations with other atoms for some variables, in blocks too."""

    def new(atom: Atom) -> Atom:
        return names.get(atom, atom) if isinstance(atom, Var) else atom

    def block(old: Block) -> Block:
        return Block(old.params, renamed(old.body, names), tuple(map(new, old.results)))

    return tuple(in_blocks(e.with_args(tuple(map(new, e.args))), block) for e in body)
