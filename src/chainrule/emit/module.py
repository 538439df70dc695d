"""A module of emitted functions: imports, the helpers it needs, callees before their callers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import final

from ..errors import UnsupportedError
from ..ir.callees import Changed, callees, with_callees
from ..ir.program import Function, Var
from ..rules import registry
from .function import Emitted, Header, emit_function
from .snapshots import SNAPSHOT_COUNT, SNAPSHOT_PLACES

SUM_TO_SHAPE = '''def sum_to_shape(gradient, shape):
    """Sum over the axes that broadcasting from `shape` added or stretched."""
    extra = np.ndim(gradient) - len(shape)
    gradient = np.sum(gradient, axis=tuple(range(extra)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and gradient.shape[i] != 1)
    return np.sum(gradient, axis=stretched, keepdims=True)
'''

REAL_POWER = '''def real_power(base, exponent):
    """base**exponent for floats; ValueError where Python would give a complex number."""
    power = base**exponent
    if isinstance(power, complex):
        raise ValueError(f"{base!r} ** {exponent!r} is complex, which is not supported")
    return power
'''

LAST_STORES = '''def last_stores(shape, index):
    """Which stores of `A[index] = v` stay: the last one at each element."""
    order = np.empty(shape, dtype=np.intp)
    numbers = np.arange(order[index].size).reshape(order[index].shape)
    order[index] = numbers
    return order[index] == numbers
'''

FIT_AXIS = '''def fit_axis(a, size, axis):
    """The array cut to a size along an axis, or filled up with zeros."""
    have = a.shape[axis]
    if have >= size:
        return a[(slice(None),) * axis + (slice(size),)]
    widths = [(0, 0)] * a.ndim
    widths[axis] = (0, size - have)
    return np.pad(a, widths)
'''


def _text(fun: Callable[..., object]) -> str:
    """The text of a function of the rules, without its annotations."""
    return inspect.getsource(fun).split("\n", 1)[1].replace(": Any", "").replace(" -> Any", "")


HELPERS = {
    "fit_axis": FIT_AXIS,
    "sum_to_shape": SUM_TO_SHAPE,
    "last_stores": LAST_STORES,
    "real_power": REAL_POWER,
    "snapshot_count": SNAPSHOT_COUNT,
    "snapshot_places": SNAPSHOT_PLACES,
}

_IMPORTS = (
    ("cmath", "import cmath"),
    ("math", "import math"),
    ("np", "import numpy as np"),
    ("special", "from scipy import special"),
)


@final
@dataclass(frozen=True)
class Root:
    """A function to be emitted for callers: how it is called, how its results are put together."""

    function: Function
    header: Header
    returns: Callable[[Sequence[str]], str]


@final
@dataclass(frozen=True)
class ModuleText:
    """The text of a module and its functions by name."""

    text: str
    functions: dict[str, Emitted]


def emit_module(
    roots: Sequence[Root],
    *,
    top: Sequence[str] = (),
    constants: Sequence[str] = (),
    helpers: Sequence[str] = (),
    reserved: frozenset[str] = frozenset(),
) -> ModuleText:
    """Write the roots and everything that they call, after `helpers`."""
    roots = _distinct(roots)
    helped = called_by([r.function for r in roots])
    names = frozenset({f.name for f in helped} | {r.function.name for r in roots} | reserved)
    emitted: dict[str, Emitted] = {}
    for function in helped:
        header = Header(_parameter_names(function), paths=_parameter_paths(function))
        emitted[function.name] = emit_function(function, header, None, names)
    for root in roots:
        emitted[root.function.name] = emit_function(root.function, root.header, root.returns, names)
    parts = [e.text for e in emitted.values()]
    body = "\n\n".join(parts)
    texts = HELPERS | {name: _text(fun) for name, fun in registry.HELPERS.items()}
    needed = [name for name in texts if re.search(rf"\b{name}\(", body)]
    _refuse_hidden(needed, roots)
    joined = "\n\n".join([*helpers, *(texts[name] for name in needed), *parts])
    code = "\n".join([*constants, joined])
    imports = _imports(code)
    blocks = ["\n".join(top)] if top else []
    if imports:
        standard = [text for text in imports if text in ("import cmath", "import math")]
        others = [text for text in imports if text not in standard]
        blocks += ["\n".join(group) for group in (standard, others) if group]
    if constants:
        blocks.append("\n".join(constants))
    head = "\n\n".join(blocks)
    return ModuleText(f"{head}\n\n\n{joined}" if head else joined, emitted)


def _imports(code: str) -> list[str]:
    """The import statements that a text needs, in the usual order."""
    found = [text for name, text in _IMPORTS if re.search(rf"(?<!\.)\b{name}\.", code)]
    of_scipy = sorted({f"import scipy.{name}" for name in re.findall(r"\bscipy\.(\w+)\.", code)})
    last = [text for text in found if text.startswith("from")]
    return [*(text for text in found if text not in last), *of_scipy, *last]


def _distinct(roots: Sequence[Root]) -> list[Root]:
    """The roots, no function that they call under the name of one of them.

    A function that calls itself is called by its own gradient: `f_forward` may be both.
    """
    own = {r.function.name for r in roots}
    taken = own | {f.name for f in called_by([r.function for r in roots])}

    def change(function: Function) -> Function:
        name, number = function.name, 2
        while name in own or (name in taken and name != function.name):
            name, number = f"{function.name}_{number}", number + 1
        taken.add(name)
        return function if name == function.name else replace(function, name=name)

    changed = Changed()
    return [replace(r, function=with_callees(r.function, change, changed)) for r in roots]


def _refuse_hidden(helpers: Sequence[str], roots: Sequence[Root]) -> None:
    """Refuse an argument that has the name of a helper which the function needs."""
    for root in roots:
        taken = {re.split(r"\W", text.lstrip("*"))[0] for text in root.header.parameters}
        if hidden := taken.intersection(helpers):
            raise UnsupportedError(
                "CR043",
                f"the argument {min(hidden)} hides the helper of that name in the emitted code",
                None,
                "call it something else",
            )


def functions_of(roots: Sequence[Root]) -> list[Function]:
    """The functions that a module of these roots has."""
    functions = [r.function for r in roots]
    return [*called_by(functions), *functions]


def functions_of_program(function: Function) -> list[Function]:
    """The function after everything that it calls."""
    return [*called_by([function]), function]


def called_by(functions: Sequence[Function]) -> list[Function]:
    """All functions that are called, callees first, each once."""
    return list(dict.fromkeys(f for function in functions for f in callees(function)))


def _parameter_paths(function: Function) -> dict[Var, str]:
    """A distinct name for each parameter of a function that only we call."""
    paths: dict[Var, str] = {}
    taken: set[str] = set(function.captures.values())
    for position, var in enumerate(function.params):
        base = var.hint if var.hint.isidentifier() else f"saved{position}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        paths[var] = name
    return paths


def _parameter_names(function: Function) -> list[str]:
    return list(_parameter_paths(function).values())
