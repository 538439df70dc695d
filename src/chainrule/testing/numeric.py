"""Numeric differentiation: the oracle that tests and `check_grads` compare gradients with.

>>> import numpy as np
>>> x = np.array([1.0, 2.0])
>>> gradient, error = numeric_gradient_with_error(lambda x: np.sum(x**3), (x,))
>>> bool(np.all(abs(gradient - 3 * x**2) <= error)), bool(np.all(error < 1e-10))
(True, True)

Central differences at seven step sizes, extrapolated to step zero by Richardson's scheme. Of all
extrapolations the one with the smallest error estimate is the answer, as in

    C. J. F. Ridders, Accurate computation of F'(x) and F'(x) F''(x), Advances in Engineering
    Software 4 (1982), 75-76.

Beyond Ridders: rounding noise is part of the error estimate; an estimate is not trusted while those
from smaller steps still move; a step that leaves the domain of the function is skipped; and where
seven steps do not settle, up to seven smaller ones follow. Left out: his early stop, and one-sided
differences at the edge of a domain, where the answer is NaN with an infinite error. At a kink it is
the mean of the two slopes.
"""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numeric: TypeAlias = float | complex | NDArray[np.float64] | NDArray[np.complex128]

STEPS = 7


def numeric_gradient(f: Callable[..., Any], args: Sequence[Any], argnum: int = 0) -> Numeric:
    """Estimate the gradient of a scalar-valued `f` on argument `argnum` at `args`.

    The argument is a float, a NumPy scalar or an array, of float64 or float32; an int counts as a
    float. The result has its shape, a float for a scalar, and is always of double precision.
    Every call of `f` gets copies of `args`, so it may write to them.
    """
    return numeric_gradient_with_error(f, args, argnum)[0]


def numeric_gradient_with_error(
    f: Callable[..., Any], args: Sequence[Any], argnum: int = 0
) -> tuple[Numeric, Numeric]:
    """Like `numeric_gradient`, and return an estimate of the absolute error of each entry too."""
    value = _value(f, args)
    if value.shape != ():
        raise TypeError(
            f"numeric_gradient needs a scalar value, not shape {value.shape}: use numeric_vjp"
        )
    if value.dtype.kind == "c":
        raise TypeError(f"numeric differentiation needs a real value, not one of {value.dtype}")
    return _gradient(f, args, argnum, value, np.float64(1.0))


def numeric_vjp(
    f: Callable[..., Any], args: Sequence[Any], argnum: int, cotangent: ArrayLike
) -> Numeric:
    """Estimate the gradient of `sum(cotangent * f(*args))` on argument `argnum`.

    `f` returns one array or scalar, and `cotangent` has its shape. Of a complex sum it is the real
    part; the gradient by a complex argument `x + iy` is that by `x` minus `i` times that by `y`.
    """
    weights = np.asarray(cotangent)
    weights = weights.astype(np.complex128 if weights.dtype.kind == "c" else np.float64)
    value = _value(f, args)
    if weights.shape != value.shape:
        raise ValueError(f"a cotangent of shape {weights.shape} for a value of shape {value.shape}")
    return _gradient(f, args, argnum, value, weights)[0]


@dataclass(frozen=True)
class _Steps:
    """The step sizes: `share * max(|x|, least)` and then each smaller by `ratio`."""

    share: float
    least: float
    ratio: float

    def at(self, x: float) -> list[float]:
        first = self.share * max(abs(x), self.least)
        return [first / self.ratio**i for i in range(2 * STEPS)]


# In single precision differences drown in rounding noise much sooner.
_DOUBLE = _Steps(share=0.1, least=0.01, ratio=4.0)
_SINGLE = _Steps(share=0.25, least=1.0, ratio=2.0)


@np.errstate(all="ignore")
def _gradient(
    f: Callable[..., Any],
    args: Sequence[Any],
    argnum: int,
    value: NDArray[Any],
    weights: Any,
) -> tuple[Numeric, Numeric]:
    """Return the gradient of `sum(weights * f(*args))` and its error; `value` is `f(*args)`."""
    argument = _differentiable(args[argnum])
    if argument.dtype.kind == "c":
        return _by_parts(f, args, argnum, value, weights)
    eps = max(_eps(argument.dtype), _eps(value.dtype))
    steps = _SINGLE if eps > _eps(np.dtype(np.float64)) else _DOUBLE
    gradient, error = np.empty(argument.shape), np.empty(argument.shape)
    for index in np.ndindex(argument.shape):

        def at(entry: Any, index: tuple[int, ...] = index) -> tuple[float, float]:
            changed = np.array(argument)
            changed[index] = entry
            try:
                terms = np.real(weights * _value(f, _with_argument(args, argnum, changed)))
            except (ArithmeticError, ValueError):  # out of the domain: f(*args) itself has worked
                return np.nan, np.nan
            return float(np.sum(terms)), float(np.sum(np.abs(terms)))

        gradient[index], error[index] = _derivative(at, argument[index], steps, eps)
    if isinstance(args[argnum], np.ndarray):
        return gradient, error
    return float(gradient), float(error)


def _by_parts(
    f: Callable[..., Any], args: Sequence[Any], argnum: int, value: NDArray[Any], weights: Any
) -> tuple[Any, Any]:
    """The gradient by a complex argument, from those by its real and imaginary parts."""
    z = np.asarray(args[argnum])

    def joined(*changed: Any) -> Any:
        parts = changed[argnum]
        whole = np.asarray(parts[..., 0] + 1j * parts[..., 1], z.dtype)
        given = [*changed[:argnum], args[argnum], *changed[argnum + 1 :]]
        return f(*_with_argument(given, argnum, whole))

    split = [*args[:argnum], np.stack([z.real, z.imag], axis=-1), *args[argnum + 1 :]]
    slopes, errors = (np.asarray(part) for part in _gradient(joined, split, argnum, value, weights))
    found = slopes[..., 0] - 1j * slopes[..., 1]
    error = errors[..., 0] + errors[..., 1]
    if isinstance(args[argnum], np.ndarray):
        return found, error
    return complex(found), float(error)


def _derivative(
    at: Callable[[Any], tuple[float, float]], x: Any, steps: _Steps, eps: float
) -> tuple[float, float]:
    """Return the derivative at `x` and its error; `at` gives a value and the size of its terms."""
    slope, error = np.nan, np.inf
    slopes: list[float] = []
    noises: list[float] = []
    for h in steps.at(float(x)):
        if len(slopes) == STEPS and error <= math.sqrt(eps) * max(1.0, abs(slope)):
            break
        right, left = x.dtype.type(x + h), x.dtype.type(x - h)
        width = float(right) - float(left)  # of the points as rounded
        if width == 0:
            break
        (above, above_size), (below, below_size) = at(right), at(left)
        slopes.append((above - below) / width)
        noises.append(eps * (above_size + below_size) / width)
        slope, error = _extrapolate(slopes, noises, steps.ratio)
    return slope, error


def _extrapolate(
    slopes: Sequence[float], noises: Sequence[float], ratio: float
) -> tuple[float, float]:
    """Return the entry of Ridders' tableau with the smallest error estimate, and that estimate.

    >>> _extrapolate([4.0, 3.25, 3.0625], [0.0, 0.0, 0.0], ratio=2.0)
    (3.0, 0.0)
    """
    rows: list[tuple[float, float]] = []  # the best entry of each row, and its error estimate
    coarser: list[float] = []
    for slope, noise in zip(slopes, noises, strict=True):
        row, best, best_error = [slope], np.nan, np.inf
        for order, coarse in enumerate(coarser, start=1):
            weight = ratio ** (2 * order)
            fine = row[-1]
            row.append((weight * fine - coarse) / (weight - 1))
            error = max(abs(row[-1] - fine), abs(row[-1] - coarse)) + noise
            if error < best_error:  # never so with a NaN
                best, best_error = row[-1], error
        rows.append((best, best_error))
        coarser = row

    # From fine to coarse: a row claims too much if finer ones move more than rounding explains.
    best, best_error, unrest = np.nan, np.inf, 0.0
    for (value, error), noise in zip(reversed(rows), reversed(noises), strict=True):
        if max(error, unrest) < best_error:
            best, best_error = value, max(error, unrest)
        if error < np.inf:
            unrest = max(unrest, error - 10 * noise)
    return float(best), float(best_error)


def _differentiable(argument: Any) -> NDArray[Any]:
    """Return the argument as an array of floating-point or complex numbers, or refuse it."""
    if isinstance(argument, int) and not isinstance(argument, bool):
        argument = float(argument)
    array = np.asarray(argument)
    if array.dtype not in (np.float64, np.float32, np.complex128, np.complex64):
        raise TypeError(
            f"numeric differentiation needs a float64 or float32 argument, or a complex one, "
            f"not {array.dtype}"
        )
    return array


def _with_argument(args: Sequence[Any], argnum: int, changed: NDArray[Any]) -> list[Any]:
    """Return `args` with one argument replaced, of the type that the caller gave it."""
    original = args[argnum]
    changed_args = list(args)
    if isinstance(original, np.ndarray):
        changed_args[argnum] = changed
    elif isinstance(original, np.generic):
        changed_args[argnum] = changed[()]
    else:
        changed_args[argnum] = changed.item()
    return changed_args


def _value(f: Callable[..., Any], args: Sequence[Any]) -> NDArray[Any]:
    with np.errstate(all="ignore"):
        value = np.asarray(f(*copy.deepcopy(list(args))))
    if value.dtype.kind not in "biufc":
        raise TypeError(f"numeric differentiation needs numbers, not a value of {value.dtype}")
    return value


def _eps(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).eps) if dtype.kind in "fc" else 0.0
