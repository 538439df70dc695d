"""Contractions over named or numbered axes: tensordot and einsum.

The pullback of a contraction is a contraction: the cotangent takes the place of the operand, and
the operand's axes become the axes of the result. What a contraction cannot express is added
around it: an axis that only this operand has was summed, so its gradient is broadcast; a repeated
axis reads a diagonal, so its gradient stands on that diagonal.
"""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type
from .language import maybe_one, static_helper
from .linalg import joined_dtype, require_equal
from .registry import InferError, NotSupported, OpCall, complex_too, define, linear, pullback
from .shapes import broadcast_dim, with_dims
from .sizes import positions

Axes = tuple[int, ...]

# ---- tensordot


@static_helper
def contracted(axes: Any, ranks: tuple[int, int]) -> tuple[Axes, Axes]:
    """The axes of both operands that are summed over, in pairs.

    >>> contracted(2, (3, 2))
    ((1, 2), (0, 1))
    """
    if isinstance(axes, int):
        if not 0 <= axes <= min(ranks):
            raise InferError(f"tensordot: cannot sum over {axes} axes")
        return tuple(range(ranks[0] - axes, ranks[0])), tuple(range(axes))
    if len(axes) != 2:
        raise InferError("tensordot: axes must be a number or two sequences")
    first, second = (positions(part, rank) for part, rank in zip(axes, ranks, strict=True))
    if len(first) != len(second):
        raise InferError("tensordot: shape-mismatch for sum")
    return first, second


@static_helper
def free(axes: Axes, rank: int) -> Axes:
    """The axes that are not in `axes`."""
    return tuple(i for i in range(rank) if i not in axes)


@static_helper
def pairing(first: Axes, second: Axes, rank: int) -> Any:
    """The `axes=` of `np.tensordot`, as a number where that says the same."""
    n = len(first)
    if first == tuple(range(rank - n, rank)) and second == tuple(range(n)):
        return n
    return first, second


@static_helper
def landing(summed: Axes, partners: Axes, rank: int, last: bool) -> Axes:
    """Where the axes of an operand stand in its gradient before it is transposed.

    The gradient has the free axes in order, and the summed ones in the order of their partners,
    after the free ones if `last`.
    """
    rest = free(summed, rank)
    by_partner = tuple(summed[partners.index(p)] for p in sorted(partners))
    made = rest + by_partner if last else by_partner + rest
    return tuple(made.index(i) for i in range(rank))


def infer_tensordot(call: OpCall) -> Type:
    """The free axes of both; always an array, also of rank 0."""
    a, b = (t.dims for t in call.types)
    first, second = contracted(call.static.get("axes", 2), (len(a), len(b)))
    for i, j in zip(first, second, strict=True):
        require_equal(a[i], b[j], "tensordot: shape-mismatch for sum")
    dims = [a[i] for i in free(first, len(a))] + [b[i] for i in free(second, len(b))]
    return Array(joined_dtype(call.types), tuple(dims))


define(
    "np.tensordot(a, b, axes=2)",
    infer=infer_tensordot,
    cases=(
        "np.tensordot(A, B)",
        "np.tensordot(A, C, axes=1)",
        "np.tensordot(u, v, 1)",
        "np.tensordot(u, w, 0)",
        "np.tensordot(x, u, 0)",
        "np.tensordot(T, A, axes=2)",
        "np.tensordot(T, A)",
        "np.tensordot(A, B, axes=((1, 0), (1, 0)))",
        "np.tensordot(A, B, axes=((0,), (0,)))",
        "np.tensordot(A, B, axes=(-1, -1))",
        "np.tensordot(T, U, axes=((0, 2), (0, 1)))",
        "np.tensordot(T, U, axes=((2, 0), (1, 0)))",
        "np.tensordot(T, Tn, axes=((0, 1, 2), (0, 1, 2)))",
        "np.tensordot(T, Tn, axes=((2, 0), (2, 0)))",
        "np.tensordot(T, A, axes=([2, 1], [1, 0]))",
        "np.tensordot(T, A, axes=((1,), (0,)))",
    ),
)


def reordered(a: Any, order: Axes) -> Any:
    """`np.transpose`, left out where nothing moves."""
    return a if order == tuple(range(a.ndim)) else np.transpose(a, order)


@pullback("c = np.tensordot(a, b, axes)", wrt="a")
def tensordot_a(dc: Any, a: Any, b: Any, axes: Any) -> Any:
    summed, partners = contracted(axes, (a.ndim, b.ndim))
    order = landing(summed, partners, a.ndim, True)
    if dc.ndim == 0:
        return reordered(b, order) * dc
    if a.ndim == 2 and b.ndim == 2 and summed == (1,) and partners == (0,):
        return dc @ b.T
    columns = free(partners, b.ndim)
    theirs = tuple(range(dc.ndim - len(columns), dc.ndim))
    return reordered(np.tensordot(dc, b, pairing(theirs, columns, dc.ndim)), order)


@pullback("c = np.tensordot(a, b, axes)", wrt="b")
def tensordot_b(dc: Any, a: Any, b: Any, axes: Any) -> Any:
    partners, summed = contracted(axes, (a.ndim, b.ndim))
    order = landing(summed, partners, b.ndim, False)
    if dc.ndim == 0:
        return reordered(a, order) * dc
    if a.ndim == 2 and b.ndim == 2 and partners == (1,) and summed == (0,):
        return a.T @ dc
    rows = free(partners, a.ndim)
    return reordered(np.tensordot(a, dc, pairing(rows, tuple(range(len(rows))), a.ndim)), order)


# ---- einsum


@static_helper
def spelled_out(subscripts: str, ranks: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """The labels of each operand and of the result, with an ellipsis replaced by letters.

    >>> spelled_out("...ij, ...jk", (3, 2))
    (('aij', 'jk'), 'aik')
    """
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ranks):
        raise InferError(f"einsum: {len(terms)} terms in the subscripts for {len(ranks)} operands")
    for term in (*terms, output):
        if not set(term.replace("...", "", 1)) <= set(string.ascii_letters):
            raise InferError(f"einsum: invalid subscripts {term!r}")
    named = [len(term.replace("...", "")) for term in terms]
    extra = [rank - n for rank, n in zip(ranks, named, strict=True)]
    for term, more in zip(terms, extra, strict=True):
        if more < 0 or (more > 0 and "..." not in term):
            raise InferError(f"einsum: subscripts {term!r} do not fit the operand's dimensions")
    spare = [letter for letter in string.ascii_letters if letter not in inputs]
    letters = "".join(spare[: max(extra)])
    if not arrow:
        once = sorted(c for c in set(inputs) - set(",.") if inputs.count(c) == 1)
        output = "..." * ("..." in inputs) + "".join(once)
    if letters and "..." not in output:
        raise InferError("einsum: the result has no ellipsis for the operands' extra dimensions")
    result = output.replace("...", letters)
    if len(set(result)) < len(result) or not set(result) <= set(inputs) | set(letters):
        raise InferError(f"einsum: invalid output subscripts {output!r}")
    full = (
        term.replace("...", letters[len(letters) - more :])
        for term, more in zip(terms, extra, strict=True)
    )
    return tuple(full), result


def infer_einsum(call: OpCall) -> Type:
    """A size for each label; a label may have size 1 in some operands."""
    subscripts = call["subscripts"]
    if not isinstance(subscripts, str):
        raise NotSupported('einsum needs its subscripts as a string: np.einsum("ij,j->i", a, b)')
    for option in ("out", "dtype"):
        if call[option] is not None:
            raise NotSupported(f"{option}= is not supported; leave it out")
    terms, result = spelled_out(subscripts, tuple(len(t.dims) for t in call.types))
    sizes: dict[str, Dim] = {}
    for term, operand in zip(terms, call.types, strict=True):
        own: dict[str, Dim] = {}
        for label, dim in zip(term, operand.dims, strict=True):
            require_equal(own.setdefault(label, dim), dim, f"einsum: repeated index {label!r}")
        for label, dim in own.items():
            sizes[label] = broadcast_dim(sizes[label], dim) if label in sizes else dim
    dtype = joined_dtype(call.types)
    dims = tuple(sizes[label] for label in result)
    if not dims and call.static.get("optimize", False):
        # whether NumPy ends with a scalar or a 0-d array depends on its path
        shapes = (tuple(d.known or 2 for d in t.dims) for t in call.types)
        samples = map(np.ones, shapes)
        sample = np.einsum(subscripts, *samples, optimize=call["optimize"])
        return Array(dtype, ()) if isinstance(sample, np.ndarray) else with_dims(dtype, ())
    return with_dims(dtype, dims)


define(
    "np.einsum(subscripts, *operands, out=None, dtype=None, order='K', casting='safe',"
    " optimize=False)",
    static=("subscripts",),
    varargs=True,
    returns="view",
    infer=infer_einsum,
    cases=(
        "np.einsum('ij,jk->ik', A, C)",
        "np.einsum('ij,jk', A, C)",
        "np.einsum('ij , j -> i', A, u)",
        "np.einsum('i,i->', u, v)",
        "np.einsum('i,i', u, v)",
        "np.einsum('i,j->ij', u, w)",
        "np.einsum('ij->', A)",
        "np.einsum('ij->i', A)",
        "np.einsum('ij->j', A)",
        "np.einsum('ij->ji', A)",
        "np.einsum('ba', A)",
        "np.einsum('ijk->j', T)",
        "np.einsum('ii', S)",
        "np.einsum('ii->i', S)",
        "np.einsum('ii,ij->j', S, R)",
        "np.einsum('ij,jj->i', A, S)",
        "np.einsum('iij->ij', E443)",
        "np.einsum('iji->j', E434)",
        "np.einsum('iij->', E443)",
        "np.einsum('iii->i', E333)",
        "np.einsum('iijj->i', E3322)",
        "np.einsum('ijij->ij', E3232)",
        "np.einsum('i,j->i', u, w)",
        "np.einsum('ij,k->k', A, u)",
        "np.einsum(',i->i', x, u)",
        "np.einsum(',,', x, y, z)",
        "np.einsum('ij,ik,il->jkl', A, B, An)",
        "np.einsum('ij,kj,k->i', A, B, w, optimize=True)",
        "np.einsum('ij,ij->', A, B, optimize=True)",
        "np.einsum('i,ij,j', w, A, u)",
        "np.einsum('...ij,...jk->...ik', T, U)",
        "np.einsum('...ij,...jk', T, U)",
        "np.einsum('...ij,...jk->...ik', A, U)",
        "np.einsum('ij,...jk->...ik', A, U)",
        "np.einsum('...j,j->...', T, u)",
        "np.einsum('i...->...', T)",
        "np.einsum('i...,i...->...', A, B)",
        "np.einsum('...,...', A, u)",
        "np.einsum('...i->...', u)",
        "np.einsum('ij,ij->ij', A, row)",
        "np.einsum('ij,ij->i', A, row)",
        "np.einsum('ij,ij->', A, col)",
        "np.einsum('ij,ij->', row, col)",
        "np.einsum('ij,jk->ik', col, C)",
        "np.einsum('ij,jk->ik', A, row)",
        "np.einsum('...,...->...', row, A)",
        "np.einsum('Bi,bi->bB', A, B)",
        "np.einsum('ij,ij,ij->j', A, A, A)",
    ),
)


@static_helper
def distinct(labels: str) -> str:
    """The labels without repetition, in order."""
    return "".join(dict.fromkeys(labels))


@static_helper
def places(wanted: str, labels: str) -> Axes:
    """For each wanted label the axis where it stands first."""
    return tuple(labels.index(label) for label in wanted)


@static_helper
def lost_axes(terms: tuple[str, ...], result: str, k: int) -> Axes:
    """Which distinct labels of operand `k` nothing else has."""
    known = {*result, *(label for i, term in enumerate(terms) if i != k for label in term)}
    return tuple(i for i, label in enumerate(distinct(terms[k])) if label not in known)


@static_helper
def widened_labels(terms: tuple[str, ...], result: str, k: int, shapes: Any) -> str:
    """Summed labels of operand `k` that may have length 1 in all other operands, but not in it.

    Nothing else in the gradient's contraction has the full length of such a label.
    """
    own = dict(zip(terms[k], shapes[k], strict=True))
    others: dict[str, list[Any]] = {}
    for i, term in enumerate(terms):
        for label, size in zip(term, shapes[i], strict=True):
            if i != k and label in own and label not in result:
                others.setdefault(label, []).append(size)
    return "".join(
        label
        for label, sizes in others.items()
        if own[label] != 1 and all(maybe_one(size) and size != own[label] for size in sizes)
    )


@static_helper
def adjoint_subscripts(terms: tuple[str, ...], result: str, k: int, widened: str) -> str:
    """The subscripts of the gradient of operand `k`, the cotangent standing in its place.

    >>> adjoint_subscripts(("ij", "jk"), "ik", 1, "")
    'ij,ik->jk'
    """
    inputs = [*terms[:k], result, *terms[k + 1 :], *([widened] if widened else [])]
    kept = "".join(label for label in distinct(terms[k]) if label in "".join(inputs))
    return f"{','.join(inputs)}->{kept}"


@static_helper
def is_identity(subscripts: str) -> bool:
    """Does this einsum return its only operand?"""
    inputs, _, output = subscripts.partition("->")
    return inputs == output


@static_helper
def repeats(labels: str) -> tuple[tuple[int, int], ...]:
    """The axes of each repeated label: where it stands first, and where again.

    >>> repeats("iij")
    ((0, 1),)
    """
    return tuple((labels.index(c), i) for i, c in enumerate(labels) if labels.index(c) < i)


@static_helper
def mask_subscripts(labels: str) -> str:
    """The einsum of one identity matrix per repetition that is True on the diagonal.

    >>> mask_subscripts("ijij")
    'ac,bd->abcd'
    """
    axes = sorted({axis for pair in repeats(labels) for axis in pair})
    name = dict(zip(axes, string.ascii_letters, strict=False))
    pairs = ",".join(name[i] + name[j] for i, j in repeats(labels))
    return f"{pairs}->{''.join(name[axis] for axis in axes)}"


def on_diagonal(values: Any, x: Any, labels: str) -> Any:
    """An array like `x` that has the values where its repeated axes agree, and else zero."""
    twice = repeats(labels)
    equal = tuple(np.eye(x.shape[i], dtype=bool) for i, _ in twice)
    again = tuple(j for _, j in twice)
    single = free(tuple(axis for pair in twice for axis in pair), x.ndim)
    mask = equal[0] if len(equal) == 1 else np.einsum(mask_subscripts(labels), *equal)
    if len(single) > 0:
        mask = np.expand_dims(mask, single)
    # selected, not multiplied by 0 and 1: exact zeros beside the diagonal also for inf
    return np.where(mask, values if values.ndim == 0 else np.expand_dims(values, again), 0.0)


@pullback("y = np.einsum(subscripts, *operands)", wrt="operands")
def einsum_operands(dy: Any, operands: Any, k: int, subscripts: str, optimize: Any) -> Any:
    x = operands[k]
    terms, result = spelled_out(subscripts, tuple(operand.ndim for operand in operands))
    widened = widened_labels(terms, result, k, tuple(operand.shape for operand in operands))
    spec = adjoint_subscripts(terms, result, k, widened)
    factors = (*operands[:k], dy, *operands[k + 1 :])
    if widened != "":
        sizes = tuple(x.shape[i] for i in places(widened, terms[k]))
        factors = (*factors, np.ones(sizes, dtype=x.dtype))
    path = optimize if isinstance(optimize, (bool, str)) else True
    dx = dy if is_identity(spec) else np.einsum(spec, *factors, optimize=path)
    lost = lost_axes(terms, result, k)
    if len(lost) > 0:
        axes = places(distinct(terms[k]), terms[k])
        if dx.ndim == 0:
            dx = np.broadcast_to(dx, tuple(x.shape[i] for i in axes))
        else:
            dx = np.expand_dims(dx, lost)
            full = tuple(x.shape[i] if n in lost else dx.shape[n] for n, i in enumerate(axes))
            dx = np.broadcast_to(dx, full)
    return on_diagonal(dx, x, terms[k]) if len(repeats(terms[k])) > 0 else dx


linear(("tensordot", "einsum"))

complex_too("tensordot", "einsum")
