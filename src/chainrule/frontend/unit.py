"""One compilation: what its functions read from outside, and the functions that it is made of.

Everything that a function takes from its surroundings is noted as a `Dependency`, so that a later
call can see whether it still holds: a helper that was replaced, a flag that was flipped, an int
global that sized an array. Numbers and arrays are `captured` instead: they are read at each call.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from ..ir.dims import Dim, Sym
from ..ir.program import Const, Function, Var
from ..ir.types import Array, Scalar, Type, python_scalar
from ..rules.builder import const
from ..rules.registry import HELPERS

if TYPE_CHECKING:
    from .recursion import Given, Open
    from .refusals import WritesArgument


@final
@dataclass(frozen=True)
class Dependency:
    """A name that was resolved: `owner` is a globals dictionary, a closure cell, or a class, an
    object or a container (`Attributes`, `Contents`).

    `captured` ones hold a number or array that is read at each call, under the module-level name
    `alias`; `value` then says what it was when specialising. The others must stay the same object
    (or, for plain numbers, an equal one).
    """

    owner: Any
    name: Any
    value: Any
    captured: bool
    alias: str = ""


@final
@dataclass(frozen=True, eq=False)
class Attributes:
    """The attributes of a class or an object, its own or inherited, as a mapping."""

    obj: Any

    def get(self, name: str, default: Any) -> Any:
        """The attribute as it is now."""
        return getattr(self.obj, name, default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and hasattr(self.obj, name)


SHAPE: Final = "<shape>"  # the key under which `Contents` has a container's keys


@final
@dataclass(frozen=True, eq=False)
class Contents:
    """The items of a list, tuple or dict from outside, as a mapping."""

    obj: Any

    def get(self, key: Any, default: Any) -> Any:
        """The item as it is now."""
        if key is SHAPE:
            return repr(list(self.obj)) if isinstance(self.obj, dict) else len(self.obj)
        try:
            return self.obj[key]
        except (LookupError, TypeError):
            return default

    def __contains__(self, key: object) -> bool:
        return self.get(key, SHAPE) is not SHAPE


def place_of(owner: Any, name: Any) -> tuple[int, Any]:
    """What tells a name outside from all others, in another compilation too."""
    return id(owner.obj if isinstance(owner, Attributes | Contents) else owner), name


MODULES: Final = frozenset({"math", "cmath", "np", "special", "scipy"})  # that emitted code imports
RESERVED: Final = MODULES | {
    "fit_axis",
    "sum_to_shape",
    "last_stores",
    "real_power",
}  # and the helpers of `emit.module`


@final
@dataclass
class Callee:
    """A user function specialised to a signature."""

    function: Function
    result: Any  # the abstract result, whose leaves are the function's results
    own: frozenset[int] = frozenset()  # results that are arrays or lists of its own


@dataclass
class Unit:
    """The shared state of one compilation."""

    dependencies: list[Dependency] = field(default_factory=list)
    callees: dict[Any, Callee] = field(default_factory=dict)
    duals: dict[Any, Function] = field(default_factory=dict)  # functions with tangents
    fixed: dict[Any, bool] = field(default_factory=dict)
    capture_of: dict[Var, tuple[int, Any]] = field(default_factory=dict)
    open: dict[Any, Open] = field(default_factory=dict)  # functions that are being walked
    recursive: list[tuple[Any, Sequence[Given], Callee]] = field(default_factory=list)
    missing: list[tuple[Open, ast.AST]] = field(default_factory=list)  # calls left out of a walk
    names: set[str] = field(default_factory=set)
    consumed: set[Any] = field(default_factory=set)  # iterators that were gone through
    owners: dict[Any, Attributes | Contents] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)  # the texts that were read, in order
    nameless: set[Any] = field(default_factory=set)  # loops whose results have no name yet
    arguments: set[Any] = field(default_factory=set)  # lists that a called function was given
    going: list[Any] = field(default_factory=list)  # lists that loops go through
    tuples: set[Var] = field(default_factory=set)  # lists of the program that stand for tuples
    lists: set[Any] = field(default_factory=set)  # those of known length that may be written
    writing: dict[Any, WritesArgument] = field(default_factory=dict)  # into their arguments
    row_by_row: dict[Var, None] = field(
        default_factory=dict
    )  # arguments whose layout is checked on entry
    inner: set[Var] = field(default_factory=set)  # counters and carried values: never fixed
    shared: list[frozenset[str]] = field(default_factory=list)  # names bound by `nonlocal` now
    rebound: set[str] = field(default_factory=set)  # and all that were
    hidden: int = 0  # names for parts of what is matched
    depth: int = 0  # of inlined calls
    builder: Any = None  # that of the root function, and the names of its parameters
    parameters: frozenset[str] = frozenset()

    def depend(
        self,
        owner: Any,
        name: Any,
        value: Any,
        captured: bool,
        avoid: Collection[str] = (),
        hint: str = "",
    ) -> Dependency:
        """Note a dependency once and return it; a captured one is not called as in `avoid`."""
        for known in self.dependencies:
            if known.owner is owner and known.name == name and known.captured is captured:
                if not captured or known.alias not in avoid:
                    return known
        alias = re.sub(r"\W", "_", hint or str(name))
        alias = alias if alias.isidentifier() else f"value_{alias}"
        taken = {
            *self.names,
            *RESERVED,
            *HELPERS,
            *(d.alias for d in self.dependencies if d.captured),
        }
        while captured and (alias in taken or alias in avoid):
            alias += "_"
        dependency = Dependency(owner, name, value, captured, alias)
        self.dependencies.append(dependency)
        return dependency

    def attributes_of(self, obj: Any) -> Any:
        """Where the attributes of a module, class or object are looked up at each call."""
        if isinstance(obj, ModuleType):
            return vars(obj)
        return self.owners.setdefault((Attributes, id(obj)), Attributes(obj))

    def contents_of(self, obj: Any) -> Contents:
        """Where the items of a container are looked up at each call."""
        known = self.owners.setdefault((Contents, id(obj)), Contents(obj))
        assert isinstance(known, Contents)
        return known

    def named_object(self, name: str, obj: Any) -> str:
        """A name by which emitted code reaches an object, such as an exception class."""
        for known in self.dependencies:
            if known.captured and known.value is obj:
                return known.alias
        return self.depend({name: obj}, name, obj, captured=True).alias

    def captured(self, frame: Any, owner: Any, name: Any, obj: Any, hint: str = "") -> Var | Const:
        """A number or array from outside as a variable of the frame's function."""
        place, hint = place_of(owner, name), hint or str(name)
        if isinstance(obj, int | float | np.integer) and self.fixed.get((place, None)):
            self.depend(owner, name, obj, captured=False)
            return const(obj)
        avoid = self.parameters if frame.builder is self.builder else ()
        dependency = self.depend(owner, name, obj, captured=True, avoid=avoid, hint=hint)
        known: Var
        for known, alias in frame.captures.items():
            if alias == dependency.alias:
                return known
        var = Var(hint, type_of(obj, hint), user=True)
        attach_root(var)
        frame.captures[var] = dependency.alias
        self.capture_of[var] = place
        return var

    def function_name(self, wanted: str) -> str:
        """A module-level name for a function, made unique by a number."""
        name, number = wanted, 2
        taken = (
            self.names
            | RESERVED
            | HELPERS.keys()
            | {d.alias for d in self.dependencies if d.captured}
        )
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        self.names.add(name)
        return name


def is_number(value: Any) -> bool:
    """True for what is captured: floats, ints, NumPy numbers and numeric arrays, not bools."""
    if isinstance(value, np.ndarray):
        return type(value) is np.ndarray and value.dtype.kind in "biufc"
    return isinstance(value, (int, float, complex, np.number)) and not isinstance(value, bool)


def type_of(value: Any, name: str) -> Type:
    """The type of a number or array; each axis of it is a size of its own, or 1."""
    if isinstance(value, np.ndarray):
        dims = tuple(
            Dim(n) if n < 2 else Dim.of(Sym(f"{name}{axis}", None, single=False))
            for axis, n in enumerate(value.shape)
        )
        return Array(value.dtype.name, dims)
    if isinstance(value, np.generic):
        return Scalar(value.dtype.name)
    scalar = python_scalar(value)
    return Scalar(scalar.dtype, weak=True)


def attach_root(var: Var) -> None:
    """Tell each size of a parameter where it can be read."""
    if isinstance(var.type, Array):
        dims = tuple(
            d if d.sym is None or d.sym.root else Dim.of(Sym(d.sym.name, (var, axis), d.sym.single))
            for axis, d in enumerate(var.type.dims)
        )
        var.type = Array(var.type.dtype, dims)
    elif isinstance(var.type, Scalar) and np.dtype(var.type.dtype).kind in "iu":
        dim = Dim.of(Sym(var.hint, (var, None), single=True))
        var.type = Scalar(var.type.dtype, var.type.weak, dim)
