"""Loops with checkpoints in lowered programs."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import checkpoint
from chainrule.emit import snapshots
from chainrule.lowering.helpers import HELPERS

_spec = importlib.util.spec_from_file_location(
    "support", Path(__file__).parents[2] / "run" / "support.py"
)
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

x = np.array([1.1, -0.3, 0.5])


def test_the_helpers_are_those_of_the_numpy_engine():
    scope = {"np": np}
    for name in ("comb", "snapshot_count", "snapshot_places"):
        exec(HELPERS[name], scope)
    for trips in (0, 1, 2, 7, 30, 1000):
        assert scope["snapshot_count"](trips) == snapshots.snapshot_count(trips)
        for free in (0, 1, 3, 6):
            mine = scope["snapshot_places"](3, trips, free)
            assert mine.tolist() == sorted(snapshots.snapshot_places(3, trips, free))


@pytest.mark.parametrize("every", [None, 1, 4])
def test_the_state_is_kept_a_few_times(every):
    def f(x, n, every):
        s = 0.0
        for t in checkpoint(range(n), every=every):
            x = np.sin(x * 1.5) + 0.1 * t
            s = s * 0.5 + x[0] * x[1]
        return s + np.sum(x)

    for n in (0, 1, 20):
        text = support.check_lowered(f, (x, n, every), ("x",))
    assert "snapshots_1" in text


def test_a_pullback_that_is_called_twice():
    def f(x, n):
        for _ in checkpoint(range(n)):
            x = np.tanh(x * 1.5) + 0.1 * x[::-1]
        return x

    _, pullback = cr.vjp(f, x, 20, engine="numba")
    _, plain = cr.vjp(f, x, 20)
    for seed in (np.ones(3), x, np.ones(3)):
        np.testing.assert_allclose(pullback(seed)[0], plain(seed)[0], rtol=1e-10)
