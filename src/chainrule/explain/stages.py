"""The staged program of a function: its text, its numbered stages, the values and gradients on them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

from ..emit.body import Line
from ..emit.module import ModuleText
from ..engines.numpy_engine import load
from ..pipeline import Gradient


@final
@dataclass(frozen=True)
class StageLine:
    """One statement of the staged program.

    `number` is the stage (0 for statements that compute nothing, such as `n = X.shape[0]`), `names`
    the variables that the statement assigns, `values` what they were, when the program was run.
    """

    number: int
    code: str
    comment: str = ""
    remark: str = ""
    names: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()


@final
@dataclass(frozen=True)
class Explained:
    """A staged program with values: forward stages with results, backward stages with gradients."""

    name: str
    arguments: Mapping[str, Any]
    forward: tuple[StageLine, ...]
    backward: tuple[StageLine, ...]
    value: Any
    gradients: Mapping[str, Any]


@final
class Staged:
    """The staged program of a function for a signature; `str()` is its source.

    Made by `chainrule.stages`. `forward` and `backward` are the numbered stages.
    """

    def __init__(self, program: Gradient, module: ModuleText, standalone: Callable[[], str]) -> None:
        self._program = program
        self._module = module
        self._standalone = standalone

    def __str__(self) -> str:
        return self._module.text

    def __repr__(self) -> str:
        return f"<chainrule.stages of {self.name}: {len(self.forward)} forward, {len(self.backward)} backward>"

    @property
    def name(self) -> str:
        """The name of the user's function."""
        return self._program.primal.source.name

    @property
    def program(self) -> Gradient:
        """The differentiated program."""
        return self._program

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The emitted value-and-gradient function."""
        found: Callable[..., Any] = self._namespace()[self._program.function.name]
        return found

    def _namespace(self) -> dict[str, Any]:
        unit = self._program.primal.unit
        captured = {d.alias: d.value for d in unit.dependencies if d.captured}
        return load(self._module.text, self._program.function.name, captured)

    def source(self, standalone: bool = False) -> str:
        """The text of the module; `standalone` writes a file that needs only NumPy."""
        return self._standalone() if standalone else self._module.text

    @property
    def lines(self) -> list[Line]:
        """The statements of the fused function."""
        return self._module.functions[self._program.function.name].body.lines

    @cached_property
    def forward(self) -> tuple[StageLine, ...]:
        """The stages of the forward pass, in order."""
        return tuple(self._stage_line(x, first) for x, first in _firsts(self.lines, backward=False))

    @cached_property
    def backward(self) -> tuple[StageLine, ...]:
        """The stages of the backward pass, in the order in which they run."""
        return tuple(self._stage_line(x, first) for x, first in _firsts(self.lines, backward=True))

    def _stage_line(self, line: Line, first: bool, values: Sequence[Any] = ()) -> StageLine:
        stage = self._program.function.stages.get(line.stage)
        comment = stage.comment if stage is not None and first and not line.backward else ""
        names = tuple(name for name, _ in line.names)
        return StageLine(line.stage, line.text, comment, line.remark, names, tuple(values))

    def explain(self, *args: Any, **kwargs: Any) -> Explained:
        """Run the program on values and return every stage with what it computed."""
        fun = self._program.primal.source.fun
        bound = inspect.signature(fun).bind(*args, **kwargs)
        bound.apply_defaults()
        scope = {**self._namespace(), **bound.arguments}
        shown: dict[bool, list[StageLine]] = {False: [], True: []}
        for backward in (False, True):
            for line, first in _firsts(self.lines, backward=backward):
                exec(line.text, scope)
                values = [scope[name] for name, _ in line.names]
                shown[backward].append(self._stage_line(line, first, values))
        value, gradients = self.function(*bound.arguments.values())
        wrt = self._program.wrt
        named = dict(zip(wrt, gradients if len(wrt) > 1 else (gradients,), strict=True))
        forward, backward_lines = tuple(shown[False]), tuple(shown[True])
        return Explained(self.name, bound.arguments, forward, backward_lines, value, named)


def _firsts(lines: Sequence[Line], *, backward: bool) -> list[tuple[Line, bool]]:
    """The lines of one pass, each with whether it opens its stage."""
    seen: set[int] = set()
    result: list[tuple[Line, bool]] = []
    for line in lines:
        if line.backward is backward:
            result.append((line, line.stage not in seen))
            seen.add(line.stage)
    return result
