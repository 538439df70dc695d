"""Abstract values: what an expression stands for while a function is specialised."""

from __future__ import annotations

import ast
import itertools
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FunctionType, GeneratorType
from typing import TYPE_CHECKING, Any, Final, final

from ..ir.dims import Dim
from ..ir.program import Atom, Const, Var

if TYPE_CHECKING:
    from .lower import Lowerer


@final
@dataclass(frozen=True, eq=False)
class Static:
    """A Python object that is known when specialising: module, function, string, None, dtype."""

    obj: Any


@final
@dataclass(frozen=True, eq=False)
class Size:
    """An integer that is known as an expression in sizes; it becomes a variable only if needed."""

    dim: Dim


@final
@dataclass(frozen=True, eq=False)
class Struct:
    """A tuple, list, dict, NamedTuple or dataclass of abstract values.

    `keys` are dict keys or field names, None for plain sequences; `cls` is the Python class.
    """

    cls: type
    items: tuple[Value, ...]
    keys: tuple[Any, ...] | None = None

    def get(self, key: Any) -> Value:
        """The item under a key or field name; KeyError when there is none."""
        assert self.keys is not None
        if key not in self.keys:
            raise KeyError(key)
        return self.items[self.keys.index(key)]

    @property
    def is_dict(self) -> bool:
        """Is it a dict, by its class or that of an ancestor?"""
        return issubclass(self.cls, dict)

    @property
    def is_sequence(self) -> bool:
        """Is it a tuple or a list? Iterators and views of dicts are not."""
        return issubclass(self.cls, tuple | list)


@final
@dataclass(frozen=True, eq=False)
class SliceValue:
    """`start:stop:step`; each part an int, a `Dim`, or None."""

    start: int | Dim | None
    stop: int | Dim | None
    step: int | Dim | None


@final
@dataclass(frozen=True, eq=False)
class Method:
    """A method that was looked up and not yet called."""

    owner: Value
    name: str


@final
@dataclass(frozen=True, eq=False)
class Bound:
    """A function of the user's class, with the object that it is called on."""

    owner: Value
    fun: FunctionType


@final
@dataclass(frozen=True, eq=False)
class Super:
    """`super()`: the object, the class whose method asks, and the object's own class."""

    owner: Value
    start: type
    cls: type


@final
@dataclass(frozen=True, eq=False)
class Closure:
    """A nested function or lambda, with the frame that it was made in."""

    node: ast.FunctionDef | ast.Lambda
    frame: Lowerer
    defaults: dict[str, Value]


@final
@dataclass(frozen=True, eq=False)
class Derivative:
    """A derivative of a function: `kind` is the name of what made it (`grad`, `value_and_grad`)."""

    kind: str
    fun: Value
    argnums: Any
    has_aux: bool
    holomorphic: bool = False


@final
@dataclass(frozen=True, eq=False)
class LinearMap:
    """What `vjp` or `linearize` returned: `inner` is the function within, at its arguments."""

    kind: str
    inner: Any


@final
@dataclass(frozen=True, eq=False)
class Text:
    """A string with values in it (an f-string): `node` has a placeholder name for each atom."""

    node: ast.expr
    atoms: tuple[Atom, ...]


@final
@dataclass(frozen=True, eq=False)
class Unset:
    """A name that cannot be used here, and why; `like` is what it is on the paths that set it."""

    why: str
    like: Value | None = None


@final
@dataclass(frozen=True, eq=False)
class Maybe:
    """A number or an array that may be None; `absent` is what it is where it is known to be None."""

    value: Var
    absent: Static = field(default_factory=lambda: Static(None))


class Outside(list[Any]):
    """The class of a list from outside, which is read and not changed."""


class Bounded(list[Any]):
    """The base of classes for a `deque` with a greatest length."""

    maxlen: int


class Defaulting(dict[Any, Any]):
    """The base of classes for a `defaultdict`."""

    factory: Any


def python_class(value: Struct) -> type:
    """The class that Python sees."""
    for ours, theirs in ((Outside, list), (Bounded, deque), (Defaulting, defaultdict)):
        if issubclass(value.cls, ours):
            return theirs
    return value.cls


# What can be gone through once, and what shows the inside of a dict: neither is a sequence.
ONE_SHOT: Final[tuple[type, ...]] = (
    GeneratorType, zip, enumerate, reversed, map, filter, itertools.accumulate, itertools.chain,
    itertools.combinations, itertools.combinations_with_replacement, itertools.dropwhile,
    itertools.groupby, itertools.islice, itertools.pairwise, itertools.permutations,
    itertools.product, itertools.starmap, itertools.takewhile, itertools.zip_longest,
)  # fmt: skip
VIEWS: Final[tuple[type, ...]] = (type({}.keys()), type({}.values()), type({}.items()))

Value = (
    Unset
    | Maybe
    | Var
    | Const
    | Static
    | Size
    | Struct
    | SliceValue
    | Method
    | Bound
    | Super
    | Closure
    | Derivative
    | LinearMap
    | Text
)


def leaves(value: Value) -> Iterator[Value]:
    """The values in a nest of structs, from left to right."""
    if isinstance(value, Struct):
        for item in value.items:
            yield from leaves(item)
    else:
        yield value


def structs(value: Value) -> Iterator[Struct]:
    """The containers in a nest, the outer ones first."""
    if isinstance(value, Struct):
        yield value
        for item in value.items:
            yield from structs(item)


def rebuild(value: Value, new: Iterator[Value]) -> Value:
    """The same nest of structs with other leaves."""
    if isinstance(value, Struct):
        return Struct(value.cls, tuple(rebuild(item, new) for item in value.items), value.keys)
    return next(new)
