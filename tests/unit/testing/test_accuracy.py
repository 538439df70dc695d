"""Elementwise rules against mpmath."""

import numpy as np
import pytest

from chainrule.rules.registry import OPS
from chainrule.testing import accuracy

pytest.importorskip("mpmath")


@pytest.mark.parametrize("name", [name for name in OPS if name in accuracy._EXACT])
def test_the_goal_is_met(name):
    for worst in accuracy.measured(OPS[name]):
        assert worst.error <= accuracy.GOAL * 1.25, worst  # libm differs between machines


def test_points_fill_a_range():
    rng = np.random.default_rng(0)
    wide = accuracy.points(1e-100, 1e100, rng)
    assert wide.min() < 1e-90
    assert wide.max() > 1e90
    even = accuracy.points(-3.0, 3.0, rng)
    assert even.size == accuracy.POINTS
    assert np.abs(even).max() <= 3.0
    assert np.abs(even).min() < 1e-9


def test_a_wrong_rule_is_seen(monkeypatch):
    monkeypatch.setitem(accuracy._EXACT, "exp", ("mp.exp(a) * (1 + mp.mpf(2) ** -45)",))
    (worst,) = accuracy.report(["exp"])
    assert 30 < worst.error < 1000
