"""Until programs are lowered to loops: the emitted text of programs of numbers, for Numba."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from ..emit.function import Header
from ..emit.module import Root, _parameter_paths, emit_module
from ..ir.program import Function, Span


@final
@dataclass(frozen=True)
class LoweredModule:
    """The text of a module, its functions, and what its roots take besides their parameters."""

    text: str
    functions: tuple[str, ...]
    captures: Mapping[str, tuple[str, ...]]
    objects: tuple[str, ...]
    lines: Mapping[int, Span]


def lowered_module(
    functions: Sequence[Function], *, returns: Mapping[str, Callable[[Sequence[str]], str]]
) -> LoweredModule:
    """The module of these functions, each of numbers and arrays only."""
    roots, captures = [], {}
    for function in functions:
        paths = _parameter_paths(function)
        names = list(paths.values())
        captures[function.name] = tuple(function.captures.values())
        header = Header([*names, *captures[function.name]], paths=paths)
        texts = returns.get(function.name, lambda t: f"({', '.join(t)},)")
        roots.append(Root(function, header, texts))
    module = emit_module(roots)
    return LoweredModule(module.text, tuple(module.functions), captures, (), {})
