"""Dual numbers: derivatives by running the function itself, an oracle that shares no code with us.

A `Dual` carries a value, the slope along one direction, and the sum of the absolute terms of the
slope, which tells how much of it rounding can take. Arrays of duals are NumPy arrays of objects, so
views, masks, writes and index arrays are NumPy's own. A step takes the path that the value takes.

>>> import numpy as np
>>> out = slope(lambda x, u: x * np.sum(np.sin(u)), (2.0, np.zeros(3)), (1.0, np.ones(3)))
>>> out.value, out.slope, out.terms
(0.0, 6.0, 6.0)

The method: A. Griewank and A. Walther, Evaluating Derivatives, SIAM 2008, section 3.1 and 6.1.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class Dual:
    """A number with its slope along the direction; `terms` bounds the slope's summands."""

    __slots__ = ("slope", "terms", "value")

    def __init__(self, value: float, slope: float = 0.0, terms: float | None = None) -> None:
        self.value, self.slope = float(value), float(slope)
        self.terms = abs(self.slope) if terms is None else terms

    def __repr__(self) -> str:
        return f"Dual({self.value}, {self.slope})"

    def __add__(self, other: Any) -> "Dual":
        if (b := _dual(other)) is None:
            return NotImplemented
        return Dual(self.value + b.value, self.slope + b.slope, self.terms + b.terms)

    def __mul__(self, other: Any) -> "Dual":
        if (b := _dual(other)) is None:
            return NotImplemented
        return _product(self, b)

    def __sub__(self, other: Any) -> "Dual":
        return NotImplemented if (b := _dual(other)) is None else self + -b

    def __rsub__(self, other: Any) -> "Dual":
        return NotImplemented if (b := _dual(other)) is None else b + -self

    def __truediv__(self, other: Any) -> "Dual":
        return NotImplemented if (b := _dual(other)) is None else _quotient(self, b)

    def __rtruediv__(self, other: Any) -> "Dual":
        return NotImplemented if (b := _dual(other)) is None else _quotient(b, self)

    def __pow__(self, power: Any) -> "Dual":
        if not isinstance(power, int | float):
            return NotImplemented
        return _along(self, self.value**power, power * self.value ** (power - 1) if power else 0.0)

    def __neg__(self) -> "Dual":
        return Dual(-self.value, -self.slope, self.terms)

    def __abs__(self) -> "Dual":
        return -self if self.value < 0 else self

    def __lt__(self, other: Any) -> Any:
        return NotImplemented if (b := _dual(other)) is None else self.value < b.value

    def __gt__(self, other: Any) -> Any:
        return NotImplemented if (b := _dual(other)) is None else self.value > b.value

    def __le__(self, other: Any) -> Any:
        return NotImplemented if (b := _dual(other)) is None else self.value <= b.value

    def __ge__(self, other: Any) -> Any:
        return NotImplemented if (b := _dual(other)) is None else self.value >= b.value

    __radd__, __rmul__ = __add__, __mul__

    def sin(self) -> "Dual":
        """What `np.sin` calls."""
        return _along(self, math.sin(self.value), math.cos(self.value))

    def cos(self) -> "Dual":
        """What `np.cos` calls."""
        return _along(self, math.cos(self.value), -math.sin(self.value))

    def tanh(self) -> "Dual":
        """What `np.tanh` calls."""
        value = math.tanh(self.value)
        return _along(self, value, 1.0 - value * value)

    def exp(self) -> "Dual":
        """What `np.exp` calls."""
        value = math.exp(self.value)
        return _along(self, value, value)

    def sqrt(self) -> "Dual":
        """What `np.sqrt` calls."""
        value = math.sqrt(self.value)
        return _along(self, value, 0.5 / value)


def _dual(other: Any) -> Dual | None:
    """A number as a dual; None for an array, which then takes part element by element."""
    if isinstance(other, Dual):
        return other
    return Dual(float(other)) if isinstance(other, int | float | np.number) else None


def _along(x: Dual, value: float, slope: float) -> Dual:
    return Dual(value, slope * x.slope, abs(slope) * x.terms)


def _product(a: Dual, b: Dual) -> Dual:
    slope = a.slope * b.value + a.value * b.slope
    return Dual(a.value * b.value, slope, a.terms * abs(b.value) + abs(a.value) * b.terms)


def _quotient(a: Dual, b: Dual) -> Dual:
    value = a.value / b.value
    slope = (a.slope - value * b.slope) / b.value
    return Dual(value, slope, (a.terms + abs(value) * b.terms) / abs(b.value))


def slope(f: Callable[..., Any], args: Sequence[Any], direction: Sequence[Any]) -> Dual:
    """Run the scalar-valued `f` on dual numbers: its value, and its slope along `direction`.

    A direction of None leaves its argument as it is. Only what `Dual` has is understood.
    """
    given = [a if d is None else _with(a, d) for a, d in zip(args, direction, strict=True)]
    out = f(*given)
    found = _dual(out.item() if isinstance(out, np.ndarray) else out)
    if found is None:
        raise TypeError(f"slope needs a function that returns a number, not {type(out).__name__}")
    return found


def _with(argument: Any, direction: Any) -> Any:
    """An argument as dual numbers."""
    if not isinstance(argument, np.ndarray):
        return Dual(float(argument), float(direction))
    out = np.empty(argument.shape, dtype=object)
    pairs = zip(argument.ravel().tolist(), np.ravel(direction).tolist(), strict=True)
    out.ravel()[:] = [Dual(value, slope) for value, slope in pairs]
    return out
