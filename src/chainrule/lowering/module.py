"""The module of a lowered program: imports, helpers, callees before their callers."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import final

from ..analysis.unset import none_in
from ..emit.module import called_by
from ..ir.program import Function, Span, walk
from .clean import cleaned
from .distribute import distributed
from .flags import with_flags
from .forward import forwarded
from .function import Lowered, Lowerer
from .fuse import fused
from .helpers import HELPERS
from .hoist import hoisted
from .interface import takes_tape
from .limits import refuse_limits
from .outline import outlines
from .printer import printed
from .snapshots import with_split_snapshots
from .special import imports
from .split import split
from .sums import in_any_order

for _file in iter_modules([str(Path(__file__).parent)]):  # those that lower fill the table
    import_module(f"{__package__}.{_file.name}")

_TAKEN = frozenset(  # no names of a user's
    {"np", "math", "numba", *HELPERS, *dir(builtins), *keyword.kwlist}
)


@final
@dataclass(frozen=True)
class LoweredModule:
    """Text in which every function compiles, the names of the functions in order, the last the entry.

    The entry takes one value per parameter of the program, then the values from outside that are
    `captured`; numbers and contiguous arrays; between them the tape that another program wrote, if it
    `takes_tape`. It returns the tuple of the program's results. `places` says of each line of the text
    where in the user's file it comes from. `raised` are the texts of exceptions that have to be put
    together from what the entry raises, see `effects`.
    """

    text: str
    functions: tuple[str, ...]
    entry: str
    captured: tuple[str, ...]
    places: tuple[Span | None, ...]
    takes_tape: bool = False
    raised: frozenset[str] = frozenset()


def lowered_module(program: Function, *, hands_tape: bool = False) -> LoweredModule:
    """The module of a program and of everything that it calls.

    With `hands_tape`, the entry returns the tape at last, see `tape`. UnsupportedError for what the
    compiled engine does not do.
    """
    refuse_limits(program)
    program = with_flags(with_split_snapshots(program))
    absent = none_in(program)
    done: dict[Function, Lowered] = {}
    functions = [*called_by([program]), program]
    known = outlines(functions, _own_names(functions))
    for function in functions:
        root = function is program
        lowerer = Lowerer(
            function, done, known, absent[function.name], root=root, hands_tape=root and hands_tape
        )
        done[function] = lowerer.run()
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
        takes_tape(known[program], root=True),
        frozenset(e.static["raised"] for f in whole for e in walk(f.body) if "raised" in e.static),
    )


def _own_names(functions: Sequence[Function]) -> dict[Function, str]:
    """Names that hide nothing which lowered functions use, each once."""
    names: dict[Function, str] = {}
    taken = set(_TAKEN)
    for function in functions:
        name, number = function.name, 2
        if name in _TAKEN:
            name = f"{name}_"
        while name in taken:
            name, number = f"{function.name}_{number}", number + 1
        names[function] = name
        taken.add(name)
    return names


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
