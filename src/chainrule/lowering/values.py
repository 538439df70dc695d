"""What values of a program are while it is lowered: numbers, arrays that nobody stored yet, memory.

An array is a `Lazy`: sizes, and a function from the positions along its axes to one element. An
elementwise chain, a transposition or a slice makes a new function of the old one and no loop; a loop
comes about where an array is stored or summed up. A `Lazy` that is memory has a `Buffer`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

from ..ir.program import Atom, Var
from ..ir.types import Array, Scalar

Dims = tuple[Atom, ...]
Index = tuple[Atom, ...]


@final
@dataclass(eq=False)
class Buffer:
    """Contiguous memory under a name.

    `root` is the buffer that it is a reshaped view of, or itself. An `owned` one may be overwritten.
    """

    var: Var
    dims: Dims
    owned: bool = True
    root: Buffer = field(init=False)

    def __post_init__(self) -> None:
        self.root = self


@final
@dataclass(frozen=True, eq=False)
class Lazy:
    """An array as a function from positions to an element.

    `reads` is the memory that elements are computed from; `crossed` the part of it that is read at
    other positions than the element's own, so that it cannot be overwritten element by element.
    `cost` counts what an element takes besides loads; it is 0 for a view. `buffer` is the memory
    that the array is, element for element, and `turned` the memory that it is with the last two axes
    swapped; `fill` is the number that all its elements are.
    """

    dtype: str
    dims: Dims
    at: Callable[[Index], Atom]
    reads: frozenset[Buffer] = frozenset()
    crossed: frozenset[Buffer] = frozenset()
    cost: int = 0
    buffer: Buffer | None = None
    turned: Buffer | None = None
    fill: Atom | None = None


@final
@dataclass(eq=False)
class Record:
    """A list that the forward pass fills and the backward pass takes apart: flat memory, a count.

    `shapes` holds the sizes of each recorded array where they are not the same each time; else
    `dims` are the sizes. A number that is always the same is not recorded: it is `constant`.
    """

    data: Buffer
    count: Var
    shapes: Buffer
    sizes: Var
    dims: Dims | None = None
    constant: Atom | None = None


@final
@dataclass(eq=False)
class Items:
    """A Python list: its elements in flat memory that grows, and how many there are.

    Arrays lie one after another; `table` has a row for each, where it begins and its sizes, and
    `used` is how much of the memory is taken. `element` is None for a list that is still empty.
    """

    element: Scalar | Array | None
    data: Buffer
    length: Atom
    table: Buffer | None = None
    used: Atom | None = None


Held = Record | Items
Value = Atom | Lazy | Held
