"""The Numba engine: the functions of a module's text, compiled for signatures that are given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from . import numba_cache
from .progress import phase

Kind = tuple[str, int | None]  # a dtype, and the rank of an array or None for a number


@final
@dataclass(frozen=True)
class Options:
    """The options of `numba.njit` that compiled code takes over."""

    fastmath: bool | frozenset[str] = False
    error_model: str = "numpy"
    boundscheck: bool | None = None
    nogil: bool = False

    def text(self) -> str:
        """The options as arguments of a decorator.

        >>> Options(fastmath=frozenset({"nsz", "arcp"})).text()
        "error_model='numpy', fastmath={'arcp', 'nsz'}"
        """
        parts = [f"error_model={self.error_model!r}"]
        if isinstance(self.fastmath, frozenset) and self.fastmath:
            parts.append(f"fastmath={{{', '.join(map(repr, sorted(self.fastmath)))}}}")
        elif self.fastmath:
            parts.append("fastmath=True")
        if self.boundscheck is not None:
            parts.append(f"boundscheck={self.boundscheck}")
        if self.nogil:
            parts.append("nogil=True")
        return ", ".join(parts)


DEFAULTS: Final = Options()


def is_dispatcher(fun: Any) -> bool:
    """Is it a function that `numba.njit` or `numba.jit` made? Numba is not imported for this."""
    return hasattr(fun, "py_func") and hasattr(fun, "targetoptions")


def options_of(fun: Any) -> Options:
    """The options of the user's own compiled function, the defaults for a plain one."""
    if not is_dispatcher(fun):
        return DEFAULTS
    given: Mapping[str, Any] = fun.targetoptions
    fast = given.get("fastmath", False)
    return Options(
        fastmath=frozenset(fast) if isinstance(fast, set | frozenset) else bool(fast),
        error_model=given.get("error_model", "python"),
        boundscheck=given.get("boundscheck"),
        nogil=bool(given.get("nogil", False)),
    )


@final
class Kernel:
    """A compiled function of numbers and arrays.

    It is compiled for C-contiguous arrays when it is made, and for arrays of any layout when such
    arrays first come. With `kinds` None, it is compiled for whatever comes, as Numba does it.
    """

    def __init__(self, name: str, dispatcher: Any, kinds: Sequence[Kind] | None) -> None:
        self.name = name
        self.run = dispatcher
        self.kinds = kinds
        self.any_layout = kinds is None or all(rank is None for _, rank in kinds)
        if kinds is not None:
            self._compile([number_or_array(k, "C") for k in kinds])

    def take_any_layout(self) -> None:
        """Compile for arrays of any layout too, unless that is done."""
        if not self.any_layout:
            assert self.kinds is not None
            self._compile([number_or_array(k, "A") for k in self.kinds])
            self.any_layout = True

    def _compile(self, types: list[Any]) -> None:
        self.run.disable_compile(False)
        with phase(f"compiling {self.name}"):
            self.run.compile(tuple(types))
        self.run.disable_compile()


def number_or_array(kind: Kind, layout: str) -> Any:
    """Numba's type; an array of any layout may also be read-only or not aligned."""
    import numpy as np
    from numba import from_dtype, types

    dtype, rank = kind
    scalar = types.boolean if dtype == "bool" else from_dtype(np.dtype(dtype))
    if rank is None:
        return scalar
    anything = layout == "A"
    return types.Array(scalar, rank, layout, readonly=anything, aligned=not anything)


def decorated(text: str, functions: Sequence[str], cached: Sequence[str], options: Options) -> str:
    """Module text with a decorator on each function; machine code of `cached` is kept on disk."""
    own = options.text()
    result: list[str] = ["import numba"]
    for line in text.splitlines():
        found = re.match(r"def (\w+)\(", line)
        if found and found[1] in functions:
            keep = "cache=True, " if found[1] in cached else ""
            result.append(f"@numba.njit({keep}{own})")
        result.append(line)
    return "\n".join(result) + "\n"


def load(
    text: str,
    functions: Sequence[str],
    entries: Sequence[str],
    options: Options,
    bindings: Mapping[str, Any] | None = None,
) -> list[Any]:
    """The dispatchers of `entries` in a module with these `functions`.

    With `bindings`, objects that the text names and that no file can hold, there is no cache.
    """
    module = None
    if not bindings:
        module = numba_cache.load(decorated(text, functions, entries, options), entries[-1])
    if module is None:
        alone = decorated(text, functions, (), options)
        module = numba_cache.load_uncached(alone, entries[-1], dict(bindings or {}))
    return [getattr(module, entry) for entry in entries]
