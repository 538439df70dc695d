"""`with np.errstate(...)`: the statements within are walked; the emitted function is as silent.

The whole emitted function gets `@np.errstate(divide="ignore")`, its backward pass too. So it may be
silent where the plain function warns, and never warns where the plain function does not. Settings
that make NumPy raise or call something would act where they should not, and are refused.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import PrimalRaises
from .values import Static

if TYPE_CHECKING:
    from .lower import Lowerer

KINDS: Final = ("all", "divide", "over", "under", "invalid")


def enter(lo: Lowerer, node: ast.With) -> None:
    """Note what a `with` statement asks for; refuse all but `np.errstate`."""
    for item in node.items:
        call = item.context_expr
        fun = lo.expr(call.func) if isinstance(call, ast.Call) else None
        if not (isinstance(call, ast.Call) and isinstance(fun, Static) and fun.obj is np.errstate):
            lo.refuse_construct("With", node)
        if item.optional_vars is not None:
            lo.refuse_construct("With", node)
        if call.args:
            raise PrimalRaises("errstate takes no positional arguments", lo.span(call))
        for keyword in call.keywords:
            _setting(lo, keyword)


def _setting(lo: Lowerer, keyword: ast.keyword) -> None:
    """One setting: `divide="ignore"`."""
    value = lo.expr(keyword.value)
    known = value.obj if isinstance(value, Static) else None
    if keyword.arg not in KINDS or known not in ("ignore", "warn"):
        lo.refuse(
            "CR035",
            "np.errstate is supported where it ignores or warns, not where it does more",
            keyword.value,
            'write "ignore", or test for the values instead',
        )
    if known == "ignore":
        lo.silent.add(keyword.arg)


def settings(silent: frozenset[str]) -> str:
    """The arguments of `np.errstate` for these kinds.

    >>> settings(frozenset({"invalid", "divide"}))
    'divide="ignore", invalid="ignore"'
    """
    kinds = ("all",) if "all" in silent else tuple(k for k in KINDS if k in silent)
    return ", ".join(f'{kind}="ignore"' for kind in kinds)
