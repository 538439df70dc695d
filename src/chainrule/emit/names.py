"""Python names for values: the user's where there is one, else what a person would write.

A name is free again after the last line that uses its holder, so `x = x + 1` stays as it is; where
the old value is needed later, the new one gets a number.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final, final

from ..analysis.naming import WORDS
from ..frontend.unit import RESERVED as TAKEN
from ..ir.program import Eqn, Function, Var, walk
from .fold import Folding

UNUSED: Final = "_"
RESERVED: Final = frozenset({*keyword.kwlist, *dir(builtins), *TAKEN, "self"})


@final
@dataclass
class Namer:
    """Gives names line by line; `taken` maps a name to the variable that holds it."""

    folding: Folding
    reserved: frozenset[str]
    targets: dict[Var, str]
    user_hints: frozenset[str]
    chains: dict[Var, Var] = field(default_factory=dict)  # values that have one name for good
    pinned: dict[str, Var] = field(default_factory=dict)
    taken: dict[str, Var] = field(default_factory=dict)
    elsewhere: list[tuple[int, int]] = field(default_factory=list)  # lines of the other branch
    given: dict[Var, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def fixed(self, var: Var, name: str) -> None:
        """A parameter or captured value, whose name is given."""
        self.taken[name] = var
        self.given[var] = name
        self.used.add(name)

    def name(self, var: Var, eqn: Eqn, line: int, avoid: Collection[str] = ()) -> str:
        """The name of a variable that is assigned at `line`, none of those to `avoid`."""
        chain = self.chains.get(var)
        for known, owner in self.pinned.items():
            if chain is not None and owner is chain:
                if self._held(known, var, line):  # it is needed in two states: this one is a copy
                    chain = None
                    break
                self.fixed(var, known)
                return known
        wanted = self.hint(var, eqn)
        name, number = wanted, 2
        while (
            name in avoid
            or not self._free(name, var, eqn, line)
            or (chain is not None and name in self.used)
        ):
            separator = "_" if wanted[-1:].isdigit() else ""
            name, number = f"{wanted}{separator}{number}", number + 1
        if chain is not None:
            self.pinned[name] = chain
        self.fixed(var, name)
        return name

    def _held(self, name: str, var: Var, line: int) -> bool:
        """Is the value that has this name read after this line?"""
        holder = self.taken.get(name)
        return holder is not None and holder is not var and self.live(holder, line)

    def live(self, var: Var, line: int) -> bool:
        """Is the variable used after this line, the other side of a branch left out?"""
        return any(
            use > line and not any(first <= use <= last for first, last in self.elsewhere)
            for use in self.folding.uses.get(var, ())
        )

    def unused(self, var: Var, eqn: Eqn, line: int) -> str:
        """The name of a result that nobody uses: `_`, unless that is the name of a value."""
        if "_" in self.user_hints or "_" in self.reserved:
            return self.name(var, eqn, line)
        return UNUSED

    def keep(self, var: Var, base: Var) -> str:
        """The name of `base`, which `var` replaces in place."""
        name = self.given[base]
        self.fixed(var, name)
        return name

    def _free(self, name: str, var: Var, eqn: Eqn, line: int) -> bool:
        if name in self.reserved or name in self.pinned:
            return False
        holder = self.taken.get(name)
        if self._held(name, var, line):
            return False
        if eqn.derived and not var.user and var.adjoint_of is None and holder is not None:
            return (
                False  # a value of the backward pass does not take over a name of the forward one
            )
        # a generated name must not look like another value of the user's
        return var.user or name not in self.user_hints

    def hint(self, var: Var, eqn: Eqn) -> str:
        """What the variable would be called if every name were free."""
        primal = var.adjoint_of
        if primal is not None:
            given = self.given.get(primal, "")
            inner = given if given.isidentifier() else primal.hint or self.targets.get(primal)
            inner = inner or WORDS.get(eqn.op, "x")
            if var.tangent:
                wanted = f"{_identifier(inner)}_dot"
                return f"tangent_{_identifier(inner)}" if wanted in self.user_hints else wanted
            wanted = f"d{_identifier(inner)}"
            return f"grad_{_identifier(inner)}" if wanted in self.user_hints else wanted
        return _identifier(var.hint or self.targets.get(var) or _word(eqn))


def _word(eqn: Eqn) -> str:
    """A word for what an operation makes."""
    return str(eqn.static.get("logic") or WORDS.get(eqn.op, eqn.op))


def _identifier(hint: str) -> str:
    text = "".join(c if c.isalnum() or c == "_" else "_" for c in hint.rsplit(".", 1)[-1])
    return text if text.isidentifier() else f"v{text}"


def user_names(function: Function) -> Iterable[str]:
    """The names that the user gave to values of the forward pass."""
    yield from (p.hint for p in (*function.params, *function.captures) if not p.tangent)
    yield from (
        o.hint
        for e in walk(function.body)
        if not e.derived
        for o in e.outs
        if o.user and not o.tangent
    )
