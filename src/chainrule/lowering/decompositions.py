"""Eigenvalues, singular values, QR factors, least squares: LAPACK for each matrix of a stack.

A decomposition gives several arrays at once. A helper lays them out one after the other in one
vector, from which each is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ..ir.dims import Dim
from ..ir.program import Atom, Eqn
from ..ir.types import Array, Scalar
from ..rules.builder import const
from ..rules.matrix_functions import matrix_axes
from .function import as_lazy
from .matrices import each, matrix, turned
from .reductions import keeps, reduce, text_step, with_ones
from .scalars import cast, constant
from .shape import permuted
from .table import lowers, refuse
from .values import Buffer, Dims, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

_SQUARE: Final = 'ValueError("Last 2 dimensions of the array must be square")'


def _vector(lo: Lowerer, text: str, args: Sequence[Atom], dtype: str) -> Buffer:
    """A vector that a helper makes."""
    made = lo.code.emit("made", tuple(args), Array(dtype, (Dim(0),)), "parts", text=text)
    return Buffer(made, (const(0),), owned=False)


def _parts(
    lo: Lowerer, eqn: Eqn, text: str, value: Lazy, batch: Dims, shapes: Sequence[Dims]
) -> tuple[Value, ...]:
    """The results of a decomposition, for each matrix cut out of the vector that holds them all."""
    code, dtype = lo.code, eqn.outs[0].type.dtype
    pairs = zip(eqn.outs, shapes, strict=True)
    memory = [code.alloc(dtype, (*batch, *shape), lo.hint(out)) for out, shape in pairs]

    def run(outer: Index) -> None:
        vector = _vector(lo, text, (matrix(lo, value, outer, dtype).var,), dtype)
        start: Atom = const(0)
        for made, shape in zip(memory, shapes, strict=True):
            _copy(lo, vector, start, made, shape, outer)
            start = code.whole("add", start, code.size(shape))

    code.nest(batch, run)
    return tuple(map(code.lazy, memory))


def _copy(
    lo: Lowerer, vector: Buffer, start: Atom, made: Buffer, shape: Dims, outer: Index
) -> None:
    code = lo.code

    def store(index: Index) -> None:
        place: Atom = const(0)
        for i, n in zip(index, shape, strict=True):
            place = code.whole("add", code.whole("mul", place, n), i)
        element = code.load(vector, (code.whole("add", start, place),))
        code.store(made, element, (*outer, *index))

    code.nest(shape, store)


def _least(lo: Lowerer, m: Atom, n: Atom) -> Atom:
    return lo.code.whole("min", m, n)


def _stack(lo: Lowerer, eqn: Eqn, value: Value) -> Lazy:
    """The operand, its other triangle where that is the one that is read."""
    found = as_lazy(value)
    if str(eqn.static.get("UPLO", "L")).upper() == "U":
        return as_lazy(permuted(lo, found, turned(len(found.dims))))
    return found


@lowers("linalg.eigvalsh")
def eigvalsh(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Eigenvalues of symmetric matrices."""
    value = _stack(lo, eqn, args[0])
    n = lo.code.same(value.dims[-1], value.dims[-2], _SQUARE)
    return each(lo, eqn, "np.linalg.eigvalsh(_0)", [value], value.dims[:-2], (n,))


@lowers("linalg.eigh")
def eigh(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """Eigenvalues and eigenvectors of symmetric matrices."""
    if str(eqn.static.get("UPLO", "L")).upper() == "U":  # LAPACK gives the vectors other signs
        raise refuse(eqn, "np.linalg.eigh with UPLO='U'")
    value = as_lazy(args[0])
    n = lo.code.same(value.dims[-1], value.dims[-2], _SQUARE)
    return _parts(lo, eqn, "eigh_parts(_0)", value, value.dims[:-2], ((n,), (n, n)))


@lowers("linalg.svd")
def svd(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value | tuple[Value, ...]:
    """Singular values, with vectors or without."""
    value = as_lazy(args[0])
    *batch, m, n = value.dims
    k = _least(lo, m, n)
    if not eqn.static.get("compute_uv", True):
        return each(lo, eqn, "singular_values(_0)", [value], tuple(batch), (k,))
    full = bool(eqn.static.get("full_matrices", True))
    left, right = (m, n) if full else (k, k)
    text = f"svd_parts(_0, {full})"
    return _parts(lo, eqn, text, value, tuple(batch), ((m, left), (k,), (right, n)))


@lowers("linalg.qr")
def qr(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value | tuple[Value, ...]:
    """The orthogonal and the triangular factor."""
    mode = eqn.static.get("mode", "reduced")
    if mode == "complete":
        raise refuse(eqn, "np.linalg.qr with mode='complete'")
    value = as_lazy(args[0])
    *batch, m, n = value.dims
    k = _least(lo, m, n)
    if mode == "r":
        return each(lo, eqn, "np.linalg.qr(_0)[1]", [value], tuple(batch), (k, n))
    return _parts(lo, eqn, "qr_parts(_0)", value, tuple(batch), ((m, k), (k, n)))


@lowers("linalg.pinv")
def pinv(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The pseudo-inverse."""
    rcond = eqn.static.get("rcond")
    if eqn.static.get("rtol") is not None or not isinstance(rcond, int | float | None):
        raise refuse(eqn, "np.linalg.pinv with rtol=, or with a cutoff for each matrix")
    value = as_lazy(args[0])
    *batch, m, n = value.dims
    text = f"np.linalg.pinv(_0, {1e-15 if rcond is None else float(rcond)!r})"
    return each(lo, eqn, text, [value], tuple(batch), (n, m))


@lowers("linalg.lstsq")
def lstsq(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """The solution, the residuals, the rank, the singular values: each where it is used."""
    code, dtype = lo.code, eqn.outs[0].type.dtype
    a, b = as_lazy(args[0]), as_lazy(args[1])
    rows = code.same(a.dims[0], b.dims[0], 'np.linalg.LinAlgError("Incompatible dimensions")')
    n, rcond = a.dims[1], eqn.static.get("rcond")
    given = (matrix(lo, a, (), dtype).var, matrix(lo, b, (), dtype).var)
    if rcond is None:
        larger = code.whole("max", rows, n)
        eps = {"float32": 2.0**-23}.get(dtype, 2.0**-52)
        cutoff: Atom = code.py(f"{eps!r} * _0", (larger,), "float64")
    else:
        cutoff = constant(rcond, "float64")
    text = "np.linalg.lstsq(_0, _1, _2)"
    found: list[Value] = []
    for part in (0, 1, 3):
        dims = {0: (n, *b.dims[1:]), 3: (_least(lo, rows, n),)}.get(part, (const(0),))
        type_ = Array(dtype, (Dim(0),) * len(dims))
        var = code.emit("made", (*given, cutoff), type_, "solved", text=f"{text}[{part}]")
        if part == 1:
            dims = (code.emit("py", (var,), Scalar("int64", weak=True), text="_0.size"),)
        found.append(code.lazy(Buffer(var, dims, owned=False)))
    rank = code.emit("made", (*given, cutoff), Scalar("int64"), "rank", text=f"{text}[2]")
    return found[0], found[1], cast(code, rank, eqn.outs[2].type.dtype), found[2]


@lowers("linalg.matrix_rank")
def matrix_rank(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """How many singular values are not zero."""
    if any(eqn.static.get(name) is not None for name in ("tol", "rtol")) or eqn.static["hermitian"]:
        raise refuse(eqn, "np.linalg.matrix_rank with options")
    value, code = as_lazy(args[0]), lo.code
    batch = value.dims[:-2]
    text = "np.linalg.matrix_rank(_0)"

    def rank(outer: Index) -> Atom:
        given = matrix(lo, value, outer, value.dtype).var
        return code.emit("made", (given,), Scalar("int64"), "rank", text=text)

    if not batch:
        return rank(())
    made = code.alloc("int64", batch, lo.hint(eqn.out))
    code.nest(batch, lambda outer: code.store(made, rank(outer), outer))
    return code.lazy(made)


def values_norm(lo: Lowerer, eqn: Eqn, value: Lazy) -> Value:
    """The largest or smallest singular value, or their sum."""
    rank = len(value.dims)
    axes = matrix_axes(eqn.static.get("axis"), rank)
    order = [*(i for i in range(rank) if i not in axes), *axes]
    stack = as_lazy(permuted(lo, value, order))
    dtype = eqn.out.type.dtype
    k = _least(lo, *stack.dims[-2:])
    values = as_lazy(each(lo, eqn, "singular_values(_0)", [stack], stack.dims[:-2], (k,)))
    last = (len(values.dims) - 1,)
    if eqn.static["ord"] == "nuc":
        text, start = "_0 + _1", constant(0, dtype)
    else:
        text, start = ("np.maximum" if eqn.static["ord"] > 0 else "np.minimum") + "(_0, _1)", None
    result = reduce(lo, values, last, dtype, start, text_step(text, dtype))
    return with_ones(as_lazy(result), tuple(sorted(axes))) if keeps(eqn) else result
