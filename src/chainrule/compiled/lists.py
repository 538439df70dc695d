"""Python lists where Python calls a kernel: a kernel takes and gives their memory.

def f_entry(a0, a1):                      a list is one tuple of its parts here
    r0, r0_1, r1, = f(a0, a1[0], a1[1])
    return (r0, r0_1), r1
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np

from ..ir.types import Array, List, Type
from ..lowering import LoweredModule
from ..lowering.interface import parts_count


def with_lists(
    module: LoweredModule, params: Sequence[Type], results: Sequence[Type], *,
    more: int = 0, tape: bool = False,
) -> LoweredModule:  # fmt: skip
    """The module with an entry for which a list is one value; the same where there is none.

    `more` counts what the entry takes besides its parameters and what it reads from outside; with
    `tape` it returns the tape too.
    """
    if not any(isinstance(t, List) for t in (*params, *results)):
        return module
    given: list[str] = []
    passed: list[str] = []
    for i, type_ in enumerate(params):
        names = _names(f"a{i}", type_)
        given += [f"a{i}"] if isinstance(type_, List) else names
        count = len(names)
        passed += [f"a{i}[{k}]" for k in range(count)] if isinstance(type_, List) else names
    others = [f"c{i}" for i in range(len(module.captured) + more + 2 * module.takes_tape)]
    made = [_names(f"r{i}", type_) for i, type_ in enumerate(results)]
    made += [["tape"], ["marks"]] if tape else []
    returned = [
        text
        for names, type_ in zip_longest(made, results)
        for text in ([f"({', '.join(names)})"] if isinstance(type_, List) else names)
    ]
    entry = f"{module.entry}_with_lists"
    left = ", ".join(name for names in made for name in names)
    text = (
        f"{module.text}\n\ndef {entry}({', '.join([*given, *others])}):\n"
        f"    {left}, = {module.entry}({', '.join([*passed, *others])})\n"
        f"    return ({', '.join(returned)},)\n"
    )
    return replace(module, text=text, functions=(*module.functions, entry), entry=entry)


def _names(name: str, type_: Type) -> list[str]:
    """Names for the parts of a value."""
    count = parts_count(type_)
    return [name, *(f"{name}_{k}" for k in range(1, count))]


def list_text(text: str, type_: List) -> str:
    """The text that makes a Python list of what a kernel gives."""
    element = type_.element
    rank = len(element.dims) if isinstance(element, Array) else None
    weak = not isinstance(element, Array) and (element is None or element.weak)
    return f"_as_list({text}, {weak}, {rank})"


def memory_text(text: str, type_: List) -> str:
    """The text that makes what a kernel takes of a Python list."""
    rank = len(type_.element.dims) if isinstance(type_.element, Array) else None
    return f"_as_memory({text}, {type_.dtype!r}, {rank})"


def as_list(parts: tuple[Any, ...], weak: bool, rank: int | None) -> list[Any]:
    """The list that a kernel made, of Python's numbers (`weak`), NumPy's, or arrays of a rank.

    >>> as_list((np.array([1.5, 2.5, 0.0]), 2), True, None)
    [1.5, 2.5]
    """
    data, length, *more = parts
    if rank is None:
        return data[:length].tolist() if weak else list(data[:length])
    if rank == 0:
        return [np.array(number) for number in data[:length]]
    rows = more[0][: length * (rank + 1)].reshape(length, rank + 1).tolist()
    return [data[start : start + math.prod(sizes)].reshape(sizes).copy() for start, *sizes in rows]


def as_memory(items: Sequence[Any], dtype: str, rank: int | None) -> tuple[Any, ...]:
    """The parts of a list as a kernel takes it.

    >>> as_memory([np.array([1.0, 2.0])], "float64", 1)[2]
    array([0, 2])
    """
    if not rank:
        return np.array(items, dtype).reshape(len(items)), len(items)
    arrays = [np.asarray(item, dtype) for item in items]
    starts = np.cumsum([0, *(a.size for a in arrays)]).tolist()
    rows = [(start, *a.shape) for start, a in zip(starts, arrays, strict=False)]
    data = np.concatenate([np.ravel(a) for a in arrays]) if arrays else np.empty(0, dtype)
    return data, len(items), np.array(rows, np.int64).ravel(), starts[-1]
