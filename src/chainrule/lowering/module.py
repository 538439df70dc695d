"""The module of a lowered program: imports, helpers, callees before their callers."""

from __future__ import annotations

import builtins
import keyword
import re
from dataclasses import dataclass, replace
from typing import final

from ..analysis.unset import may_be_none
from ..emit.module import called_by
from ..ir.program import Function, Span
from . import (
    arranging,
    contractions,
    control,
    creation,
    decompositions,
    effects,
    elementwise,
    indexing,
    joining,
    list_gradients,
    list_search,
    lists,
    matrices,
    moments,
    picking,
    products,
    quantiles,
    records,
    reductions,
    running,
    shape,
    signals,
)
from .clean import cleaned
from .distribute import distributed
from .flags import with_flags
from .forward import forwarded
from .function import Lowered, Lowerer
from .fuse import fused
from .helpers import HELPERS
from .hoist import hoisted
from .limits import refuse_limits
from .printer import printed
from .special import imports
from .split import split
from .sums import in_any_order

LOWERINGS = (
    arranging, contractions, control, creation, decompositions, effects, elementwise, indexing,
    joining, list_gradients, list_search, lists, matrices, moments, picking, products, quantiles,
    records, reductions, running, shape, signals,
)  # fmt: skip

_TAKEN = frozenset(  # no names of a user's
    {"np", "math", "numba", *HELPERS, *dir(builtins), *keyword.kwlist}
)


@final
@dataclass(frozen=True)
class LoweredModule:
    """Text in which every function compiles, the names of the functions in order, the last the entry.

    The entry takes one value per parameter of the program, then the values from outside that are
    `captured`; numbers and contiguous arrays. It returns the tuple of the program's results. `places`
    says of each line of the text where in the user's file it comes from.
    """

    text: str
    functions: tuple[str, ...]
    entry: str
    captured: tuple[str, ...]
    places: tuple[Span | None, ...]


def lowered_module(program: Function) -> LoweredModule:
    """The module of a program and of everything that it calls.

    UnsupportedError for what the compiled engine does not do.
    """
    refuse_limits(program)
    program = with_flags(program)
    absent = frozenset(may_be_none(program))
    done: dict[Function, Lowered] = {}
    functions = [*called_by([program]), program]
    for function in functions:
        lowered = Lowerer(function, done, absent).run()
        if function.name in _TAKEN:
            own = replace(lowered.function, name=f"{function.name}_")
            lowered = replace(lowered, function=own)
        done[function] = lowered
    whole = [part for f in functions for part in split(improved(done[f].function))]
    own_names = [f.name for f in whole]
    names = _TAKEN | {*own_names}
    parts = [printed(f, names) for f in whole]
    body = "\n".join(line for lines, _ in parts for line in lines)
    helpers = _helpers(body)
    code = body + "".join(HELPERS[h] for h in helpers)
    top = ["import math", ""] if re.search(r"\bmath\.", code) else []
    lines: list[str] = [*top, "import numpy as np", *imports(code)]
    spans: list[Span | None] = [None] * len(lines)
    for helper in helpers:
        text = HELPERS[helper].rstrip("\n").split("\n")
        lines += ["", "", *text]
        spans += [None] * (2 + len(text))
    for text, places in parts:
        lines += ["", "", *text]
        spans += [None, None, *places]
    return LoweredModule(
        "\n".join(lines) + "\n",
        (*helpers, *own_names),
        own_names[-1],
        done[program].captured,
        tuple(spans),
    )


def improved(function: Function) -> Function:
    """The passes on a lowered function."""
    return in_any_order(cleaned(hoisted(distributed(cleaned(forwarded(fused(cleaned(function))))))))


def _helpers(body: str) -> list[str]:
    """The helpers that a text calls, those first that others call."""
    found = [h for h in HELPERS if re.search(rf"\b{h}\(", body)]
    while True:
        text = body + "".join(HELPERS[h] for h in found)
        more = [h for h in HELPERS if re.search(rf"(?<!def )\b{h}\(", text)]
        if more == found:
            return found
        found = more
