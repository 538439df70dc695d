"""What is known of each function of a program before it is lowered: how it is called.

A function that calls itself is called before it is lowered, so this cannot wait until it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from ..ir.callees import callees, is_recursive
from ..ir.program import Function, walk
from ..ir.types import Type
from .tape import is_saved


@final
@dataclass(frozen=True)
class Outline:
    """How a function is called.

    `captured` are the values from outside that it, or what it calls, reads. One that `writes` the
    tape gets and gives it; one that only `reads` it gets its memory. What is `recursive` is told how
    deep it is.
    """

    name: str
    captured: Mapping[str, tuple[str, Type]]
    writes: bool = False
    reads: bool = False
    recursive: bool = False


def outlines(
    functions: Sequence[Function], names: Mapping[Function, str]
) -> dict[Function, Outline]:
    """The outlines of functions, which are all that they call."""
    return {f: _outline(f, names[f]) for f in functions}


def _outline(function: Function, name: str) -> Outline:
    reached = [function, *(f for f in callees(function) if f is not function)]
    captured = {alias: (var.hint, var.type) for f in reached for var, alias in f.captures.items()}
    eqns = [e for f in reached for e in walk(f.body)]
    saved = [v for f in reached for v in f.params] + [v for e in eqns for v in e.outs]
    writes = any(e.op == "pack" for e in eqns)
    return Outline(name, captured, writes, any(map(is_saved, saved)), is_recursive(function))
