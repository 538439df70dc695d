"""Discrete Fourier transforms of `numpy.fft`, and the frequencies that belong to them.

The matrix of a transform is symmetric, so its pullback is the transform itself, of the same
direction and `norm`: with the gradient of `registry` there is no conjugate. An input that was cut or
filled with zeros to the length of the transform has its gradient filled or cut back. A transform of
real numbers is that of complex ones with the result cut in half; back, the half that is left out
counts twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..ir.dims import Dim, half_and_one
from ..ir.types import Array, Type, is_complex
from .language import static_helper
from .registry import (
    CALLABLES,
    InferError,
    NotSupported,
    OpCall,
    complex_too,
    composite,
    define,
    internal,
    linear,
    pullback,
    tangent,
)
from .sizes import as_dim, plain, position, positions, replaced

# -- sizes -----------------------------------------------------------------------------------------


def length(given: Any, otherwise: Dim) -> Dim:
    """The length of a transform."""
    size = otherwise if given is None else as_dim(given)
    if size.known is not None and size.known < 1:
        raise InferError(f"Invalid number of FFT data points ({size.known}) specified.")
    return size


def full(half_size: Dim) -> Dim:
    """How many real numbers have so many frequencies, if there is no other length: an even number."""
    return half_size * 2 - 2


def infer_line(fun: Callable[..., Any], *, halved: bool = False, doubled: bool = False) -> Any:
    """Inference for a transform along one axis, of or to real numbers."""

    def infer(call: OpCall) -> Type:
        (a,) = call.types
        if not a.dims:
            raise InferError("tuple index out of range")
        _check(call, halved, a)
        axis = position(call.static.get("axis", -1), len(a.dims))
        if doubled:
            _require_some(a.dims[axis], call["n"])
        size = length(call["n"], full(a.dims[axis]) if doubled else a.dims[axis])
        dims = replaced(a.dims, axis, half_and_one(size) if halved else size)
        return Array(_dtype(fun, a.dtype), dims)

    return infer


def _check(call: OpCall, halved: bool, a: Type) -> None:
    if call["out"] is not None:
        raise NotSupported("out= is not supported; assign the result instead")
    if halved and is_complex(a):
        raise InferError("ufunc 'rfft_n_even' did not contain a loop with signature matching types")


def _require_some(size: Dim, given: Any) -> None:
    if size.known == 0 and given is not None:
        raise NotSupported("no frequencies, where NumPy returns memory as it finds it")


@cache
def _dtype(fun: Callable[..., Any], dtype: str) -> str:
    return str(fun(np.ones((2, 2), dtype)).dtype.name)


@static_helper
def axes_of(s: Any, axes: Any, rank: int) -> tuple[int, ...]:
    """The axes of a transform over several axes, as non-negative numbers."""
    if axes is None:
        return tuple(range(rank) if s is None else range(rank - len(s), rank))
    return positions(axes, rank)


@static_helper
def sizes_of(s: Any, axes: tuple[int, ...], shape: Any) -> tuple[Any, ...]:
    """The lengths of a transform over several axes; -1 stands for that of the array."""
    given = (None,) * len(axes) if s is None else tuple(s)
    if len(given) != len(axes):
        raise InferError("Shape and axes have different lengths.")
    return tuple(
        shape[i] if n is None or (isinstance(n, int) and n == -1) else n
        for n, i in zip(given, axes, strict=True)
    )


def infer_several(fun: Callable[..., Any], *, halved: bool = False, doubled: bool = False) -> Any:
    """Inference for a transform over several axes, of or to real numbers in the last one."""

    def infer(call: OpCall) -> Type:
        (a,) = call.types
        _check(call, halved, a)
        axes = axes_of(call["s"], call["axes"], len(a.dims))
        if len(set(axes)) != len(axes):
            raise NotSupported("an axis that is transformed twice")
        if not axes:
            raise NotSupported("a transform over no axis")
        dims = list(a.dims)
        if doubled:
            _require_some(dims[axes[-1]], call["s"])
        if doubled and call["s"] is None:
            dims[axes[-1]] = full(dims[axes[-1]])
        sizes = sizes_of(call["s"], axes, tuple(dims))
        for size, axis in zip(sizes, axes, strict=True):
            dims[axis] = length(size, dims[axis])
        if halved:
            dims[axes[-1]] = half_and_one(dims[axes[-1]])
        return Array(_dtype(fun, a.dtype), tuple(dims))

    return infer


# -- one axis --------------------------------------------------------------------------------------

_NORMS = (", norm='ortho'", ", norm='forward'", ", norm='backward'")


def _line_cases(name: str, *names: str) -> tuple[str, ...]:
    """Calls along one axis: shorter, longer, odd and even lengths, every norm."""
    u, A, T = names
    return (
        f"np.fft.{name}({u})", f"np.fft.{name}({u}, 7)", f"np.fft.{name}({u}, n=3)",
        f"np.fft.{name}({u}, 2)", f"np.fft.{name}({A})", f"np.fft.{name}({A}, axis=0)",
        f"np.fft.{name}({A}, 5, axis=0)", f"np.fft.{name}({A}, 6, 1)", f"np.fft.{name}({T}, axis=1)",
        *(f"np.fft.{name}({u}, 5{norm})" for norm in _NORMS),
    )  # fmt: skip


for _name, _options in {
    "fft": {}, "ifft": {}, "rfft": {"halved": True}, "irfft": {"doubled": True},
    "hfft": {"doubled": True}, "ihfft": {"halved": True},
}.items():  # fmt: skip
    define(
        f"np.fft.{_name}(a, n=None, axis=-1, norm=None, out=None)",
        infer=infer_line(getattr(np.fft, _name), **_options),
        cases=_line_cases(_name, "un", "An", "T"),
    )


def surely_positive(dim: Dim) -> bool:
    """Is a difference of sizes positive, whatever they are?"""
    terms = dim.terms
    if any(c < 0 or sym.single for sym, c in terms.items()):
        return False
    return dim.const + 2 * sum(terms.values()) > 0


@static_helper
def longer(size: Any, n: Any) -> int | None:
    """How many elements more than `n` there are, or the sign of that, None where it is not known."""
    rest = as_dim(size) - as_dim(n)
    if rest.known is not None:
        return rest.known
    return next((sign for sign in (1, -1) if surely_positive(rest * sign)), None)


@static_helper
def rest_after(size: Any, n: Any) -> Any:
    """The difference of two sizes."""
    return plain(as_dim(size) - as_dim(n))


@static_helper
def padding(axis: int, rank: int, after: Any) -> Any:
    """The `pad_width` that adds zeros at the end of one axis."""
    pairs = [(0, 0)] * rank
    pairs[axis] = (0, after)
    return pairs[0] if rank == 1 else tuple(pairs)


@static_helper
def start(axis: int, rank: int, size: Any) -> Any:
    """The index that takes the first elements of one axis."""
    return (*(slice(None),) * axis, slice(None, size)) if axis else slice(None, size)


def fit_axis(a: Any, size: int, axis: int) -> Any:
    """The array cut to a size along an axis, or filled up with zeros."""
    have = a.shape[axis]
    if have >= size:
        return a[(slice(None),) * axis + (slice(size),)]
    widths = [(0, 0)] * a.ndim
    widths[axis] = (0, size - have)
    return np.pad(a, widths)


def infer_fit(call: OpCall) -> Type:
    """The operand with another size along the axis."""
    (a,) = call.types
    return Array(a.dtype, replaced(a.dims, call["axis"], as_dim(call["size"])))


internal("fit_axis", "a", infer_fit, static=("size", "axis"), returns="view")
CALLABLES[fit_axis] = ("fit_axis", "")


@pullback("y = fit_axis(a)", wrt="a", name="fit_axis")
def fit_axis_a(dy: Any, a: Any, axis: Any) -> Any:
    return fit_axis(dy, size=a.shape[axis], axis=axis)


def as_long_as(da: Any, a: Any, axis: int) -> Any:
    """The gradient cut, or filled with zeros, to the size of the operand along one axis."""
    axis = position_in(axis, a.ndim)
    more = longer(a.shape[axis], da.shape[axis])
    if more is None:
        return fit_axis(da, size=a.shape[axis], axis=axis)
    if more > 0:
        return np.pad(da, padding(axis, a.ndim, rest_after(a.shape[axis], da.shape[axis])))
    if more < 0:
        return da[start(axis, a.ndim, a.shape[axis])]
    return da


@static_helper
def position_in(axis: int, rank: int) -> int:
    """An axis as a non-negative number."""
    return position(axis, rank)


@static_helper
def length_of(n: Any, size: Any) -> Any:
    """The length of a transform, that of the operand unless it is given."""
    return size if n is None else n


def twice_inside(da: Any, n: Any, axis: int) -> Any:
    """Twice the frequencies that stand for another one too: not the first, nor the middle one."""
    k = np.arange(da.shape[axis])
    factor = np.where((k > 0) & (2 * k < n), 2, 1)
    return (factor if da.ndim == 1 else np.reshape(factor, along_axis(axis, da.ndim))) * da


@static_helper
def along_axis(axis: int, rank: int) -> tuple[int, ...]:
    """The shape that lays a vector along one axis."""
    return tuple(-1 if i == position(axis, rank) else 1 for i in range(rank))


@pullback("y = np.fft.fft(a, n, axis, norm)", wrt="a")
def fft_a(dy: Any, a: Any, axis: Any, norm: Any) -> Any:
    return as_long_as(np.fft.fft(dy, axis=axis, norm=norm), a, axis)


@pullback("y = np.fft.ifft(a, n, axis, norm)", wrt="a")
def ifft_a(dy: Any, a: Any, axis: Any, norm: Any) -> Any:
    return as_long_as(np.fft.ifft(dy, axis=axis, norm=norm), a, axis)


@pullback("y = np.fft.rfft(a, n, axis, norm)", wrt="a")
def rfft_a(dy: Any, a: Any, n: Any, axis: Any, norm: Any) -> Any:
    # the frequencies that were left out have the gradient zero
    size = length_of(n, a.shape[axis])
    return as_long_as(np.fft.fft(dy, size, axis=axis, norm=norm).real, a, axis)


@pullback("y = np.fft.ihfft(a, n, axis, norm)", wrt="a")
def ihfft_a(dy: Any, a: Any, n: Any, axis: Any, norm: Any) -> Any:
    size = length_of(n, a.shape[axis])
    return as_long_as(np.fft.ifft(dy, size, axis=axis, norm=norm).real, a, axis)


@pullback("y = np.fft.irfft(a, n, axis, norm)", wrt="a")
def irfft_a(dy: Any, a: Any, axis: Any, norm: Any) -> Any:
    da = np.fft.ihfft(dy, axis=axis, norm=norm)
    return as_long_as(twice_inside(da, dy.shape[axis], axis), a, axis)


@pullback("y = np.fft.hfft(a, n, axis, norm)", wrt="a")
def hfft_a(dy: Any, a: Any, axis: Any, norm: Any) -> Any:
    da = np.fft.rfft(dy, axis=axis, norm=norm)
    return as_long_as(twice_inside(da, dy.shape[axis], axis), a, axis)


# -- several axes ----------------------------------------------------------------------------------


def _several_cases(name: str, default: bool) -> tuple[str, ...]:
    """Calls over several axes: of other lengths, in another order, every norm."""
    two = (
        f"np.fft.{name}(An)", f"np.fft.{name}(An, (2, 6), axes=(-2, -1))",
        f"np.fft.{name}(An, axes=(1, 0))",
        f"np.fft.{name}(An, (4, 3), axes=(0, 1), norm='ortho')", f"np.fft.{name}(T, axes=(0, 1))",
        f"np.fft.{name}(An, norm='forward')",
    )  # fmt: skip
    more = (
        f"np.fft.{name}(T)",
        f"np.fft.{name}(T, axes=(2, 0, 1))",
        f"np.fft.{name}(un, axes=(0,))",
    )
    return (*two, *(() if default else more), f"np.fft.{name}(T, (4, 5), axes=(2, 1))")


for _name, _options in {
    "fft": {}, "ifft": {}, "rfft": {"halved": True}, "irfft": {"doubled": True}
}.items():  # fmt: skip
    for _end, _axes in (("2", (-2, -1)), ("n", None)):
        define(
            f"np.fft.{_name}{_end}(a, s=None, axes={_axes}, norm=None, out=None)",
            infer=infer_several(getattr(np.fft, f"{_name}n"), **_options),
            cases=_several_cases(f"{_name}{_end}", _axes is not None),
        )


@static_helper
def rest_of(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The axes without the last one."""
    return axes[:-1]


def as_large_as(da: Any, a: Any, axes: tuple[int, ...]) -> Any:
    """The gradient in the size of the operand along each axis."""
    if len(axes) == 0:
        return da
    return as_large_as(as_long_as(da, a, axes[0]), a, axes[1:])


def through_fftn(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """The pullback of `np.fft.fftn`."""
    over = axes_of(s, axes, a.ndim)
    return as_large_as(np.fft.fftn(dy, axes=over, norm=norm), a, over)


def through_ifftn(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """The pullback of `np.fft.ifftn`."""
    over = axes_of(s, axes, a.ndim)
    return as_large_as(np.fft.ifftn(dy, axes=over, norm=norm), a, over)


def through_rfftn(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """The pullback of `np.fft.rfftn`."""
    over = axes_of(s, axes, a.ndim)
    sizes = sizes_of(s, over, a.shape)
    return as_large_as(np.fft.fftn(dy, sizes, axes=over, norm=norm).real, a, over)


def through_irfftn(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """The pullback of `np.fft.irfftn`: first the last axis, then the others."""
    over = axes_of(s, axes, a.ndim)
    last = over[-1]
    da = twice_inside(np.fft.ihfft(dy, axis=last, norm=norm), dy.shape[last], last)
    if len(over) > 1:
        da = np.fft.ifftn(da, axes=rest_of(over), norm=norm)
    return as_large_as(da, a, over)


@pullback("y = np.fft.fftn(a, s, axes, norm)", wrt="a")
def fftn_a(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_fftn(dy, a, s, axes, norm)


@pullback("y = np.fft.fft2(a, s, axes, norm)", wrt="a")
def fft2_a(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_fftn(dy, a, s, axes, norm)


@pullback("y = np.fft.ifftn(a, s, axes, norm)", wrt="a")
def ifftn_a(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_ifftn(dy, a, s, axes, norm)


@pullback("y = np.fft.ifft2(a, s, axes, norm)", wrt="a")
def ifft2_a(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_ifftn(dy, a, s, axes, norm)


@pullback("y = np.fft.rfftn(a, s, axes, norm)", wrt="a")
def rfftn_a(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_rfftn(dy, a, s, axes, norm)


@pullback("y = np.fft.rfft2(a, s, axes, norm)", wrt="a")
def rfft2_a(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_rfftn(dy, a, s, axes, norm)


@pullback("y = np.fft.irfftn(a, s, axes, norm)", wrt="a")
def irfftn_a(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_irfftn(dy, a, s, axes, norm)


@pullback("y = np.fft.irfft2(a, s, axes, norm)", wrt="a")
def irfft2_a(dy: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_irfftn(dy, a, s, axes, norm)


# -- order of frequencies, and their numbers -------------------------------------------------------


def infer_shift(call: OpCall) -> Type:
    """An array like the operand."""
    (x,) = call.types
    axes_of(None, call["axes"] if call["axes"] is None else _tuple(call["axes"]), len(x.dims))
    return Array(x.dtype, x.dims)


def _tuple(axes: Any) -> Any:
    return axes if isinstance(axes, tuple | list) else (axes,)


_SHIFTS = ("(un)", "(An)", "(An, axes=0)", "(T, axes=(0, -1))", "(T, 1)")
define(
    "np.fft.fftshift(x, axes=None)",
    infer=infer_shift,
    cases=tuple(f"np.fft.fftshift{call}" for call in _SHIFTS),
)
define(
    "np.fft.ifftshift(x, axes=None)",
    infer=infer_shift,
    cases=tuple(f"np.fft.ifftshift{call}" for call in _SHIFTS),
)


@pullback("y = np.fft.fftshift(x, axes)", wrt="x")
def fftshift_x(dy: Any, axes: Any) -> Any:
    return np.fft.ifftshift(dy, axes)


@pullback("y = np.fft.ifftshift(x, axes)", wrt="x")
def ifftshift_x(dy: Any, axes: Any) -> Any:
    return np.fft.fftshift(dy, axes)


def infer_frequencies(halved: bool) -> Callable[[OpCall], Type]:
    """Inference for the frequencies of a transform of so many numbers at a distance."""

    def infer(call: OpCall) -> Type:
        (d,) = call.types
        if d.dims:
            raise NotSupported("a distance that is an array")
        size = as_dim(call["n"])
        dtype = np.result_type(np.dtype(d.dtype), float).name
        return Array(str(dtype), (half_and_one(size) if halved else size,))

    return infer


for _name in ("fftfreq", "rfftfreq"):
    define(
        f"np.fft.{_name}(n, d)",
        static=("n",),
        infer=infer_frequencies(_name == "rfftfreq"),
        cases=(f"np.fft.{_name}(5, x)", f"np.fft.{_name}(6, 0.5)", f"np.fft.{_name}(4) * x"),
    )


@composite(np.fft.fftfreq)
def fftfreq(n: Any, d: Any = 1.0, device: Any = None) -> Any:
    return np.fft.fftfreq(n, d)


@composite(np.fft.rfftfreq)
def rfftfreq(n: Any, d: Any = 1.0, device: Any = None) -> Any:
    return np.fft.rfftfreq(n, d)


@pullback("f = np.fft.fftfreq(n, d)", wrt="d")
def fftfreq_d(df: Any, d: Any, f: Any) -> Any:
    return np.sum(-f / d * df)


@pullback("f = np.fft.rfftfreq(n, d)", wrt="d")
def rfftfreq_d(df: Any, d: Any, f: Any) -> Any:
    return np.sum(-f / d * df)


# -- in forward mode -------------------------------------------------------------------------------

_TRANSFORMS = tuple(
    f"fft.{name}"
    for name in (
        "fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "rfft2", "irfft2", "fftn",
        "ifftn", "rfftn", "irfftn", "fftshift", "ifftshift",
    )
)  # fmt: skip
linear((*_TRANSFORMS, "fit_axis"))
complex_too(*_TRANSFORMS, "fit_axis")


@tangent("f = np.fft.fftfreq(n, d)", wrt="d")
def fftfreq_dot(d_dot: Any, d: Any, f: Any) -> Any:
    return -f / d * d_dot


@tangent("f = np.fft.rfftfreq(n, d)", wrt="d")
def rfftfreq_dot(d_dot: Any, d: Any, f: Any) -> Any:
    return -f / d * d_dot
