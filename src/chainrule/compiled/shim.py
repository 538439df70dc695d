"""Until programs are lowered to loops: the emitted text of programs of numbers, for Numba."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from ..emit.function import Header
from ..emit.module import Root, _parameter_paths, emit_module
from ..ir.program import Function


@final
@dataclass(frozen=True)
class LoweredModule:
    """The text of a module, its functions, its entry, and what that takes besides its parameters."""

    text: str
    functions: tuple[str, ...]
    entry: str
    captured: tuple[str, ...]


def lowered_module(program: Function, decorator: str = "") -> LoweredModule:
    """The module of a program of numbers."""
    paths = _parameter_paths(program)
    captured = tuple(program.captures.values())
    header = Header([*paths.values(), *captured], paths=paths)
    module = emit_module([Root(program, header, lambda t: f"({', '.join(t)},)")])
    return LoweredModule(module.text, tuple(module.functions), program.name, captured)
