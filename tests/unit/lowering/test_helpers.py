"""The helpers of lowered programs against what they stand for."""

import math

import numpy as np
import pytest
import scipy.special

from chainrule.lowering.helpers import HELPERS

scope = {"np": np, "math": math}
for text in HELPERS.values():
    exec(text, scope)

POINTS = [0.1, 1.4616321449683622, 1.5, 3.0, 25.0, 170.5, -0.5, -3.7, 1e-8]


@pytest.mark.parametrize("x", POINTS)
def test_functions_of_gamma(x):
    assert scope["digamma"](x) == pytest.approx(scipy.special.digamma(x), rel=1e-13, abs=1e-14)
    for n in (1, 2, 3):
        expected = scipy.special.polygamma(n, x)
        assert scope["polygamma"](n, x) == pytest.approx(expected, rel=1e-12)


def test_poles_of_digamma():
    assert scope["digamma"](0.0) == scipy.special.digamma(0.0)
    assert np.isnan(scope["digamma"](-2.0))


@pytest.mark.parametrize("x", [0.0, 0.3, -5.0, 8.0, 8.1, 60.0])
def test_i0(x):
    assert scope["i0"](x) == pytest.approx(float(np.i0(x)), rel=1e-15)


@pytest.mark.parametrize("pair", [(5.0, 3.0), (-5.0, 3.0), (7.5, 5.0), (2.5, 5.0), (1.0, np.inf)])
def test_remainder(pair):
    assert scope["remainder"](*pair) == math.remainder(*pair)


def test_integers():
    for n in range(12):
        assert scope["factorial"](n) == math.factorial(n)
        assert scope["isqrt"](n) == math.isqrt(n)
        for k in range(13):
            assert scope["comb"](n, k) == math.comb(n, k)
            assert scope["perm"](n, k) == math.perm(n, k)
    with pytest.raises(OverflowError):
        scope["factorial"](21)
    with pytest.raises(OverflowError):
        scope["comb"](100, 50)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 17, 100])
def test_sorted_order(n):
    rng = np.random.default_rng(n)
    x = rng.integers(0, 5, n).astype(float)
    x[rng.random(n) < 0.2] = np.nan
    np.testing.assert_array_equal(scope["sorted_order"](x), np.argsort(x, kind="stable"))
