"""Gradients of values while the backward pass is built: first contribution, then additions.

Rules return the gradient in the shape of the broadcast operand. Here it is brought to the shape and
dtype of the value itself (sums over broadcast axes: the transpose of broadcasting is summation) and
becomes `dv`, or is added to the `dv` that is there.
"""

from __future__ import annotations

from typing import Any, final

import numpy as np

from ..ir.dims import Dim
from ..ir.program import Atom, Const, Eqn, Var
from ..ir.types import Array, List, Scalar, is_complex
from ..rules.builder import Builder, const
from ..rules.indexing import shifted

Dims = tuple[Dim, ...]


@final
class Adjoints:
    """The gradient so far of each value, as an atom of the program that `builder` makes."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.current: dict[Var, Atom] = {}
        self.masked: set[Var] = set()  # may be exactly zero because of a selection
        self.infinite: set[Var] = set()  # values of the forward pass that may be infinite or NaN

    def get(self, var: Var) -> Atom | None:
        """The gradient of a value as far as it has been added up."""
        return self.current.get(var)

    def seed(self, var: Var, gradient: Atom) -> None:
        """Give a result its gradient from outside."""
        self.current[var] = gradient

    def add(self, var: Var, contribution: Atom, masked: bool) -> None:
        """Add a contribution; `masked` says that it may be exactly zero because of a selection."""
        before = self.current.get(var)
        fitted = unbroadcast(self.builder, contribution, var.type.dims)
        if before is None or not is_complex(var.type) or is_complex(fitted.type):
            fitted = cast_to(
                self.builder, fitted, var
            )  # a real number adds to complex ones as it is
        if before is None:
            self.current[var] = self._first(var, fitted)
            if masked:
                self.masked.add(var)
            return
        if not masked:
            self.masked.discard(var)
        if isinstance(var.type, List):
            both = self.builder.one("list_total", [before, fitted])
            self.current[var] = self._called(both, var)
            return
        total = self.builder.one("accumulate", [before, fitted])
        self.current[var] = self._called(total, var)

    def add_at(
        self, var: Var, contribution: Atom, pattern: tuple[Any, ...], index: list[Atom]
    ) -> None:
        """Add a contribution to the part of the gradient that an index names."""
        assert isinstance(var.type, Array)
        before = self.current.get(var)
        if before is None:
            static = {"dims": var.type.dims, "dtype": var.type.dtype}
            before = self._called(self.builder.one("filled", [const(0.0)], static), var)
            self.masked.add(var)
        part = cast_to(self.builder, contribution, var)
        static = {"pattern": shifted(pattern, 1)}
        total = self.builder.one("add_at", [before, part, *index], static)
        self.current[var] = self._called(total, var)

    def _first(self, var: Var, contribution: Atom) -> Atom:
        """Name the first contribution after the value; a value that has a name gets a line."""
        builder = self.builder
        if isinstance(contribution, Var) and contribution.adjoint_of is None:
            if contribution in builder.origin and builder.origin[contribution].backward:
                return self._called(contribution, var)
        if not var.user or (isinstance(contribution, Var) and contribution.hint == f"d{var.hint}"):
            return contribution
        if isinstance(contribution, Const):
            named = Var("", contribution.type)
            builder.append(Eqn((named,), "const", (contribution,)))
            return self._called(named, var)
        return self._called(builder.one("alias", [contribution]), var)

    @staticmethod
    def _called(gradient: Var, var: Var) -> Var:
        gradient.adjoint_of = var
        gradient.user = var.user
        gradient.hint = f"d{var.hint}" if var.hint else gradient.hint
        return gradient


def unbroadcast(builder: Builder, gradient: Atom, dims: Dims) -> Atom:
    """Sum a gradient over the axes that broadcasting added or stretched to reach its shape."""
    have = gradient.type.dims
    if have == dims or len(have) < len(dims):
        return gradient
    extra = len(have) - len(dims)
    stretched: list[int] = []
    for axis, (got, want) in enumerate(zip(have[extra:], dims, strict=True)):
        if got == want or (not want.maybe_one and want.known != 1):
            continue
        if want.known != 1:
            return builder.one("sum_to", [gradient], {"dims": dims})
        stretched.append(axis)
    if not dims:
        return builder.one("sum", [gradient], {"axis": None, "keepdims": False}, "np")
    result = gradient
    if extra:
        added: Any = 0 if extra == 1 else tuple(range(extra))
        result = builder.one("sum", [result], {"axis": added, "keepdims": False}, "method")
    if stretched:
        kept: Any = stretched[0] if len(stretched) == 1 else tuple(stretched)
        result = builder.one("sum", [result], {"axis": kept, "keepdims": True}, "method")
    return result


def cast_to(builder: Builder, gradient: Atom, var: Var) -> Atom:
    """Give a gradient the precision of the value that it belongs to; a number stays a number.

    A real value gets the real part.
    """
    want = var.type
    if is_complex(gradient.type) and not is_complex(want):
        gradient = real_part(builder, gradient)
    have = gradient.type
    if isinstance(have, List):
        return gradient
    if isinstance(want, Scalar) and is_complex(want) and not is_complex(have):
        return number(builder, gradient, want)
    if isinstance(have, Array) and isinstance(want, Scalar) and not have.dims:
        return number(builder, gradient, want)
    if have.dtype == want.dtype or (isinstance(have, Scalar) and have.weak):
        return gradient
    if isinstance(want, Scalar) and want.weak:
        return gradient
    return builder.one("cast", [gradient], {"dtype": want.dtype})


def real_part(builder: Builder, gradient: Atom) -> Atom:
    """What reaches a real value: `dz.real`."""
    if isinstance(gradient, Const):
        return const(gradient.value.real)
    return builder.one("real", [gradient])


def number(builder: Builder, gradient: Atom, want: Scalar) -> Atom:
    """A gradient as a number of the wanted kind: `float(dx)`, `complex(dz)`, `np.float32(dx)`."""
    if isinstance(gradient, Const):
        kind = (complex if is_complex(want) else float) if want.weak else np.dtype(want.dtype).type
        return const(kind(gradient.value))
    if want.weak:
        return builder.one("complex" if is_complex(want) else "float", [gradient])
    return builder.one("number", [gradient], {"dtype": want.dtype})
