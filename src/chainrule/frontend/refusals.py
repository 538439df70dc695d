"""The constructs that are refused by their syntax: code, message, and what to do instead."""

from __future__ import annotations

from typing import Final, final

from ..errors import UnsupportedError
from ..ir.program import Span

_ARRAYS = "write it with whole-array NumPy operations, or as a loop"

REFUSALS: Final[dict[str, tuple[str, str, str]]] = {
    "AsyncFor": ("CR037", "coroutines are not supported", "use a plain function"),
    "write": (
        "CR031",
        "this way of writing into an array or object is not supported yet",
        "write A[i] = v to an array that has a name here, or build a new one",
    ),
    "write_outside": (
        "CR031",
        "writing into an array from outside the function is not supported",
        "pass it as an argument",
    ),
    "attribute": (
        "CR031",
        "a write to an attribute of an object is not supported",
        "return the new value instead",
    ),
    "If": (
        "CR032",
        "a branch on values that are known only at run time is not supported yet",
        "use np.where, or branch on shapes, ranks and flags",
    ),
    "truth": (
        "CR032",
        "the truth of an array is known only at run time",
        "use np.all, np.any or np.where",
    ),
    "quantifier": (
        "CR032",
        "any or all of values that are known only at run time is not supported yet",
        "use np.any or np.all",
    ),
    "comprehension": (
        "CR033",
        "a comprehension over values that are known only at run time is not supported yet",
        _ARRAYS,
    ),
    "generator": (
        "CR033",
        "a generator that is kept under a name is not supported",
        "make a list of it: [...] in place of (...)",
    ),
    "Try": ("CR034", "try/except is not supported", "test for the condition instead"),
    "TryStar": ("CR034", "try/except is not supported", "test for the condition instead"),
    "With": (
        "CR035",
        "a with statement is not supported, except for np.errstate",
        "move it to the caller",
    ),
    "AsyncWith": ("CR035", "a with statement is not supported", "move it to the caller"),
    "Global": (
        "CR036",
        "a function that writes global variables is not supported",
        "return the value instead",
    ),
    "Nonlocal": (
        "CR036",
        "a function that writes variables of its surroundings is not supported",
        "return the value instead",
    ),
    "Delete": ("CR037", "del of anything but a name is not supported", "leave it alone"),
    "ClassDef": ("CR037", "a class inside a function is not supported", "move it to module level"),
    "AsyncFunctionDef": ("CR037", "coroutines are not supported", "use a plain function"),
    "pattern": ("CR032", "this pattern of a match is not supported", "use if"),
    "Await": ("CR037", "coroutines are not supported", "use a plain function"),
    "Yield": ("CR038", "generators are not supported", "return the values"),
    "YieldFrom": ("CR038", "generators are not supported", "return the values"),
}


@final
class WritesArgument(UnsupportedError):
    """A function writes into an array of its caller's: it is walked at the place of the call."""

    def __init__(self, name: str, span: Span | None) -> None:
        super().__init__(
            "CR057",
            f"{name} belongs to the caller: writing into it is not supported here",
            span,
            f"work on a copy, {name} = {name}.copy(), and return it",
        )


OTHER: Final = ("CR019", "this construct is not supported", "")
