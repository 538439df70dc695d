"""Transforms of `scipy.fft`: Fourier transforms as those of NumPy, cosine and sine transforms.

A cosine or sine transform of type 1 to 4 is a real matrix, whose transpose is the transform of another
type, up to a factor of the first or last number. With `norm="ortho"` it is the inverse.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import scipy.fft

from ..ir.types import Array, Type
from .fft import (
    along_axis,
    as_long_as,
    infer_line,
    infer_several,
    infer_shift,
    length,
    length_of,
    through_fftn,
    through_ifftn,
    through_irfftn,
    through_rfftn,
    twice_inside,
)
from .language import static_helper
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    complex_too,
    composite,
    define,
    linear,
    pullback,
)
from .sizes import position, replaced

# -- Fourier transforms ----------------------------------------------------------------------------

_LINE_CASES = (
    "({u})", "({u}, 7)", "({u}, n=3)", "({A}, axis=0)", "({A}, 5, axis=0)",
    "({u}, 5, norm='ortho')", "({u}, norm='forward')",
)  # fmt: skip
_SEVERAL_CASES = ("(An)", "(An, (2, 6))", "(T, axes=(0, 1))", "(An, norm='ortho')")


def _plain(infer: Callable[[OpCall], Type]) -> Callable[[OpCall], Type]:
    """Inference without the options that say how SciPy works."""

    def inferred(call: OpCall) -> Type:
        if call["overwrite_x"]:
            raise NotSupported("overwrite_x=True; leave it out")
        return infer(call)

    return inferred


def _several(infer: Callable[[OpCall], Type]) -> Callable[[OpCall], Type]:
    """Inference where SciPy takes what NumPy refuses: one frequency that no length is given for."""

    def inferred(call: OpCall) -> Type:
        try:
            return _plain(infer)(call)
        except InferError:
            if any(dim.known == 0 for dim in call.types[0].dims):
                raise
            raise NotSupported("of a single frequency without a length") from None

    return inferred


for _name, _options in {
    "fft": {}, "ifft": {}, "rfft": {"halved": True}, "irfft": {"doubled": True},
    "hfft": {"doubled": True}, "ihfft": {"halved": True},
}.items():  # fmt: skip
    define(
        f"scipy.fft.{_name}(x, n=None, axis=-1, norm=None, overwrite_x=False, workers=None)",
        infer=_plain(infer_line(getattr(scipy.fft, _name), **_options)),
        cases=tuple(f"scipy.fft.{_name}{c.format(u='un', A='An')}" for c in _LINE_CASES),
    )
for _name, _options in {
    "fft": {}, "ifft": {}, "rfft": {"halved": True}, "irfft": {"doubled": True}
}.items():  # fmt: skip
    for _end, _axes in (("2", (-2, -1)), ("n", None)):
        define(
            f"scipy.fft.{_name}{_end}(x, s=None, axes={_axes}, norm=None, overwrite_x=False,"
            " workers=None)",
            infer=_several(infer_several(getattr(scipy.fft, f"{_name}n"), **_options)),
            cases=tuple(f"scipy.fft.{_name}{_end}{case}" for case in _SEVERAL_CASES),
        )


@pullback("y = scipy.fft.fft(x, n, axis, norm)", wrt="x")
def fft_x(dy: Any, x: Any, axis: Any, norm: Any) -> Any:
    return as_long_as(np.fft.fft(dy, axis=axis, norm=norm), x, axis)


@pullback("y = scipy.fft.ifft(x, n, axis, norm)", wrt="x")
def ifft_x(dy: Any, x: Any, axis: Any, norm: Any) -> Any:
    return as_long_as(np.fft.ifft(dy, axis=axis, norm=norm), x, axis)


@pullback("y = scipy.fft.rfft(x, n, axis, norm)", wrt="x")
def rfft_x(dy: Any, x: Any, n: Any, axis: Any, norm: Any) -> Any:
    size = length_of(n, x.shape[axis])
    return as_long_as(np.fft.fft(dy, size, axis=axis, norm=norm).real, x, axis)


@pullback("y = scipy.fft.ihfft(x, n, axis, norm)", wrt="x")
def ihfft_x(dy: Any, x: Any, n: Any, axis: Any, norm: Any) -> Any:
    size = length_of(n, x.shape[axis])
    return as_long_as(np.fft.ifft(dy, size, axis=axis, norm=norm).real, x, axis)


@pullback("y = scipy.fft.irfft(x, n, axis, norm)", wrt="x")
def irfft_x(dy: Any, x: Any, axis: Any, norm: Any) -> Any:
    dx = np.fft.ihfft(dy, axis=axis, norm=norm)
    return as_long_as(twice_inside(dx, dy.shape[axis], axis), x, axis)


@pullback("y = scipy.fft.hfft(x, n, axis, norm)", wrt="x")
def hfft_x(dy: Any, x: Any, axis: Any, norm: Any) -> Any:
    dx = np.fft.rfft(dy, axis=axis, norm=norm)
    return as_long_as(twice_inside(dx, dy.shape[axis], axis), x, axis)


@pullback("y = scipy.fft.fftn(x, s, axes, norm)", wrt="x")
def fftn_x(dy: Any, x: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_fftn(dy, x, s, axes, norm)


@pullback("y = scipy.fft.fft2(x, s, axes, norm)", wrt="x")
def fft2_x(dy: Any, x: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_fftn(dy, x, s, axes, norm)


@pullback("y = scipy.fft.ifftn(x, s, axes, norm)", wrt="x")
def ifftn_x(dy: Any, x: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_ifftn(dy, x, s, axes, norm)


@pullback("y = scipy.fft.ifft2(x, s, axes, norm)", wrt="x")
def ifft2_x(dy: Any, x: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_ifftn(dy, x, s, axes, norm)


@pullback("y = scipy.fft.rfftn(x, s, axes, norm)", wrt="x")
def rfftn_x(dy: Any, x: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_rfftn(dy, x, s, axes, norm)


@pullback("y = scipy.fft.rfft2(x, s, axes, norm)", wrt="x")
def rfft2_x(dy: Any, x: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_rfftn(dy, x, s, axes, norm)


@pullback("y = scipy.fft.irfftn(x, s, axes, norm)", wrt="x")
def irfftn_x(dy: Any, x: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_irfftn(dy, x, s, axes, norm)


@pullback("y = scipy.fft.irfft2(x, s, axes, norm)", wrt="x")
def irfft2_x(dy: Any, x: Any, s: Any, axes: Any, norm: Any) -> Any:
    return through_irfftn(dy, x, s, axes, norm)


# -- cosine and sine transforms --------------------------------------------------------------------


@cache
def _dtype(fun: Callable[..., Any], dtype: str) -> str:
    return str(fun(np.ones(2, dtype)).dtype.name)


def infer_real_transform(fun: Callable[..., Any]) -> Callable[[OpCall], Type]:
    """Inference for a cosine or sine transform along one axis."""

    def infer(call: OpCall) -> Type:
        (x,) = call.types
        if call["overwrite_x"]:
            raise NotSupported("overwrite_x=True; leave it out")
        if call["orthogonalize"] not in (None, call["norm"] == "ortho"):
            raise NotSupported("orthogonalize= that does not go with norm=; leave it out")
        if call.static.get("type", 2) not in (1, 2, 3, 4):
            raise InferError("invalid transform type")
        if not x.dims:
            raise InferError("axes exceeds dimensionality of input")
        axis = position(call.static.get("axis", -1), len(x.dims))
        return Array(_dtype(fun, x.dtype), replaced(x.dims, axis, length(call["n"], x.dims[axis])))

    return infer


def _real_cases(name: str) -> tuple[str, ...]:
    """Calls of every type and norm, of other lengths, along other axes."""
    return (
        f"scipy.fft.{name}(un)", f"scipy.fft.{name}(An, axis=0)", f"scipy.fft.{name}(un, 2, 7)",
        f"scipy.fft.{name}(un, n=3)", f"scipy.fft.{name}(T, 3, axis=1, norm='ortho')",
        *(f"scipy.fft.{name}(un, {kind})" for kind in (1, 3, 4)),
        *(f"scipy.fft.{name}(un, type={kind}, norm='ortho')" for kind in (1, 2, 3, 4)),
        *(f"scipy.fft.{name}(un, {kind}, norm='forward')" for kind in (1, 2, 3, 4)),
    )  # fmt: skip


for _name in ("dct", "idct", "dst", "idst"):
    define(
        f"scipy.fft.{_name}(x, type=2, n=None, axis=-1, norm=None, overwrite_x=False, workers=None,"
        " orthogonalize=None)",
        infer=infer_real_transform(getattr(scipy.fft, _name)),
        cases=_real_cases(_name),
    )


@static_helper
def inverse_type(type: int) -> int:
    """The type of the transform that is the inverse, up to a factor."""
    return {2: 3, 3: 2}.get(type, type)


@static_helper
def other_norm(norm: Any) -> Any:
    """Which of a transform and its inverse has the factor, turned around."""
    return {"forward": None, "ortho": "ortho"}.get(norm, "forward")


def scaled(x: Any, place: int, factor: Any, axis: Any) -> Any:
    """The numbers at one place of an axis times a factor."""
    n = x.shape[axis]
    weights = np.where(np.arange(n) == (n - 1 if place < 0 else 0), factor, 1.0)
    return (weights if x.ndim == 1 else np.reshape(weights, along_axis(axis, x.ndim))) * x


def ends_scaled(x: Any, factor: Any, axis: Any) -> Any:
    """The first and the last numbers of an axis times a factor."""
    return scaled(scaled(x, 0, factor, axis), -1, factor, axis)


def through_dct(dy: Any, type: Any, axis: Any, norm: Any) -> Any:
    """The transpose of a cosine transform."""
    if norm == "ortho":
        return scipy.fft.idct(dy, type, axis=axis, norm="ortho")
    if type == 1:
        doubled = ends_scaled(dy, 2.0, axis)
        return ends_scaled(scipy.fft.dct(doubled, 1, axis=axis, norm=norm), 0.5, axis)
    if type == 2:
        return scipy.fft.dct(scaled(dy, 0, 2.0, axis), 3, axis=axis, norm=norm)
    if type == 3:
        return scaled(scipy.fft.dct(dy, 2, axis=axis, norm=norm), 0, 0.5, axis)
    return scipy.fft.dct(dy, 4, axis=axis, norm=norm)


def through_dst(dy: Any, type: Any, axis: Any, norm: Any) -> Any:
    """The transpose of a sine transform."""
    if norm == "ortho":
        return scipy.fft.idst(dy, type, axis=axis, norm="ortho")
    if type == 2:
        return scipy.fft.dst(scaled(dy, -1, 2.0, axis), 3, axis=axis, norm=norm)
    if type == 3:
        return scaled(scipy.fft.dst(dy, 2, axis=axis, norm=norm), -1, 0.5, axis)
    return scipy.fft.dst(dy, type, axis=axis, norm=norm)


@pullback("y = scipy.fft.dct(x, type, n, axis, norm)", wrt="x")
def dct_x(dy: Any, x: Any, type: Any, axis: Any, norm: Any) -> Any:
    return as_long_as(through_dct(dy, type, axis, norm), x, axis)


@pullback("y = scipy.fft.idct(x, type, n, axis, norm)", wrt="x")
def idct_x(dy: Any, x: Any, type: Any, axis: Any, norm: Any) -> Any:
    return as_long_as(through_dct(dy, inverse_type(type), axis, other_norm(norm)), x, axis)


@pullback("y = scipy.fft.dst(x, type, n, axis, norm)", wrt="x")
def dst_x(dy: Any, x: Any, type: Any, axis: Any, norm: Any) -> Any:
    return as_long_as(through_dst(dy, type, axis, norm), x, axis)


@pullback("y = scipy.fft.idst(x, type, n, axis, norm)", wrt="x")
def idst_x(dy: Any, x: Any, type: Any, axis: Any, norm: Any) -> Any:
    return as_long_as(through_dst(dy, inverse_type(type), axis, other_norm(norm)), x, axis)


# -- order of frequencies, and their numbers -------------------------------------------------------

for _name in ("fftshift", "ifftshift"):
    define(
        f"scipy.fft.{_name}(x, axes=None)",
        infer=infer_shift,
        cases=(f"scipy.fft.{_name}(un)", f"scipy.fft.{_name}(T, axes=(0, -1))"),
    )


@pullback("y = scipy.fft.fftshift(x, axes)", wrt="x")
def fftshift_x(dy: Any, axes: Any) -> Any:
    return np.fft.ifftshift(dy, axes)


@pullback("y = scipy.fft.ifftshift(x, axes)", wrt="x")
def ifftshift_x(dy: Any, axes: Any) -> Any:
    return np.fft.fftshift(dy, axes)


@composite(scipy.fft.fftfreq, cases=("scipy.fft.fftfreq(5, x)", "scipy.fft.fftfreq(4) * x"))
def fftfreq(n: Any, d: Any = 1.0) -> Any:
    return np.fft.fftfreq(n, d)


@composite(scipy.fft.rfftfreq, cases=("scipy.fft.rfftfreq(5, x)", "scipy.fft.rfftfreq(4) * x"))
def rfftfreq(n: Any, d: Any = 1.0) -> Any:
    return np.fft.rfftfreq(n, d)


# -- in forward mode -------------------------------------------------------------------------------

_TRANSFORMS = tuple(
    f"scipy.fft.{name}"
    for name in (
        "fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "rfft2", "irfft2", "fftn",
        "ifftn", "rfftn", "irfftn", "fftshift", "ifftshift", "dct", "idct", "dst", "idst",
    )
)  # fmt: skip
linear(_TRANSFORMS)
complex_too(*_TRANSFORMS)
