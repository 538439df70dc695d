"""Exceptions that machine code cannot make: those of the user's classes, and texts with numbers in them.

The kernel raises one of Python's own classes with the text of the exception and the numbers that the
text mentions, and here it becomes what the function raises:

    ValueError("Unstable(f'{_0} is too large')", 3.5)   ->   Unstable("3.5 is too large")
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..frontend.root import Primal
from ..lowering import LoweredModule


def raising_lines(lines: Sequence[str], module: LoweredModule) -> list[str]:
    """Statements that call a kernel, with the exceptions of the user's function."""
    if not module.raised:
        return list(lines)
    inside = [f"    {line}" for line in lines]
    return ["try:", *inside, "except Exception as _e:", "    raise _raised(_e) from None"]


def raising_names(primal: Primal, module: LoweredModule) -> dict[str, Any]:
    """What `raising_lines` name."""
    if not module.raised:
        return {}
    captured = (d for d in primal.unit.dependencies if d.captured)
    classes = {d.alias: d.value for d in captured if isinstance(d.value, type)}

    def made(error: Exception) -> Exception:
        return made_again(error, module.raised, classes)

    return {"_raised": made}


def made_again(error: Exception, texts: frozenset[str], classes: dict[str, type]) -> Exception:
    """The exception that the function raises for the one that its kernel raised.

    >>> class Unstable(Exception): pass
    >>> made_again(ValueError("Unstable(_0)", 3.5), frozenset({"Unstable(_0)"}), {"Unstable": Unstable})
    Unstable(3.5)
    """
    if not (error.args and error.args[0] in texts):
        return error
    known = {"np": np, **vars(builtins), **classes}
    known |= {f"_{place}": value for place, value in enumerate(error.args[1:])}
    found = eval(error.args[0], known)
    return found() if isinstance(found, type) else found  # type: ignore[no-any-return]
