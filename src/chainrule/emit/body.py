"""The lines of a function's body: one statement per value that is not folded."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, final

from ..analysis.naming import temporary_names
from ..ir.program import Atom, Const, Eqn, Function, Var, definitions, walk
from ..ir.types import Array, List, is_inexact
from ..rules.indexing import repeats
from ..rules.lists import LIST_WRITES
from ..rules.memory import returns
from ..rules.registry import HELPERS
from .control import ControlWriter, exported
from .fold import Folding, fold
from .lists import ListWriter
from .names import RESERVED, Namer, user_names
from .ownership import viewing
from .spell import constant, filled, index_tree, spell
from .text import render, wrapped

WIDTH: Final = 92  # a longer statement is cut by naming a part of it


@final
@dataclass(frozen=True)
class Line:
    """One statement, or the header of a loop or branch; `depth` is how far it is indented.

    `names` are the variables that it assigns, with the values they stand for.
    """

    text: str
    stage: int
    backward: bool
    names: tuple[tuple[str, Var], ...] = ()
    remark: str = ""
    depth: int = 0


@final
@dataclass(frozen=True)
class Body:
    """The statements of a function, the text of its results, and the names of its variables."""

    lines: list[Line]
    results: list[ast.expr]
    names: dict[Var, str]


def emit_body(
    function: Function, reserved: frozenset[str] = frozenset(), fixed: dict[Var, str] | None = None
) -> Body:
    """Write the body, naming parts of statements until each fits its line.

    `fixed` are the texts of parameters that are no plain names (`params["W"]`).
    """
    forced: frozenset[Var] = frozenset()
    while True:
        writer = _Writer(function, fold(function, forced), reserved, fixed or {})
        body = writer.write()
        if not writer.too_long:
            return body
        forced |= writer.too_long


@final
@dataclass
class _Writer:
    function: Function
    folding: Folding
    reserved: frozenset[str]
    fixed: dict[Var, str]
    lines: list[Line] = field(default_factory=list)
    too_long: frozenset[Var] = frozenset()

    def __post_init__(self) -> None:
        function = self.function
        hints = frozenset(user_names(function))
        self.namer = Namer(
            self.folding,
            RESERVED | HELPERS.keys() | self.reserved,
            temporary_names(function),
            hints,
            exported(function),
        )
        for var in function.params:
            self.namer.fixed(var, self.fixed.get(var, var.hint))
        for var, name in function.captures.items():
            self.namer.fixed(var, name)
        self.trees: dict[Var, ast.expr] = {}
        self.forked: set[Var] = set()
        self.own: set[Var] = set()  # sums that were written as a new array
        self.origin = definitions(function)
        self.depth = 0
        self.later = 0  # loops of the backward pass that are being written
        self.viewing = list(viewing(function.body))
        self.control = ControlWriter(self)
        self.lists = ListWriter(self)
        writes = [e for e in walk(function.body) if e.op in ("set_at", "add_at")]
        self.copies = any(not e.backward for e in writes)
        pushes = [] if self.copies else [e for e in walk(function.body) if e.op == "push"]
        self.escaped = {a for e in pushes for a in e.uses()}

    def write(self) -> Body:
        """All lines, in order."""
        self.sequence(self.function.body)
        results = [self.tree(r) for r in self.function.results]
        return Body(self.lines, results, self.namer.given)

    def sequence(self, body: Sequence[Eqn]) -> None:
        """The lines of equations in a row."""
        for eqn in body:
            args = [self.tree(a) for a in eqn.args]
            if len(eqn.outs) == 1 and eqn.out in self.folding.folded:
                self.trees[eqn.out] = (
                    self.conditional(eqn, args) if eqn.blocks else spell(eqn, args)
                )
            elif eqn.blocks and not self.folding.is_conditional(eqn):
                self.control.write(eqn, args)
            else:
                self.statement(eqn, args, self.folding.start[eqn])

    def conditional(self, eqn: Eqn, args: Sequence[ast.expr]) -> ast.expr:
        """`a if test else b`."""
        for block in eqn.blocks:
            self.sequence(block.body)
        then, orelse = (self.tree(b.results[0]) for b in eqn.blocks)
        match eqn.static.get("logic"):
            case "and":
                return ast.BoolOp(ast.And(), [args[0], then])
            case "or":
                return ast.BoolOp(ast.Or(), [args[0], orelse])
        return ast.IfExp(args[0], then, orelse)

    def tree(self, atom: Atom) -> ast.expr:
        """The expression for an atom."""
        if isinstance(atom, Const):
            return constant(atom)
        tree = self.trees.get(atom)
        if tree is None:
            name = self.namer.given[atom]
            tree = ast.Name(name, ast.Load()) if name.isidentifier() else _parsed(name)
        if not is_inexact(atom.type):
            tree.integral = True  # type: ignore[attr-defined]
        return tree

    def statement(self, eqn: Eqn, args: Sequence[ast.expr], position: int) -> None:
        """Append the line of one equation."""
        if eqn.op == "push":
            self.push(eqn, args)
        elif eqn.op == "drop":
            self.add(eqn, f"{render(args[0])}.pop()", ())
        elif eqn.effect and not eqn.outs and eqn.op != "call":
            self.add(eqn, _effect(eqn, args), ())
        elif eqn.via == "aug" and self.augmented(eqn, args, position):
            pass
        elif eqn.op == "accumulate":
            self.accumulate(eqn, args, position)
        elif eqn.op in ("add_at", "set_at"):
            self.add_at(eqn, args, position)
        elif eqn.op in LIST_WRITES:
            self.lists.write(eqn, args, position)
        elif eqn.op == "call":
            self.call(eqn, args, position)
        else:
            right = render(self.conditional(eqn, args) if eqn.blocks else spell(eqn, args))
            names = self.assigned(eqn, position)
            remark = "from here the loop is run again" if eqn.op == "peek" else ""
            left = ", ".join(name for name, _ in names) + (
                "," if eqn.several and len(names) == 1 else ""
            )
            remark = remark or eqn.static.get("remark", "")
            self.add(eqn, f"{left} = {right}", self.named(names), remark)

    def add(
        self, eqn: Eqn, text: str, names: tuple[tuple[str, Var], ...], remark: str = ""
    ) -> None:
        """Append a line; one that is too long makes a part of it be named in the next attempt."""
        left, _, right = text.partition(" = ")
        if left == right:
            return
        if (length := max(map(len, text.split("\n")))) > WIDTH:
            self.shorten(eqn, length)
        pad = "    " * self.depth
        text = "\n".join(pad + part for part in text.split("\n"))
        backward = eqn.backward or self.later > 0
        self.lines.append(Line(text, eqn.stage, backward, names, remark, self.depth))

    def push(self, eqn: Eqn, args: Sequence[ast.expr]) -> None:
        """Record a value; an array is copied where the program may write into it, a list always."""
        texts: list[str] = []
        for value, tree in zip(eqn.args[1:], args[1:], strict=True):
            written = self.copies and isinstance(value.type, Array) and not self.untouched(value)
            copied = written or isinstance(value.type, List)
            text = render(tree)
            unset = f"{text} if {text} is None else " if value in self.control.optional else ""
            texts.append(f"{unset}{text}.copy()" if copied else text)
        several = len(texts) > 1  # a snapshot
        text = f"({', '.join(texts)})" if several else texts[0]
        self.add(eqn, f"{render(args[0])}.append({text})", ())

    def untouched(self, value: Atom) -> bool:
        """Is it a new array that nothing has a view of, hands on or writes into?"""
        if not isinstance(value, Var) or value not in self.origin:
            return False
        if returns(self.origin[value]) != "fresh":
            return False
        eqns = [e for e in walk(self.function.body) if value in e.args and e.op != "push"]
        results = [r for e in walk(self.function.body) for b in e.blocks for r in b.results]
        handed_on = value in results or value in self.function.results
        return not handed_on and all(returns(e) == "fresh" and e.via != "aug" for e in eqns)

    def augmented(self, eqn: Eqn, args: Sequence[ast.expr], position: int) -> bool:
        """`s += x` where the user wrote it so and the new value takes over the old one's name."""
        tree = spell(eqn, args)
        old = eqn.args[0]
        if not isinstance(tree, ast.BinOp) or not isinstance(old, Var):
            return False
        before = self.namer.given.get(old)
        name = self.namer.name(eqn.out, eqn, position)
        if name == before:
            operator = render(ast.BinOp(ast.Name("a"), tree.op, ast.Name("b")))[1:-1].strip()
            self.add(eqn, f"{name} {operator}= {render(args[1])}", ((name, eqn.out),))
        else:
            self.add(eqn, f"{name} = {render(tree)}", ((name, eqn.out),))
        return True

    def shorten(self, eqn: Eqn, length: int) -> None:
        """Pick the folded part of a statement that is nearest to half of it."""
        parts: list[tuple[int, Var]] = []
        todo = _parts(eqn)
        while todo:
            var = todo.pop()
            if var in self.folding.folded and var in self.trees:  # not of the other side yet
                size = len(render(self.trees[var]))
                if size > 12:
                    parts.append((abs(2 * size - length), var))
                todo += _parts(self.origin[var])
        if parts:
            self.too_long |= {min(parts, key=lambda p: p[0])[1]}

    # -- gradients that add up -------------------------------------------------------------------

    def accumulate(self, eqn: Eqn, args: Sequence[ast.expr], position: int) -> None:
        """`dx += part`, or `dx = dx + part` where the old array is still seen elsewhere."""
        base = eqn.args[0]
        part, sign = _signed(args[1])
        remark = self.fork_remark(eqn.out)
        same = isinstance(base, Var) and _whose(base) is _whose(eqn.out)
        if isinstance(base, Var) and same and self.in_place(base, position):
            name = self.namer.keep(eqn.out, base)
            self.add(eqn, f"{name} {sign}= {render(part)}", ((name, eqn.out),), remark)
            return
        operator = ast.Add() if sign == "+" else ast.Sub()
        text = render(ast.BinOp(args[0], operator, part))
        name = self.namer.name(eqn.out, eqn, position)
        self.own.add(eqn.out)
        self.add(eqn, f"{name} = {text}", ((name, eqn.out),), remark)

    def add_at(self, eqn: Eqn, args: Sequence[ast.expr], position: int) -> None:
        """`dx[1:] += part`; `np.add.at` where the index may name an element twice."""
        base = eqn.args[0]
        assert isinstance(base, Var)
        remark = ""
        first = eqn.op == "set_at"
        if eqn.derived and base in self.origin and self.origin[base].op == "filled":
            first = True
        if self.in_place(base, position):
            name = self.namer.keep(eqn.out, base)
        else:
            # Written before the part is read, so the names in the part are not free yet.
            read = {n.id for a in args[1:] for n in ast.walk(a) if isinstance(n, ast.Name)}
            name = self.namer.name(eqn.out, eqn, position, read)
            self.own.add(eqn.out)
            fresh = self.whole(eqn, args)
            if fresh is not None:
                self.add(eqn, f"{name} = {render(fresh)}", ((name, eqn.out),))
                return
            mine = base in self.folding.folded and returns(self.origin[base]) == "fresh"
            copied = render(args[0]) if mine else f"{render(args[0])}.copy()"
            self.add(eqn, f"{name} = {copied}", ((name, eqn.out),))
        if not first and eqn.backward:
            remark = self.fork_remark(eqn.out)
        pattern = eqn.static["pattern"]
        index = index_tree(pattern, eqn, args)
        if repeats(pattern) and eqn.op == "add_at":
            at = render(ast.Tuple([index], ast.Load()))[1:-2]
            if isinstance(index, ast.Tuple) and any(isinstance(e, ast.Slice) for e in index.elts):
                at = f"np.s_[{render(ast.Subscript(ast.Name('x', ast.Load()), index, ast.Load()))[2:-1]}]"
            text = f"np.add.at({name}, {at}, {render(args[1])})"
            self.add(eqn, text, ((name, eqn.out),), remark or "an index may repeat")
            return
        part, sign = (args[1], "") if first else _signed(args[1])
        target = render(ast.Subscript(ast.Name(name, ast.Load()), index, ast.Load()))
        if pattern == (("all",),) and sign:
            target = name
        self.add(eqn, f"{target} {sign}= {render(part)}", ((name, eqn.out),), remark)

    def whole(self, eqn: Eqn, args: Sequence[ast.expr]) -> ast.expr | None:
        """For a write over a whole array that has to be kept: the new array as an expression."""
        base, part = eqn.args[:2]
        if eqn.static["pattern"] != (("all",),) or not isinstance(part, Var):
            return None
        if part.type.dtype != base.type.dtype:
            return None
        if eqn.op == "add_at":
            added, sign = _signed(args[1])
            return ast.BinOp(args[0], ast.Add() if sign == "+" else ast.Sub(), added)
        same = part.type == base.type and part in self.folding.folded
        return args[1] if same and returns(self.origin[part]) == "fresh" else None

    def fork_remark(self, gradient: Var) -> str:
        """Said once for each value whose gradients add up."""
        primal = gradient.adjoint_of
        if primal is None or gradient.tangent or primal in self.forked or not primal.hint:
            return ""
        self.forked.add(primal)
        name = self.namer.given.get(primal, primal.hint)
        return f"{name} forks: gradients add up"

    def in_place(self, base: Var, position: int) -> bool:
        """May the array (or number) be overwritten: is it ours, and not read after this line?"""
        if base not in self.namer.given or self.namer.live(base, position):
            return False
        if base in self.function.params or base in self.function.captures:
            return False
        if not isinstance(base.type, Array | List):
            return True
        root: Var = base
        while (eqn := self.origin.get(root)) is not None and _is_same_array(eqn):
            if root in self.own:
                break
            source = eqn.args[0]
            if not isinstance(source, Var) or (eqn.op == "list_pop" and root is not eqn.outs[0]):
                return False
            root = source
        eqn = self.origin.get(root)
        if root not in self.own and (eqn is None or returns(eqn) != "fresh"):
            return False
        sharing = [root, *self.views_of(root, position)]
        if isinstance(base.type, List):  # what is read from a list is apart from the list
            sharing = [v for v in sharing if isinstance(v.type, List)]
        elif self.lists.holds(sharing, position):
            return False
        return not any(self.namer.live(v, position) or v in self.escaped for v in sharing)

    def views_of(self, base: Var, position: int) -> list[Var]:
        """The values made before this line that share memory with `base`."""
        views: list[Var] = []
        for eqn, source, made in self.viewing:
            line = (self.folding.end if eqn.op == "if" else self.folding.start)[eqn]
            if line < position and source in (base, *views):
                views += made
        return views

    # -- calls and effects -----------------------------------------------------------------------

    def assigned(self, eqn: Eqn, position: int) -> list[tuple[str, Var]]:
        """Names for the results of an equation; several that nobody uses are called `_`."""
        names: list[tuple[str, Var]] = []
        for out in eqn.outs:
            unused = len(eqn.outs) > 1 or eqn.effect
            if unused and out not in self.folding.uses:
                names.append((self.namer.unused(out, eqn, position), out))
            else:
                names.append((self.namer.name(out, eqn, position), out))
        return names

    def named(self, names: list[tuple[str, Var]]) -> tuple[tuple[str, Var], ...]:
        """Those of the assigned names that stand for a value, not for an unused result."""
        return tuple((name, var) for name, var in names if var in self.namer.given)

    def call(self, eqn: Eqn, args: Sequence[ast.expr], position: int) -> None:
        """`a, b = helper(x, y)`; results that nobody uses are called `_`."""
        names = self.assigned(eqn, position)
        shown = self.named(names)
        left = ", ".join(name for name, _ in names) if shown else ""
        func = f"{eqn.static['callee'].name}("
        lines = wrapped("(", left.split(", "), ") = ", WIDTH // 2) if left else [""]
        if len(lines) == 1 and left:
            lines = [f"{left} = "]
        *above, last = lines
        room = WIDTH - 4 * self.depth
        text = "\n".join([*above, *wrapped(f"{last}{func}", [render(a) for a in args], ")", room)])
        self.add(eqn, text, shown)


def _is_same_array(eqn: Eqn) -> bool:
    """Does the equation only give its whole operand another name, or write into it?"""
    return eqn.op == "alias" or returns(eqn) == "inplace"


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _signed(tree: ast.expr) -> tuple[ast.expr, str]:
    """Take a leading minus sign off a product, so that `dx += -a * b` becomes `dx -= a * b`."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return tree.operand, "-"
    if isinstance(tree, ast.Constant) and isinstance(tree.value, float) and tree.value < 0:
        return ast.Constant(-tree.value), "-"
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult | ast.Div | ast.MatMult):
        left, sign = _signed(tree.left)
        if sign == "-":
            return ast.BinOp(left, tree.op, tree.right), "-"
    return tree, "+"


def _parts(eqn: Eqn) -> list[Var]:
    """What an expression is made of; for `a if test else b` the sides too."""
    sides = [r for block in eqn.blocks for r in block.results if isinstance(r, Var)]
    return [*eqn.uses(), *sides]


def _whose(gradient: Var) -> Var | None:
    """The value that a gradient, or the tangent of a gradient, belongs to."""
    primal = gradient.adjoint_of
    if gradient.tangent and primal is not None and primal.adjoint_of is not None:
        return primal.adjoint_of
    return primal


def _effect(eqn: Eqn, args: Sequence[ast.expr]) -> str:
    """The text of an assert, a guarded raise, or a print."""
    shown = [filled(tree, args) for tree in eqn.static["shown"]]
    detail = eqn.static.get("detail")
    if detail is not None:
        detail = filled(detail, args)
    if eqn.op == "draw":
        return render(shown[0])
    if eqn.op == "assert":
        tail = f", {render(detail)}" if detail is not None else ""
        return f"assert {render(shown[0])}{tail}"
    if eqn.op == "raise_if":
        raised = "raise" if detail is None else f"raise {render(detail)}"
        return f"if {render(shown[0])}:\n    {raised}"
    if eqn.op == "raise":
        return "raise" if detail is None else f"raise {render(detail)}"
    options = [f"{k}={v!r}" for k, v in eqn.static["options"].items()]
    return f"print({', '.join([*map(render, shown), *options])})"
