"""Rules that users register for their own functions with `chainrule.derivative`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final


@final
@dataclass(frozen=True)
class CustomRule:
    """A user's pullback: `pullback(d<result>, ...)` returns one gradient per argument of `fun`.

    `result` is the name of the result in the pullback, `params` are its parameters. `tangent` is a
    function for forward mode, of `<argument>_dot`, arguments and the result, where he wrote one.
    """

    fun: Callable[..., Any]
    pullback: Callable[..., Any]
    result: str
    params: tuple[str, ...]
    tangent: Callable[..., Any] | None = None


CUSTOM: Final[dict[Any, CustomRule]] = {}
CUSTOM_LOG: Final[list[CustomRule]] = []  # all that were ever registered: its length is a version
