"""Rules that select: ties, NaN, bounds in either order, infinite cotangents."""

import numpy as np
import pytest

import chainrule.rules  # noqa: F401
from chainrule.ir.dims import Dim
from chainrule.ir.types import Array
from chainrule.rules.registry import OPS, NotSupported, OpCall
from chainrule.rules.selection import clip, select

INF, NAN = np.inf, np.nan


def gradient(name, wrt, cotangent=1.0, **values):
    rule = OPS[name].rules[wrt]
    arrays = {k: np.atleast_1d(v) for k, v in values.items()}
    shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
    return list(rule.fun(np.full(shape, cotangent), *[arrays[p] for p in rule.params[1:]]))


A = np.array([1.0, 2.0, 2.0, INF])
B = np.array([2.0, 1.0, 2.0, INF])


@pytest.mark.parametrize(
    ("name", "a", "b"),
    [
        ("maximum", [0, 1, 0.5, 0.5], [1, 0, 0.5, 0.5]),
        ("fmax", [0, 1, 0.5, 0.5], [1, 0, 0.5, 0.5]),
        ("minimum", [1, 0, 0.5, 0.5], [0, 1, 0.5, 0.5]),
        ("fmin", [1, 0, 0.5, 0.5], [0, 1, 0.5, 0.5]),
    ],
)
def test_ties_share_equally(name, a, b):
    assert gradient(name, "a", a=A, b=B) == a
    assert gradient(name, "b", a=A, b=B) == b


@pytest.mark.parametrize("name", ["fmax", "fmin"])
def test_a_nan_loses_against_a_number(name):
    a, b = np.array([NAN, 1.0]), np.array([1.0, NAN])
    assert gradient(name, "a", a=a, b=b) == [0, 1]
    assert gradient(name, "b", a=a, b=b) == [1, 0]


@pytest.mark.parametrize("name", ["maximum", "fmax"])
def test_an_infinite_cotangent_reaches_one_side_only(name):
    assert gradient(name, "a", cotangent=INF, a=[1.0], b=[2.0]) == [0]
    assert gradient(name, "b", cotangent=INF, a=[1.0], b=[2.0]) == [INF]


CLIPS = [  # a, a_min, a_max, and the shares of the three
    (0.5, 0.0, 1.0, (1, 0, 0)),
    (-1.0, 0.0, 1.0, (0, 1, 0)),
    (2.0, 0.0, 1.0, (0, 0, 1)),
    (0.0, 0.0, 1.0, (0.5, 0.5, 0)),
    (1.0, 0.0, 1.0, (0.5, 0, 0.5)),
    (0.0, 1.0, 1.0, (0, 0.5, 0.5)),
    (2.0, 1.0, 1.0, (0, 0, 1)),
    (1.0, 1.0, 1.0, (0.5, 0.25, 0.25)),
    (0.5, 1.0, 0.0, (0, 0, 1)),  # NumPy gives the upper bound when the bounds are crossed
    (1.0, 1.0, 0.0, (0, 0, 1)),
    (0.0, 1.0, 0.0, (0, 0, 1)),
]


@pytest.mark.parametrize(("a", "low", "high", "shares"), CLIPS)
def test_clip(a, low, high, shares):
    values = {"a": a, "a_min": low, "a_max": high}
    assert tuple(gradient("clip", wrt, **values)[0] for wrt in values) == shares


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((0.0, 1.0), {}),
        ((None, 1.0), {}),
        ((0.0, None), {}),
        ((0.0,), {"a_max": None}),
        ((), {"min": 0.0}),
        ((), {"max": 1.0}),
        ((), {"min": 0.0, "max": 1.0}),
        ((), {"a_min": 0.0, "a_max": 1.0}),
        ((), {"min": None, "max": None}),
    ],
)
def test_clip_with_one_bound(args, kwargs):
    a = np.array([-1.0, 0.5, 2.0])
    np.testing.assert_array_equal(clip(a, *args, **kwargs), np.clip(a, *args, **kwargs))


def test_where_passes_an_exact_zero_to_the_other_branch():
    condition = np.array([True, False])
    assert gradient("where", "x", cotangent=INF, condition=condition) == [INF, 0]
    assert gradient("where", "y", cotangent=INF, condition=condition) == [0, INF]


def test_select_is_a_chain_of_where():
    x = np.linspace(-2, 2, 9)
    conditions, choices = [x < -1, x < 1], [x, x**2]
    np.testing.assert_array_equal(select(conditions, choices), np.select(conditions, choices))
    got = select(conditions, choices, default=7.0)
    np.testing.assert_array_equal(got, np.select(conditions, choices, default=7.0))


def test_heaviside_passes_its_value_at_zero():
    assert gradient("heaviside", "b", a=[-1.0, 0.0, 1.0]) == [0, 1, 0]


def test_nan_to_num_is_flat_where_it_replaces():
    assert gradient("nan_to_num", "x", x=[1.0, NAN, INF, -INF]) == [1, 0, 0, 0]


def test_nan_to_num_in_place_is_refused():
    call = OpCall((Array("float64", (Dim(3),)),), {"copy": False}, "np")
    with pytest.raises(NotSupported, match="copy=False"):
        OPS["nan_to_num"].infer(call)
