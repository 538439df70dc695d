"""Lowered programs as text that Python runs and Numba compiles."""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, final

import numpy as np

from ..emit.text import render, wrapped
from ..ir.program import Atom, Block, Const, Eqn, Function, Span, Var, walk
from ..ir.types import Array
from .clean import uses

_FOLDABLE: Final = frozenset({"py", "load", "dim"})
_WIDTH: Final = 88


@final
@dataclass(frozen=True)
class Pending:
    """An expression that has no line yet, and the variables whose change would change it."""

    tree: ast.expr
    loads: bool
    mentions: frozenset[Var]
    span: Span | None = None


def printed(function: Function, taken: frozenset[str]) -> tuple[list[str], list[Span | None]]:
    """The lines of a function, and the place in the user's file that each comes from."""
    printer = Printer(function, taken)
    head = printer.write()
    return [*head, *printer.lines], [*(None for _ in head), *printer.spans]


@final
@dataclass
class Printer:
    """Writes the lines of one function."""

    function: Function
    taken: frozenset[str]
    names: dict[Var, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    pending: dict[Var, Pending] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    spans: list[Span | None] = field(default_factory=list)
    span: Span | None = None  # of the expression that is being written
    depth: int = 1
    stage: tuple[int, bool] = (0, False)

    def write(self) -> list[str]:
        """Write the body; the lines of the header are returned."""
        function = self.function
        self.used = set(self.taken)
        self.cells = {e.args[0] for e in walk(function.body) if e.op in ("set", "room")}
        self.counts: Counter[Var] = uses(function.body)
        self.counts.update(r for r in function.results if isinstance(r, Var))
        for param in function.params:
            self.name(param)
        self.counters(function.body)
        self.plain = _counting_up(function.body)
        self.sequence(function.body)
        self.span = None
        results = [render(self.tree(r)) for r in function.results]
        comma = "," if len(results) == 1 else ""
        for text in wrapped("return (", results, f"{comma})"):
            self.line(text)
        return wrapped(f"def {function.name}(", [self.names[p] for p in function.params], "):")

    # -- names -----------------------------------------------------------------------------------

    def name(self, var: Var) -> str:
        """The name of a variable, given when it is first asked for."""
        if var not in self.names:
            self.names[var] = self.free(var.hint or ("a" if isinstance(var.type, Array) else "t"))
            self.used.add(self.names[var])
        return self.names[var]

    def free(self, hint: str) -> str:
        """A name that nothing has."""
        wanted = re.sub(r"\W+", "_", hint).strip("_") or "t"
        if wanted[0].isdigit():
            wanted = f"v{wanted}"
        name, number = wanted, 2
        while name in self.used:
            separator = "_" if wanted[-1:].isdigit() else ""
            name, number = f"{wanted}{separator}{number}", number + 1
        return name

    def counters(self, body: Iterable[Eqn]) -> None:
        """Names for the counters of loops; loops that are not nested share them."""
        found: set[str] = set()

        def visit(body: Iterable[Eqn], outer: tuple[str, ...]) -> None:
            for eqn in body:
                inner = outer
                if eqn.op == "for":
                    index = eqn.blocks[0].params[0]
                    hint = index.hint if index.hint.isidentifier() and index.hint != "_" else "i"
                    name, number = hint, 2
                    while name in self.used or name in outer:
                        name, number = f"{hint}{number}", number + 1
                    self.names[index] = name
                    found.add(name)
                    inner = (*outer, name)
                for block in eqn.blocks:
                    visit(block.body, inner)

        visit(body, ())
        self.used |= found

    # -- expressions -----------------------------------------------------------------------------

    def tree(self, atom: Atom) -> ast.expr:
        """The expression for an atom; one without a line is used up."""
        if isinstance(atom, Const):
            return constant(atom)
        waiting = self.pending.pop(atom, None)
        if waiting is not None:
            self.span = waiting.span or self.span
            return waiting.tree
        return ast.Name(self.name(atom), ast.Load())

    def expression(self, eqn: Eqn) -> Pending:
        """The right-hand side of an equation."""
        mentions = {a for a in eqn.uses() if a in self.cells}
        outer, self.span = self.span, None
        loads = eqn.op == "load"
        if eqn.op == "py":
            self.name_repeated(eqn)
        for arg in eqn.uses():
            waiting = self.pending.get(arg)
            if waiting is not None:
                mentions |= waiting.mentions
                loads = loads or waiting.loads
        trees = [self.tree(a) for a in eqn.args]
        if eqn.op == "load":
            trees[1:] = map(self.place, eqn.args[1:], trees[1:])
        span, self.span = eqn.span or self.span, outer
        return Pending(right_hand(eqn, trees), loads, frozenset(mentions), span)

    def place(self, atom: Atom, tree: ast.expr) -> ast.expr:
        """A position, said to be unsigned where that is not plain: then it is not looked at again."""
        if isinstance(atom, Const) or atom in self.plain:
            return tree
        return ast.Call(_parsed("np.uintp"), [tree], [])

    def name_repeated(self, eqn: Eqn) -> None:
        """Give a line to what an expression has more than once."""
        text = eqn.static["text"]
        for position, arg in enumerate(eqn.args):
            if isinstance(arg, Var) and len(re.findall(rf"\b_{position}\b", text)) > 1:
                self.flush_one(arg)

    def flush_one(self, var: Var) -> None:
        """Write the line of a pending expression."""
        waiting = self.pending.pop(var, None)
        if waiting is not None:
            outer, self.span = self.span, waiting.span
            self.line(f"{self.name(var)} = {render(waiting.tree)}")
            self.span = outer

    def flush(self, loads: bool, changed: Var | None) -> None:
        """Write the lines of what would change."""
        for var, waiting in list(self.pending.items()):
            if (loads and (waiting.loads or waiting.mentions)) or changed in waiting.mentions:
                self.flush_one(var)

    # -- statements ------------------------------------------------------------------------------

    def line(self, text: str, eqn: Eqn | None = None) -> None:
        """Append a line, the number of its stage beside it where that is another one."""
        if eqn is not None and (eqn.stage, eqn.backward) != self.stage and eqn.stage:
            self.stage = (eqn.stage, eqn.backward)
            text += f"  # ({eqn.stage}{', backward' if eqn.backward else ''})"
        self.lines.append("    " * self.depth + text)
        self.spans.append(self.span or (eqn.span if eqn is not None else None))

    def sequence(self, body: Sequence[Eqn]) -> None:
        """The lines of equations in a row."""
        here = Counter(a for e in body for a in e.uses())
        outer, self.pending = self.pending, {}
        for eqn in body:
            self.statement(eqn, here)
        for var in list(self.pending):
            self.flush_one(var)
        self.pending = outer

    def statement(self, eqn: Eqn, here: Counter[Var]) -> None:
        """The lines of one equation."""
        self.span = None
        if eqn.op in _FOLDABLE and eqn.out not in self.cells:
            out = eqn.out
            waiting = self.expression(eqn)
            if here[out] == 1 and self.counts[out] == 1 and len(render(waiting.tree)) < _WIDTH:
                self.pending[out] = waiting
            else:
                self.line(f"{self.name(out)} = {render(waiting.tree)}", eqn)
        elif eqn.op in ("for", "if", "while"):
            self.control(eqn)
        elif eqn.op == "store":
            trees = [self.tree(a) for a in eqn.args]
            trees[2:] = map(self.place, eqn.args[2:], trees[2:])
            self.flush(True, None)
            sign = "+=" if eqn.static["add"] else "="
            self.line(f"{render(subscript(trees[0], trees[2:]))} {sign} {render(trees[1])}", eqn)
        elif eqn.op == "set":
            cell = eqn.args[0]
            assert isinstance(cell, Var)
            text = render(self.tree(eqn.args[1]))
            self.flush(False, cell)
            if text != self.name(cell):
                self.line(f"{self.name(cell)} = {text}", eqn)
        elif eqn.op == "room":
            data, size = (render(self.tree(a)) for a in eqn.args)
            self.flush(True, None)
            self.line(f"if {size} > {data}.size:", eqn)
            self.line(f"    {data} = grown({data}, {size})")
        elif eqn.op == "end_if":
            self.line(f"if {render(self.tree(eqn.args[0]))}:", eqn)
            self.line("    break")
        elif eqn.op == "raise_if":
            trees = [self.tree(a) for a in eqn.args]
            self.line(f"if {render(trees[0])}:", eqn)
            self.line(f"    raise {_error(eqn, trees)}")
        elif eqn.op == "raise":
            self.line(f"raise {_error(eqn, [self.tree(a) for a in eqn.args])}", eqn)
        else:
            self.assignment(eqn)

    def assignment(self, eqn: Eqn) -> None:
        """The line of an equation that is not folded."""
        if eqn.op == "call":
            trees = [self.tree(a) for a in eqn.args]
            self.flush(True, None)
            left = ", ".join(self.name(o) for o in eqn.outs)
            comma = "," if len(eqn.outs) == 1 else ""
            head = f"{left}{comma} = " if eqn.outs else ""
            head += f"{eqn.static['name']}("
            for text in wrapped(head, [render(t) for t in trees], ")", _WIDTH):
                self.line(text, eqn)
            return
        if eqn.op == "made":
            trees = [self.tree(a) for a in eqn.args]
            self.line(f"{self.name(eqn.out)} = {render(filled(eqn.static['text'], trees))}", eqn)
            return
        if eqn.op == "run":
            trees = [self.tree(a) for a in eqn.args]
            self.flush(True, None)
            self.line(render(filled(eqn.static["text"], trees)), eqn)
            return
        right = render(self.expression(eqn).tree)
        left = ", ".join(self.name(o) for o in eqn.outs)
        self.line(f"{left} = {right}", eqn)

    def control(self, eqn: Eqn) -> None:
        """A loop or a branch."""
        if eqn.op == "while":
            self.flush(True, None)
            self.line("while True:", eqn)
            test, body = eqn.blocks
            self.depth += 1
            self.test(test)
            self.depth -= 1
            self.block(body)
            return
        if eqn.op == "for":
            header = self.for_header(eqn)
        else:
            header = f"if {render(self.tree(eqn.args[0]))}:"
        self.flush(True, None)
        if eqn.op == "if" and not eqn.blocks[0].body:
            header = f"if not ({header[3:-1]}):"
            self.line(header, eqn)
            self.block(eqn.blocks[1])
            return
        self.line(header, eqn)
        self.block(eqn.blocks[0])
        if eqn.op == "if" and eqn.blocks[1].body:
            self.line("else:")
            self.block(eqn.blocks[1])

    def test(self, block: Block) -> None:
        """The test of a `while`."""
        outer, self.pending = self.pending, {}
        here = Counter(a for e in block.body for a in e.uses())
        here.update(r for r in block.results if isinstance(r, Var))
        for eqn in block.body:
            self.statement(eqn, here)
        condition = self.tree(block.results[0])
        self.line(f"if {render(ast.UnaryOp(ast.Not(), condition))}:")
        self.line("    break")
        self.pending = outer

    def block(self, block: Block) -> None:
        """The lines of a block."""
        self.depth += 1
        start = len(self.lines)
        self.sequence(block.body)
        if len(self.lines) == start:
            self.line("pass")
        self.depth -= 1

    def for_header(self, eqn: Eqn) -> str:
        """`for i in range(n):`."""
        name = self.names[eqn.blocks[0].params[0]]
        start, _, step = eqn.args
        zero = isinstance(start, Const) and start.value == 0
        one = isinstance(step, Const) and step.value == 1
        if eqn.static.get("reversed") and not one:
            for arg in eqn.uses():
                self.flush_one(arg)
            first, stop, by = (render(self.tree(x)) for x in eqn.args)
            count = self.free("trips")
            self.used.add(count)
            self.line(f"{count} = len(range({first}, {stop}, {by}))", eqn)
            last = f"{first} + ({count} - 1) * ({by})"
            return f"for {name} in range({last}, {first} - ({by}), -({by})):"
        a, b, c = (self.tree(x) for x in eqn.args)
        if eqn.static.get("reversed"):
            return f"for {name} in range({_before(b)}, {_before(a)}, -1):"
        bounds = [b] if zero and one else [a, b] if one else [a, b, c]
        return f"for {name} in range({', '.join(map(render, bounds))}):"


def _error(eqn: Eqn, trees: Sequence[ast.expr]) -> str:
    """The text of an exception."""
    text: str = eqn.static["error"]
    return render(filled(text, trees)) if "raised" in eqn.static else text


def _counting_up(body: Iterable[Eqn]) -> set[Var]:
    """Counters of which a compiler sees that they are never negative."""
    found: set[Var] = set()
    for eqn in walk(body):
        if eqn.op != "for" or eqn.static.get("reversed"):
            continue
        start, _, step = eqn.args
        up = isinstance(step, Const) and step.value > 0
        if up and (start in found or (isinstance(start, Const) and start.value >= 0)):
            found.add(eqn.blocks[0].params[0])
    return found


def _before(tree: ast.expr) -> str:
    """The text of an integer less 1."""
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int):
        return str(tree.value - 1)
    return render(ast.BinOp(tree, ast.Sub(), ast.Constant(1)))


def constant(atom: Const) -> ast.expr:
    """A number in its precision."""
    value = atom.value
    python = ("float64", "int64", "bool", "complex128")
    if isinstance(value, np.generic) and value.dtype.name not in python:
        inner: ast.expr = number(value.item())
        return ast.Call(_parsed(f"np.{value.dtype.name}"), [inner], [])
    return number(value.item() if isinstance(value, np.generic) else value)


def number(value: object) -> ast.expr:
    """A number as a tree."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return _parsed("np.inf" if value > 0 else "-np.inf")
    if isinstance(value, complex):
        return _parsed(_complex_text(value))
    if isinstance(value, float) and value != value:
        return _parsed("np.nan")
    if isinstance(value, int | float) and not isinstance(value, bool) and str(value)[0] == "-":
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)  # type: ignore[arg-type]


def _complex_text(value: complex) -> str:
    if np.isfinite(value):
        return str(value)
    parts = (ast.unparse(number(part)) for part in (value.real, value.imag))
    return f"complex({', '.join(parts)})"


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@cache
def _template(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Fill(ast.NodeTransformer):
    def __init__(self, trees: Sequence[ast.expr]) -> None:
        self.trees = trees

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if re.fullmatch(r"_\d+", node.id):
            return self.trees[int(node.id[1:])]
        return node


def filled(text: str, trees: Sequence[ast.expr]) -> ast.expr:
    """An expression with trees in place of `_0`, `_1`."""
    result: ast.expr = _Fill(trees).visit(copy.deepcopy(_template(text)))
    return result


def subscript(array: ast.expr, index: Sequence[ast.expr]) -> ast.expr:
    """`A[i, j]`; `A[()]` for rank 0."""
    inner = index[0] if len(index) == 1 else ast.Tuple(list(index), ast.Load())
    return ast.Subscript(array, inner, ast.Load())


def shape_of(trees: Sequence[ast.expr]) -> ast.expr:
    """Sizes as the argument of `np.empty`."""
    return trees[0] if len(trees) == 1 else ast.Tuple(list(trees), ast.Load())


def right_hand(eqn: Eqn, trees: Sequence[ast.expr]) -> ast.expr:
    """The expression of an equation."""
    if eqn.op == "py":
        return filled(eqn.static["text"], trees)
    if eqn.op == "load":
        return subscript(trees[0], trees[1:])
    if eqn.op == "dim":
        return subscript(
            ast.Attribute(trees[0], "shape", ast.Load()), [ast.Constant(eqn.static["axis"])]
        )
    if eqn.op == "alloc":
        dtype = eqn.static["dtype"]
        func = _parsed("np.zeros" if eqn.static["zero"] else "np.empty")
        args = [shape_of(trees)]
        if dtype != "float64":
            args.append(_parsed("np.bool_" if dtype == "bool" else f"np.{dtype}"))
        return ast.Call(func, args, [])
    if eqn.op == "view":
        return ast.Call(ast.Attribute(trees[0], "reshape", ast.Load()), [shape_of(trees[1:])], [])
    if eqn.op == "copy":
        return ast.Call(ast.Attribute(trees[0], "copy", ast.Load()), [], [])
    assert eqn.op == "cell", eqn.op
    return trees[0]
