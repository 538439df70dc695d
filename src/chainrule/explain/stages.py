"""The staged program of a function: its text, its numbered stages, their values and gradients."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import CodeType
from typing import Any, final

import numpy as np

from ..emit.body import Line
from ..emit.module import ModuleText
from ..engines.numpy_engine import load
from ..frontend.root import bind_arguments
from ..frontend.signature import to_float
from ..ir.program import Eqn, Var, definitions
from ..pipeline import Gradient
from . import graph, svg
from .circuit import circuit
from .notebook import html_of
from .storage import Storage, storage
from .terminal import table
from .traced import run_traced


@final
@dataclass(frozen=True)
class StageLine:
    """One statement of the staged program.

    `number` is the stage (0 for statements that compute nothing, such as `n = X.shape[0]`), `names`
    the variables that the statement assigns. When the program was run, `values` are what they were
    then, and `parts` what a backward statement adds to each: of `dx += dnum` the value is the sum
    so far, and the part is `dnum`.
    """

    number: int
    code: str
    comment: str = ""
    remark: str = ""
    names: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    parts: tuple[Any, ...] = ()


@final
@dataclass(frozen=True)
class Explained:
    """A staged program with values: forward stages with results, backward stages with gradients.

    >>> import chainrule as cr
    >>> run = cr.stages(lambda x: x * x, 3.0).explain(3.0)
    >>> run.value, run.gradients
    (9.0, {'x': 6.0})
    >>> print(run)
    fun(x) at x = 3
    <BLANKLINE>
    forward                value
    (1)  value = x * x         9
    <BLANKLINE>
    backward            gradient
    (1)  dx = 2 * x            6
    <BLANKLINE>
    value = 9.0
    dx = 6.0
    """

    name: str
    arguments: Mapping[str, Any]
    forward: tuple[StageLine, ...]
    backward: tuple[StageLine, ...]
    value: Any
    gradients: Mapping[str, Any]
    staged: Staged = field(repr=False, compare=False)

    def __str__(self) -> str:
        return table(self.staged, self).plain()

    def to_svg(self) -> str:
        """The circuit as SVG, the value above and the gradient below every wire."""
        return svg.to_svg(circuit(self.staged, self))

    def to_dot(self) -> str:
        """The circuit in the language of Graphviz."""
        return graph.to_dot(circuit(self.staged, self))

    def to_mermaid(self) -> str:
        """The circuit as a Mermaid flowchart."""
        return graph.to_mermaid(circuit(self.staged, self))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": html_of(self.staged, self)}


@final
class Staged:
    """The staged program of a function for a signature; `str()` is its source.

    Made by `chainrule.stages`. `forward` and `backward` are the numbered stages.
    """

    def __init__(
        self,
        program: Gradient,
        module: ModuleText,
        standalone: Callable[[], str],
        spelled_out: Callable[[], Staged],
    ) -> None:
        self._program = program
        self._module = module
        self._standalone = standalone
        self._spelled_out = spelled_out

    def __str__(self) -> str:
        return self._module.text

    def __repr__(self) -> str:
        counts = f"{len(self.forward)} forward, {len(self.backward)} backward"
        return f"<chainrule.stages of {self.name}: {counts}>"

    @property
    def name(self) -> str:
        """The name of the user's function."""
        return self._program.primal.source.name

    @property
    def program(self) -> Gradient:
        """The differentiated program."""
        return self._program

    @cached_property
    def spelled_out(self) -> Staged:
        """The same program with every gradient on a line of its own, which circuits show."""
        return self._spelled_out()

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
        return self.lines_of(self._program.function.name)

    def lines_of(self, name: str) -> list[Line]:
        """The statements of an emitted function."""
        return self._module.functions[name].body.lines

    def names_of(self, name: str) -> Mapping[Var, str]:
        """What the variables of an emitted function are called."""
        return self._module.functions[name].body.names

    def storage(self) -> Storage:
        """What the backward pass keeps of loops: where, why, and how many bytes.

        >>> import chainrule as cr
        >>> def power(x, n):
        ...     y = 1.0
        ...     for i in range(n):
        ...         y = y * x
        ...     return y
        >>> print(cr.stages(power, 2.0, 3).storage())
        record    stage  line  in                   bytes  read by
        y_at = y         3     for i in range(n)    8 * n  dx += y2 * dy
        bytes in total: 8 * n
        """
        return storage(self)

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
        wrt = self._program.wrt
        fun = self._program.primal.source.fun
        bound = bind_arguments(fun, args, kwargs)
        arguments = {n: to_float(v) if n in wrt else v for n, v in bound.items()}
        if not self.is_straight:
            return self._explain_traced(bound, arguments)
        scope = {**self._namespace(), **arguments}
        *statements, last = self._statements
        shown: dict[bool, list[StageLine]] = {False: [], True: []}
        lines = [(b, *pair) for b in (False, True) for pair in _firsts(self.lines, backward=b)]
        for (backward, line, first), statement in zip(lines, statements, strict=True):
            shown[backward].append(self._run(line, first, statement, scope))
        assert isinstance(last, ast.Return)
        assert last.value is not None
        value, gradients = eval(self._compiled(ast.Expression(last.value), "eval"), scope)
        named = dict(zip(wrt, gradients if len(wrt) > 1 else (gradients,), strict=True))
        forward, backward_lines = tuple(shown[False]), tuple(shown[True])
        return Explained(self.name, bound, forward, backward_lines, value, named, self)

    @property
    def is_straight(self) -> bool:
        """Is the program free of loops and branches?"""
        return not any(line.depth for line in self.lines)

    def _explain_traced(self, bound: dict[str, Any], arguments: dict[str, Any]) -> Explained:
        """`explain` for loops and branches: a line has the values of its last trip."""
        wrt = self._program.wrt
        (value, gradients), values = run_traced(
            self.function, self._module.text, self.lines, list(arguments.values())
        )
        named = dict(zip(wrt, gradients if len(wrt) > 1 else (gradients,), strict=True))
        place = {id(line): i for i, line in enumerate(self.lines)}
        shown = [
            tuple(
                self._stage_line(line, first, values.get(place[id(line)], ()))
                for line, first in _firsts(self.lines, backward=backward)
            )
            for backward in (False, True)
        ]
        return Explained(self.name, bound, shown[0], shown[1], value, named, self)

    @cached_property
    def _statements(self) -> list[ast.stmt]:
        """The statements of the emitted function, one for each of `lines` and the return."""
        name = self._program.function.name
        nodes = ast.parse(self._module.text).body
        (found,) = (n for n in nodes if isinstance(n, ast.FunctionDef) and n.name == name)
        return found.body

    def _compiled(self, node: ast.Module | ast.Expression, mode: str) -> CodeType:
        """The code of a part, with the places that tracebacks show."""
        code: CodeType = compile(node, self.function.__code__.co_filename, mode)
        return code

    def _run(
        self, line: Line, first: bool, statement: ast.stmt, scope: dict[str, Any]
    ) -> StageLine:
        """Run one statement in a scope."""
        before = {name: np.copy(scope[name]) for name, _ in line.names if name in scope}
        added = _added(line, self._origin)
        part = _copied(eval(added, scope)) if added else None
        exec(self._compiled(ast.Module([statement], []), "exec"), scope)
        values = [_copied(scope[name]) for name, _ in line.names]
        shown = self._stage_line(line, first, values)
        if not line.backward:
            return shown
        if part is not None:
            return replace(shown, parts=(part,))
        adds = [self._adds(var) and name in before for name, var in line.names]
        rows = zip(shown.names, shown.values, adds, strict=True)
        return replace(shown, parts=tuple([v - before[n] if add else v for n, v, add in rows]))

    @cached_property
    def _origin(self) -> dict[Var, Eqn]:
        return definitions(self._program.function)

    def _adds(self, var: Var) -> bool:
        return var in self._origin and self._origin[var].op in ("accumulate", "add_at")

    # -- pictures ----------------------------------------------------------------------------------

    def _explained(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Explained | None:
        return self.explain(*args, **kwargs) if args or kwargs else None

    def to_svg(self, *args: Any, **kwargs: Any) -> str:
        """The circuit as SVG; with values, these above and the gradients below every wire.

        It is drawn by Graphviz where that is installed, else as a ladder along the stages.
        """
        return svg.to_svg(circuit(self, self._explained(args, kwargs)))

    def to_dot(self, *args: Any, **kwargs: Any) -> str:
        """The circuit in the language of Graphviz, with values and gradients where given."""
        return graph.to_dot(circuit(self, self._explained(args, kwargs)))

    def to_mermaid(self, *args: Any, **kwargs: Any) -> str:
        """The circuit as a Mermaid flowchart, with values and gradients where given."""
        return graph.to_mermaid(circuit(self, self._explained(args, kwargs)))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": html_of(self)}


def _copied(value: Any) -> Any:
    """An array as it is now; later statements may change it in place."""
    return value.copy() if isinstance(value, np.ndarray) else value


def _added(line: Line, origin: Mapping[Var, Eqn]) -> str:
    """What a statement `dx += part` or `dx = dx + part` adds, as an expression; "" for others."""
    if len(line.names) != 1 or line.names[0][1] not in origin:
        return ""
    if origin[line.names[0][1]].op != "accumulate":
        return ""
    (node,) = ast.parse(line.text).body
    if isinstance(node, ast.AugAssign):
        sign, part = node.op, node.value
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
        sign, part = node.value.op, node.value.right
    else:
        return ""
    text = ast.unparse(part)
    return f"-({text})" if isinstance(sign, ast.Sub) else text


def _firsts(lines: Sequence[Line], *, backward: bool) -> list[tuple[Line, bool]]:
    """The lines of one pass, each with whether it opens its stage."""
    seen: set[int] = set()
    result: list[tuple[Line, bool]] = []
    for line in lines:
        if line.backward is backward:
            result.append((line, line.stage not in seen))
            seen.add(line.stage)
    return result
