"""The Numba engine: the functions of a module's text, compiled for signatures that are given."""

from __future__ import annotations

import gc
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np

from . import numba_cache
from .progress import phase

Kind = tuple[str, int | None]  # a dtype, and the rank of an array or None for a number


@final
@dataclass(frozen=True)
class Options:
    """The options of `numba.njit` that compiled code takes over.

    `error_model` is that of the user's function: "python" and "numpy" are Numba's, and None is what
    Python itself does. The machine code has NumPy's, with guards where Python's is wanted.
    """

    fastmath: bool | frozenset[str] = False
    error_model: str | None = None
    boundscheck: bool | None = None
    nogil: bool = False

    def text(self) -> str:
        """The options as arguments of a decorator.

        >>> Options(fastmath=frozenset({"nsz", "arcp"})).text()
        "error_model='numpy', fastmath={'arcp', 'nsz'}"
        """
        parts = ["error_model='numpy'"]
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


def require() -> None:
    """ImportError that says what to install, where Numba is missing."""
    if importlib.util.find_spec("numba") is None:
        raise ImportError('compiled functions need Numba: pip install "chainrule[numba]"')


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


class NotCompiled(Exception):
    """Numba refuses a program; `__cause__` is its own error."""


@final
class Kernel:
    """A compiled function of numbers and C-contiguous arrays.

    With `kinds` None, it is compiled for whatever comes, as Numba does it.
    """

    def __init__(self, name: str, dispatcher: Any, kinds: Sequence[Kind] | None) -> None:
        self.name = name
        self.run = dispatcher
        self.kinds = kinds
        self._readonly: bool | None = None
        if kinds is not None:
            from numba.core.errors import NumbaError

            try:
                self._compile([number_or_array(k, readonly=False) for k in kinds])
            except NumbaError as error:
                raise NotCompiled(name) from error

    def takes_readonly(self) -> bool:
        """Can it take arrays that are read-only? Compiles it for them when that is first asked."""
        if self._readonly is None:
            from numba.core.errors import TypingError

            assert self.kinds is not None
            try:
                self._compile([number_or_array(k, readonly=True) for k in self.kinds])
                self._readonly = True
            except TypingError:  # it keeps an argument and a new array under one name
                self._readonly = False
        return self._readonly

    def plain(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The array itself where the kernel can take it, else a copy that it can."""
        flags = array.flags
        if flags.c_contiguous and flags.aligned and (flags.writeable or self.takes_readonly()):
            return array
        return np.array(array, order="C")

    def _compile(self, types: list[Any]) -> None:
        self.run.disable_compile(False)
        try:
            with phase(f"compiling {self.name}"), no_collection():
                self.run.compile(tuple(types))
        finally:
            if self.run.signatures:
                self.run.disable_compile()


@contextmanager
def no_collection() -> Iterator[None]:
    """No search for garbage while Numba makes many objects that stay, which saves a tenth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def number_or_array(kind: Kind, *, readonly: bool) -> Any:
    """Numba's type of a number or of a C-contiguous array."""
    from numba import from_dtype, types

    dtype, rank = kind
    scalar = types.boolean if dtype == "bool" else from_dtype(np.dtype(dtype))
    return scalar if rank is None else types.Array(scalar, rank, "C", readonly=readonly)


def decorated(text: str, functions: Sequence[str], cached: str | None, options: Options) -> str:
    """Module text with a decorator on each function; machine code of `cached` is kept on disk.

    What it imports of SciPy are the C functions. Functions before the last one are compiled as parts
    of those that call them, where none of them calls itself by way of others.
    """
    own = options.text()
    apart = {functions[-1], *_entangled(text, functions)}
    result: list[str] = ["import numba", "from chainrule.engines import numba_pipeline"]
    if "from scipy.special" in text:
        result.append("from chainrule.compiled.special import external")
        pattern = r"^from scipy\.special import (\w+) as (\w+)$"
        text = re.sub(pattern, r'\2 = external("\1")', text, flags=re.MULTILINE)
    text, ours = re.subn(r"^def plus\(total, term\):\n(?: .*\n)+", "", text, flags=re.MULTILINE)
    if ours:
        result.append("from chainrule.engines.numba_sums import plus")
    for line in text.splitlines():
        found = re.match(r"def (\w+)\(", line)
        if found and found[1] in functions:
            keep = "cache=True, " if found[1] == cached else ""
            how = "kernel" if found[1] in apart else "inner"
            result.append(f"@numba.njit({keep}{own}, **numba_pipeline.{how})")
        result.append(line)
    return "\n".join(result) + "\n"


def _entangled(text: str, functions: Sequence[str]) -> set[str]:
    """Functions that call themselves or one that is defined later, and those in between.

    >>> sorted(_entangled("def f(x):\\n    return x\\ndef g(f):\\n    return g(f)\\n", ["f", "g"]))
    ['g']
    """
    found: set[str] = set()
    bodies = dict(re.findall(r"^def (\w+)(\(.*(?:\n(?!def ).*)*)", text, re.MULTILINE))
    for number, name in enumerate(functions):
        words = set(re.findall(r"\b(\w+)\(", bodies.get(name, "")))
        last = max((k for k in range(number, len(functions)) if functions[k] in words), default=-1)
        found.update(functions[number : last + 1])
    return found


def load(
    text: str,
    functions: Sequence[str],
    entry: str,
    options: Options,
    bindings: Mapping[str, Any] | None = None,
) -> Any:
    """The dispatcher of `entry` in a module with these `functions`.

    With `bindings`, objects that the text names and that no file can hold, there is no cache; nor for
    functions that call themselves, whose code Numba cannot load again (numba #6061).
    """
    module = None
    entangled = bool(_entangled(text, functions))
    if not bindings:
        kept = None if entangled else entry
        module = numba_cache.load(decorated(text, functions, kept, options), entry)
    if module is None:
        alone = decorated(text, functions, None, options)
        module = numba_cache.load_uncached(alone, entry, dict(bindings or {}))
        if entangled:  # Numba looks for the module of a function where it calls itself
            module.__name__ = f"{module.__name__}_{id(module)}"
            sys.modules[module.__name__] = module
    return getattr(module, entry)
