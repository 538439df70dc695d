"""Symbolic sizes: linear expressions in the sizes that a program learns when it runs.

A `Sym` is one such size: axis `axis` of a parameter, the value of an int parameter, or the size of
an axis that some operation made (`root` says which). Two symbols that the program itself forces to
be equal (`W @ x` needs `W.shape[1] == x.shape[0]`) are merged by `unify`; from then on they compare
equal. A symbol is *single* when nothing rules out that the size is 1 or 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Final, final

_SERIAL = count()  # tells which of two sizes is older


@final
class Sym:
    """A size that is known only at run time.

    `root` is where a program can read it: `(variable, axis)`, or `(variable, None)` when the
    variable is itself the integer. `single` is False when the size is known to be 2 or more.
    `factors` are the sizes whose product it is, when it is one.
    """

    __slots__ = ("_parent", "factors", "halves", "name", "root", "serial", "single")

    def __init__(
        self,
        name: str,
        root: tuple[object, int | None] | None,
        single: bool,
        factors: tuple[Dim, ...] = (),
    ) -> None:
        self.serial: Final = next(_SERIAL)
        self.factors: Final = factors
        self.name: Final = name
        self.root = root
        self.single = single
        self.halves: Final[list[tuple[Dim, Dim]]] = []  # sizes with this symbol, and their halves
        self._parent: Sym | None = None

    def find(self) -> Sym:
        """The representative of all symbols that are known to be equal to this one."""
        sym = self
        while sym._parent is not None:
            sym = sym._parent
        return sym

    def merge(self, other: Sym) -> None:
        """Record that both sizes are equal; the older name stays."""
        a, b = sorted((self.find(), other.find()), key=lambda sym: sym.serial)
        if a is not b:
            if _OPEN:
                _OPEN[-1].append((a, b, a.single))
            a.single = a.single and b.single
            b._parent = a

    def __repr__(self) -> str:
        return self.name


_OPEN: list[list[tuple[Sym, Sym, bool]]] = []  # what was merged in the blocks being walked


@contextmanager
def in_block() -> Iterator[None]:
    """What a block finds out about sizes from outside holds where the block runs, and not after it.

    A branch may not be taken, and a loop may have no trip. Sizes that the block makes stay merged.
    """
    youngest = Sym("", None, single=False).serial
    _OPEN.append([])
    try:
        yield
    finally:
        for a, b, single in reversed(_OPEN.pop()):
            if b.serial < youngest:
                b._parent = None
                a.single = single


@final
class Dim:
    """`const + sum(coefficient * symbol)`: the size of an axis, or the value of an integer.

    >>> n = Sym("n", None, single=False)
    >>> Dim.of(n) - 2
    n-2
    >>> Dim.of(n) - 2 == Dim.of(n) + 1 - 3
    True
    >>> (Dim.of(n) * 2).maybe_one, (Dim.of(n) + 2).maybe_one, (Dim.of(n) - 2).maybe_one
    (False, False, True)
    """

    __slots__ = ("_terms", "const")

    def __init__(self, const: int, terms: Mapping[Sym, int] | None = None) -> None:
        self.const: Final = const
        self._terms: Final = dict(terms or {})

    @staticmethod
    def of(size: int | Sym | Dim) -> Dim:
        """A dimension from a plain integer, a symbol, or a dimension."""
        if isinstance(size, Dim):
            return size
        return Dim(size) if isinstance(size, int) else Dim(0, {size: 1})

    @property
    def terms(self) -> dict[Sym, int]:
        """The symbols with their coefficients, merged symbols added up, none of them zero."""
        merged: dict[Sym, int] = {}
        for sym, coefficient in self._terms.items():
            merged[sym.find()] = merged.get(sym.find(), 0) + coefficient
        return {sym: c for sym, c in merged.items() if c}

    @property
    def known(self) -> int | None:
        """The size itself when it is the same in every run, else None."""
        return None if self.terms else self.const

    @property
    def sym(self) -> Sym | None:
        """The symbol when the dimension is exactly one symbol, else None."""
        terms = self.terms
        if self.const == 0 and len(terms) == 1:
            ((sym, coefficient),) = terms.items()
            return sym if coefficient == 1 else None
        return None

    @property
    def maybe_one(self) -> bool:
        """True unless the size is known to differ from 1."""
        terms = self.terms
        if not terms or self.const < 0 or min(terms.values()) < 0:
            return bool(terms) or self.const == 1
        if any(sym.single for sym in terms):  # also integers, which may be negative
            return True
        return self.const == 1  # where all the sizes are 0

    @property
    def least(self) -> int:
        """A number that the size is not smaller than.

        >>> n = Sym("n", None, single=False)
        >>> Dim.of(n).least, (Dim.of(n) - 1).least, Dim.of(Sym("m", None, single=True)).least
        (2, 1, 0)
        """
        terms = self.terms
        if any(c < 0 or sym.single for sym, c in terms.items()):
            return 0
        return max(0, self.const + 2 * sum(terms.values()))

    def __add__(self, other: int | Dim) -> Dim:
        other = Dim.of(other)
        terms = self.terms
        for sym, coefficient in other.terms.items():
            terms[sym] = terms.get(sym, 0) + coefficient
        return Dim(self.const + other.const, terms)

    def __mul__(self, factor: int) -> Dim:
        return Dim(self.const * factor, {s: c * factor for s, c in self.terms.items()})

    def __sub__(self, other: int | Dim) -> Dim:
        return self + Dim.of(other) * -1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dim):
            return NotImplemented
        return self.const == other.const and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.const)  # symbols can still merge, so they must not take part

    def __repr__(self) -> str:
        parts: list[str] = []
        for sym, c in self.terms.items():
            sign = "-" if c < 0 else "+" if parts else ""
            parts.append(f"{sign}{'' if abs(c) == 1 else f'{abs(c)}*'}{sym.name}")
        if self.const or not parts:
            parts.append(f"{'+' if self.const > 0 and parts else ''}{self.const}")
        return "".join(parts)


def half_and_one(size: Dim) -> Dim:
    """`size // 2 + 1`, one symbol for equal sizes where it is not linear.

    >>> n = Dim.of(Sym("n", None, single=False))
    >>> half_and_one(n * 2 - 2), half_and_one(Dim(5)), half_and_one(n) == half_and_one(n)
    (n, 3, True)
    """
    terms = size.terms
    if not terms or (size.const % 2 == 0 and all(c % 2 == 0 for c in terms.values())):
        return Dim(size.const // 2 + 1, {sym: c // 2 for sym, c in terms.items()})
    known = min(terms, key=lambda sym: sym.serial).halves
    for whole, half in known:
        if whole == size:
            return half
    made = Dim.of(Sym("m", None, single=size.least < 2))
    known.append((size, made))
    return made


def unify(a: Dim, b: Dim) -> bool:
    """Record that the program forces `a == b`; False when that is impossible."""
    if a == b:
        return True
    if a.known is not None and b.known is not None:
        return False
    if a.sym is not None and b.sym is not None:
        a.sym.merge(b.sym)
    return True


def product(dims: tuple[Dim, ...]) -> Dim | None:
    """The product of sizes where it is linear in the symbols, else None."""
    result = Dim(1)
    for dim in dims:
        if dim.known is not None:
            result = result * dim.known
        elif result.known is not None:
            result = dim * result.known
        else:
            return None
    return result
