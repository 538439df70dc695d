"""Which values are still needed at a place of a program, so that memory may be overwritten there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import final

from ..ir.program import Atom, Eqn, Var


@final
@dataclass
class Scope:
    """A block that is being lowered, and the number of the equation that is at work."""

    made: set[Var]
    last: dict[Var, int]
    loop: bool
    index: int = 0


def scope(body: Sequence[Eqn], results: Iterable[Atom], params: Iterable[Var], loop: bool) -> Scope:
    """The scope of a block; results are read after its last equation."""
    last: dict[Var, int] = {}
    made = set(params)
    for number, eqn in enumerate(body):
        last.update(dict.fromkeys(eqn.reads(), number))
        made.update(eqn.outs)
    last.update((r, len(body)) for r in results if isinstance(r, Var))
    return Scope(made, last, loop)


@final
@dataclass
class Scopes:
    """The scopes from the function down to the block that is being lowered."""

    stack: list[Scope] = field(default_factory=list)
    inside: frozenset[Var] = frozenset()  # what the blocks of the equation at work read of outside

    def live(self, var: Var) -> bool:
        """Is the value read after the equation that is at work, or in its blocks?

        What a loop reads of its outside is read again at the next trip. Safe way to err: True.
        """
        if var in self.inside:
            return True
        for level in reversed(self.stack):
            last = level.last.get(var, -1)
            if last > level.index:
                return True
            if var in level.made:
                return False
            if level.loop and last >= 0:
                return True
        return False

    def inner(self, var: Var) -> bool:
        """Does the value belong to the block that is being lowered?"""
        return var in self.stack[-1].made
