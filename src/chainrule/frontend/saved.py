"""The state of a walk, to go back to where an attempt to read something failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from .lower import Lowerer


@final
class Saved:
    """What a walk had appended and bound; names of the frames around are put back too."""

    def __init__(self, lo: Lowerer) -> None:
        unit, sharing = lo.unit, lo.builder.sharing
        self.lo, self.builder = lo, lo.builder
        self.start = len(lo.builder.eqns)
        self.consumed, self.lists = set(unit.consumed), set(unit.lists)
        self.going, self.depth, self.inlined = len(unit.going), lo.depth, unit.depth
        self.sharing = sharing.snapshot() if sharing is not None else None
        self.counter, self.stages = list(lo.counter), dict(lo.stages)
        self.exits = len(lo.exits)
        self.names = [(frame, dict(frame.locals)) for frame in _frames(lo)]

    def restore(self) -> None:
        """Go back."""
        lo, unit = self.lo, self.lo.unit
        lo.builder, lo.depth, unit.depth = self.builder, self.depth, self.inlined
        del lo.builder.eqns[self.start :]
        unit.consumed, unit.lists = set(self.consumed), set(self.lists)
        del unit.going[self.going :]
        del lo.exits[self.exits :]
        if lo.builder.sharing is not None and self.sharing is not None:
            lo.builder.sharing.restore(self.sharing)
        lo.counter[:] = self.counter
        lo.stages.clear()
        lo.stages.update(self.stages)
        for frame, names in self.names:
            frame.locals = dict(names)


def _frames(lo: Lowerer) -> list[Lowerer]:
    frames = [lo]
    while frames[-1].parent is not None:
        frames.append(frames[-1].parent)
    return frames
