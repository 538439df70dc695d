"""Rules that users register for their own functions with `chainrule.derivative`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final, final

import numpy as np

from ..ir.types import Scalar
from .registry import OpCall, built, internal


@final
@dataclass(frozen=True, eq=False)
class CustomRule:
    """A user's pullback: `pullback(d<result>, ...)` returns one gradient per argument of `fun`.

    `result` is the name of the result in the pullback, `params` are its parameters. `tangent` is a
    function for forward mode, of `<argument>_dot`, arguments and the result, where he wrote one.
    `arguments` are the names of the arguments of `fun`. An `external` one has no Python source that is
    read: it is called as it is, and `returns` says what it returns: "float", "elementwise", or the
    name of an argument that the result is like; a tuple of these for a tuple. `t*y` has the axes of
    both. A pullback that is None is not written.
    """

    fun: Callable[..., Any]
    pullback: Callable[..., Any] | None
    result: str
    params: tuple[str, ...]
    arguments: tuple[str, ...]
    tangent: Callable[..., Any] | None = None
    external: bool = False
    returns: str | tuple[str, ...] = "float"

    @property
    def name(self) -> str:
        """What messages call the function."""
        return str(getattr(self.fun, "__name__", type(self.fun).__name__))


@final
class Rules:
    """The rules by function; one that cannot be hashed, as those of `ctypes`, counts by identity."""

    def __init__(self) -> None:
        self.known: dict[Any, CustomRule] = {}

    @staticmethod
    def key(fun: Any) -> Any:
        """What a function is found by."""
        try:
            hash(fun)
        except TypeError:
            return "id", id(fun)  # the rule keeps the function alive
        return fun

    def get(self, fun: Any) -> CustomRule | None:
        """The rule of a function, None where it has none."""
        return self.known.get(self.key(fun))

    def __contains__(self, fun: Any) -> bool:
        return self.key(fun) in self.known

    def __getitem__(self, fun: Any) -> CustomRule:
        return self.known[self.key(fun)]

    def __setitem__(self, fun: Any, rule: CustomRule) -> None:
        self.known[self.key(fun)] = rule


CUSTOM: Final = Rules()
CUSTOM_LOG: Final[list[CustomRule]] = []  # all that were ever registered: its length is a version


def is_external(fun: Any) -> bool:
    """Has a function no Python source of the user's: is it a C function, or one of a library?"""
    package = str(getattr(fun, "__module__", "") or "").split(".")[0]
    return not isinstance(inspect.unwrap(fun), FunctionType) or package in ("numpy", "scipy")


@functools.lru_cache(maxsize=256)
def checked(rule: CustomRule) -> Callable[..., Any]:
    """The function, with a check that it returns what was said when its rule was registered.

    Results are in memory of their own.
    """
    fun, wanted = rule.fun, rule.returns

    def call(*args: Any) -> Any:
        found = fun(*args)
        if isinstance(wanted, str):
            return as_said(rule, wanted, args, found)
        if not isinstance(found, tuple | list) or len(found) != len(wanted):
            raise TypeError(f"{rule.name} did not return {len(wanted)} values, as its rule says")
        return tuple([as_said(rule, w, args, f) for w, f in zip(wanted, found, strict=True)])

    return call


def as_said(rule: CustomRule, wanted: str, args: tuple[Any, ...], found: Any) -> Any:
    """A result of an external function, checked."""
    if wanted == "float" or (wanted == "elementwise" and not any(map(np.ndim, args))):
        if np.ndim(found):
            shape = np.shape(found)
            raise TypeError(f"{rule.name} returned an array of shape {shape}, not a number")
        return float(found)
    likes = [args[rule.arguments.index(w)] for w in wanted.split("*") if w in rule.arguments]
    like = likes[-1] if likes else None
    shape = tuple(n for one in likes for n in np.shape(one))
    if like is None:
        shape = np.broadcast_shapes(*map(np.shape, args))
    if np.shape(found) != shape:
        raise TypeError(
            f"{rule.name} returned shape {np.shape(found)}, and its rule is for {shape}"
        )
    if not shape:
        return float(found)
    return np.array(found, dtype=np.result_type(*args) if like is None else np.asarray(like).dtype)


# A call of an external function: the option `alias` is the name by which emitted code reaches it.
_op = internal("external", "args", lambda call: _untyped(call), static=("alias",))
_op.variadic, _op.varargs = "args", True
built(_op, "args", how="transform.calls inlines the rule that the user registered")


def _untyped(call: OpCall) -> Scalar:
    return Scalar("float64", weak=True)
