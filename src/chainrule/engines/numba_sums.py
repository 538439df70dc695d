"""An addition whose order LLVM may change, among others of its kind."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def plus(typing_context: Any, total: Any, term: Any) -> Any:
    """The sum of two numbers of one precision."""
    if not isinstance(total, types.Float) or total != term:
        return None

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fadd(*args, flags=("reassoc", "nsz"))

    return total(total, term), generate
