"""Functions of `scipy.special` at the edges of their domains, against mpmath and exact values."""

import mpmath
import numpy as np
import pytest
from scipy import special

import chainrule as cr
from chainrule.testing import rules

mpmath.mp.dps = 40


def slope(text, *point, by=0):
    names = ("x", "y", "z")[: len(point)]
    with np.errstate(all="ignore"):
        return cr.grad(rules.function(text, names), argnums=by)(*point)


def exact(fun, *point, by=0):
    def of(t):
        return fun(*(t if i == by else mpmath.mpf(p) for i, p in enumerate(point)))

    return float(mpmath.diff(of, mpmath.mpf(point[by])))


def check(text, fun, *points, by=0, rel=1e-13):
    for point in points:
        point = point if isinstance(point, tuple) else (point,)
        assert slope(text, *point, by=by) == pytest.approx(exact(fun, *point, by=by), rel=rel), (
            point
        )


def log_ndtr(x):
    return mpmath.log(mpmath.erfc(-x / mpmath.sqrt(2)) / 2)


def test_tails_of_the_normal_distribution():
    check("special.log_ndtr(x)", log_ndtr, -1e3, -40.0, -5.0, 0.0, 3.0, 9.0, 20.0)
    check("special.ndtr(x)", mpmath.ncdf, -30.0, -3.0, 0.0, 5.0, rel=1e-12)


def test_tails_of_logistic_functions():
    points = (-700.0, -40.0, -1.0, 0.0, 2.0, 30.0, 40.0)
    check("special.expit(x)", lambda x: 1 / (1 + mpmath.exp(-x)), *points)
    check("special.log_expit(x)", lambda x: -mpmath.log1p(mpmath.exp(-x)), *points)
    check("special.logit(x)", lambda x: mpmath.log(x / (1 - x)), 1e-12, 0.3, 0.75)


def test_gamma_functions_near_poles():
    points = (-2.0000001, -1.999, -0.5, 1e-6, 0.3, 1.0, 30.0)
    check("special.gammaln(x)", lambda x: mpmath.log(abs(mpmath.gamma(x))), *points, rel=1e-11)
    check("special.rgamma(x)", mpmath.rgamma, -3.0, -2.0, -1.0, 0.0, 0.2, 1.0, 5.0, rel=1e-12)
    assert slope("special.gammaln(x)", 0.0) == -np.inf
    assert slope("special.rgamma(x)", 300.0) == 0


def test_scaled_bessel_functions_of_large_arguments():
    def i0e(x):
        return mpmath.exp(-x) * mpmath.besseli(0, x)

    check("special.i0e(x)", i0e, 0.1, 1.0, 30.0, 1e4, 1e6)
    assert slope("special.i0e(x)", 0.0) == 0
    assert slope("special.j1(x)", 0.0) == 0.5
    assert slope("special.i1(x)", 0.0) == 0.5
    assert slope("special.struve(0, x)", 0.0) == pytest.approx(2 / np.pi, rel=1e-14)


def test_entropies_at_zero():
    assert slope("special.xlogy(x, y)", 0.0, 0.0, by=1) == 0
    assert slope("special.xlogy(x, y)", 0.0, 2.0, by=0) == np.log(2)
    assert slope("special.xlog1py(x, y)", 0.0, -1.0, by=1) == 0
    assert slope("special.entr(x)", 0.0) == np.inf
    assert slope("special.rel_entr(x, y)", 0.0, 0.0, by=1) == 0
    assert slope("special.kl_div(x, y)", 0.0, 0.5, by=1) == 1
    assert slope("np.where(x > 0, special.entr(x), 0.0)", 0.0) == 0


def test_an_entropy_of_a_distribution_with_zeros():
    p = np.array([0.0, 0.25, 0.75])
    entropy = rules.function("np.sum(np.where(p > 0, special.entr(p), 0.0))", ("p",))
    assert np.array_equal(cr.grad(entropy)(p), [0.0, -1 - np.log(0.25), -1 - np.log(0.75)])


def test_powers_at_exponent_zero():
    check("special.boxcox(x, 0.0)", mpmath.log, 0.5, 3.0)
    assert slope("special.boxcox(x, y)", 3.0, 0.0, by=1) == pytest.approx(np.log(3) ** 2 / 2)
    assert slope("special.inv_boxcox(x, y)", 0.5, 0.0, by=1) == pytest.approx(-np.exp(0.5) / 8)
    assert slope("special.exprel(x)", 0.0) == 0.5


def test_losses_at_kinks():
    assert slope("special.huber(x, y)", 1.0, 1.0, by=1) == 1
    assert slope("special.huber(x, y)", 1.0, -3.0, by=1) == -1
    assert slope("special.pseudo_huber(x, y)", 0.0, 0.0, by=1) == 0
    assert slope("special.pseudo_huber(x, y)", 1e8, 1.0, by=0) == pytest.approx(2.5e-33)


def test_elliptic_integrals_at_zero():
    assert slope("special.ellipk(x)", 0.0) == pytest.approx(np.pi / 8, rel=1e-15)
    assert slope("special.ellipe(x)", 0.0) == pytest.approx(-np.pi / 8, rel=1e-15)
    check("special.ellipk(x)", mpmath.ellipk, -5.0, 1e-8, 0.5, 0.999)


def test_orthogonal_polynomials_at_the_ends():
    assert slope("special.eval_legendre(3, x)", 1.0) == pytest.approx(6)
    assert slope("special.eval_chebyt(4, x)", -1.0) == pytest.approx(-16)
    assert slope("special.eval_legendre(0, x)", 0.3) == 0


def gammainc(a, x):
    return mpmath.gammainc(a, 0, x, regularized=True)


SHAPES = (0.01, 0.3, 1.0, 2.5, 30.0, 400.0)


@pytest.mark.parametrize("a", SHAPES)
def test_incomplete_gamma_by_its_parameter(a):
    """Right to 1e-11 of the largest slope, and relatively where the function is not tiny."""
    for x in (0.2 * a, 0.9 * a, a, 1.1 * a, a + 2 * a**0.5):
        check("special.gammainc(x, y)", gammainc, (a, x), by=0, rel=2e-11)
    assert slope("special.gammainc(x, y)", a, 0.0, by=0) == 0
    assert slope("special.gammainc(x, y)", a, np.inf, by=0) == 0


def betainc(a, b, x):
    return mpmath.betainc(a, b, 0, x, regularized=True)


@pytest.mark.parametrize("a", SHAPES[1:-1])
@pytest.mark.parametrize("b", SHAPES[1:-1])
def test_incomplete_beta_by_its_parameters(a, b):
    for x in (0.02, 0.5 * a / (a + b), a / (a + b), 0.98):
        for by in (0, 1):
            want = exact(betainc, a, b, x, by=by)
            got = slope("special.betainc(x, y, z)", a, b, x, by=by)
            assert got == pytest.approx(want, rel=1e-9, abs=1e-12 / min(a, b))


@pytest.mark.parametrize("df", [0.5, 1.0, 4.0, 30.0, 1000.0])
def test_student_by_its_degrees_of_freedom(df):
    def stdtr(df, t):
        return mpmath.betainc(df / 2, 0.5, 0, df / (df + t * t), regularized=True) / 2

    for t in (-4.0, -1.0, -0.1):
        check("special.stdtr(x, y)", stdtr, (df, t), by=0, rel=1e-9)
    assert slope("special.stdtr(x, y)", df, 0.0, by=0) == 0
    assert slope("special.stdtr(x, y)", df, 2.0) == -slope("special.stdtr(x, y)", df, -2.0)


def test_density_of_the_gamma_distribution_at_zero():
    assert slope("special.gammainc(x, y)", 1.0, 0.0, by=1) == 1
    assert slope("special.gammainc(x, y)", 2.0, 0.0, by=1) == 0
    assert slope("special.gammainc(x, y)", 0.5, 0.0, by=1) == np.inf


def test_orders_have_no_derivative():
    with pytest.raises(cr.UnsupportedError, match=r"derivative of special\.jv in v"):
        slope("special.jv(x, y)", 0.5, 1.0)
    assert slope("special.jv(0.5, x)", 1.0) == pytest.approx(special.jvp(0.5, 1.0))


WRITTEN_BY_OTHERS = [
    "special.comb(5.5, x)", "special.comb(3, x, repetition=True)", "special.perm(6.5, x)",
    "special.factorial(x)", "special.jvp(1, x, 2)", "special.yvp(0.5, x)", "special.ivp(2, x)",
    "special.kvp(1, x, 2)", "special.zeta(2.5, x)", "special.softplus(x)",
    "special.lambertw(x).real",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN_BY_OTHERS)
def test_functions_written_by_others(text):
    fun = rules.function(text, ("x",))
    assert cr.vjp(fun, 1.7)[0] == pytest.approx(fun(1.7), rel=1e-14)
    assert type(cr.vjp(fun, 1.7)[0]) is type(fun(1.7))
    cr.check_grads(fun, (1.7,), order=2)


def test_numbers_of_choices_that_are_impossible():
    fun = rules.function("x * special.comb(3, np.arange(6)).sum()", ("x",))
    assert cr.value_and_grad(fun)(1.0) == (fun(1.0), 8.0)
    assert slope("special.lambertw(x).real", 0.0) == 1
