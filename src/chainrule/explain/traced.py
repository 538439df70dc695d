"""Values in programs with loops and branches: what each line assigned when it ran last."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np

from ..emit.body import Line


def run_traced(
    function: Callable[..., Any], text: str, lines: Sequence[Line], args: Sequence[Any]
) -> tuple[Any, dict[int, tuple[Any, ...]]]:
    """Run an emitted function; its result, and the last values by the position of the line.

    A line that did not run has no entry. `text` is the module that the function comes from.
    """
    places = _places(function, text, lines)
    values: dict[int, tuple[Any, ...]] = {}
    last: list[int | None] = [None]

    def note(frame: FrameType) -> None:
        position = places.get(last[0] or 0)
        if position is not None:
            found = [frame.f_locals.get(name) for name, _ in lines[position].names]
            values[position] = tuple(map(_kept, found))

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event in ("line", "return"):
            note(frame)
            last[0] = frame.f_lineno
        return local

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        return local if frame.f_code is function.__code__ else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = function(*args)
    finally:
        sys.settrace(before)
    return result, values


def _places(function: Callable[..., Any], text: str, lines: Sequence[Line]) -> dict[int, int]:
    """The position in `lines` of each line number of the module."""
    source = text.splitlines()
    number = function.__code__.co_firstlineno
    places: dict[int, int] = {}
    for position, line in enumerate(lines):
        head = line.text.split("\n")[0].strip()
        while not source[number].strip().startswith(head):
            number += 1
        number += 1
        places[number] = position
    return places


def _kept(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray | list) else value
