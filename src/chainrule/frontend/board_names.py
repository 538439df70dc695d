"""Names for the stages of an expression, such as a teacher writes on a board.

`sigy`, `xpy`, `xpysqr`, `expnegx`, `twox`: what is computed, in few letters. A name that would be
long, or that could be read in two ways, gives way to a single letter.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Final, final

_LONGEST: Final = 8
_LONGEST_SUM: Final = 6
_LETTERS: Final = "abcghpqrsuvwz"
_RESULTS: Final = ("f", "g", "h", "result", "value")
_INFIX: Final = {"+": "p", "-": "m", "@": "", "dot": "dot"}
_LINKS: Final = frozenset({*_INFIX, "*", "/"})
_POWERS: Final = {"2": "sqr", "3": "cubed", "-1": "inv", "0.5": "sqrt"}
_TIMES: Final = {
    "0.5": "half", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven",
    "8": "eight", "9": "nine", "10": "ten",
}  # fmt: skip
_RESERVED: Final = frozenset(
    {*keyword.kwlist, *dir(builtins), "math", "cmath", "np", "special", "scipy"}
)


@final
@dataclass
class Names:
    """The names of one function; `parameters` are taken from the start.

    >>> names = Names(["x", "y"])
    >>> names.take("", names.of("+", "x", "y")), names.take("", names.of("*", "xpy", "y"))
    ('xpy', 'a')
    """

    parameters: Sequence[str]
    taken: set[str] = field(default_factory=set)
    sums: set[str] = field(default_factory=set)  # names that say + or -
    letters: set[str] = field(default_factory=set)  # names that say nothing
    result: str = ""

    def __post_init__(self) -> None:
        self.taken |= set(self.parameters)
        self.result = next(name for name in _results() if self.free(name))
        self.taken.add(self.result)

    def take(self, role: str, proposed: str) -> str:
        """The first free name of the role, the proposed one, and letters."""
        wanted = [name for name in (role, proposed) if name and len(name) <= _LONGEST]
        name = next(name for name in chain(wanted, _letters()) if self.free(name))
        self.taken.add(name)
        if name not in wanted:
            self.letters.add(name)
        return name

    def free(self, name: str) -> bool:
        """Is it free, and no gradient of it or another would be called as something else is?"""
        if name in self.taken or name in _RESERVED or f"d{name}" in self.taken:
            return False
        return not (name.startswith("d") and name[1:] in self.taken)

    def of(self, op: str, *operands: str) -> str:
        """What the result of an operation may be called; "" where a letter says it as well."""
        if op in _LINKS and self.letters & set(operands):
            return ""
        name = self._composed(op, operands)
        if op in ("+", "-"):
            self.sums.add(name)
            name = name if len(name) <= _LONGEST_SUM else ""
        return name if name.isidentifier() else ""

    def _composed(self, op: str, operands: Sequence[str]) -> str:
        if op in ("*", "/"):
            return self._scaled(op, *operands)
        if op == "**":
            base, exponent = operands
            word = _POWERS.get(exponent, f"pow{exponent}")
            return f"{word}{base}" if word in ("inv", "sqrt") else f"{base}{word}"
        if op in _INFIX:
            return _INFIX[op].join(operands)
        return op + "".join(operands)

    def _scaled(self, op: str, a: str, b: str) -> str:
        """A product or a quotient."""
        if op == "/" and a in ("1", "1.0"):
            return f"inv{b}"
        if op == "/" and b in ("2", "2.0"):
            return f"half{a}"
        for number, other in ((a, b), (b, a)) if op == "*" else ():
            if (word := _TIMES.get(number.removesuffix(".0"))) is not None:
                return f"{word}{other}"
        if {a, b} & self.sums:  # (x + y) * z would be called as x + y * z is
            return ""
        return f"{a}{b}" if op == "*" else f"{a}over{b}"


def _results() -> Iterator[str]:
    yield from _RESULTS
    yield from (f"f{i}" for i in count(2))


def _letters() -> Iterator[str]:
    yield from _LETTERS
    for number in count(2):
        yield from (f"{letter}{number}" for letter in _LETTERS)
