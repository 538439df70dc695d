"""Compiled pairs of a forward and a backward function."""

import math

import numba
import numpy as np
import pytest

import chainrule as cr


@numba.njit
def polar(r, t):
    return r * math.cos(t), r * math.sin(t)


def test_a_pair():
    value, pullback = cr.vjp(polar, 2.0, 0.5)
    assert value == pytest.approx((2 * math.cos(0.5), 2 * math.sin(0.5)), rel=1e-15)
    assert pullback((1.0, 0.0)) == pytest.approx((math.cos(0.5), -2 * math.sin(0.5)), rel=1e-15)
    assert pullback((0.0, 1.0)) == pytest.approx((math.sin(0.5), 2 * math.cos(0.5)), rel=1e-15)


def test_a_plain_function_stays_plain_unless_it_is_asked_for():
    _, pullback = cr.vjp(polar.py_func, 2.0, 0.5, engine="numba")
    assert pullback((1.0, 0.0)) == cr.vjp(polar, 2.0, 0.5)[1]((1.0, 0.0))
    with pytest.raises(ValueError, match="engine"):
        cr.vjp(polar, 2.0, 0.5, engine="other")


def test_the_pullback_sees_what_the_forward_pass_saw():
    rate = 2.0
    _, pullback = cr.vjp(lambda x: rate * x**2, 3.0, engine="numba")
    rate = 5.0
    assert pullback(1.0) == (12.0,)


def test_containers_and_integers():
    def f(p, n):
        return {"y": p["a"] ** n * p["b"]}

    value, pullback = cr.vjp(f, {"a": 2.0, "b": 3.0}, 3, engine="numba")
    assert value == {"y": 24.0}
    assert pullback({"y": 1.0}) == ({"a": 36.0, "b": 8.0}, None)


def test_single_precision():
    value, pullback = cr.vjp(lambda x: x * x, np.float32(3.0), engine="numba")
    (dx,) = pullback(1.0)
    assert type(value) is type(dx) is np.float32
    assert dx == 6.0
