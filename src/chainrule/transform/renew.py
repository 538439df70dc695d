"""A second copy of a block, with values and sizes of its own.

Every variable of a program is defined once, so a block that is run in two places is written twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, final

from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Block, Eqn, Var
from ..ir.types import Array, List, Scalar, Type


@final
class Renewer:
    """Replaces variables; those in `names` by what is given, those that blocks define by new ones."""

    def __init__(self, names: Mapping[Var, Atom] | None = None) -> None:
        self.names: dict[Var, Atom] = dict(names or {})
        self.symbols: dict[Sym, Dim] = {}

    def block(self, block: Block) -> Block:
        """The block with new parameters and values."""
        params = tuple(map(self.new, block.params))
        body = self.body(block.body)
        return Block(params, body, tuple(map(self.atom, block.results)))

    def body(self, body: Sequence[Eqn]) -> tuple[Eqn, ...]:
        """Equations in a row."""
        return tuple(map(self.eqn, body))

    def eqn(self, eqn: Eqn) -> Eqn:
        """One equation; its blocks see the values around it."""
        args = tuple(map(self.atom, eqn.args))
        blocks = tuple(map(self.block, eqn.blocks))
        outs = tuple(map(self.new, eqn.outs))
        static = {key: self.static(part) for key, part in eqn.static.items()}
        return replace(eqn, outs=outs, args=args, static=static, blocks=blocks)

    def atom(self, atom: Atom) -> Atom:
        """The atom under its new name."""
        return self.names.get(atom, atom) if isinstance(atom, Var) else atom

    def new(self, var: Var) -> Var:
        """A new variable; the sizes that are read from the old one are read from it."""
        made = Var(var.hint, var.type, user=var.user, adjoint_of=var.adjoint_of)
        self.names[var] = made
        made.type = self.type(var.type)
        return made

    def type(self, type_: Type) -> Type:
        """A type with the sizes of the copy."""
        if isinstance(type_, Array):
            return Array(type_.dtype, tuple(map(self.dim, type_.dims)))
        if isinstance(type_, List):
            return self.list(type_)
        if type_.dim is not None:
            return Scalar(type_.dtype, type_.weak, self.dim(type_.dim))
        return type_

    def list(self, type_: List) -> List:
        """The type of a list with the sizes of the copy."""
        element = None if type_.element is None else self.type(type_.element)
        assert not isinstance(element, List)
        return List(element, None if type_.length is None else self.dim(type_.length))

    def static(self, static: Any) -> Any:
        """Options; their sizes and variables are those of the copy."""
        if isinstance(static, Var):
            return self.atom(static)
        if isinstance(static, Dim):
            return self.dim(static)
        if isinstance(static, tuple):
            return tuple(map(self.static, static))
        if isinstance(static, dict):
            return {key: self.static(part) for key, part in static.items()}
        return static

    def dim(self, dim: Dim) -> Dim:
        """A size; integers and axes of what was replaced become those of the replacement."""
        total = Dim(dim.const)
        for sym, coefficient in dim.terms.items():
            total = total + self.symbol(sym) * coefficient
        return total

    def symbol(self, sym: Sym) -> Dim:
        """One symbol."""
        if sym in self.symbols:
            return self.symbols[sym]
        made = Dim.of(sym)
        if sym.factors:
            factors = tuple(map(self.dim, sym.factors))
            if factors != sym.factors:
                made = Dim.of(Sym(sym.name, None, sym.single, factors))
        elif sym.root is not None and isinstance(sym.root[0], Var) and sym.root[0] in self.names:
            made = self.reread(sym, self.names[sym.root[0]], sym.root[1])
        self.symbols[sym] = made
        return made

    @staticmethod
    def reread(sym: Sym, atom: Atom, axis: int | None) -> Dim:
        """The symbol where it is read from another value."""
        if isinstance(atom, Var):
            return Dim.of(Sym(sym.name, (atom, axis), sym.single))
        known = atom.type.dim if isinstance(atom.type, Scalar) else atom.type.dims[axis or 0]
        return known if known is not None else Dim.of(sym)
