"""Programs: variables, constants, equations, functions.

The order of things in a `Function` is the order of execution. Equations of the forward pass come
first, those of a backward pass after them (`Eqn.backward`); both carry stage numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    value whose gradient this is.
    """

    __slots__ = ("adjoint_of", "hint", "type", "user")

    def __init__(
        self, hint: str, type_: Type, *, user: bool = False, adjoint_of: Var | None = None
    ) -> None:
        self.hint = hint
        self.type = type_
        self.user = user
        self.adjoint_of = adjoint_of

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
class Eqn:
    """`outs = op(args; static)`: one operation applied to values.

    `static` holds what is fixed when specialising (axis, shape, index pattern). `via` says how the
    user spelled it: `"np"`, `"math"`, `"method"` or `""` for an operator, since that decides the
    text and, for scalars, whether Python's or NumPy's arithmetic runs. `backward` marks the
    equations of the backward pass; `effect` those that are kept though nothing uses their result.
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
    effect: bool = False
    several: bool = False

    @property
    def out(self) -> Var:
        """The only result; an error to ask for when there are several."""
        (out,) = self.outs
        return out

    def uses(self) -> Iterator[Var]:
        """The variables among the arguments, with repetition."""
        return (a for a in self.args if isinstance(a, Var))

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
    the user's comments by stage number.
    """

    name: str
    params: tuple[Var, ...]
    body: tuple[Eqn, ...]
    results: tuple[Atom, ...]
    captures: Mapping[Var, str] = field(default_factory=dict)
    stages: Mapping[int, Stage] = field(default_factory=dict)

    def with_body(self, body: tuple[Eqn, ...], results: tuple[Atom, ...] | None = None) -> Function:
        """The same function with another body (and other results, when given)."""
        return replace(self, body=body, results=self.results if results is None else results)


def use_counts(function: Function) -> dict[Var, int]:
    """How often each variable is used, as an argument or as a result."""
    counts: dict[Var, int] = {}
    for eqn in function.body:
        for var in eqn.uses():
            counts[var] = counts.get(var, 0) + 1
    for atom in function.results:
        if isinstance(atom, Var):
            counts[atom] = counts.get(atom, 0) + 1
    return counts


def definitions(function: Function) -> dict[Var, Eqn]:
    """The equation that defines each variable (parameters have none)."""
    return {out: eqn for eqn in function.body for out in eqn.outs}
