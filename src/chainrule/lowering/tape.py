"""The tape: what recursive functions save, in two arrays that grow, of floats and of integers.

    value, saved = f_forward(x)         saved is the place on the tape where it begins
    dx = f_backward(dvalue, saved)

The tape is handed from call to call. Nothing is taken off it, so it does not matter in which order
the backward functions read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from ..ir.program import Eqn, Var
from ..ir.types import Array
from ..rules.builder import const
from ..transform.recursion import SAVED_TYPE
from .code import INT
from .items import ANY
from .values import Buffer

if TYPE_CHECKING:
    from .function import Lowerer

DEEPEST: Final = 3000  # calls within each other; Python stops at 1000, and machine code would crash
TOO_DEEP: Final = 'RecursionError("maximum recursion depth exceeded")'
_ROOM: Final = const(64)


@final
@dataclass(frozen=True)
class Tape:
    """Both arrays, and how much of each is taken; one who reads does not need to know that."""

    floats: Buffer
    float_count: Var
    marks: Buffer
    mark_count: Var

    @property
    def whole(self) -> list[Var]:
        """What a function gets and gives that writes."""
        return [self.floats.var, self.float_count, self.marks.var, self.mark_count]

    @property
    def memory(self) -> list[Var]:
        """What a function gets that only reads."""
        return [self.floats.var, self.marks.var]


def tape() -> Tape:
    """A tape that somebody else made."""
    floats, marks = Var("tape", Array("float64", (ANY,))), Var("marks", Array("int64", (ANY,)))
    counts = Var("tape_count", INT), Var("marks_count", INT)
    return Tape(
        Buffer(floats, (), owned=False), counts[0], Buffer(marks, (), owned=False), counts[1]
    )


def new_tape(lo: Lowerer) -> Tape:
    """An empty tape."""
    made = tape()
    for var in made.memory:
        static = {"dtype": var.type.dtype, "zero": False}
        lo.code.append(Eqn((var,), "alloc", (_ROOM,), static))
    for var in (made.float_count, made.mark_count):
        lo.code.append(Eqn((var,), "cell", (const(0),)))
    return made


def is_saved(var: Var) -> bool:
    """Is it what a recursive function saved? Another object is a record."""
    return var.type == SAVED_TYPE
