"""Gradients against numeric differentiation: a comparison for each argument, and its table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np

from ..api import value_and_grad, vjp
from ..frontend.signature import child_path, fields_of
from .numeric import numeric_gradient_with_error

_RELATIVE: Final = {"float64": 1e-6, "float32": 1e-2}
_LEAST: Final = 1e-3  # of a gradient that is 0, what rounding may leave
_LOOSEST: Final = 1e-3  # an uncertain numeric answer excuses no more than this


@final
@dataclass(frozen=True)
class Comparison:
    """One number or array that a gradient was computed for, and its worst entry.

    `at` is the index of that entry, `unknown` how many entries numeric differentiation has no
    answer for (at the edge of the domain of the function).
    """

    path: str
    shape: tuple[int, ...]
    at: tuple[int, ...]
    ours: float
    numeric: float
    error: float
    unknown: int
    agrees: bool

    @property
    def entry(self) -> str:
        """The worst entry as code has it: `W[2, 1]`."""
        return f"{self.path}[{', '.join(map(str, self.at))}]" if self.at else self.path


def compare_gradients(
    fun: Callable[..., Any], args: Mapping[str, Any], wrt: Sequence[str]
) -> list[Comparison]:
    """Compare the gradients of `fun` at `args` with numeric ones, for each argument of `wrt`.

    Where the value is not one number, what is compared is the gradient of a sum of its entries
    with fixed random weights.

    >>> compare_gradients(lambda x, y: x * y, {"x": 2.0, "y": 3.0}, ["x"])[0].agrees
    True
    """
    value = fun(**_copied(args))
    weights = _weights(value, np.random.default_rng(0))
    if np.ndim(value) == 0 and fields_of(value) is None:
        weights, (_, gradients) = 1.0, value_and_grad(fun, tuple(wrt))(**args)
    else:
        everything = dict(zip(args, vjp(fun, *args.values())[1](weights), strict=True))
        gradients = [everything[name] for name in wrt]
    found: list[Comparison] = []
    for name, gradient in zip(wrt, gradients, strict=True):
        ours = [leaf for _, leaf in _leaves(gradient, name)]
        for i, (path, leaf) in enumerate(_leaves(args[name], name)):

            def at(new: Any, name: str = name, i: int = i) -> float:
                changed = {**_copied(args)}
                changed[name] = _replaced(changed[name], i, new)
                return _weighted(fun(**changed), weights)

            found.append(_compared(path, leaf, ours[i], at))
    return found


def comparison_table(comparisons: Sequence[Comparison]) -> str:
    """The comparisons as a table, the worst one named in the last line.

    >>> row = Comparison("W", (2, 2), (1, 0), 0.5, 0.25, 0.25, 0, False)
    >>> print(comparison_table([row]))
    gradient  shape   largest error  at       chainrule  numeric
    dW        (2, 2)  0.25           W[1, 0]  0.5        0.25     differs
    <BLANKLINE>
    1 of 1 gradients differs: dW at W[1, 0] is 0.5, and numeric differentiation says 0.25
    """
    head = ("gradient", "shape", "largest error", "at", "chainrule", "numeric", "")
    rows = [head, *map(_row, comparisons)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    return "\n".join([*lines, "", _verdict(comparisons)])


def _row(c: Comparison) -> tuple[str, ...]:
    word = "agrees" if c.agrees else "differs"
    if c.unknown:
        word += f", {c.unknown} entries without a numeric answer"
    shape = str(c.shape) if c.shape else "number"
    return (
        f"d{c.path}",
        shape,
        f"{c.error:.2g}",
        c.entry,
        f"{c.ours:.7g}",
        f"{c.numeric:.7g}",
        word,
    )


def _verdict(comparisons: Sequence[Comparison]) -> str:
    wrong = [c for c in comparisons if not c.agrees]
    if not wrong:
        return "all gradients agree with numeric differentiation"
    worst = max(wrong, key=lambda c: c.error if np.isfinite(c.error) else np.inf)
    return (
        f"{len(wrong)} of {len(comparisons)} gradients differ{'s' if len(wrong) == 1 else ''}: "
        f"d{worst.path} at {worst.entry} is {worst.ours:.7g}, "
        f"and numeric differentiation says {worst.numeric:.7g}"
    )


def _compared(path: str, leaf: Any, ours: Any, at: Callable[[Any], float]) -> Comparison:
    numeric, error = map(np.asarray, numeric_gradient_with_error(at, (leaf,)))
    mine = np.asarray(ours, dtype=np.float64)
    known = np.isfinite(numeric) & np.isfinite(error)
    scale = np.maximum(np.abs(mine), np.abs(numeric))
    scale = np.maximum(scale, _LEAST * np.max(scale, initial=0.0, where=known))
    precision = str(getattr(leaf, "dtype", "float64"))
    allowed = np.maximum(
        _RELATIVE.get(precision, 1e-6) * scale, np.minimum(10 * error, _LOOSEST * scale)
    )
    allowed = np.maximum(allowed, 1e-12)
    off = np.where(known, np.abs(mine - numeric), 0.0)
    off = np.where(np.isnan(off), np.inf, off)  # our gradient is NaN where the numeric one is not
    excess = np.where(known, off / allowed, -1.0)
    worst = np.unravel_index(int(np.argmax(excess)), numeric.shape) if numeric.size else ()
    index = tuple(int(i) for i in worst)
    return Comparison(
        path, numeric.shape, index,
        float(mine[index]) if numeric.size else 0.0,
        float(numeric[index]) if numeric.size else 0.0,
        float(off[index]) if numeric.size else 0.0,
        int(np.sum(~known)),
        bool(np.all(off <= allowed)) and bool(np.any(known) or not numeric.size),
    )  # fmt: skip


# -- containers ----------------------------------------------------------------------------------


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The numbers and arrays in a container, with their paths."""
    parts = fields_of(value)
    if parts is None:
        yield path, value
        return
    keys, items = parts
    for key, item in zip(keys if keys is not None else range(len(items)), items, strict=True):
        yield from _leaves(item, child_path(path, type(value), key))


def _replaced(value: Any, position: int, new: Any) -> Any:
    """The container with its leaf number `position` replaced."""
    feed = [leaf for _, leaf in _leaves(value, "")]
    feed[position] = new
    return _rebuilt(value, iter(feed))


def _rebuilt(value: Any, feed: Iterator[Any]) -> Any:
    parts = fields_of(value)
    if parts is None:
        return next(feed)
    keys, items = parts
    new = [_rebuilt(item, feed) for item in items]
    if keys is None:
        return type(value)(new)
    if isinstance(value, dict):
        return dict(zip(keys, new, strict=True))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **dict(zip(keys, new, strict=True)))
    return type(value)(*new)


def _copied(args: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _rebuilt(value, _copies(value)) for name, value in args.items()}


def _copies(value: Any) -> Iterator[Any]:
    for _, leaf in _leaves(value, ""):
        yield leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def _weights(value: Any, rng: np.random.Generator) -> Any:
    """Weights in the shape of a value: random for floats, 0 for all else."""

    def weight() -> Iterator[Any]:
        for _, leaf in _leaves(value, ""):
            array = np.asarray(leaf)
            drawn = (
                rng.normal(size=array.shape) if array.dtype.kind == "f" else np.zeros(array.shape)
            )
            yield drawn if isinstance(leaf, np.ndarray) else float(drawn)

    return _rebuilt(value, weight())


def _weighted(value: Any, weights: Any) -> float:
    """The sum of a value's entries with these weights."""
    pairs = zip(_leaves(value, ""), _leaves(weights, ""), strict=True)
    terms = (
        np.sum(np.asarray(v) * w) for (_, v), (_, w) in pairs if np.asarray(v).dtype.kind in "biuf"
    )
    return float(sum(terms))
