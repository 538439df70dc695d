"""Specialise on first use, then dispatch: one emitted function per signature of the arguments.

An entry is found by a key of the arguments (kinds, dtypes, ranks, which axes have length 1, and the
values that had to be known). Before it runs, what the function reads from outside is checked: a
helper that was replaced or a flag that was flipped gives a new specialisation, and numbers and
arrays are handed over as they are now.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CellType
from typing import Any, Generic, TypeVar, final

import numpy as np

from .containers import floated
from .errors import NeedStatic, PrimalRaises, SignatureError, UnsupportedError
from .frontend.root import bind_arguments
from .frontend.signature import Fixed, Leaf, Node, Spec, spec_of
from .frontend.source import MISSING, unwrap
from .frontend.unit import Dependency
from .pipeline import NotScalar, deep_recursion, specialise
from .rules.custom import CUSTOM_LOG

E = TypeVar("E")


@final
@dataclass(frozen=True)
class Entry(Generic[E]):
    """One specialisation: what it runs, and what has to hold outside.

    `guards` are what has to stay as it is, `captured` what is handed over at each call. `integers`
    says that differentiated arguments have Python ints among them, which count as floats.
    """

    run: E
    guards: tuple[tuple[Any, str, Dependency], ...]
    captured: tuple[tuple[Dependency, Spec], ...]
    namespace: dict[str, Any]
    integers: bool
    rules: int
    specs: Mapping[str, Spec]


def key_of(value: Any) -> Any:
    """The part of a signature that one argument contributes, quick for numbers and arrays."""
    kind = type(value)
    if kind is float or kind is int:
        return kind
    if kind is np.ndarray:
        shape = value.shape
        ones = tuple([min(n, 2) for n in shape]) if 1 in shape or 0 in shape else len(shape)
        return value.dtype.num, ones
    return _hashable(spec_of(value, ""))


class Dispatcher(Generic[E]):
    """A function's specialisations, made when they are first needed.

    `argnums` is what the user gave: a position, a name, or a tuple of them; None for all those of
    the arguments in `given` that can carry a gradient.
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        argnums: Any,
        build: Callable[..., tuple[E, dict[str, Any]]],
        given: tuple[str, ...] = (),
    ) -> None:
        self.given = given
        self.fun = fun
        self.live = unwrap(fun)
        self.build = build
        self.signature = inspect.signature(self.live)
        self.names = tuple(self.signature.parameters)
        self.wrt, self.single = wanted(argnums, self.names, self.live)
        self.entries: dict[Any, Entry[E]] = {}
        self.fixed: dict[Any, bool] = {}
        self.plain = all(
            p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
            for p in self.signature.parameters.values()
        )

    def arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """All arguments in the order of the parameters."""
        if not kwargs and self.plain and len(args) == len(self.names):
            return args
        bound = bind_arguments(self.fun, args, kwargs)
        return tuple(bound[name] for name in self.names)

    def entry(self, args: tuple[Any, ...]) -> Entry[E]:
        """The specialisation for these arguments."""
        key = self.key(args)
        entry = self.entries.get(key)
        if entry is not None and holds(entry):
            return entry
        return self.specialise(args)

    def key(self, args: tuple[Any, ...]) -> Any:
        """The signature of all arguments, as a dictionary key."""
        if not self.fixed:
            try:
                return tuple([key_of(a) for a in args])
            except SignatureError:  # again, with the argument's name in the message
                pass
        specs = zip(self.names, args, strict=True)
        return tuple([_hashable(spec_of(a, n, self.fixed)) for n, a in specs])

    def specialise(self, args: tuple[Any, ...]) -> Entry[E]:
        """Lower, differentiate and emit for these arguments; values are fixed as they are needed."""
        while True:
            specs = {n: spec_of(a, n, self.fixed) for n, a in zip(self.names, args, strict=True)}
            given = specs
            specs = {n: as_float(s) if self._floats(n, given) else s for n, s in given.items()}
            try:
                with deep_recursion():
                    primal = specialise(self.fun, specs, self.fixed)
                    run, namespace = self.build(primal, self._active(specs), self.single)
            except NeedStatic as error:
                self._fix(error)
                continue
            except NotScalar as error:
                shape = np.shape(first_of(called(self.fun, self.signature, copy.deepcopy(args))))
                raise NotScalar(error.name, shape) from None
            except PrimalRaises as error:
                ints = specs != given
                raise raised_by(self.fun, args, error, self.signature, ints) from None
            break
        known = primal.unit.dependencies
        entry = Entry(
            run,
            tuple((d.owner, d.name, d) for d in known if not d.captured),
            tuple((d, spec_of(d.value, d.name)) for d in known if d.captured),
            namespace,
            specs != given,
            len(CUSTOM_LOG),
            specs,
        )
        holds(entry)
        self.entries[self.key(args)] = entry
        return entry

    def _floats(self, name: str, given: Mapping[str, Spec]) -> bool:
        """Do Python ints in this argument count as floats? Where it is differentiated."""
        if self.wrt:
            return name in self.wrt
        return name in self.given and not any(carries(given[n]) for n in self.given)

    def _active(self, specs: Mapping[str, Spec]) -> tuple[str, ...]:
        return self.wrt if self.wrt else tuple(n for n in self.given if carries(specs[n]))

    def _fix(self, error: NeedStatic) -> None:
        new = [root for root in error.roots if root not in self.fixed]
        if not new:
            if error.instead is not None:
                raise error.instead
            raise UnsupportedError(
                "CR014", "this value has to be known when specialising", error.span
            )
        for root in new:
            name = str(root[0]).split("[")[0].split(".")[0]
            if name in self.wrt and root[1] is None:
                raise UnsupportedError(
                    "CR018",
                    f"{root[0]} is differentiated, so this cannot depend on its exact value",
                    error.span,
                    "leave the argument out of argnums",
                )
            self.fixed[root] = True
        self.entries.clear()


def _hashable(spec: Spec) -> Any:
    """A spec as part of a key: objects count by identity."""
    if isinstance(spec, Fixed):
        if isinstance(spec.value, str | bytes | int | float | complex | np.generic | None):
            return (type(spec.value), spec.value)
        return ("id", id(spec.value))  # an equal object has attributes of its own
    if isinstance(spec, Node):
        return (spec.cls, spec.keys, tuple(map(_hashable, spec.items)))
    return spec


def holds(entry: Entry[Any]) -> bool:
    """Is everything outside as the specialisation found it? Captured values are handed over."""
    if entry.rules != len(CUSTOM_LOG):  # a rule was registered since
        return False
    for owner, name, d in entry.guards:
        now = owner.cell_contents if type(owner) is CellType else owner.get(name, MISSING)
        if now is not d.value and not _unchanged(d, now):
            return False
    for d, spec in entry.captured:
        owner = d.owner
        now = owner.cell_contents if isinstance(owner, CellType) else owner.get(d.name, MISSING)
        if type(now) is not float or type(d.value) is not float:
            if now is MISSING or spec_of(now, d.name) != spec:
                return False
        entry.namespace[d.alias] = now
    return True


def _unchanged(dependency: Dependency, now: Any) -> bool:
    """A builtin that no global shadows, or an equal constant, counts as unchanged."""
    if now is MISSING:
        return dependency.name not in dependency.owner
    constants = bool | int | float | str
    return (
        isinstance(now, constants)
        and type(now) is type(dependency.value)
        and now == dependency.value
    )


def carries(spec: Spec) -> bool:
    """Is there a floating-point or complex leaf in it?"""
    if isinstance(spec, Node):
        return any(map(carries, spec.items))
    return isinstance(spec, Leaf) and np.dtype(spec.dtype).kind in "fc"


def as_float(spec: Spec) -> Spec:
    """Python ints that are differentiated count as floats."""
    if isinstance(spec, Leaf) and spec.sizes is None and spec.weak and spec.dtype == "int64":
        return Leaf("float64", weak=True)
    if isinstance(spec, Node):
        return Node(spec.cls, spec.keys, tuple(map(as_float, spec.items)))
    return spec


_VARIADIC = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def wanted(argnums: Any, names: tuple[str, ...], fun: Any) -> tuple[tuple[str, ...], bool]:
    """The parameter names that `argnums` stands for, and whether it named just one."""
    if argnums is None:
        return (), False
    several = isinstance(argnums, tuple | list)
    if several and not argnums:
        raise TypeError("argnums names no argument")
    parameters = inspect.signature(fun).parameters
    chosen: list[str] = []
    for item in argnums if several else (argnums,):
        if isinstance(item, str):
            if item not in names:
                raise TypeError(
                    f"{fun.__name__} has no argument {item!r}; it has {', '.join(names)}"
                )
            chosen.append(item)
        elif isinstance(item, int | np.integer) and not isinstance(item, bool):
            if not -len(names) <= item < len(names):
                raise TypeError(
                    f"argnums {item} is out of range: {fun.__name__} has {len(names)} arguments"
                )
            if (kind := parameters[names[item]].kind) in _VARIADIC:
                raise TypeError(
                    f"argnums {item} stands for {_VARIADIC[kind]}{names[item]} of {fun.__name__}: "
                    f"give the name {names[item]!r} for the gradients of all of them"
                )
            chosen.append(names[item])
        else:
            raise TypeError(f"argnums has to be an int, a name, or a tuple of them, not {item!r}")
    if len(set(chosen)) != len(chosen):
        raise TypeError("argnums names an argument twice")
    return tuple(chosen), not several


def as_floats(dispatcher: Dispatcher[Any], entry: Entry[Any], args: tuple[Any, ...]) -> Any:
    """The arguments, Python ints that are differentiated as floats."""
    if not entry.integers:
        return args
    wrt = dispatcher.wrt
    return tuple(
        [floated(a) if n in wrt else a for n, a in zip(dispatcher.names, args, strict=True)]
    )


def called(fun: Callable[..., Any], signature: inspect.Signature, args: tuple[Any, ...]) -> Any:
    """The plain function applied to arguments in the order of its parameters."""
    bound = signature.bind_partial()
    bound.arguments.update(zip(signature.parameters, args, strict=True))
    return unwrap(fun)(*bound.args, **bound.kwargs)


def first_of(value: Any) -> Any:
    """The value of `(value, aux)`, or the value itself."""
    return value[0] if isinstance(value, tuple) else value


def raised_by(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    error: PrimalRaises,
    signature: inspect.Signature,
    ints: bool,
) -> BaseException:
    """The exception that the user's own function raises for these arguments.

    `ints` says that Python ints among them counted as floats.
    """
    try:  # on copies: it may write into them before it raises
        called(fun, signature, copy.deepcopy(args))
    except Exception as raised:
        return raised
    help = "an int that is differentiated counts as a float: leave it out of argnums"
    return UnsupportedError("CR050", f"not understood: {error}", error.span, help if ints else "")
