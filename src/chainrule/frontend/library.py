"""Functions of NumPy and `math` given to `grad` as they are: `cr.grad(np.tanh)`.

They have no Python source, so that a function of their operands that calls them stands for them.
"""

from __future__ import annotations

import inspect
import linecache
import math
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
import scipy.special

from ..rules.registry import CALLABLES, MACROS, MODULES, OPS

_MODULES: Final = {"np": np, "np.linalg": np.linalg, "math": math, "special": scipy.special}


def as_python(fun: Any) -> Any:
    """The Python function that stands for one of NumPy; anything else as it is."""
    try:
        known = fun in CALLABLES or fun in MACROS
    except TypeError:  # not hashable
        return fun
    return (_made(fun) or fun) if known else fun


@cache
def _made(fun: Any) -> Callable[..., Any] | None:
    """The function `def tanh(x): return np.tanh(x)`; None where the function has no public name."""
    dotted = _dotted(fun)
    if dotted is None:
        return None
    names = _operands(fun)
    name = dotted.rsplit(".", 1)[-1]
    source = f"def {name}({', '.join(names)}):\n    return {dotted}({', '.join(names)})\n"
    path = f"<{dotted}>"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    namespace: dict[str, Any] = dict(MODULES)
    exec(compile(source, path, "exec"), namespace)
    made: Callable[..., Any] = namespace[name]
    return made


def _dotted(fun: Any) -> str | None:
    """Where a function is found."""
    name = getattr(fun, "__name__", "")
    for module, found in _MODULES.items():
        if getattr(found, name, None) is fun:
            return f"{module}.{name}"
    return None


def _operands(fun: Any) -> tuple[str, ...]:
    """The arguments that a call needs; of a sequence operand, any number."""
    if fun in MACROS:
        parameters = inspect.signature(MACROS[fun]).parameters.values()
        return tuple(
            p.name for p in parameters if p.default is p.empty and p.kind < p.VAR_POSITIONAL
        )
    op = OPS[CALLABLES[fun][0]]
    if op.variadic is None:
        return op.operands
    starred = "*" if op.varargs else ""
    return tuple(f"{starred}{o}" if o == op.variadic else o for o in op.operands)
