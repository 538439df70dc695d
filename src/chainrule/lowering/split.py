"""Long functions become several, since to compile one takes more than twice as long for twice as much.

    def f(x):                         def f_part1(x, n):
        n = x.size                        a = np.empty(n)
        a = np.empty(n)                   for i in range(n):
        for i in range(n):                    a[i] = math.exp(x[i])
            a[i] = math.exp(x[i])   ->    return (a,)
        ...
                                      def f(x):
                                          n = x.size
                                          a, = f_part1(x, n)
                                          ...

A part gets the variables that were set before, and returns those that it sets and that are mentioned
elsewhere. It is cut where few are alive. The body of a loop is cut only between loops in it, so that
a call is little beside what it does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, final

from ..ir.program import Block, Eqn, Function, Var, in_blocks, walk
from .clean import uses

LONGEST: Final = 400  # equations of a function, from where on it is cut
PART: Final = 250  # equations of a part, about


def split(function: Function, longest: int = LONGEST, part: int = PART) -> tuple[Function, ...]:
    """The parts of a function, in the order in which they are called, then the function itself."""
    if weight(function.body) <= longest:
        return (function,)
    splitter = _Splitter(function, longest, part)
    body = splitter.sequence(function.body, set(function.params), inside=False)
    return (*splitter.parts, function.with_body(tuple(body)))


def weight(body: Iterable[Eqn]) -> int:
    """How many equations there are, also in blocks."""
    return sum(1 for _ in walk(body))


@final
@dataclass
class _Splitter:
    function: Function
    longest: int
    part: int
    parts: list[Function] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mentions = mentions(self.function.body)
        self.mentions.update(r for r in self.function.results if isinstance(r, Var))

    def sequence(self, body: Sequence[Eqn], before: set[Var], *, inside: bool) -> list[Eqn]:
        """Equations in a row with calls of parts; `before` are the variables that are set."""
        known = set(before)
        whole = weight(body) > self.longest
        shorter: list[Eqn] = []
        starts: list[set[Var]] = []
        for eqn in body:
            starts.append(set(known) if whole else known)
            shorter.append(self.shortened(eqn, known) if weight([eqn]) > self.longest else eqn)
            known |= assigned([eqn])
        if weight(shorter) <= self.longest:
            return shorter
        result: list[Eqn] = []
        for first, last in self.cuts(shorter):
            row = shorter[first:last]
            result += [self.call(row, starts[first])] if self.worthwhile(row, inside) else row
        return result

    def shortened(self, eqn: Eqn, known: set[Var]) -> Eqn:
        """A long loop or branch, cut inside."""

        def block(old: Block) -> Block:
            before = known | set(old.params)
            return replace(old, body=tuple(self.sequence(old.body, before, inside=True)))

        return in_blocks(eqn, block)

    def cuts(self, body: Sequence[Eqn]) -> list[tuple[int, int]]:
        """Rows of equations, cut where few variables are alive."""
        crossing = alive(body)
        weights = [weight([e]) for e in body]
        found: list[tuple[int, int]] = []
        start, total, best = 0, 0, -1
        for end in range(1, len(body) + 1):
            if _leaves(body[end - 1]):  # stays where it is
                found += [(start, end - 1)] if start < end - 1 else []
                start, total, best = end, 0, -1
                continue
            total += weights[end - 1]
            enough = total >= 0.6 * self.part
            if enough and (best < 0 or crossing[end] <= crossing[best]):
                best = end
            if total >= 1.4 * self.part and best > 0:
                found.append((start, best))
                start, total = best, sum(weights[best:end])
                best = end if total >= 0.6 * self.part else -1
        return [*found, (start, len(body))] if start < len(body) else found

    def worthwhile(self, row: Sequence[Eqn], inside: bool) -> bool:
        """Is there enough in it for a call?"""
        if any(_leaves(e) for e in row):
            return False
        size = weight(row)
        if size < self.part // 3:
            return False
        return not inside or size > 8 * self.part or any(e.op == "for" for e in walk(row))

    def call(self, row: Sequence[Eqn], before: set[Var]) -> Eqn:
        """The call of a part with these equations."""
        here = mentions(row)
        params = tuple(v for v in here if v in before)
        outs = tuple(v for v in here if v in assigned(row) and self.mentions[v] > here[v])
        name = f"{self.function.name}_part{len(self.parts) + 1}"
        self.parts.append(Function(name, params, tuple(row), outs, stages=self.function.stages))
        for var in here:  # the call mentions it once more
            self.mentions[var] -= here[var] - (var in params) - (var in outs)
        first = row[0]
        return Eqn(
            outs, "call", params, {"name": name}, effect=True,
            stage=first.stage, span=first.span, backward=first.backward,
        )  # fmt: skip


def mentions(body: Iterable[Eqn]) -> Counter[Var]:
    """How often each variable is read, written to or made."""
    body = tuple(body)
    counts = uses(body)
    for eqn in walk(body):
        counts.update(eqn.outs)
    return counts


def assigned(body: Iterable[Eqn]) -> set[Var]:
    """The variables that get a value."""
    found: set[Var] = set()
    for eqn in walk(body):
        found.update(eqn.outs)
        if eqn.op in ("set", "room") and isinstance(eqn.args[0], Var):
            found.add(eqn.args[0])
    return found


def alive(body: Sequence[Eqn]) -> list[int]:
    """How many variables are mentioned on both sides of each place between equations."""
    first: dict[Var, int] = {}
    last: dict[Var, int] = {}
    for number, eqn in enumerate(body):
        for var in mentions([eqn]):
            first.setdefault(var, number)
            last[var] = number
    change = [0] * (len(body) + 2)
    for var, start in first.items():
        change[start + 1] += 1
        change[last[var] + 1] -= 1
    found, total = [], 0
    for step in change[: len(body) + 1]:
        total += step
        found.append(total)
    return found


def _leaves(eqn: Eqn) -> bool:
    """May it leave the loop that it stands in?"""
    if eqn.op == "end_if":
        return True
    return eqn.op == "if" and any(_leaves(e) for b in eqn.blocks for e in b.body)
