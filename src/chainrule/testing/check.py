"""`check_grads`: compare a function's gradient with numeric differentiation, entry by entry."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, final

import numpy as np

from ..api import grad, vjp
from ..containers import is_float, leaves, rebuilt
from ..derivatives import hvp, jvp
from ..frontend.signature import child_path, fields_of, to_float
from .numeric import numeric_vjp

MODES: Final = ("fwd", "rev")
WEIGHTED: Final = "(gradients of a sum of all results, each with a fixed random weight)"


@final
@dataclass(frozen=True)
class Comparison:
    """One differentiated leaf: its path, both gradients, and the entry where they differ most."""

    path: str
    gradient: Any
    numeric: Any
    worst: tuple[int, ...]
    error: float
    agrees: bool
    weighted: bool = False  # the function returns more than one number


def compare(
    f: Callable[..., Any],
    args: Sequence[Any],
    *,
    wrt: Collection[str] | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-8,
) -> list[Comparison]:
    """Compare the gradients of every floating-point leaf of `args` with numeric ones.

    `wrt` are the names of the arguments that count, all of them when it is None.

    Results that are not one number are weighted with fixed pseudo-random cotangents, so that a
    wrong entry of a Jacobian shows.
    """
    value, pullback = vjp(f, *args)
    cotangent = _cotangent(value, np.random.default_rng(0))
    gradients = pullback(cotangent)
    names = f.__code__.co_varnames if hasattr(f, "__code__") else ()
    result: list[Comparison] = []
    for position, (arg, gradient) in enumerate(zip(args, gradients, strict=True)):
        name = names[position] if position < len(names) else f"argument {position}"
        if wrt is not None and name not in wrt:
            continue
        for path, leaf, found in _paired(arg, gradient, name):

            def probe(
                entry: Any, path: str = path, position: int = position, name: str = name
            ) -> Any:
                changed = copy.deepcopy(list(args))  # the function may write into them
                changed[position] = _replaced(args[position], path, entry, name)
                return _weighted(f(*changed), cotangent)

            numeric = numeric_vjp(probe, (leaf,), 0, 1.0)
            compared = _comparison(path, found, numeric, leaf, rtol, atol)
            result.append(replace(compared, weighted=not isinstance(cotangent, float)))
    return result


def _comparison(
    path: str, gradient: Any, numeric: Any, leaf: Any, rtol: float, atol: float
) -> Comparison:
    scale = 1e4 if _is_single(leaf) else 1.0
    difference = np.abs(np.asarray(gradient) - np.asarray(numeric))
    size = np.maximum(np.abs(np.asarray(numeric)), np.abs(np.asarray(gradient)))
    relative = difference / (atol * scale / (rtol * scale) + size)
    relative = np.where(np.isnan(relative), np.inf, relative)
    worst = np.unravel_index(int(np.argmax(relative)), relative.shape) if relative.size else ()
    error = float(relative[worst]) if relative.size else 0.0
    place = tuple(int(i) for i in worst)
    return Comparison(path, gradient, numeric, place, error, error <= rtol * scale)


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 1,
    modes: Sequence[str] = MODES,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-8,
) -> None:
    """Raise AssertionError, with a table as its text, when a derivative disagrees with numeric ones.

    Parameters
    ----------
    f
        A function of numbers, arrays and containers of them, with any output.
    args
        The point at which to compare, away from kinks.
    order
        1, or 2 for the Hessian times a direction too (of a function that returns one number).
    modes
        `"rev"` compares every gradient with a numeric one, `"fwd"` the tangent along a direction.
    rtol, atol
        A gradient agrees when `|gradient - numeric| <= atol + rtol * size`; for single precision
        10,000 times that. Tangents and second derivatives are compared with 100 times as much in
        double precision.

    Examples
    --------
    >>> import chainrule as cr
    >>> cr.check_grads(lambda x, y: x * y**2, (2.0, 3.0), order=2)
    """
    if order not in (1, 2):
        raise ValueError(f"order {order!r} is not available: use 1 or 2")
    if unknown := set(modes) - set(MODES):
        raise ValueError(f"mode {sorted(unknown)[0]!r} is not available: use 'fwd' and 'rev'")
    if "rev" in modes:
        found = compare(f, args, rtol=rtol, atol=atol)
        if not all(c.agrees for c in found):
            raise AssertionError("gradients disagree with numeric differentiation\n" + table(found))
    args = list(args)
    if not any(is_float(leaf) for leaf in leaves(args)):  # then ints count as floats
        args = to_float(args)
    wider = 1 if _is_single(_narrowest(args)) else 100
    if "fwd" in modes:
        _raise_unless(_tangent(f, args, wider * rtol, wider * atol), "a tangent disagrees")
    if order == 2:
        _raise_unless(_second(f, args, wider * rtol, wider * atol), "second derivatives disagree")


def _raise_unless(found: Sequence[Comparison], what: str) -> None:
    if not all(c.agrees for c in found):
        raise AssertionError(f"{what} with numeric differentiation\n" + table(found))


def _tangent(
    f: Callable[..., Any], args: Sequence[Any], rtol: float, atol: float
) -> list[Comparison]:
    """The tangent along a fixed direction against a numeric slope, weighted as gradients are."""
    dots = [_direction(arg, np.random.default_rng(n)) for n, arg in enumerate(args)]
    value, tangent = jvp(f, list(args), dots)
    cotangent = _cotangent(value, np.random.default_rng(0))

    def at(step: float) -> Any:
        return _weighted(f(*copy.deepcopy(_along(args, dots, step))), cotangent)

    ours = _weighted(_or_zero(tangent), cotangent)
    numeric = numeric_vjp(at, (_narrowest(args)[()],), 0, 1.0)
    return [_comparison("the tangent", ours, numeric, _narrowest(args), rtol, atol)]


def _second(
    f: Callable[..., Any], args: Sequence[Any], rtol: float, atol: float
) -> list[Comparison]:
    """The Hessian times a direction, and that times another one, against the gradient's slope."""
    dots = [_direction(arg, np.random.default_rng(n)) for n, arg in enumerate(args)]
    others = [_direction(arg, np.random.default_rng(100 + n)) for n, arg in enumerate(args)]
    places = tuple(n for n, dot in enumerate(dots) if dot is not None)
    gradient = grad(f, places)

    def at(step: float) -> Any:
        found = gradient(*_along(args, dots, step))
        return _weighted(list(found), [others[n] for n in places])

    product = hvp(f, places)(*args, tuple(dots[n] for n in places))
    ours = _weighted(list(product), [others[n] for n in places])
    numeric = numeric_vjp(at, (_narrowest(args)[()],), 0, 1.0)
    return [_comparison("the Hessian", ours, numeric, _narrowest(args), rtol, atol)]


def _direction(value: Any, rng: np.random.Generator) -> Any:
    """A random direction for a value; None where it has no floating-point number."""
    found = [_weights(leaf, rng) if is_float(leaf) else None for leaf in leaves(value)]
    if all(dot is None for dot in found):
        return None
    return _as_lists(value, iter(found))


def _weights(leaf: Any, rng: np.random.Generator) -> Any:
    """Random numbers of both signs in the shape of a leaf, complex for a complex one."""
    shape = np.shape(leaf)
    found = rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)
    if not np.iscomplexobj(leaf):
        return found
    return found + 1j * rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)


def _is_single(leaf: Any) -> bool:
    """Is it of single or half precision?"""
    return bool(np.finfo(getattr(leaf, "dtype", np.dtype(float))).bits < 64)


def _as_lists(value: Any, dots: Iterator[Any]) -> Any:
    """The directions in lists and dicts like the value's containers."""
    parts = fields_of(value)
    if parts is None:
        return next(dots)
    items = [_as_lists(item, dots) for item in parts[1]]
    return dict(zip(value, items, strict=True)) if isinstance(value, dict) else items


def _along(args: Sequence[Any], dots: Sequence[Any], step: float) -> list[Any]:
    """The arguments moved along the directions."""

    def moved(leaf: Any, rate: Any) -> Any:
        if rate is None:
            return leaf
        kind = getattr(leaf, "dtype", np.dtype(type(leaf)))
        return leaf + np.asarray(step * rate, kind)[()]

    return [
        arg
        if dot is None
        else rebuilt(arg, iter([moved(*p) for p in zip(leaves(arg), leaves(dot), strict=True)]))
        for arg, dot in zip(args, dots, strict=True)
    ]


def _or_zero(tangent: Any) -> Any:
    """A tangent with zeros where a value has none."""
    return rebuilt(tangent, iter([0.0 if leaf is None else leaf for leaf in leaves(tangent)]))


def _narrowest(args: Sequence[Any]) -> Any:
    """A leaf of the lowest precision, which decides how closely results agree."""
    found = [np.asarray(leaf).real.dtype for arg in args for leaf in leaves(arg) if is_float(leaf)]
    lowest = min(found, key=lambda dtype: dtype.itemsize, default=np.dtype(float))
    return np.zeros((), lowest)


def table(found: Sequence[Comparison]) -> str:
    """A line per argument, with the entry where both gradients differ most."""
    rows = [("argument", "worst entry", "gradient", "numeric", "error", "")]
    for c in found:
        entry = f"[{', '.join(map(str, c.worst))}]" if c.worst else ""
        got = np.asarray(c.gradient)[c.worst] if np.size(c.gradient) else np.nan
        want = np.asarray(c.numeric)[c.worst] if np.size(c.numeric) else np.nan
        mark = "ok" if c.agrees else "WRONG"
        rows.append((c.path, entry, f"{got:.9g}", f"{want:.9g}", f"{c.error:.1e}", mark))
    note = f"\n{WEIGHTED}" if any(c.weighted for c in found) else ""
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    return (
        "\n".join(
            "  ".join(text.ljust(w) for text, w in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )
        + note
    )


# -- leaves --------------------------------------------------------------------------------------


def _cotangent(value: Any, rng: np.random.Generator) -> Any:
    """Weights for every number of a value; 1 for a single number."""
    parts = fields_of(value)
    if parts is not None:
        weights = [_cotangent(item, rng) for item in parts[1]]
        return dict(zip(value, weights, strict=True)) if isinstance(value, dict) else weights
    if np.ndim(value) == 0 and not np.iscomplexobj(value):
        return 1.0
    return _weights(value, rng)


def _weighted(value: Any, cotangent: Any) -> Any:
    parts = fields_of(value)
    if parts is not None:
        weights = cotangent.values() if isinstance(cotangent, dict) else cotangent
        pairs = zip(parts[1], weights, strict=True)
        return sum(_weighted(item, weight) for item, weight in pairs)
    if np.asarray(value).dtype.kind not in "fc":
        return 0.0
    return np.real(np.sum(np.asarray(value) * np.asarray(cotangent, np.asarray(value).dtype)))


def _paired(arg: Any, gradient: Any, path: str) -> list[tuple[str, Any, Any]]:
    """The floating-point leaves of an argument with their paths and gradients."""
    if gradient is None:
        return []
    parts, found = fields_of(arg), fields_of(gradient)
    if parts is not None and found is not None:
        keys = parts[0] if parts[0] is not None else range(len(parts[1]))
        result: list[tuple[str, Any, Any]] = []
        for key, item, part in zip(keys, parts[1], found[1], strict=True):
            result += _paired(item, part, child_path(path, type(arg), key))
        return result
    if isinstance(arg, int | float | complex | np.inexact) and not isinstance(arg, bool):
        return [(path, arg, gradient)]
    if isinstance(arg, np.ndarray) and arg.dtype.kind in "fc":
        return [(path, arg, gradient)]
    return []


def _replaced(arg: Any, path: str, entry: Any, name: str) -> Any:
    """The argument with the leaf at `path` replaced."""
    if path == name:
        return entry
    parts = fields_of(arg)
    if parts is None:
        return arg
    keys = parts[0] if parts[0] is not None else range(len(parts[1]))
    items = []
    for key, item in zip(keys, parts[1], strict=True):
        child = child_path(name, type(arg), key)
        inside = path == child or path.startswith((f"{child}.", f"{child}["))
        items.append(_replaced(item, path, entry, child) if inside else item)
    if isinstance(arg, dict):
        return dict(zip(keys, items, strict=True))
    if parts[0] is not None:
        return type(arg)(**dict(zip(parts[0], items, strict=True)))
    return type(arg)(items)
