"""Reading by index, and the scatter that is its pullback."""

from __future__ import annotations

from typing import Any

from ..ir.dims import Dim
from ..ir.program import Ref
from ..ir.types import Array, Type, is_complex
from .python_builtins import STEP_OF_BACKWARD
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    built,
    complex_too,
    internal,
    linear,
    not_written,
)
from .shapes import Dims, broadcast_dims, fresh_dim, with_dims


def sliced(dim: Dim, start: Any, stop: Any, step: Any) -> Dim:
    """The length of `start:stop:step` of an axis: an expression where it is exact, else fresh.

    `n - 2` stands for the length of `x[2:]` also where `n < 2` and the slice is empty.
    """
    known = all(p is None or isinstance(p, int) for p in (start, stop, step))
    if known and dim.known is not None:
        return Dim(len(range(*slice(start, stop, step).indices(dim.known))))
    if known and step in (None, 1):
        if start is None or start >= 0:
            if stop is None or stop < 0:
                return dim - (start or 0) + (stop or 0)
            if stop - (start or 0) == 1:
                return Dim(1)
            return fresh_dim("m", dim.maybe_one or bool(start) or stop < 2)
        if stop is None:
            return Dim(1) if start == -1 else fresh_dim("m", dim.maybe_one)
    if known and start is None and stop is None and step == -1:
        return dim
    if step in (None, 1):
        lower = Dim(0) if start is None else Dim.of(start)
        upper = dim if stop is None else Dim.of(stop)
        if all(map(_surely_positive, (lower, upper - lower, dim - upper))):
            return upper - lower
    return fresh_dim("m")


def _surely_positive(dim: Dim) -> bool:
    """Is a size or a position not negative, whatever the lengths of the axes in it are?

    A length `n` that is not 1 is taken for 2 or more, as the empty axis is left out.
    """
    terms = dim.terms
    if not all(sym.root is not None and sym.root[1] is not None for sym in terms):
        return False
    several = any(not sym.single for sym in terms)
    return all(c > 0 for c in terms.values()) and dim.const >= (-2 if several else 0)


def expanded(pattern: tuple[Any, ...], rank: int, mask_rank: Any) -> tuple[Any, ...]:
    """The pattern with the ellipsis spelled out as full slices, missing axes added at the end."""
    used = sum(
        mask_rank(e) if e[0] == "mask" else e[0] in ("int", "slice", "array") for e in pattern
    )
    if used > rank:
        raise InferError("too many indices for array")
    fill = (("slice", None, None, None),) * (rank - used)
    where = [i for i, e in enumerate(pattern) if e[0] == "all"]
    if not where:
        return (*pattern, *fill)
    return (*pattern[: where[0]], *fill, *pattern[where[0] + 1 :])


def _infer_index(call: OpCall) -> Type:
    base = call.types[0]
    dims = base.dims

    def mask_rank(entry: tuple[Any, ...]) -> int:
        return len(call.types[entry[1].arg].dims)

    result: list[Dim] = []
    advanced: list[Dims] = []
    place: list[int] = []
    axis = 0
    entries = expanded(call["pattern"], len(dims), mask_rank)
    has_arrays = any(e[0] in ("array", "mask") for e in entries)
    for position, entry in enumerate(entries):
        kind = entry[0]
        if kind == "new":
            result.append(Dim(1))
        elif kind == "slice":
            result.append(sliced(dims[axis], *entry[1:]))
            axis += 1
        elif kind == "int" and not has_arrays:
            _check_range(entry[1], dims[axis])
            axis += 1
        else:
            if kind == "mask":
                rank = mask_rank(entry)
                advanced.append((fresh_dim("m"),))
                axis += rank
            else:
                advanced.append(call.types[entry[1].arg].dims if kind == "array" else ())
                axis += 1
            place.append(position)
    if advanced:
        if sum(e[0] == "mask" for e in entries) and len([a for a in advanced if a]) > 1:
            raise NotSupported("a mask together with index arrays")
        joint = broadcast_dims(advanced)
        together = place == list(range(place[0], place[-1] + 1))
        at = sum(e[0] in ("new", "slice") for e in entries[: place[0]]) if together else 0
        result[at:at] = joint
    elif not result and any(e[0] == "all" for e in call["pattern"]):
        return Array(base.dtype, ())
    return with_dims(base.dtype, tuple(result))


def _check_range(index: Any, dim: Dim) -> None:
    if isinstance(index, int) and dim.known is not None and not -dim.known <= index < dim.known:
        raise InferError(f"index {index} is out of bounds for axis with size {dim.known}")


INDEX_CASES = (
    "v[1]", "v[-1]", "A[0]", "A[1, 2]", "A[1:]", "A[:, ::2]", "A[::-1, 1:3]", "A[..., 0]", "T[:, 1]",
    "v[None]", "A[:, None, 1:]", "v[k]", "A[:, k]", "A[k, 1]", "A[[0, 0, 2], [1, 1, 3]]", "A[mask]",
    "T[0, :, [1, 1]]", "T[:, [0, 2], 1]", "T[1, ..., -1]", "v[1:-1]", "v[-3:-1]", "v[2:1]", "v[1:100]",
    "A[np.array([[0, 1], [2, 2]])]", "u[u > 1.0]", "T[:, mask]", "A[mask[:, 0]]", "v[::-2]",
)  # fmt: skip

built(
    internal("index", "a", _infer_index, static=("pattern",), returns="view", cases=INDEX_CASES),
    "a",
    how="transform.accumulate scatters into the gradient of the array",
)


def _infer_add_at(call: OpCall) -> Type:
    base, part = call.types[:2]
    if is_complex(part) and not is_complex(base):
        raise NotSupported(f"a complex number is written into an array of {base.dtype}")
    return base


# The gradient `base` with `d` added at an index; elements that the index repeats get it each time.
not_written(
    internal("add_at", "base, d", _infer_add_at, static=("pattern",), returns="inplace"),
    because=STEP_OF_BACKWARD,
)


def _infer_last_stores(call: OpCall) -> Type:
    return Array("bool", _infer_index(call).dims)


# Which stores of `base[index] = v` stay: the last one at each element.
not_written(
    internal("last_stores", "base", _infer_last_stores, static=("pattern",)),
    because=STEP_OF_BACKWARD,
)


# The array `base` with `d` written at an index; the last store at an element stays.
built(
    internal("set_at", "base, d", _infer_add_at, static=("pattern",), returns="inplace"),
    "base",
    "d",
    how="transform.reverse reads the gradient at the index, and clears it there",
)


def repeats(pattern: tuple[Any, ...]) -> bool:
    """Can the index name an element twice? Only integer arrays can."""
    return any(entry[0] == "array" for entry in pattern)


def shifted(pattern: tuple[Any, ...], by: int) -> tuple[Any, ...]:
    """The pattern with its argument numbers moved."""
    return tuple((e[0], Ref(e[1].arg + by)) if e[0] in ("array", "mask") else e for e in pattern)


linear("index")
linear(("add_at", "set_at"), together=True)

complex_too("index", "add_at", "last_stores", "set_at")
