"""Elementwise rules where the slope is at a kink, infinite, or lost by a careless formula.

Warnings are errors here, so a rule that divides zero by zero on the way fails.
"""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

import chainrule.rules  # noqa: F401
from chainrule.rules import arithmetic, sequences
from chainrule.rules.registry import OPS, Rule

INF, NAN = np.inf, np.nan


def gradient(name, wrt, cotangent=None, **values):
    """The rule's gradient on arrays of rank 1; `values` are the operands and the result."""
    rule = OPS[name].rules[wrt]
    assert isinstance(rule, Rule)
    arrays = {k: np.atleast_1d(np.asarray(v, dtype=float)) for k, v in values.items()}
    shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
    d = np.ones(shape) if cotangent is None else np.full(shape, float(cotangent))
    return rule.fun(d, *[arrays[p] for p in rule.params[1:]])


def scalar_gradient(name, wrt, **values):
    rule = OPS[name].rules[wrt]
    return float(rule.fun(np.float64(1.0), *[np.float64(values[p]) for p in rule.params[1:]]))


# -- powers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pow", "float_power"])
def test_power_of_zero_and_of_negative_numbers(name):
    a = np.array([0.0, 0.0, 0.0, 0.0, -2.0, -2.0, -2.0])
    b = np.array([0.0, 1.0, 2.0, 3.5, 0.0, 2.0, 3.0])
    c = a**b
    assert list(gradient(name, "a", a=a, b=b, c=c)) == [0, 1, 0, 0, 0, -4, 12]
    slopes = gradient(name, "b", a=a, b=b, c=c)
    assert list(slopes[:4]) == [0, 0, 0, 0]
    assert np.isnan(slopes[4:]).all()


def test_power_has_an_infinite_slope_at_zero():
    with np.errstate(divide="ignore"):
        assert gradient("pow", "a", a=0.0, b=0.5, c=0.0) == INF
        assert gradient("pow", "a", a=0.0, b=0.5, c=0.0, cotangent=-1) == -INF
        assert scalar_gradient("pow", "a", a=0.0, b=0.5, c=0.0) == INF
    assert scalar_gradient("pow", "a", a=0.0, b=1.0, c=0.0) == 1


def test_integer_exponents_of_float32_stay_float32():
    a, b = np.float32([0.5, 2.0]), np.int8([0, 2])
    rule = OPS["pow"].rules["a"]
    assert rule.fun(np.ones(2, np.float32), a, b, a**b).dtype == np.float32


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, 2.5, -0.5])
@pytest.mark.parametrize("wrap", [np.atleast_1d, np.float64], ids=["array", "scalar"])
def test_power_with_a_literal_exponent(monkeypatch, exponent, wrap):
    monkeypatch.setattr(arithmetic, "literal", lambda value: not isinstance(value, type(base)))
    base = wrap(1.7)
    slope = arithmetic.pow_a(wrap(2.0), base, exponent, base**exponent)
    assert slope == pytest.approx(2 * exponent * 1.7 ** (exponent - 1), rel=1e-15)


def test_power_with_a_literal_base(monkeypatch):
    monkeypatch.setattr(arithmetic, "literal", lambda value: True)
    b = np.array([0.5, 2.0])
    expected = np.log(3.0) * 3.0**b
    np.testing.assert_allclose(arithmetic.pow_b(np.ones(2), 3.0, 3.0**b), expected)
    assert list(arithmetic.pow_b(np.ones(2), 0.0, 0.0**b)) == [0, 0]
    assert np.isnan(arithmetic.pow_b(np.ones(2), -1.0, b)).all()


# -- quotient and remainder ------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), [(7.3, 2.0), (-7.3, 2.0), (7.3, -2.0), (0.3, 0.1), (1.0, INF)])
def test_remainders_take_the_divisor_as_often_as_it_fits(a, b):
    assert gradient("mod", "b", a=a, b=b, c=a % b) == -(a // b)
    whole = math.fmod(a, b)
    times = 0.0 if math.isinf(b) else round((whole - a) / b)
    assert gradient("fmod", "b", a=a, b=b, c=whole) == pytest.approx(times)
    rest = math.remainder(a, b)
    times = 0.0 if math.isinf(b) else round((rest - a) / b)
    assert gradient("math.remainder", "b", a=a, b=b, c=rest) == pytest.approx(times)


# -- roots, logarithms, inverse functions ----------------------------------------------------------


@pytest.mark.parametrize("name", ["sqrt", "cbrt"])
def test_roots_are_infinitely_steep_at_zero(name):
    with np.errstate(divide="ignore"):
        assert gradient(name, "x", y=0.0) == INF
        assert gradient(name, "x", y=0.0, cotangent=-2) == -INF
        assert scalar_gradient(name, "x", y=0.0) == INF


@pytest.mark.parametrize(
    ("name", "x", "slope"),
    [("arcsin", 1, INF), ("arcsin", -1, INF), ("arccos", 1, -INF), ("arccosh", 1, INF)],
)
def test_inverse_functions_at_the_end_of_their_domain(name, x, slope):
    with np.errstate(divide="ignore"):
        assert gradient(name, "x", x=x) == slope
        assert scalar_gradient(name, "x", x=float(x)) == slope


@pytest.mark.parametrize("gap", [1e-3, 1e-8, 1e-13])
def test_inverse_functions_near_the_end_of_their_domain(gap):
    getcontext().prec = 50
    below, above = 1 - gap, 1 + gap
    exact = float(1 / (1 - Decimal(below) ** 2).sqrt())
    assert gradient("arcsin", "x", x=below) == pytest.approx(exact, rel=1e-14)
    assert gradient("arccos", "x", x=-below) == pytest.approx(-exact, rel=1e-14)
    exact = float(1 / (1 - Decimal(below) ** 2))
    assert gradient("arctanh", "x", x=below) == pytest.approx(exact, rel=1e-14)
    exact = float(1 / (Decimal(above) ** 2 - 1).sqrt())
    assert gradient("arccosh", "x", x=above) == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize("name", ["arctan", "arcsinh"])
def test_inverse_functions_far_out(name):
    x = 1e100
    power = 2 if name == "arctan" else 1
    assert gradient(name, "x", x=x) == pytest.approx(x**-power, rel=1e-14)
    assert OPS[name].rules["x"].fun(1.0, 1e200) == 0  # Python floats do not raise


def test_tanh_and_sigmoid_saturate():
    assert gradient("tanh", "x", y=math.tanh(40.0)) == 0
    x = np.array([-30.0, 0.0, 30.0])
    s = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(gradient("sigmoid", "x", s=s), s * np.exp(-x) * s, rtol=1e-2)


def test_sinc_has_no_cancellation_near_zero():
    # sinc'(x) = -pi**2 x / 3 + pi**4 x**3 / 30 - ...; the plain quotient loses all digits
    for x in (0.0, 1e-300, 1e-9, -1e-4, 1e-3):
        exact = -(np.pi**2) * x / 3 + np.pi**4 * x**3 / 30 - np.pi**6 * x**5 / 840
        assert gradient("sinc", "x", x=x, y=np.sinc(x)) == pytest.approx(exact, rel=1e-13)
    left, right = 0.3 / np.pi * np.array([1 - 1e-12, 1 + 1e-12])
    series = gradient("sinc", "x", x=left, y=np.sinc(left))
    quotient = gradient("sinc", "x", x=right, y=np.sinc(right))
    np.testing.assert_allclose(series, quotient, rtol=1e-11)


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2"])
def test_logaddexp_with_infinite_operands(name):
    a = np.array([-INF, -INF, 0.0, INF, INF, INF, 1.0])
    b = np.array([-INF, 0.0, -INF, 0.0, INF, -INF, 1.0])
    y = getattr(np, name)(a, b)
    assert list(gradient(name, "a", a=a, b=b, y=y)) == [0.5, 0, 1, 1, 0.5, 1, 0.5]
    assert list(gradient(name, "b", a=a, b=b, y=y)) == [0.5, 1, 0, 0, 0.5, 0, 0.5]


# -- signs and lengths -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["abs", "fabs"])
def test_absolute_value_is_flat_at_zero(name):
    points = (-2.0, -0.0, 0.0, 3.0)
    assert list(gradient(name, "x", x=points, y=np.abs(points))) == [-1, 0, 0, 1]
    assert [scalar_gradient(name, "x", x=x, y=abs(x)) for x in points] == [-1, 0, 0, 1]


def test_copysign():
    a = np.array([2.0, 2.0, -2.0, -2.0, 0.0, -0.0])
    b = np.array([1.0, -0.0, 0.0, -1.0, 1.0, -1.0])
    c = np.copysign(a, b)
    expected = [1, -1, -1, 1, 0, 0]
    assert list(gradient("copysign", "a", a=a, c=c)) == expected
    assert [scalar_gradient("copysign", "a", a=a[i], c=c[i]) for i in range(6)] == expected


def test_lengths_at_the_origin():
    assert gradient("hypot", "a", a=0.0, b=0.0, r=0.0) == 0
    assert gradient("hypot", "b", a=0.0, b=0.0, r=0.0) == 0
    assert gradient("arctan2", "a", a=0.0, b=0.0) == 0
    assert gradient("arctan2", "b", a=0.0, b=0.0) == 0


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_angles_of_very_short_and_very_long_vectors(scale):
    a, b = 3 * scale, 4 * scale
    assert gradient("arctan2", "a", a=a, b=b) == pytest.approx(0.16 / scale, rel=1e-14)
    assert gradient("arctan2", "b", a=a, b=b) == pytest.approx(-0.12 / scale, rel=1e-14)


def test_length_of_several_coordinates():
    coordinates = [np.float64(v) for v in (1.0, 2.0, 2.0)]
    rule = OPS["math.hypot"].rules["coordinates"]
    slopes = [rule.fun(np.float64(3.0), coordinates, np.float64(3.0), k) for k in range(3)]
    assert slopes == [1, 2, 2]
    zeros = [np.float64(0.0)] * 2
    assert rule.fun(np.float64(1.0), zeros, np.float64(0.0), 0) == 0


# -- composites ------------------------------------------------------------------------------------


def test_product_of_a_tuple(monkeypatch):
    values = (0.1, 0.7, 1e-3, 3.0)
    assert sequences.prod(values) == math.prod(values)
    assert sequences.prod(values, start=0.3) == math.prod(values, start=0.3)
    assert sequences.prod(()) == 1
    monkeypatch.setattr(sequences, "literal", lambda value: isinstance(value, int))
    assert sequences.prod(values) == math.prod(values)


@pytest.mark.parametrize("x", [2.75, -2.75, 3.0, 1e30])
def test_modf(x):
    assert sequences.modf(x) == math.modf(x)
    assert sequences.np_modf(x) == np.modf(x)


def test_log_with_a_base_and_distance():
    from chainrule.rules.elementwise import log_with_base
    from chainrule.rules.trigonometry import dist

    assert log_with_base(7.0, 3.0) == math.log(7.0, 3.0)
    assert log_with_base(7.0) == math.log(7.0)
    assert dist((1.0, 2.0, 4.0), (0.3, 0.1, 9.0)) == math.dist((1.0, 2.0, 4.0), (0.3, 0.1, 9.0))
    assert arithmetic.divmod_(7.5, -2.0) == divmod(7.5, -2.0)
