"""Plain-Python loop gradients against the plain function, for scalar loops of the corpus."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr

CORPUS = Path(__file__).parent.parent / "tests" / "run" / "corpus"


def _module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"corpus_{name}", CORPUS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def newton(a, n):
    x = a
    for _ in range(n):
        x = 0.5 * (x + a / x)
    return x


def pendulum(x, v, k, n):
    for _ in range(n):
        v = v - 0.01 * k * math.sin(x)
        x = x + 0.01 * v
    return x * x + v * v


def logdet(A):
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            for j in range(k + 1, n):
                A[i, j] -= A[i, k] * A[k, j]
    s = 0.0
    for k in range(n):
        s += math.log(A[k, k])
    return s


def simulation(u, steps, k):
    for _ in cr.checkpoint(range(steps)):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
    return np.sum(u**2)


def programs() -> list[tuple[Any, tuple[Any, ...]]]:
    """Functions with arguments for which a call takes long enough to be timed."""
    rng = np.random.default_rng(5)
    loops, jumps = _module("loops"), _module("jumps")
    square, vector = rng.normal(size=(20, 20)), rng.normal(size=60)
    return [
        (loops.nested, (square, vector[:20])),
        (loops.tri, (vector[:20],)),
        (loops.ifloop, (0.9 + 0.1 * vector,)),
        (loops.rk4, (1.3, 0.7, 60)),
        (loops.whilefor, (2.7,)),
        (loops.ziploop, (vector, vector[::-1].copy())),
        (loops.callee, (0.8,)),
        (loops.minmax, (vector,)),
        (loops.down, (0.5 * vector,)),
        (loops.zero, (1.001, 200)),
        (loops.cond, (2 * vector,)),
        (jumps.stops, (0.01, 60)),
        (newton, (2.0, 60)),
        (pendulum, (0.3, 0.1, 2.0, 60)),
        (logdet, (square @ square.T + 20 * np.eye(20),)),
    ]


def floats(args: tuple[Any, ...]) -> tuple[int, ...]:
    """The positions of what is differentiated."""
    return tuple(i for i, a in enumerate(args) if not isinstance(a, int))
