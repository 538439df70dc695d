"""Compare compiled gradients with Numba and JAX, all of a case timed in one run.

    python bench/compiled.py [--only WORD] [--plot FILE.svg]

A column is the median time of one call. A ratio is to the plain function compiled by `numba.njit`.
Gradients have to agree with those of JAX, in double precision.
"""

from __future__ import annotations

import argparse
import statistics
import timeit
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numba
import numpy as np
from cases import f, f_by_hand
from kernels import CASES as KERNELS
from kernels import Case
from npbench import CASES as NPBENCH
from rich.console import Console
from rich.table import Table

import chainrule as cr

CASES = [*KERNELS, *NPBENCH]
COLUMNS = ("NumPy", "numba.njit", "compiled", "gradient", "JAX gradient")
ROUNDS = 15
TARGET = 0.01  # seconds per round and function


def functions(case: Case) -> dict[str, Callable[[], Any]]:
    """What is timed of a case, by column; what is not possible is left out."""
    args = case.args
    kept = [i for i, a in enumerate(args) if isinstance(a, np.ndarray)]  # they may write into them

    def fresh() -> tuple[Any, ...]:
        return tuple(a.copy() if i in kept else a for i, a in enumerate(args))

    gradient = cr.value_and_grad(case.fun, argnums=case.wrt, engine="numba")
    primal = cr.compile(case.fun)
    found: dict[str, Callable[[], Any]] = {"NumPy": lambda: case.fun(*fresh())}
    plain = numba.njit(case.fun)
    try:
        plain(*fresh())
        found["numba.njit"] = lambda: plain(*fresh())
    except numba.core.errors.TypingError:
        pass  # such as `keepdims=`, which Numba does not have
    for name, fun in (("compiled", primal), ("gradient", gradient)):
        try:
            fun(*args)
            found[name] = lambda fun=fun: fun(*args)
        except cr.UnsupportedError as error:
            print(f"{case.name}: {name} refused: {error}")
    peer = jax_gradient(case)
    found["JAX gradient"] = lambda: jax.block_until_ready(peer())
    return found


def jax_gradient(case: Case) -> Callable[[], Any]:
    """The jitted value and gradient; numbers of steps are static, arrays are on the device."""
    static = tuple(i for i, a in enumerate(case.args) if isinstance(a, int))
    both = jax.value_and_grad(case.peer(jnp, jax.lax), argnums=case.wrt)
    jitted = jax.jit(both, static_argnums=static)
    args = [a if isinstance(a, int) else jnp.asarray(a) for a in case.args]
    return lambda: jitted(*args)


def disagreement(case: Case, found: dict[str, Callable[[], Any]]) -> float | None:
    """The largest difference from JAX, relative to the largest entry of that gradient."""
    if "gradient" not in found:
        return None
    ours, theirs = found["gradient"](), found["JAX gradient"]()
    pairs = [(ours[0], theirs[0]), *zip(ours[1], theirs[1], strict=True)]
    if "compiled" in found:
        pairs.append((found["compiled"](), theirs[0]))
    return max(
        float(
            np.max(np.abs(np.asarray(a) - np.asarray(b))) / (np.max(np.abs(np.asarray(b))) + 1e-300)
        )
        for a, b in pairs
    )


def medians(found: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Seconds per call, medians over rounds in which the functions take turns."""
    counts = {}
    for name, fun in found.items():
        fun()
        once = min(timeit.repeat(fun, number=1, repeat=3))
        counts[name] = max(1, min(100_000, int(TARGET / max(once, 1e-7))))
    times: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(ROUNDS):
        for name, fun in found.items():
            slow = name == "NumPy" and counts[name] == 1 and len(times[name]) >= 3
            if not slow:
                times[name].append(timeit.timeit(fun, number=counts[name]) / counts[name])
    return {name: statistics.median(taken) for name, taken in times.items()}


def text(seconds: float | None) -> str:
    """Three digits and a unit: `1.23 ms`."""
    if seconds is None:
        return "–"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def small_calls() -> None:
    """Print what a value and gradient of the staged function takes, from Python and from Numba code."""
    ours, by_hand = cr.value_and_grad(numba.njit(f), argnums=(0, 1)), numba.njit(f_by_hand)

    def walk(g: Any) -> Callable[[int], Any]:
        @numba.njit
        def loop(steps):
            x, y = 3.0, -4.0
            for _ in range(steps):
                _, (dx, dy) = g(x, y)
                x, y = x - 1e-9 * dx, y - 1e-9 * dy
            return x, y

        return loop

    steps = 10_000
    loops = [walk(g) for g in (ours, by_hand)]
    for where, limit, (mine, hand), count in (
        ("from Python", "0.8 µs", [lambda g=g: g(3.0, -4.0) for g in (ours, by_hand)], 1),
        ("in Numba code", "60 ns", [lambda loop=loop: loop(steps) for loop in loops], steps),
    ):
        times = medians({"gradient": mine, "by hand": hand})
        shown = {name: text(taken / count) for name, taken in times.items()}
        print(
            f"staged f(x, y), value and gradient {where}: {shown['gradient']}, at most {limit}; "
            f"written by hand with numba.njit {shown['by hand']}"
        )


def plot(rows: dict[str, dict[str, float]], path: str) -> None:
    """Bars of the time relative to the compiled primal, on a logarithmic scale."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    names = list(rows)
    shown = [c for c in COLUMNS if c != "NumPy"]
    figure, axes = plt.subplots(figsize=(8, 0.5 * len(names) + 1.2))
    height = 0.8 / len(shown)
    for position, column in enumerate(shown):
        places = [i + (position - (len(shown) - 1) / 2) * height for i in range(len(names))]
        widths = [rows[n].get(column, float("nan")) * 1e6 for n in names]
        axes.barh(places, widths, height, label=column)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("µs per call")
    axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="the cases whose name has this word")
    parser.add_argument("--plot", metavar="FILE.svg", help="draw the table")
    options = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    table = Table("case", *(c for c in COLUMNS), "gradient / njit", "JAX / gradient", "difference")
    rows: dict[str, dict[str, float]] = {}
    wrong: list[str] = []
    for case in CASES:
        if options.only not in case.name:
            continue
        found = functions(case)
        off = disagreement(case, found)
        if off is not None and not off < 1e-9:
            wrong.append(case.name)
        times = rows[case.name] = medians(found)
        base = times.get("numba.njit", times.get("compiled"))
        ours = times.get("gradient")
        table.add_row(
            case.name,
            *(text(times.get(c)) for c in COLUMNS),
            f"{ours / base:.2f}" if ours and base else "–",
            f"{times['JAX gradient'] / ours:.2f}" if ours else "–",
            f"{off:.1e}" if off is not None else "–",
        )
    Console(width=130).print(table)
    small_calls()
    if options.plot:
        plot(rows, options.plot)
    if wrong:
        raise SystemExit(f"the gradients of {', '.join(wrong)} do not agree")


if __name__ == "__main__":
    main()
