"""Loops and branches as text, and the names of what they carry.

What a loop carries has one name before, in and after it where the names allow it; where a value ends
up under another name it is copied at the end of the trip, all copies in one assignment, so that a
swap stays a swap.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING, final

from ..analysis.unset import may_be_none, observed
from ..ir.program import Atom, Block, Const, Eqn, Function, Var, walk
from ..ir.types import Array, List
from .early import with_breaks
from .ownership import bases, carried, names_of, roots, shared_results, written_slots
from .text import render

if TYPE_CHECKING:
    from .body import _Writer


@final
class ControlWriter:
    """Writes control equations for a writer of lines."""

    def __init__(self, writer: _Writer) -> None:
        self.writer = writer
        self.optional = may_be_none(writer.function)
        self.seen = _returned(writer.function) | observed(writer.function, ("push",))
        self.seen -= _set_once(writer.function)

    def write(self, eqn: Eqn, args: Sequence[ast.expr]) -> None:
        """The lines of an `if`, `for` or `while`."""
        if eqn.op == "if":
            self.branch(eqn, args)
        else:
            self.loop(eqn, args)

    # -- branches --------------------------------------------------------------------------------

    def branch(self, eqn: Eqn, args: Sequence[ast.expr]) -> None:
        """`if`, and `else` where there is something in it."""
        writer, namer = self.writer, self.writer.namer
        end = writer.folding.end[eqn]
        snapshot = dict(namer.taken)
        # what the statement after the branch reads is used on the line where the branch ends
        names = [namer.name(out, eqn, end - 1) for out in eqn.outs]
        namer.taken = dict(snapshot)
        then, orelse = writer.folding.sides[eqn]
        before = len(writer.lines)
        header = f"if {render(args[0])}:"
        negated = f"if {render(_opposite(args[0]))}:"
        for number, block in enumerate(eqn.blocks):
            namer.elsewhere.append(orelse if number == 0 else then)
            start = len(writer.lines)
            writer.add(eqn, header if number == 0 else "else:", ())
            self.block(eqn, block, names, eqn.outs)
            if len(writer.lines) == start + 1:
                writer.lines.pop()
            elif number == 1 and start == before:
                writer.lines[start] = replace(
                    writer.lines[start], text=f"{'    ' * writer.depth}{negated}"
                )
            namer.elsewhere.pop()
            namer.taken = dict(snapshot)
        if len(writer.lines) > before:
            self.elif_(before)
        for name, out in zip(names, eqn.outs, strict=True):
            namer.fixed(out, name)
        self.own_after(eqn)

    def elif_(self, before: int) -> None:
        """An `else` that holds nothing but an `if` is an `elif`."""
        lines = self.writer.lines
        depth = self.writer.depth
        at = next(
            (i for i in range(len(lines) - 1, before, -1)
             if lines[i].depth == depth and lines[i].text.strip() == "else:"), None)  # fmt: skip
        if at is None:
            return
        inner = lines[at + 1 :]
        tops = [x for x in inner if x.depth == depth + 1]
        starts = [x for x in tops if not x.text.strip().startswith(("else:", "elif "))]
        if (
            len(starts) != 1
            or not starts[0].text.strip().startswith("if ")
            or inner[0] is not starts[0]
        ):
            return
        if "\n" in inner[0].text:
            return
        moved = [replace(x, text=x.text[4:], depth=x.depth - 1) for x in inner]
        moved[0] = replace(moved[0], text=moved[0].text.replace("if ", "elif ", 1))
        lines[at:] = moved

    def own_after(self, eqn: Eqn) -> None:
        """An array that is the program's own on both sides is so after them.

        Unless it is reached under another name too: `y = x` on one side.
        """
        writer = self.writer
        end = writer.folding.end[eqn]
        for position, out in enumerate(eqn.outs):
            if not isinstance(out.type, Array | List):
                continue
            results = [b.results[position] for b in eqn.blocks]
            mine = all(isinstance(r, Var) and self.is_own(r) for r in results)
            memory = {v for r in results for v in names_of(r, writer.origin)}
            seen = {w for v in memory for w in (v, *writer.views_of(v, end))} - {out}
            twice = any(self.is_twice(b, position) for b in eqn.blocks)
            if mine and not twice and not any(writer.namer.live(v, end) for v in seen):
                writer.own.add(out)

    def is_twice(self, block: Block, position: int) -> bool:
        """Does a side of a branch give one array to two results?"""
        memory = [roots(r, self.writer.origin) for r in block.results]
        others = (m for i, m in enumerate(memory) if i != position)
        return any(memory[position] & other for other in others)

    # -- loops -----------------------------------------------------------------------------------

    def loop(self, eqn: Eqn, args: Sequence[ast.expr]) -> None:
        """`for` over a range, or `while`."""
        writer, namer = self.writer, self.writer.namer
        fixed = 3 if eqn.op == "for" else 0
        body = eqn.blocks[-1]
        params = body.params[1:] if fixed else body.params
        line = writer.folding.start[eqn]
        written = written_slots(eqn)
        names = self.enter(eqn, written, args[fixed:], line)
        if eqn.op == "for":
            self.for_header(eqn, args, body, line)
        else:
            self.while_header(eqn, names)
        start = len(writer.lines)
        counter = body.params[0] if fixed else None
        for name, param in zip(names, params, strict=True):
            holder = namer.taken.get(name)
            namer.fixed(param, name)
            if holder is counter and holder is not None:  # it took over the name
                namer.taken[name] = holder
        writer.later += eqn.backward
        self.block(eqn, body, names, params, written)
        writer.later -= eqn.backward
        if "until" in eqn.static:
            self.early_end(eqn, names, start)
        if len(writer.lines) == start:
            self.line(eqn, "pass")
        for name, param, out, result in zip(names, params, eqn.outs, body.results, strict=True):
            namer.fixed(out, name)
            if isinstance(result, Var) and param in writer.own and self.is_own(result):
                writer.own.add(out)

    def early_end(self, eqn: Eqn, names: Sequence[str], start: int) -> None:
        """Leave the loop where its flag was cleared."""
        writer = self.writer
        params = eqn.blocks[-1].params[1 if eqn.op == "for" else 0 :]
        slot = params.index(eqn.static["until"])
        flag = names[slot]
        keep = eqn.outs[slot] in writer.folding.uses
        short = with_breaks(writer.lines[start:], flag, writer.depth + 1, keep)
        if short is None:
            self.line(eqn, f"if not {flag}:\n    break")
            return
        writer.lines[start:] = short
        first = f"{'    ' * writer.depth}{flag} = True"
        if not keep:  # nothing reads the flag
            at = max(i for i in range(start) if writer.lines[i].text == first)
            del writer.lines[at]

    def enter(
        self,
        eqn: Eqn,
        written: set[int],
        texts: Sequence[ast.expr],
        line: int,
    ) -> list[str]:
        """Names for what is carried, and the assignments that give them their first values."""
        writer, namer = self.writer, self.writer.namer
        names: list[str] = []
        copies: list[tuple[str, str]] = []
        inits = eqn.args[3 if eqn.op == "for" else 0 :]
        seen: set[Var] = set()
        memory = [bases(init, writer.origin) for init in inits]
        overwritten = {v for slot in written for v in memory[slot]}
        for slot, (param, init, text) in enumerate(zip(carried(eqn), inits, texts, strict=True)):
            mine = slot in written
            array = isinstance(init, Var) and isinstance(init.type, Array | List)
            apart = not memory[slot] & seen
            ready = isinstance(init, Var) and mine and apart and self.is_ready(init, line)
            seen |= memory[slot] if mine else set()
            # Also a slot that the body does not read is assigned at the end of each trip.
            name = namer.name(param, eqn, line, names)
            names.append(name)
            if mine:
                writer.own.add(param)
            kept = array and not mine and bool(memory[slot] & overwritten)  # another is overwritten
            if (mine and not ready and isinstance(init, Var)) or kept:
                if not self.copied_above(name, render(text)):
                    copies.append((name, f"{render(text)}.copy()"))
            elif not (isinstance(init, Var) and namer.given.get(init) == name):
                unset = isinstance(init, Const) and init.value is None
                if not unset or param in self.seen or eqn.outs[slot] in self.seen:
                    copies.append((name, render(text)))
        self.assign(eqn, copies)
        return names

    def copied_above(self, name: str, text: str) -> bool:
        """Is the array that is to be copied a name that the line above gave? Then copy it there."""
        lines = self.writer.lines
        line = lines[-1] if lines else None
        if name != text or line is None or line.depth != self.writer.depth:
            return False
        if not re.fullmatch(rf"\s*{re.escape(name)} = \w+", line.text):
            return False
        lines[-1] = replace(line, text=f"{line.text}.copy()")
        return True

    def is_ready(self, init: Var, line: int) -> bool:
        """May the loop write into its first value: an expression of its own, or an array of ours?"""
        if init in self.writer.trees:
            return self.is_own(init)
        return self.writer.in_place(init, line)

    def for_header(self, eqn: Eqn, args: Sequence[ast.expr], body: Block, line: int) -> None:
        """`for i in range(n):`, `for i in range(n - 1, -1, -1):`."""
        writer = self.writer
        index = body.params[0]
        unread = index not in writer.folding.uses
        if not unread:
            name = writer.namer.name(index, eqn, line)
        else:
            name = "_"
            writer.namer.given[index] = name
        start, _, step = eqn.args[:3]
        backwards = bool(eqn.static.get("reversed"))
        one = isinstance(step, Const) and step.value == 1
        if backwards and unread and one and isinstance(start, Const) and start.value == 0:
            bounds = [args[1]]
        elif backwards and one:
            bounds = [_minus_one(args[1]), _minus_one(args[0]), ast.Constant(-1)]
        elif one and isinstance(start, Const) and start.value == 0:
            bounds = [args[1]]
        elif one:
            bounds = list(args[:2])
        else:
            bounds = list(args[:3])
        text = f"range({', '.join(map(render, bounds))})"
        if backwards and not one and not unread:
            text = f"reversed({text})"
        writer.add(eqn, f"for {name} in {text}:", () if unread else ((name, index),))

    def while_header(self, eqn: Eqn, names: Sequence[str]) -> None:
        """`while test:`, the test written out before a break where it needs lines."""
        writer, namer = self.writer, self.writer.namer
        test = eqn.blocks[0]
        for name, param in zip(names, test.params, strict=True):
            namer.fixed(param, name)
        before = len(writer.lines)
        writer.depth += 1
        writer.sequence(test.body)
        writer.depth -= 1
        (result,) = test.results
        lines = writer.lines[before:]
        del writer.lines[before:]
        condition = writer.tree(result)
        if not lines:
            writer.add(eqn, f"while {render(condition)}:", ())
            return
        writer.add(eqn, "while True:", ())
        writer.lines += lines
        self.line(eqn, f"if {render(_opposite(condition))}:\n    break")

    # -- blocks ----------------------------------------------------------------------------------

    def block(
        self,
        eqn: Eqn,
        block: Block,
        names: Sequence[str],
        slots: Sequence[Var],
        written: AbstractSet[int] = frozenset(),
    ) -> None:
        """The lines of a block, and the copies that bring its results to their names.

        The `written` slots of a loop get memory of the program's own.
        """
        writer = self.writer
        writer.depth += 1
        writer.sequence(block.body)
        writer.depth -= 1
        copies: list[tuple[str, str]] = []
        shared = shared_results(eqn, set(written), writer.origin) if written else set()
        for place, (name, slot, result) in enumerate(zip(names, slots, block.results, strict=True)):
            if isinstance(result, Const) and result.value is None:
                if slot in self.seen and not _raises(block):
                    copies.append((name, "None"))
                continue
            text = render(writer.tree(result))
            if place in shared or (place in written and not self.is_own_result(result)):
                copies.append((name, f"{text}.copy()"))
            elif text != name:
                copies.append((name, text))
        writer.depth += 1
        self.assign(eqn, copies)
        writer.depth -= 1

    def assign(self, eqn: Eqn, copies: Sequence[tuple[str, str]]) -> None:
        """`x = y`, or all copies at once."""
        done: set[str] = set()
        crossing = False
        for name, text in copies:
            crossing = crossing or any(re.search(rf"\b{re.escape(d)}\b", text) for d in done)
            done.add(name)
        if crossing:
            left, right = (", ".join(part) for part in zip(*copies, strict=True))
            self.writer.add(eqn, f"{left} = {right}", ())
            return
        for name, text in copies:
            self.writer.add(eqn, f"{name} = {text}", ())

    def line(self, eqn: Eqn, text: str) -> None:
        """A line inside the block that is being written."""
        self.writer.depth += 1
        self.writer.add(eqn, text, ())
        self.writer.depth -= 1

    def is_own_result(self, atom: Atom) -> bool:
        """Is what a trip hands on the program's own? A number is not shared."""
        return not (isinstance(atom, Var) and isinstance(atom.type, Array | List)) or self.is_own(
            atom
        )

    def is_own(self, var: Var) -> bool:
        """Is the array memory of the program's own?"""
        from ..rules.memory import returns

        writer = self.writer
        while var not in writer.own:
            eqn = writer.origin.get(var)
            if eqn is None or eqn.blocks:
                return False
            kind = returns(eqn)
            if kind == "fresh":
                return True
            if eqn.op == "list_pop" and var is not eqn.outs[0]:
                return False
            if kind == "view" and eqn.op != "alias":
                return False
            source = eqn.args[0]
            if not isinstance(source, Var):
                return False
            var = source
        return True


def _returned(function: Function) -> set[Var]:
    """What a function returns, also by way of branches and loops: it has to be set on every path."""
    found = {r for r in function.results if isinstance(r, Var)}
    found |= {v for e in function.body if e.op == "pack" for v in e.uses()}
    while True:
        before = len(found)
        for eqn in walk(function.body):
            known = eqn.static.get("returns", ())
            for position, out in enumerate(eqn.outs if eqn.blocks else ()):
                if out in found and out not in known:
                    sources = [b.results[position] for b in eqn.blocks[-2:] if eqn.op == "if"]
                    if eqn.op != "if":
                        init = eqn.args[(3 if eqn.op == "for" else 0) + position]
                        sources = [init, eqn.blocks[-1].results[position]]
                    found.update(s for s in sources if isinstance(s, Var))
        if len(found) == before:
            return found


def _set_once(function: Function) -> set[Var]:
    """What only the last trip of a loop sets, if any does: it is read where it is set."""
    found: set[Var] = set()
    for eqn in walk(function.body):
        once = eqn.static.get("once", ())
        if once:
            slots = zip(carried(eqn), eqn.outs, eqn.blocks[-1].results, strict=True)
            chosen = [v for p, *rest in slots if p in once for v in (p, *rest)]
            found.update(v for v in chosen if isinstance(v, Var))
        if eqn.op == "if":  # branches come before what is in them
            for place, out in enumerate(eqn.outs):
                if out in found:
                    results = (b.results[place] for b in eqn.blocks)
                    found.update(r for r in results if isinstance(r, Var) and _is_branch(eqn, r))
    return found - {r for r in function.results if isinstance(r, Var)}


def _is_branch(eqn: Eqn, result: Var) -> bool:
    """Is a result of a branch that of a branch in it?"""
    return any(result in e.outs for b in eqn.blocks for e in b.body if e.op == "if")


def exported(function: Function) -> dict[Var, Var]:
    """Values that may be unset, by one of those that are the same variable for Python.

    A branch may set a value on one side only; a loop may be the first to set a value. They have one
    name that nothing else uses, so that nothing has to be copied where they are unset.
    """
    chains = _Chains(observed(function))
    while True:
        before = (len(chains.parent), len(chains.unset))
        for eqn in walk(function.body):
            if eqn.op == "if":
                chains.branch(eqn)
            elif eqn.blocks:
                chains.loop(eqn)
        if (len(chains.parent), len(chains.unset)) == before:
            break
    return {var: chains.find(var) for var in chains.parent}


class _Chains:
    """Classes of values that have one name, since some of them may be unset."""

    def __init__(self, observed: set[Var]) -> None:
        self.observed = observed  # these are set to None where they have no value
        self.parent: dict[Var, Var] = {}
        self.unset: set[Var] = set()

    def find(self, var: Var) -> Var:
        while self.parent[var] is not var:
            var = self.parent[var]
        return var

    def join(self, *variables: Var) -> None:
        for var in variables:
            self.parent.setdefault(var, var)
            self.parent[self.find(var)] = self.find(variables[0])

    def is_unset(self, atom: Atom) -> bool:
        if isinstance(atom, Const):
            return atom.value is None
        return atom in self.unset

    def branch(self, eqn: Eqn) -> None:
        if any(_raises(b) for b in eqn.blocks):
            return
        reads = eqn.static.get("expression")  # what it reads has a value
        for position, out in enumerate(eqn.outs):
            results = [b.results[position] for b in eqn.blocks]
            unset = [self.is_unset(r) and not (reads and isinstance(r, Var)) for r in results]
            if not any(unset) or out in self.observed:
                continue
            self.unset.add(out)
            self.join(out, *(r for r in results if isinstance(r, Var) and r in self.unset))
            literal = [isinstance(r, Const) and r.value is None for r in results]
            if not any(literal) or all(literal):
                continue
            side = eqn.blocks[literal.index(False)]
            value = side.results[position]
            if isinstance(value, Var) and any(value in e.outs for e in side.body):
                self.join(out, value)  # a value from outside has a name already

    def loop(self, eqn: Eqn) -> None:
        fixed = 3 if eqn.op == "for" else 0
        body = eqn.blocks[-1]
        for position, init in enumerate(eqn.args[fixed:]):
            if not self.is_unset(init) or eqn.outs[position] in self.observed:
                continue
            params = [b.params[position + (bool(fixed) if b is body else 0)] for b in eqn.blocks]
            self.join(*params, eqn.outs[position])
            self.unset.update((*params, eqn.outs[position]))
            result = body.results[position]
            for other in (init, result):
                if isinstance(other, Var) and other in self.unset:
                    self.join(params[0], other)
            alone = body.results.count(result) == 1  # not what another name is carried as
            if isinstance(result, Var) and alone and not self.is_read(params[0], body):
                self.join(params[0], result)

    @staticmethod
    def is_read(param: Var, body: Block) -> bool:
        """Does the body read what the trip before left?"""
        return param in body.results or any(param in eqn.reads() for eqn in body.body)


def _raises(block: Block) -> bool:
    """Does the block end in an exception?"""
    return bool(block.body) and block.body[-1].op == "raise"


def _opposite(tree: ast.expr) -> ast.expr:
    """The test that holds where this one does not; `not x < y` stays, as x may be NaN."""
    opposite = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        return tree.operand
    if isinstance(tree, ast.Compare) and type(tree.ops[0]) in opposite and len(tree.ops) == 1:
        return ast.Compare(tree.left, [opposite[type(tree.ops[0])]()], tree.comparators)
    return ast.UnaryOp(ast.Not(), tree)


def _minus_one(tree: ast.expr) -> ast.expr:
    """The number before."""
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int):
        return ast.Constant(tree.value - 1)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        right = tree.right
        if isinstance(right, ast.Constant) and right.value == 1:
            return tree.left
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Sub):
        right = tree.right
        if isinstance(right, ast.Constant) and isinstance(right.value, int):
            return ast.BinOp(tree.left, ast.Sub(), ast.Constant(right.value + 1))
    return ast.BinOp(tree, ast.Sub(), ast.Constant(1))
