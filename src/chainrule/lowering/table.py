"""The table from operations to their lowering, filled by the modules of this folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..errors import UnsupportedError
from ..ir.program import Eqn
from .values import Value

if TYPE_CHECKING:
    from .function import Lowerer

Lowering = Callable[["Lowerer", Eqn, "list[Value]"], "Value | tuple[Value, ...]"]
F = TypeVar("F", bound=Callable[..., Any])

TABLE: Final[dict[str, Lowering]] = {}


def lowers(*ops: str) -> Callable[[F], F]:
    """Declare how operations are lowered: a function of their equation and of what its arguments are."""

    def register(fun: F) -> F:
        for op in ops:
            assert op not in TABLE, op
            TABLE[op] = fun
        return fun

    return register


def refuse(
    eqn: Eqn, what: str, help: str = 'use engine="numpy" for this function'
) -> UnsupportedError:
    """The error for what the compiled engine does not do."""
    return UnsupportedError(
        "CR075", f"the compiled engine does not do this: {what}", eqn.span, help
    )
