"""What values are called in messages."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from ..ir.program import Const, Var
from ..ir.types import Array, List
from .values import Bound, Closure, Method, Outside, Size, SliceValue, Static, Struct, Text, Value


def describe(value: Value) -> str:
    """What a value is, in an error message."""
    if isinstance(value, Static):
        return _describe_object(value.obj)
    if isinstance(value, Struct):
        return "a list from outside" if value.cls is Outside else f"a {value.cls.__name__}"
    if isinstance(value, Method):
        return f"the method {value.name} (is it to be called?)"
    if isinstance(value, Closure):
        return "a function"
    if isinstance(value, Bound):
        return f"the method {value.fun.__name__} (is it to be called?)"
    if isinstance(value, Var | Const):
        if isinstance(value.type, List):
            return "a list"
        return "an array" if isinstance(value.type, Array) else _number_word(value.type.dtype)
    return {Text: "a string", SliceValue: "a slice", Size: "an integer"}.get(
        type(value), "this value"
    )


def _number_word(dtype: str) -> str:
    """`a float`, `an int`, `a bool`."""
    word = dtype.rstrip("0123456789")
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _describe_object(obj: Any) -> str:
    """What an object is; never with an address, which differs from run to run."""
    if isinstance(obj, str | bytes | bool | int | float | complex | None | range | np.generic):
        return repr(obj)
    if isinstance(obj, np.ndarray):
        return f"an array of {obj.dtype} from outside the function"
    if isinstance(obj, ModuleType):
        return f"the module {obj.__name__}"
    if isinstance(obj, type):
        return f"the class {obj.__name__}"
    if callable(obj) and hasattr(obj, "__name__"):
        return f"the function {obj.__name__}"
    name = type(obj).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
