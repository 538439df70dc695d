"""Simplification: optional passes over a program; each can be left out without changing an answer.

`algebra` removes the factors of one and the broadcasts that rule texts leave behind, `common` names
what is computed twice, `dead` drops what nobody uses.
"""

from __future__ import annotations

from ..ir.program import Function
from .algebra import simplify_algebra
from .common import share_common
from .dead import without_dead_code

__all__ = ["share_common", "simplified", "simplify_algebra", "without_dead_code"]


def simplified(function: Function) -> Function:
    """All passes, in the order in which each leaves work for the next."""
    shared = share_common(without_dead_code(simplify_algebra(function)))
    return without_dead_code(simplify_algebra(shared))
