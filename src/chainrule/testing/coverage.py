"""What is decided of every public function of NumPy and `math`, and the page that says so.

    python -m chainrule.testing.coverage > docs/coverage.md

A function has a rule, is written by others that have one, passes no derivative, is read by the
compiler itself (`np.shape`, `np.vectorize`), or stays without a rule for a reason.
"""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, Final, final

import numpy as np

from .. import pipeline
from ..errors import PrimalRaises, UnsupportedError
from ..frontend import applied, assembling, attributes, builtin_calls, inplace_calls, typing_calls
from ..lowering.module import lowered_module
from ..rules.masked import MASKED
from ..rules.outside import reason_of
from ..rules.registry import (
    CALLABLES,
    MACRO_CASES,
    MACROS,
    METHODS,
    OPS,
    Built,
    NoDerivative,
    NotWritten,
    Op,
    Rule,
)
from .rules import case_call, generated, specialised

MODULES: Final[dict[str, ModuleType]] = {
    "np": np,
    "np.linalg": np.linalg,
    "np.fft": np.fft,
    "math": math,
}
_PEERS: Final = {"np": "numpy", "np.linalg": "numpy.linalg", "np.fft": "numpy.fft"}
HEAD: Final = """# Coverage

Every public function of `numpy`, `numpy.linalg`, `numpy.fft` and `math`, and what is decided of it.
This page is written by `python -m chainrule.testing.coverage`; a test sees that nothing is undecided.

- *rule*: a derivative rule of its own. *written*: replaced by functions that have one.
- *data*: passes no derivative, because it has none. *read*: taken apart when the function is read.
- *refused*: an error says why.

The compiled engine lowers a function (*yes*), or refuses it with a message (*no*).
"""


@final
@dataclass(frozen=True)
class Decision:
    """What happens to a function: one of the words of the page, a remark, and if it compiles."""

    kind: str
    remark: str = ""
    compiled: str = ""


def functions(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The public functions of a module."""
    for name in sorted(dir(module)):
        fun = getattr(module, name)
        if not name.startswith("_") and callable(fun) and not inspect.isclass(fun):
            yield name, fun


def decision(fun: Any) -> Decision | None:
    """What is decided of a function; None where nothing is."""
    if fun in MACROS:
        return Decision("written")
    if fun in CALLABLES:
        return of_operation(OPS[CALLABLES[fun][0]])
    if _is_read(fun):
        return Decision("read")
    reason = reason_of(fun)
    return Decision("refused", reason) if reason else None


def of_operation(op: Op) -> Decision:
    """What is decided of an operation."""
    if op.name in MASKED or any(isinstance(r, Rule | Built) for r in op.rules.values()):
        return Decision("rule")
    unwritten = [r.because for r in op.rules.values() if isinstance(r, NotWritten)]
    if unwritten:
        return Decision("refused", unwritten[0])
    reasons = {r.because for r in op.rules.values() if isinstance(r, NoDerivative) and r.because}
    return Decision("data", min(reasons, default=""))


def _is_read(fun: Any) -> bool:
    tables = (assembling.HANDLERS, typing_calls.HANDLERS, inplace_calls.FUNCTIONS)
    known = any(fun in table for table in tables)
    return known or builtin_calls.lookup(fun) is not None or applied.lookup(fun) is not None


def compiled(fun: Any) -> str:
    """Does the forward pass of one of its calls go through the compiled engine?"""
    if fun in MACRO_CASES:
        calls = [case_call(case) for case in MACRO_CASES[fun]]
    elif fun in CALLABLES:
        op = OPS[CALLABLES[fun][0]]
        calls = [case_call(case) for case in op.cases]
        if not calls and op.elementwise and op.sample is not None and not op.formed:
            plain = (c for c in generated(op) if not any(map(np.iscomplexobj, c.values)))
            calls = list(islice(plain, 1))
    else:
        return ""
    return "" if not calls else "yes" if any(map(_lowers, calls[:3])) else "no"


def _lowers(call: Any) -> bool:
    try:
        primal, _ = specialised(call)
        lowered_module(pipeline.plain(primal))
    except (UnsupportedError, PrimalRaises):
        return False
    return True


def methods() -> Iterator[tuple[str, bool]]:
    """The public methods of arrays, and whether calls of them are read."""
    read = {*METHODS, *attributes.AS_FUNCTIONS, *inplace_calls.METHODS, "item", "tolist", "conj"}
    for name in sorted(dir(np.ndarray)):
        if not name.startswith("_") and callable(getattr(np.ndarray, name)):
            yield name, name in read


def undecided() -> list[str]:
    """The public functions of which nothing is decided."""
    return [
        f"{name}.{each}"
        for name, module in MODULES.items()
        for each, fun in functions(module)
        if decision(fun) is None
    ]


def page(peers: Any) -> str:
    """The text of the page; `peers` is what `bench/peers.py` wrote."""
    lines = [HEAD, *_counts(peers)]
    for name, module in MODULES.items():
        lines += ["", f"## {name}", "", "| function | | compiled | |", "|---|---|---|---|"]
        for each, fun in functions(module):
            found = decision(fun)
            if found is None:
                continue
            note = found.remark.replace("|", "\\|")
            lines.append(f"| `{each}` | {found.kind} | {compiled(fun)} | {note} |")
    supported = ", ".join(f"`{name}`" for name, read in methods() if read)
    lines += ["", "## Methods of arrays", "", supported]
    return "\n".join(lines) + "\n"


def _counts(peers: Any) -> Sequence[str]:
    versions = peers["versions"]
    head = f"| | chainrule | autograd {versions['autograd']} | JAX {versions['jax']} |"
    rows = [head, "|---|---|---|---|"]
    for name, key in _PEERS.items():
        kinds = [d.kind for _, f in functions(MODULES[name]) if (d := decision(f)) is not None]
        own = sum(kind in ("rule", "written", "read", "data") for kind in kinds)
        theirs = (len(peers[peer][key]) for peer in ("autograd", "jax"))
        rows.append(f"| {name} | {own} | " + " | ".join(map(str, theirs)) + " |")
    rows.append("")
    rows.append(
        "For autograd these are the functions with a derivative rule, for JAX those that exist under"
        " NumPy's name; functions that pass no derivative count here and for JAX."
    )
    return rows


if __name__ == "__main__":
    docs = Path(__file__).parents[3] / "docs"
    print(page(json.loads((docs / "peers.json").read_text())), end="")
