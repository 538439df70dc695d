"""Statements that write lists: in place where the list is the program's own and the old one dead.

    xs.append(v)    v = xs.pop()    xs[i] = v    dxs[i] += dv

Where the old list is still needed, the new one is made of it: `ys = [*xs, v]`. An array in a list is
never written in place, since it may have other names.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, final

from ..ir.program import Eqn, Var, walk
from ..ir.types import Array, List
from ..rules.lists import is_list_op
from .list_text import index_text
from .text import render

if TYPE_CHECKING:
    from .body import _Writer


@final
class ListWriter:
    """Writes list statements for a writer of lines."""

    def __init__(self, writer: _Writer) -> None:
        self.writer = writer
        body = list(walk(writer.function.body))
        self.taking = [e for e in body if is_list_op(e) and any(_is_array(a) for a in e.args)]
        self.loops = [e for e in body if e.op in ("for", "while")]

    def holds(self, arrays: Sequence[Var], position: int) -> bool:
        """Is one of the arrays in a list when the line at this position runs?"""
        folding = self.writer.folding
        for eqn in self.taking:
            found = [a for a in eqn.uses() if a in arrays]
            at = folding.start[eqn]
            if found and (at < position or self._again(found, at, position)):
                return True
        return False

    def _again(self, arrays: Sequence[Var], at: int, position: int) -> bool:
        """Are both lines in a loop that the arrays come into from outside?"""
        folding = self.writer.folding
        for loop in self.loops:
            first, last = folding.start[loop], folding.end[loop]
            if first < at <= last and first < position <= last:
                made = [self.writer.origin.get(a) for a in arrays]
                if any(e is None or folding.start[e] <= first for e in made):
                    return True
        return False

    def write(self, eqn: Eqn, args: Sequence[ast.expr], position: int) -> None:
        """The line or lines of one write."""
        base = eqn.args[0]
        mine = isinstance(base, Var) and self.writer.in_place(base, position)
        if eqn.op == "list_pop":
            self.pop(eqn, args, position, mine)
        elif eqn.op in ("list_append", "list_extend"):
            self.append(eqn, args, position, mine)
        else:
            self.store(eqn, args, position, mine)

    def append(self, eqn: Eqn, args: Sequence[ast.expr], position: int, mine: bool) -> None:
        """`xs.append(v)`, or `ys = [*xs, v]`."""
        writer, base = self.writer, eqn.args[0]
        one = eqn.op == "list_append"
        if mine and isinstance(base, Var):
            name = writer.namer.keep(eqn.out, base)
            how = "append" if one else "extend"
            writer.add(eqn, f"{name}.{how}({render(args[1])})", ((name, eqn.out),))
            return
        star = "" if one else "*"
        name = self.named(eqn, eqn.out, position)
        before = (
            "" if isinstance(args[0], ast.List) and not args[0].elts else f"*{render(args[0])}, "
        )
        writer.add(eqn, f"{name} = [{before}{star}{render(args[1])}]", ((name, eqn.out),))

    def pop(self, eqn: Eqn, args: Sequence[ast.expr], position: int, mine: bool) -> None:
        """`v = xs.pop()`, or the last item and the rest one by one."""
        writer, base = self.writer, eqn.args[0]
        rest, last = eqn.outs
        used = last in writer.folding.uses
        if mine and isinstance(base, Var):
            kept = writer.namer.given[base]
            name = self.named(eqn, last, position, {kept}) if used else ""
            writer.namer.fixed(rest, kept)
            left = f"{name} = " if used else ""
            shown = ((kept, rest), (name, last)) if used else ((kept, rest),)
            writer.add(eqn, f"{left}{kept}.pop()", shown)
            return
        text = render(args[0])
        if used:
            read = {n.id for n in ast.walk(args[0]) if isinstance(n, ast.Name)}
            name = self.named(eqn, last, position, read)
            writer.add(eqn, f"{name} = {text}[-1]", ((name, last),))
        if rest in writer.folding.uses:
            name = self.named(eqn, rest, position)
            writer.add(eqn, f"{name} = {text}[:-1]", ((name, rest),))

    def store(self, eqn: Eqn, args: Sequence[ast.expr], position: int, mine: bool) -> None:
        """`xs[i] = v`, `dxs[i] += d`; an array that is added to is replaced by the sum."""
        writer, base = self.writer, eqn.args[0]
        if mine and isinstance(base, Var):
            name = writer.namer.keep(eqn.out, base)
        else:
            read = {n.id for a in args[1:] for n in ast.walk(a) if isinstance(n, ast.Name)}
            name = self.named(eqn, eqn.out, position, read)
            fresh = isinstance(base, Var) and base in writer.folding.folded
            text = render(args[0])
            writer.add(eqn, f"{name} = {text if fresh else text + '.copy()'}", ((name, eqn.out),))
        target = f"{name}[{index_text(eqn, args)}]"
        value = render(args[1])
        shown = ((name, eqn.out),)
        origin = writer.origin.get(base) if isinstance(base, Var) else None
        if eqn.op == "list_add" and origin is not None and origin.op == "list_zeros":
            writer.add(eqn, f"{target} = {value}", shown)
            return
        remark = writer.fork_remark(eqn.out) if eqn.backward and eqn.op != "list_set" else ""
        if eqn.op == "list_add_slice":
            writer.add(eqn, f"{target} = [a + b for a, b in zip({target}, {value})]", shown, remark)
        elif eqn.op == "list_set":
            writer.add(eqn, f"{target} = {value}", shown)
        elif isinstance(eqn.out.type, List) and isinstance(eqn.out.type.element, Array):
            writer.add(eqn, f"{target} = {target} + {value}", shown, remark)
        else:
            self.add(eqn, target, args[1], shown, remark)

    def add(
        self,
        eqn: Eqn,
        target: str,
        part: ast.expr,
        shown: tuple[tuple[str, Var], ...],
        remark: str,
    ) -> None:
        """`dxs[i] += d`, `dxs[i] -= d`."""
        from .body import _signed

        part, sign = _signed(part)
        self.writer.add(eqn, f"{target} {sign}= {render(part)}", shown, remark)

    def named(self, eqn: Eqn, var: Var, position: int, avoid: set[str] | None = None) -> str:
        """A name for a list or an item; a list that was made here is the program's own."""
        if isinstance(var.type, List):
            self.writer.own.add(var)
        return self.writer.namer.name(var, eqn, position, avoid or ())


def _is_array(atom: object) -> bool:
    return isinstance(atom, Var) and isinstance(atom.type, Array)
