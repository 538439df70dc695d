"""The object that users get: a compiled function that Python and Numba code can call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ..dispatch import Dispatcher, Entry
from ..engines.numba_engine import require
from ..frontend.root import Primal
from ..frontend.signature import to_float
from ..frontend.source import MISSING
from . import program
from .buffers import buffers_of, into_function
from .program import Program, Request
from .wrapper import python_function, quick_function

_NOTHING = (
    "# nothing is compiled yet: call the function, or chainrule.warmup(function, *arguments)\n"
)


class CompiledFunction:
    """A function, or its gradient, compiled by Numba for each signature that it is called with.

    It can be called from Python, and from inside functions that `numba.njit` compiles. `source` is
    the text of what was compiled. Each object has a class of its own, whose `__call__` is made for the
    signature that was compiled last.
    """

    def __new__(cls, *args: Any) -> CompiledFunction:
        """An object of a class of its own."""
        return object.__new__(type(cls.__name__, (cls,), {"__module__": cls.__module__}))

    def __init__(self, fun: Callable[..., Any], argnums: Any, request: Request) -> None:
        require()
        functools.update_wrapper(self, getattr(fun, "py_func", fun))
        self.request = request
        self.fun = fun
        self.argnums = argnums
        self.programs: list[Program] = []
        self._python: Dispatcher[Callable[..., Any]] = Dispatcher(fun, argnums, self._build)
        self._made: dict[Callable[..., Any], Program] = {}
        self._with_out: dict[Callable[..., Any], Callable[..., Any]] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What was asked for of the function, for these arguments."""
        if "out" in kwargs and "out" not in self._python.names:
            return self._into(kwargs.pop("out"), args, kwargs)
        return self._call(self._python.arguments(args, kwargs))

    def __repr__(self) -> str:
        return f"<compiled {self.request.what} of {self.__name__}>"  # type: ignore[attr-defined]

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy elsewhere is made again of the function, and compiles what it needs."""
        return CompiledFunction, (self.fun, self.argnums, self.request)

    @property
    def source(self) -> str:
        """The text of the functions that were compiled so far, one per signature."""
        return "\n\n".join(dict.fromkeys(p.module.text for p in self.programs)) or _NOTHING

    @property
    def _numba_type_(self) -> Any:
        """The type by which Numba knows a function that it can call."""
        from numba.core.types import Dispatcher as Callee

        return Callee(self._for_numba)

    @functools.cached_property
    def _for_numba(self) -> Any:
        from .typing import numba_dispatcher

        return numba_dispatcher(self)

    def warm_up(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Compile for these arguments, without a call."""
        self._python.entry(self._python.arguments(args, kwargs))

    def _into(self, out: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """A call whose gradients are written into arrays that the caller gives."""
        if self.request.what == "value":
            raise TypeError("out= is for gradients: a function has none")
        args = self._python.arguments(args, kwargs)
        entry = self._python.entry(args)
        args = self._as_floats(entry, args)
        made = self._made[entry.run]
        run = self._with_out.get(entry.run)
        if run is None:
            run = self._with_out[entry.run] = into_function(made, entry.namespace)
        return run(*args, *buffers_of(made, args, out))

    def _as_floats(self, entry: Entry[Any], args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, with ints that are differentiated as floats."""
        if not entry.integers:
            return args
        wrt, names = self._python.wrt, self._python.names
        return tuple([to_float(a) if n in wrt else a for n, a in zip(names, args, strict=True)])

    def _build(
        self, primal: Primal, wrt: tuple[str, ...], single: bool
    ) -> tuple[Callable[..., Any], dict[str, Any]]:
        made = program.build(primal, wrt, single, self.request)
        self.programs.append(made)
        run, namespace = python_function(made)
        self._made[run] = made
        return run, namespace

    def _call(self, args: tuple[Any, ...]) -> Any:
        """A call by way of the dispatcher; afterwards calls like it are quick."""
        dispatcher = self._python
        count = len(self.programs)
        entry = dispatcher.entry(args)
        if len(self.programs) > count and dispatcher.plain:
            call = quick_function(self.programs[-1], entry, self._from_quick)
            if call is not None:
                type(self).__call__ = call  # type: ignore[method-assign]
        return entry.run(*self._as_floats(entry, args))

    def _from_quick(self, args: tuple[Any, ...], more: tuple[Any, ...], out: Any) -> Any:
        """A call that is not the usual one; what was not given is `MISSING`."""
        if more:
            return CompiledFunction.__call__(self, *args, *more)
        if out is MISSING and all(a is not MISSING for a in args):
            return self._call(args)
        given = dict(zip(self._python.names, args, strict=True))
        if out is not MISSING:
            given["out"] = out
        return CompiledFunction.__call__(
            self, **{name: value for name, value in given.items() if value is not MISSING}
        )
