"""The types of values: `Scalar`, `Array` and `List`.

A *weak* scalar is a Python number: it takes part in NumPy's promotion without forcing its own
precision (`float32 array * 2.0` stays float32), and its arithmetic is Python's (division by zero
raises). A scalar that is not weak is a NumPy scalar such as the result of `x.sum()`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import numpy as np

from .dims import Dim


@final
@dataclass(frozen=True)
class Scalar:
    """One number. `dim` is the value of an integer as far as it is known before the run."""

    dtype: str
    weak: bool = False
    dim: Dim | None = field(default=None, compare=False)

    @property
    def dims(self) -> tuple[Dim, ...]:
        """A scalar has no axes."""
        return ()

    def __repr__(self) -> str:
        return f"{short_dtype(self.dtype)}{'' if self.weak else '()'}"


@final
@dataclass(frozen=True)
class Array:
    """An `np.ndarray` of one dtype; `dims` has one size per axis, so its length is the rank."""

    dtype: str
    dims: tuple[Dim, ...]

    def __repr__(self) -> str:
        return f"{short_dtype(self.dtype)}[{','.join(map(repr, self.dims))}]"


@final
@dataclass(frozen=True)
class List:
    """A Python list whose length is known only at run time, of numbers or of arrays of one rank.

    `element` is None for an empty list, whose elements are yet to come; a size in it that differs
    between elements is `rules.lists.RAGGED`. `length` is set where it is a size that can be read
    elsewhere. A list has no axes, so that no array operation takes it for an array.
    """

    element: Scalar | Array | None
    length: Dim | None = field(default=None, compare=False)

    @property
    def dtype(self) -> str:
        """The dtype of the elements; that of an empty list can carry no gradient."""
        return "bool" if self.element is None else self.element.dtype

    @property
    def dims(self) -> tuple[Dim, ...]:
        """A list has no axes."""
        return ()

    def __repr__(self) -> str:
        return f"[{'' if self.element is None else repr(self.element)}...]"


Type = Scalar | Array | List

_SHORT = {"float": "f", "int": "i", "uint": "u", "complex": "c", "bool": "bool"}


def short_dtype(dtype: str) -> str:
    """`f64` for `float64`, `i32` for `int32`, `bool` for `bool`."""
    kind = dtype.rstrip("0123456789")
    return _SHORT.get(kind, kind) + dtype[len(kind) :]


def is_inexact(type_: Type) -> bool:
    """True for the types that carry a gradient: floating point and complex."""
    return np.dtype(type_.dtype).kind in "fc"


def is_complex(type_: Type) -> bool:
    """True for complex numbers and arrays of them."""
    return np.dtype(type_.dtype).kind == "c"


def python_scalar(value: complex) -> Scalar:
    """The type of a Python number."""
    if isinstance(value, bool):
        return Scalar("bool", weak=True)
    if isinstance(value, int):
        return Scalar("int64", weak=True, dim=Dim(value))
    return Scalar("float64" if isinstance(value, float) else "complex128", weak=True)
