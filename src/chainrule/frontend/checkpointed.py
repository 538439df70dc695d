"""`for t in checkpoint(range(n)):`, a loop whose backward pass runs it again."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from ..ir.program import Const
from ..rules.builder import const
from . import statics
from .liveness import jumps
from .values import Static

if TYPE_CHECKING:
    from .iteration import Source
    from .lower import Lowerer


def checkpointed(
    lo: Lowerer,
    node: ast.Call,
    source_of: Callable[..., Any],
    length: Callable[..., Any],
    from_zero: Callable[..., Any],
) -> Source:
    """The range that the marker holds, counted from 0, with the option of the loop."""
    from .iteration import Source

    every = _every(lo, node)
    source = source_of(lo, node.args[0]) if node.args else None
    if not isinstance(source, Source) or not source.plain:
        lo.refuse("CR033", "checkpoint takes a range", node, "checkpoint(range(n))")
    if source.static:
        refuse_inside(lo, node)
    bounds = (const(0), length(lo, source, node), const(1))
    start, _, step = source.bounds
    plain = all(isinstance(a, Const) and a.value == v for a, v in ((start, 0), (step, 1)))
    item = source.item if plain else from_zero(lo, source, node)
    return Source(bounds, item, plain, {"checkpoint": every})


def _every(lo: Lowerer, node: ast.Call) -> int:
    """The distance of snapshots, 0 where it is left to the schedule."""
    given = [*node.args[1:], *(k.value for k in node.keywords if k.arg == "every")]
    if not given:
        return 0
    value = lo.expr(given[0])
    if (isinstance(value, Static) and value.obj is None) or (
        isinstance(value, Const) and value.value is None
    ):
        return 0
    every = statics.known_int(lo, value, node)
    if every < 1:
        lo.refuse("CR033", "the distance of snapshots has to be at least 1", node)
    return every


def refuse_jumps(lo: Lowerer, node: ast.For) -> None:
    """A loop that is run again has to have all its trips."""
    if jumps(node.body, (ast.Break, ast.Return)):
        lo.refuse(
            "CR030",
            "break and return in a checkpointed loop are not supported",
            node,
            "leave out checkpoint, or go through all trips",
        )


def refuse_inside(lo: Lowerer, node: ast.AST) -> NoReturn:
    """`enumerate(checkpoint(...))`."""
    why = "checkpoint has to stand alone in the head of a loop"
    lo.refuse("CR033", why, node, "for t in checkpoint(range(n)):")
