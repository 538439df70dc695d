"""Products that sum over axes: matrix products, einsum and their relatives.

Two matrices, or a matrix and a vector, of floating point go to BLAS; everything else is loops.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..ir.program import Atom, Eqn
from ..rules.builder import const
from ..rules.contractions import contracted, spelled_out
from ..rules.tensors import vector_axes
from .arranging import diagonal_of
from .broadcasting import _factor, joint, joint_size, stretched
from .code import known
from .elementwise import combined
from .function import as_lazy, changed
from .joining import at_least, flat
from .reductions import reduce, text_step
from .scalars import cast, constant
from .shape import permuted
from .table import lowers
from .values import Buffer, Dims, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

SMALL: Final = 4  # up to this many terms, a loop beats the call
_MISMATCH: Final = 'ValueError("sizes of a product do not match")'


def contract(
    lo: Lowerer,
    terms: Sequence[str],
    result: str,
    operands: Sequence[Lazy],
    dtype: str,
    hint: str = "",
) -> Value:
    """`einsum` of labelled operands."""
    code = lo.code
    terms, operands = list(terms), list(operands)
    sizes: dict[str, Atom] = {}
    for k, (term, value) in enumerate(zip(terms, operands, strict=True)):
        terms[k], operands[k] = _distinct(lo, term, value)
        for label, size in zip(terms[k], operands[k].dims, strict=True):
            sizes[label] = joint_size(code, sizes[label], size) if label in sizes else size
    found = _by_blas(lo, terms, result, operands, dtype, hint, sizes)
    if found is not None:
        return found
    summed = [label for label in sizes if label not in result]
    order = [*result, *summed]
    parts: list[tuple[Lazy, list[tuple[int, Atom | None]]]] = []
    for term, value in zip(terms, operands, strict=True):
        if value.cost > 1 and len(set(term)) < len(order):
            value = lo.stored(value)
        places = [
            (order.index(label), _factor(code, size, sizes[label]))
            for label, size in zip(term, value.dims, strict=True)
        ]
        parts.append((value, places))

    def at(index: Index) -> Atom:
        total: Atom | None = None
        for value, places in parts:
            place = tuple(
                index[k] if f is None else code.whole("mul", index[k], f) for k, f in places
            )
            x = cast(code, value.at(place), dtype)
            text = "_0 and _1" if dtype == "bool" else "_0 * _1"
            total = x if total is None else code.py(text, (total, x), dtype)
        assert total is not None
        return total

    dims = tuple(sizes[label] for label in order)
    product = combined(dtype, dims, at, [v for v, _ in parts], len(parts) - 1)
    if len(parts) > 1 or summed:
        crossed = frozenset().union(*(v.reads for v, _ in parts))
        product = changed(product, crossed=crossed)
    if not summed:
        return product if result else product.at(())
    step = text_step("_0 or _1" if dtype == "bool" else "_0 + _1", dtype)
    axes = tuple(range(len(result), len(order)))
    return reduce(lo, product, axes, dtype, constant(0, dtype), step, hint=hint)


def _distinct(lo: Lowerer, term: str, value: Lazy) -> tuple[str, Lazy]:
    """Labels that occur twice stand for a diagonal."""
    for label in term:
        while term.count(label) > 1:
            first = term.index(label)
            second = term.index(label, first + 1)
            lo.code.same(value.dims[first], value.dims[second], _MISMATCH)
            value = diagonal_of(lo, value, 0, first, second)
            term = "".join(c for k, c in enumerate(term) if k not in (first, second)) + label
    return term, value


def _by_blas(
    lo: Lowerer, terms: Sequence[str], result: str, operands: Sequence[Lazy], dtype: str, hint: str,
    sizes: dict[str, Atom],
) -> Value | None:  # fmt: skip
    """A product of two matrices, or of a matrix and a vector, for each place of common axes in front.

    None for anything else, and for small ones.
    """
    if len(terms) != 2 or np.dtype(dtype).kind != "f" or len(result) != len(set(result)):
        return None
    batch = "".join(c for c in result if c in terms[0] and c in terms[1])
    inner = set(terms[0]) & set(terms[1]) - set(batch)
    rest = [t.removeprefix(batch) for t in terms]
    fits = all(t.startswith(batch) for t in (*terms, result)) and len(inner) == 1
    if not fits or sorted(map(len, rest)) not in ([1, 2], [2, 2]):
        return None
    if set(result) != set("".join(terms)) - inner or not _same_sizes(terms, operands, sizes):
        return None
    if any((known(sizes[c]) or SMALL + 1) <= SMALL for c in "".join(rest)):
        return None
    (summed,) = inner
    outer = result.removeprefix(batch)
    left, right = (0, 1) if outer[0] in rest[0] else (1, 0)
    a, b = operands[left], operands[right]
    if len(rest[left]) == 2 and rest[left][1] != summed:
        a = _swapped(lo, a)
    if len(rest[right]) == 2 and rest[right][0] != summed:
        b = _swapped(lo, b)
    return blas(lo, a, b, len(batch), dtype, hint)


def _swapped(lo: Lowerer, value: Lazy) -> Lazy:
    """The last two axes swapped."""
    rank = len(value.dims)
    return as_lazy(permuted(lo, value, (*range(rank - 2), rank - 1, rank - 2)))


def _same_sizes(terms: Sequence[str], operands: Sequence[Lazy], sizes: dict[str, Atom]) -> bool:
    """Is no axis of an operand broadcast?"""
    for term, value in zip(terms, operands, strict=True):
        for label, size in zip(term, value.dims, strict=True):
            other = sizes[label]
            if size is not other and not (known(size) is not None and known(size) == known(other)):
                if known(size) == 1 or known(other) is None:
                    return False
    return True


def blas(lo: Lowerer, a: Lazy, b: Lazy, batch: int, dtype: str, hint: str) -> Lazy:
    """`np.dot` into new memory, for each place of the first axes."""
    code = lo.code
    index = ", ".join(f"_{k}" for k in range(3, 3 + batch))
    texts: list[str] = []
    atoms: list[Atom] = []
    for position, value in enumerate((a, b)):
        buffer, turned = _operand(lo, value, dtype)
        atoms.append(buffer.var)
        place = f"_{position}[{index}]" if batch else f"_{position}"
        texts.append(f"{place}.T" if turned else place)
    dims = (*a.dims[:-1], *b.dims[batch + 1 :])
    made = code.alloc(dtype, dims, hint)
    texts.append(f"_2[{index}]" if batch else "_2")
    code.nest(
        dims[:batch],
        lambda at: code.effect(
            "run", (*atoms, made.var, *at), text=f"np.dot({', '.join(texts)})", writes=made.var
        ),
    )
    return code.lazy(made)


def _operand(lo: Lowerer, value: Lazy, dtype: str) -> tuple[Buffer, bool]:
    """Memory for BLAS, and whether its last two axes are to be swapped."""
    if value.dtype != dtype:
        return lo.memory(lo.stored(value, "", dtype)), False
    if value.turned is not None:
        return value.turned, True
    return lo.memory(value), False


# -- products ------------------------------------------------------------------------------------


@lowers("matmul")
def matmul(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """`a @ b`, for stacks of matrices too."""
    a, b = as_lazy(args[0]), as_lazy(args[1])
    first = "i"[: len(a.dims) - 1] if len(a.dims) < 2 else "i"
    last = "k" if len(b.dims) > 1 else ""
    batch = max(len(a.dims), len(b.dims)) - 2
    letters = "".join(c for c in string.ascii_uppercase[: max(batch, 0)])
    left = letters[len(letters) - max(len(a.dims) - 2, 0) :] + first + "j"
    right = letters[len(letters) - max(len(b.dims) - 2, 0) :] + "j" + last
    b = _same_inner(lo, a, b, -1, -2 if len(b.dims) > 1 else -1)
    return contract(
        lo, (left, right), letters + first + last, (a, b), eqn.out.type.dtype, lo.hint(eqn.out)
    )


def _same_inner(lo: Lowerer, a: Lazy, b: Lazy, i: int, j: int) -> Lazy:
    """The second operand, its summed size that of the first: they have to be equal, 1 included."""
    size = lo.code.same(a.dims[i], b.dims[j], _MISMATCH)
    j %= len(b.dims)
    return replace(b, dims=(*b.dims[:j], size, *b.dims[j + 1 :]))


@lowers("dot", "inner")
def dot(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Sums over the last axis of the first, and the last but one or the last of the second."""
    a, b = as_lazy(args[0]), as_lazy(args[1])
    if not a.dims or not b.dims:
        return product(lo, eqn, args)
    letters = iter(string.ascii_letters)
    left = [next(letters) for _ in a.dims]
    right = [next(letters) for _ in b.dims]
    at = -2 if eqn.op == "dot" and len(b.dims) > 1 else -1
    right[at] = left[-1]
    b = _same_inner(lo, a, b, -1, at)
    result = "".join(c for c in (*left, *right) if c != left[-1])
    return contract(
        lo, ("".join(left), "".join(right)), result, (a, b), eqn.out.type.dtype, lo.hint(eqn.out)
    )


def product(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The product of a number and anything, in the precision of the result."""
    code, dtype = lo.code, eqn.out.type.dtype
    a, b = (as_lazy(x) for x in args)
    whole = a if a.dims else b
    other = b if a.dims else a
    factor = cast(code, other.fill or other.at(()), dtype)
    if not whole.dims:
        return code.py("_0 * _1", (cast(code, whole.fill or whole.at(()), dtype), factor), dtype)

    def at(index: Index) -> Atom:
        return code.py("_0 * _1", (cast(code, whole.at(index), dtype), factor), dtype)

    return combined(dtype, whole.dims, at, [whole], 1)


@lowers("vdot")
def vdot(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The sum of the products of all elements."""
    a, b = flat(lo, args[0]), flat(lo, args[1])
    b = _same_inner(lo, a, b, -1, -1)
    return contract(lo, ("i", "i"), "", (conjugate(lo, a), b), eqn.out.type.dtype)


def conjugate(lo: Lowerer, value: Lazy) -> Lazy:
    """The conjugates of complex numbers; real ones as they are."""
    if np.dtype(value.dtype).kind != "c":
        return value
    dtype = value.dtype
    return combined(
        dtype, value.dims, lambda i: lo.code.py("np.conj(_0)", (value.at(i),), dtype), [value], 1
    )


@lowers("outer")
def outer(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """All products of two elements."""
    a, b = flat(lo, args[0]), flat(lo, args[1])
    return contract(lo, ("i", "j"), "ij", (a, b), eqn.out.type.dtype)


@lowers("tensordot")
def tensordot(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Sums over pairs of axes."""
    a, b = as_lazy(args[0]), as_lazy(args[1])
    first, second = contracted(eqn.static.get("axes", 2), (len(a.dims), len(b.dims)))
    letters = iter(string.ascii_letters)
    left = [next(letters) for _ in a.dims]
    right = [next(letters) for _ in b.dims]
    for i, j in zip(first, second, strict=True):
        right[j] = left[i]
        b = _same_inner(lo, a, b, i, j)
    free_left = [c for i, c in enumerate(left) if i not in first]
    free_right = [c for j, c in enumerate(right) if j not in second]
    result = "".join((*free_left, *free_right))
    return contract(
        lo, ("".join(left), "".join(right)), result, (a, b), eqn.out.type.dtype, lo.hint(eqn.out)
    )


@lowers("einsum")
def einsum(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The sum that the subscripts spell out."""
    operands = [as_lazy(a) for a in args]
    ranks = tuple(len(o.dims) for o in operands)
    terms, result = spelled_out(eqn.static["subscripts"], ranks)
    return contract(lo, terms, result, operands, eqn.out.type.dtype, lo.hint(eqn.out))


@lowers("trace")
def trace(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The sum of a diagonal."""
    value, dtype = as_lazy(args[0]), eqn.out.type.dtype
    rank = len(value.dims)
    offset = known(lo.atom(eqn.static["offset"], args)) or 0
    line = diagonal_of(lo, value, offset, eqn.static["axis1"] % rank, eqn.static["axis2"] % rank)
    step = text_step("_0 + _1", dtype)
    return reduce(
        lo, line, (len(line.dims) - 1,), dtype, constant(0, dtype), step, hint=lo.hint(eqn.out)
    )


@lowers("kron")
def kron(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Each element of the first times the whole second."""
    code, dtype = lo.code, eqn.out.type.dtype
    a, b = as_lazy(args[0]), as_lazy(args[1])
    if not a.dims and not b.dims:
        return product(lo, eqn, args)
    rank = max(len(a.dims), len(b.dims))
    a, b = (lo.stored(v) if v.cost > 1 else v for v in (at_least(a, rank), at_least(b, rank)))
    dims: Dims = tuple(code.whole("mul", m, n) for m, n in zip(a.dims, b.dims, strict=True))

    def at(index: Index) -> Atom:
        outer_, inner = [], []
        for i, m, n in zip(index, a.dims, b.dims, strict=True):
            outer_.append(const(0) if known(m) == 1 else code.whole("floordiv", i, n))
            inner.append(
                i if known(m) == 1 else const(0) if known(n) == 1 else code.whole("mod", i, n)
            )
        pair = (cast(code, a.at(tuple(outer_)), dtype), cast(code, b.at(tuple(inner)), dtype))
        return code.py("_0 * _1", pair, dtype)

    made = combined(dtype, dims, at, [a, b], 2)
    return changed(made)


@lowers("cross")
def cross(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The vector product."""
    code, dtype = lo.code, eqn.out.type.dtype
    a, b = as_lazy(args[0]), as_lazy(args[1])
    static = eqn.static
    first, second, third = (static.get(k, -1) for k in ("axisa", "axisb", "axisc"))
    ranks = (len(a.dims), len(b.dims))
    axes = vector_axes(first, second, third, static.get("axis"), ranks)
    last = [
        as_lazy(permuted(lo, v, _to_end(len(v.dims), axis)))
        for v, axis in ((a, axes[0]), (b, axes[1]))
    ]
    for v in last:
        code.same(
            v.dims[-1], const(3), 'ValueError("vectors of a cross product need three components")'
        )
    dims = joint(lo, [v.dims[:-1] for v in last])
    wide = []
    for v in last:
        v = lo.stored(v) if v.cost > 1 else v
        wide.append(stretched(lo, v, (*dims, const(3))))
    made = code.alloc(dtype, (*dims, const(3)), lo.hint(eqn.out))

    def run(index: Index) -> None:
        x, y = ([cast(code, v.at((*index, const(k))), dtype) for k in range(3)] for v in wide)
        for k in range(3):
            i, j = (k + 1) % 3, (k + 2) % 3
            value = code.py("_0 * _1 - _2 * _3", (x[i], y[j], x[j], y[i]), dtype)
            code.store(made, value, (*index, const(k)))

    code.nest(dims, run)
    rank = len(dims) + 1
    place = (rank + axes[2]) % rank
    order = list(range(rank - 1))
    order.insert(place, rank - 1)
    return permuted(lo, code.lazy(made), order)


def _to_end(rank: int, axis: int) -> list[int]:
    """The order of axes that brings one of them to the end."""
    axis %= rank
    return [k for k in range(rank) if k != axis] + [axis]
