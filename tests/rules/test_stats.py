"""Distributions of `scipy.stats`: values are SciPy's, gradients those of numeric differentiation."""

import warnings

import numpy as np
import pytest
from scipy import stats

import chainrule as cr
from chainrule.frontend.distributions import _NEEDS, _VARIABLES
from chainrule.rules import on_demand
from chainrule.rules.distributions import STANDARD
from chainrule.testing import rules
from chainrule.testing.numeric import numeric_vjp

on_demand.load_all()

# The shape parameters, those out of their range, and counts of the discrete distributions.
SHAPES = {
    "t": (4.5,), "skewnorm": (1.7,), "exponnorm": (0.8,), "gennorm": (1.5,), "vonmises": (2.2,),
    "loggamma": (1.3,), "gamma": (2.3,), "erlang": (3,), "chi2": (3.4,), "chi": (2.6,),
    "invgamma": (2.9,), "nakagami": (1.8,), "beta": (2.1, 3.2), "betaprime": (2.2, 3.1),
    "f": (3.3, 6.1), "powerlaw": (1.6,), "lognorm": (0.7,), "weibull_min": (1.8,),
    "weibull_max": (1.7,), "fisk": (2.4,), "pareto": (2.2,), "lomax": (1.9,), "invgauss": (0.9,),
    "loguniform": (0.5, 3.5), "reciprocal": (0.5, 3.5), "truncnorm": (-0.7, 1.9), "poisson": (2.7,),
    "binom": (5, 0.3), "bernoulli": (0.3,), "geom": (0.4,), "nbinom": (2.6, 0.4),
    "betabinom": (5, 1.7, 2.4),
}  # fmt: skip
POINTS = {"beta", "uniform", "arcsine", "powerlaw"}
CALLS = [
    pytest.param(dist, name, id=f"{dist.name}-{name}")
    for dist, known in STANDARD.items()
    for name, needed in _NEEDS.items()
    if any(n in known for n in needed)
]


def points(dist, name):
    """Values where the distribution has mass, most of them inside."""
    if _VARIABLES[name] == "q":
        return np.array([0.02, 0.3, 0.5, 0.81, 0.97])
    if not hasattr(dist, "pdf"):
        return np.array({"bernoulli": [1, 0], "geom": [1, 4, 2]}.get(dist.name, [1, 0, 3, 2]))
    if dist.name in ("loguniform", "reciprocal"):
        return np.array([0.6, 1.3, 2.9])
    if dist.name == "truncnorm":
        return np.array([-0.3, 0.2, 0.9, 1.8])
    if dist.name in POINTS:
        return np.array([0.07, 0.45, 0.62, 0.93])
    if dist.name == "pareto":
        return np.array([1.3, 1.7, 2.6])
    if dist.name == "weibull_max":
        return np.array([-0.2, -0.9, -1.8])
    both = np.array([0.6, -0.4, 1.3, -1.6, 2.4])
    return both if np.isneginf(dist.support(*SHAPES.get(dist.name, ()))[0]) else np.abs(both)


def call(dist, name, *, scaled):
    """The function of the call, and its arguments."""
    shapes = SHAPES.get(dist.name, ())
    names = [f"p{i}" for i in range(len(shapes))]
    values = [float(s) if dist.name != "erlang" else s for s in shapes]
    if name in _VARIABLES:
        names, values = ["x", *names], [points(dist, name), *values]
    if scaled:
        names, values = [*names, "loc"], [*values, 0.25 if hasattr(dist, "pdf") else 0]
        if hasattr(dist, "pdf"):
            names, values = [*names, "scale"], [*values, 1.3]
            if name in _VARIABLES and _VARIABLES[name] == "x":
                values[0] = values[0] * 1.3 + 0.25
    return rules.function(f"stats.{dist.name}.{name}({', '.join(names)})", tuple(names)), values


@pytest.fixture(autouse=True)
def _names(monkeypatch):
    monkeypatch.setitem(rules.NAMES, "stats", stats)
    rules.function.cache_clear()


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize(("dist", "name"), CALLS)
def test_value_and_gradients(dist, name, scaled):
    fun, values = call(dist, name, scaled=scaled)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = fun(*values)
        wrt = [i for i, v in enumerate(values) if np.asarray(v).dtype.kind == "f"]
        got, pullback = cr.vjp(fun, *values)
        np.testing.assert_allclose(got, expected, rtol=2e-11, atol=1e-13)
        if not wrt:
            return
        weights = np.linspace(1, 2, np.size(expected)).reshape(np.shape(expected))
        gradients = pullback(weights if np.ndim(weights) else float(weights))
        counts = {"binom", "betabinom"} & {dist.name}
        for i in wrt:
            if counts and i == 1 and name in _VARIABLES:
                continue  # the number of trials
            wanted = numeric_vjp(lambda *a: np.asarray(fun(*a)), values, i, weights)
            np.testing.assert_allclose(gradients[i], wanted, rtol=2e-6, atol=1e-8)


@pytest.mark.parametrize(("dist", "name"), [c.values for c in CALLS if c.values[1] in _VARIABLES])
def test_values_outside_of_the_support_and_of_parameters_out_of_range(dist, name):
    fun, values = call(dist, name, scaled=False)
    odd = np.array([-3.0, 0.0, 0.25, 1.0, 1.5, 9.0, np.nan])
    if dist.name == "vonmises":
        odd = odd[:-1]
    if name in ("ppf", "isf") and dist.name.endswith("cauchy"):
        odd = odd[[0, 2, 4]]  # 0 and 1 give numbers of 17 digits for infinity
    if name.endswith("cdf") and dist.name == "skewnorm":
        odd = odd[1:]  # SciPy's own series is more precise
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        values[0] = odd
        np.testing.assert_allclose(cr.vjp(fun, *values)[0], fun(*values), rtol=2e-11, atol=1e-13)
        values[0] = np.float64(odd[2])
        got = cr.vjp(fun, *values)[0]
        assert got == pytest.approx(fun(*values), rel=1e-12, nan_ok=True)
        assert np.ndim(got) == 0
        assert not isinstance(got, np.ndarray)


INVALID = [
    ("gamma.logpdf(1.0, p)", -1.0), ("gamma.cdf(1.0, p)", -1.0), ("norm.cdf(1.0, 0.0, p)", -1.0),
    ("norm.pdf(1.0, 0.0, p)", -1.0), ("norm.ppf(p)", 1.5), ("expon.ppf(p)", -0.5),
    ("beta.logpdf(0.5, p, 1.0)", 0.0), ("truncnorm.pdf(0.5, p, -1.0)", 0.0),
    ("poisson.logpmf(2, p)", -1.0), ("binom.pmf(2, 5, p)", 1.2), ("expon.logpdf(1.0, 0.0, p)", -2.0),
    ("weibull_min.sf(2.0, p)", -0.5), ("t.cdf(1.0, p)", -3.0), ("norm.sf(1.0, 0.0, p)", -2.0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "p"), INVALID)
def test_parameters_out_of_range_give_nan(text, p):
    fun = rules.function(f"stats.{text}", ("p",))
    with np.errstate(all="ignore"):
        assert np.isnan(fun(p))
        assert np.isnan(cr.vjp(fun, p)[0])


def test_single_precision_is_widened_as_scipy_does():
    fun = rules.function("stats.norm.logpdf(x, 0.5, 2.0)", ("x",))
    x = np.array([0.1, 2.0], np.float32)
    value, pullback = cr.vjp(fun, x)
    assert value.dtype == fun(x).dtype == np.float64
    assert np.allclose(value, fun(x), rtol=1e-15)
    assert pullback(np.ones(2))[0].dtype == np.float32


def test_impossible_counts():
    fun = rules.function("np.exp(stats.poisson.logpmf(k, p))", ("k", "p"))
    counts = np.array([-1.0, 0.5, 2.0])
    value, pullback = cr.vjp(fun, counts, 1.5)
    assert np.array_equal(value[:2], [0.0, 0.0])
    assert pullback(np.array([1.0, 1.0, 0.0]))[1] == 0


# -- distributions with parameters -----------------------------------------------------------------

PRIOR = stats.norm(0.5, scale=2.0)
RATES = stats.gamma(np.array([1.5, 2.5]), scale=0.5)
DENSITY = stats.expon.logpdf


def of_frozen(mu, sigma, x):
    noise = stats.norm(mu, scale=sigma)
    return np.sum(noise.logpdf(x)) + noise.cdf(0.3) + noise.std() + stats.norm(mu).entropy()


def of_outside(x):
    return PRIOR.logpdf(x) + np.sum(RATES.logpdf(x)) + DENSITY(x, scale=2.0)


def of_a_list(p):
    return np.sum(stats.norm.logpdf([0.1, 0.2], p)) + np.sum(stats.bernoulli.logpmf([1, 0], p))


@pytest.mark.parametrize(
    ("fun", "args"),
    [(of_frozen, (0.2, 1.4, np.array([0.5, -1.0]))), (of_outside, (0.8,)), (of_a_list, (0.4,))],
)
def test_distributions_with_parameters(fun, args):
    value, gradient = cr.value_and_grad(fun)(*args)
    assert value == pytest.approx(fun(*args), rel=1e-13)
    assert np.isfinite(gradient)
    cr.check_grads(fun, args, order=2)


def test_a_distribution_from_outside_is_read_at_each_call():
    frozen = stats.norm(0.5, scale=2.0)

    def f(x):
        return frozen.logpdf(x)

    gradient = cr.grad(f)
    assert gradient(1.5) == -0.25
    frozen.kwds["scale"] = 1.0
    assert gradient(1.5) == -1.0


def draws(x):
    return x * stats.norm.rvs(0, 1)


def fitted(x):
    return stats.gamma.fit(x)[0]


def too_many(x):
    return stats.norm.logpdf(x, 0.0, 1.0, 2.0)


@pytest.mark.parametrize("fun", [draws, fitted])
def test_other_methods_are_refused(fun):
    with pytest.raises(cr.UnsupportedError, match=r"scipy\.stats\.\w+\.(rvs|fit) has no") as raised:
        cr.grad(fun)(1.0)
    assert raised.value.code == "CR022"


def test_arguments_that_do_not_fit_raise_as_in_scipy():
    with pytest.raises(TypeError, match="positional arguments"):
        cr.grad(too_many)(1.0)


def test_slopes_of_truncated_normals_by_their_bounds():
    def f(mu, sigma, x):
        low, high = (0.0 - mu) / sigma, (4.0 - mu) / sigma
        return np.sum(stats.truncnorm.logpdf(x, low, high, loc=mu, scale=sigma))

    cr.check_grads(f, (1.3, 0.8, np.array([0.5, 1.9, 3.2])), order=2)
