"""The circuit of a staged program: a node for every forward stage, a wire for every use of a value.

With values, every wire carries its value and what this use contributes to the gradient; a value
that forks carries its whole gradient on the trunk.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

from ..ir.program import Eqn, Var, definitions
from ..ir.types import is_inexact
from .graph import Circuit, Node, Wire
from .values import typed

if TYPE_CHECKING:
    from .stages import Explained, Staged, StageLine


def circuit(staged: Staged, explained: Explained | None = None) -> Circuit:
    """The circuit of a program, with the values and gradients of a run where there was one.

    >>> import chainrule as cr
    >>> staged = cr.stages(lambda x, y: x * y, 2.0, 3.0)
    >>> drawn = circuit(staged, staged.explain(2.0, 3.0))
    >>> print(*drawn.wires, sep="; ")
    x = 2, gradient 3; y = 3, gradient 2; value = 6, gradient 1
    """
    if not staged.is_straight:
        raise NotImplementedError("circuits are drawn of programs without loops and branches")
    drawing = _Drawing(staged.spelled_out)
    drawing.draw()
    if explained is not None:
        with redirect_stdout(io.StringIO()):  # it has printed before what it prints
            drawing.fill(staged.spelled_out.explain(*explained.arguments.values()))
    return Circuit(title(staged, explained), drawing.used_nodes(), tuple(drawing.wires))


def title(staged: Staged, explained: Explained | None = None) -> str:
    """`f(x, y) at x = 3, y = -4`."""
    specs = staged.program.primal.parameters.specs
    call = f"{staged.name}({', '.join(specs)})"
    if explained is None:
        return call
    given = ", ".join(f"{name} = {typed(value)}" for name, value in explained.arguments.items())
    return f"{call} at {given}"


@final
@dataclass
class _Drawing:
    """Nodes and wires as they are found; `holder` says which node a name stands for by now."""

    staged: Staged
    nodes: list[Node] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    holder: dict[str, str] = field(default_factory=dict)
    node_of: dict[Var, str] = field(default_factory=dict)
    line_of: dict[str, int] = field(default_factory=dict)  # the forward line of a node

    def draw(self) -> None:
        """Inputs, stages in order, the output."""
        program = self.staged.program
        function = program.function
        origin = definitions(function)
        paths = {**program.primal.parameters.paths, **function.captures}
        for i, (var, path) in enumerate(paths.items()):
            self.add(Node(f"in{i}", path, "input", None, path), var, path)
        forward = [line for line in self.staged.lines if not line.backward]
        for i, line in enumerate(forward):
            made = [(name, var) for name, var in line.names if is_inexact(var.type)]
            if not made:
                continue
            right = ast.parse(line.text).body[0]
            assert isinstance(right, ast.Assign | ast.AugAssign)
            node = f"s{i}"
            for source in dict.fromkeys(self.sources(right.value)):
                self.wires.append(Wire(source, node, self.named(source), None, None))
            label = _label(right.value, origin.get(made[0][1]))
            names = ", ".join(name for name, _ in made)
            self.line_of[node] = i
            self.nodes.append(Node(node, label, "op", line.stage or None, names))
            for name, var in made:
                self.holder[name] = self.node_of[var] = node
        result = function.results[0]
        if isinstance(result, Var) and result in self.node_of:
            source = self.node_of[result]
            name = self.named(source)
            self.nodes.append(Node("out", name, "output", None, name))
            self.wires.append(Wire(source, "out", name, None, None))

    def add(self, node: Node, var: Var, name: str) -> None:
        """Add a node that stands for a variable."""
        self.nodes.append(node)
        self.holder[name] = self.node_of[var] = node.id

    def sources(self, tree: ast.expr) -> Iterator[str]:
        """The nodes that an expression reads, from left to right."""
        text = ast.unparse(tree).replace("'", '"')
        if isinstance(tree, ast.Name | ast.Attribute | ast.Subscript) and text in self.holder:
            yield self.holder[text]
            return
        for child in ast.iter_child_nodes(tree):
            if isinstance(child, ast.expr):
                yield from self.sources(child)
            elif isinstance(child, ast.keyword):
                yield from self.sources(child.value)

    def named(self, node: str) -> str:
        """The name of what a node makes."""
        return next(n.name for n in self.nodes if n.id == node)

    def used_nodes(self) -> tuple[Node, ...]:
        """All nodes but the inputs that nothing reads."""
        used = {wire.source for wire in self.wires}
        return tuple(n for n in self.nodes if n.kind != "input" or n.id in used)

    # -- values ----------------------------------------------------------------------------------

    def fill(self, run: Explained) -> None:
        """Write values on the wires, and gradients: whole ones on nodes, parts on wires."""
        values = self.values(run)
        whole, parts = self.gradients(run.backward)
        if any(node.id == "out" for node in self.nodes):
            parts.setdefault((self.wires[-1].source, "out"), 1.0)
        uses = [wire.source for wire in self.wires]
        for i, wire in enumerate(self.wires):
            part = parts.get((wire.source, wire.target))
            if part is None and uses.count(wire.source) == 1:
                part = whole.get(wire.source)
            value = values.get(wire.source)
            self.wires[i] = replace(
                wire,
                value=None if value is None else typed(value),
                grad=None if part is None else typed(part),
            )
        self.nodes = [
            replace(n, grad=typed(whole[n.id])) if n.id in whole else n for n in self.nodes
        ]

    def values(self, run: Explained) -> dict[str, Any]:
        """The value of every node."""
        values = {node: run.forward[i].values[0] for node, i in self.line_of.items()}
        scope = dict(run.arguments)
        unit = self.staged.program.primal.unit
        scope |= {d.alias: d.value for d in unit.dependencies if d.captured}
        for node in self.nodes:
            if node.kind == "input":
                values[node.id] = eval(node.name, {}, scope)
        return values

    def gradients(
        self, backward: Sequence[StageLine]
    ) -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
        """The whole gradient of every node, and what each wire adds to it."""
        whole: dict[str, Any] = {}
        found: dict[tuple[str, int], list[Any]] = {}
        lines = [line for line in self.staged.lines if line.backward]
        for line, shown in zip(lines, backward, strict=True):
            for (_, var), value, part in zip(line.names, shown.values, shown.parts, strict=True):
                source = self.node_of.get(var.adjoint_of) if var.adjoint_of is not None else None
                if source is not None:
                    whole[source] = value
                    found.setdefault((source, line.stage), []).append(part)
        stage = {node.id: node.stage or 0 for node in self.nodes}
        parts: dict[tuple[str, str], Any] = {}
        for (source, number), pieces in found.items():
            ends = [
                w.target for w in self.wires if w.source == source and stage[w.target] == number
            ]
            if len(ends) == 1:
                parts[source, ends[0]] = sum(pieces[1:], pieces[0])
            elif len(ends) == len(pieces):  # the backward pass runs the other way
                parts |= {(source, e): p for e, p in zip(ends, reversed(pieces), strict=True)}
        return whole, parts


_SIGNS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**",
    ast.FloorDiv: "//", ast.Mod: "%",
}  # fmt: skip


def _label(tree: ast.expr, eqn: Eqn | None) -> str:
    """What a node shows: the operation where there is just one, else the whole expression."""
    if eqn is not None and eqn.op == "sigmoid":
        return "sigmoid"
    match tree:
        case ast.BinOp(left, op, right) if type(op) in _SIGNS and _atom(left) and _atom(right):
            sign = _SIGNS[type(op)]
            if isinstance(right, ast.Constant):
                return (
                    f"{sign}{ast.unparse(right)}"
                    if sign == "**"
                    else f"{sign} {ast.unparse(right)}"
                )
            if isinstance(left, ast.Constant):
                return f"{ast.unparse(left).removesuffix('.0')} {sign}"
            return sign
        case ast.UnaryOp(ast.USub(), operand) if _atom(operand):
            return "-"
        case ast.Call(func, args, _) if all(map(_atom, args)):
            return ast.unparse(func).rsplit(".", 1)[-1]
        case ast.Name():
            return "="
    return ast.unparse(tree)


def _atom(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Name | ast.Constant | ast.Attribute)
