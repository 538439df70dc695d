"""Statistics of samples and distributions of vectors in `scipy.stats`; sums of exponentials."""

import mpmath
import numpy as np
import pytest
from scipy import special, stats

import chainrule as cr
from chainrule.rules import on_demand
from chainrule.rules.registry import MACROS
from chainrule.testing import rules

on_demand.load_all()

CALLS = [
    "stats.gmean(A)", "stats.gmean(A, axis=None)", "stats.gmean(u, weights=v)", "stats.hmean(A, axis=1)",
    "stats.pmean(u, 3)", "stats.pmean(A, x, axis=1)", "stats.zscore(A)", "stats.zscore(u, ddof=1)",
    "stats.zscore(A, axis=1)", "stats.zmap(v, u)", "stats.sem(A)", "stats.sem(u, ddof=0)",
    "stats.sem(A, axis=None)", "stats.variation(A, axis=1)", "stats.moment(u, 3)",
    "stats.moment(A, order=2, axis=1, center=0.5)", "stats.skew(A, axis=1)", "stats.skew(u, bias=False)",
    "stats.kurtosis(A, axis=1)", "stats.kurtosis(u, fisher=False, bias=False)", "stats.entropy(u)",
    "stats.entropy(A, axis=1)", "stats.entropy(u, v)", "stats.entropy(u, base=2)",
    "stats.multivariate_normal.logpdf(u, v, P)", "stats.multivariate_normal.pdf(S / 4, u, P)",
    "stats.multivariate_normal.logpdf(S, cov=P)", "stats.multivariate_normal.logpdf(u, v, x)",
    "stats.multivariate_normal.logpdf(u, v, u)", "stats.multivariate_normal.entropy(cov=P)",
    "stats.multivariate_normal.logpdf(u)", "stats.multivariate_normal.logpdf(u, x, y)",
    "stats.multivariate_normal.logpdf(x, 0.5, y)", "stats.multivariate_t.logpdf(u, x, y, 3)",
    "stats.multivariate_normal(v, P).logpdf(u)", "stats.multivariate_t.logpdf(u, v, P, y)",
    "stats.multivariate_t(v, P, df=3).pdf(u)",
    "special.logsumexp(An, b=B)", "special.logsumexp(An, axis=1, b=B, keepdims=True)",
    "special.logsumexp(un, b=un, return_sign=True)[0]", "special.logsumexp(u, return_sign=True)[0]",
    "special.softplus(An)",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _names(monkeypatch):
    monkeypatch.setitem(rules.NAMES, "stats", stats)
    rules.function.cache_clear()


@pytest.mark.parametrize("text", CALLS)
def test_value_and_gradients(text):
    call = rules.case_call(text)
    value, _ = cr.vjp(call.fun, *call.values)
    expected = call.fun(*call.values)
    np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-13)
    assert np.shape(value) == np.shape(expected)
    weighted = rules.function(f"np.sum(np.cos(0.1 * {text}))", tuple(call.args))
    cr.check_grads(weighted, tuple(call.values), order=2)


def test_functions_that_are_written_by_others_have_calls():
    names = {
        f.__name__ for f in MACROS if getattr(f, "__module__", "").startswith("scipy.stats._stats")
    }
    assert not {n for n in names if not any(f".{n}(" in text for text in CALLS)}


def test_logarithms_of_sums_with_impossible_and_large_terms():
    f = rules.function("special.logsumexp(a)", ("a",))
    assert np.array_equal(cr.grad(f)(np.array([-np.inf, 0.0])), [0.0, 1.0])
    assert np.array_equal(cr.grad(f)(np.full(2, -np.inf)), [0.0, 0.0])
    assert cr.grad(f)(np.array([1e4, 1e4])) == pytest.approx(0.5, rel=1e4 * 2e-16)
    rows = rules.function("np.sum(special.logsumexp(a, axis=1))", ("a",))
    a = np.array([[-np.inf, -np.inf], [1.0, -np.inf]])
    assert np.array_equal(cr.grad(rows)(a), [[0.0, 0.0], [1.0, 0.0]])


def test_softmax_of_large_numbers():
    f = rules.function("special.softmax(a)[0]", ("a",))
    gradient = cr.grad(f)(np.array([1000.0, 999.0]))
    p = float(1 / (1 + mpmath.exp(-1)))
    assert gradient == pytest.approx([p * (1 - p), -p * (1 - p)])


def test_dirichlet_and_multinomial_along_the_simplex():
    def f(logits, alpha):
        p = special.softmax(logits)
        counts = np.array([3, 0, 2])
        return stats.dirichlet.logpdf(p, alpha) + stats.multinomial.logpmf(counts, 5, p)

    args = (np.array([0.2, -0.4, 0.9]), np.array([1.5, 2.0, 0.7]))
    assert cr.vjp(f, *args)[0] == pytest.approx(f(*args), rel=1e-13)
    cr.check_grads(f, args, order=2)


def test_what_a_covariance_matrix_is_read_of():
    cov = np.array([[2.0, 0.5], [0.5, 1.0]])
    f = rules.function("stats.multivariate_normal.logpdf(x, cov=c)", ("x", "c"))
    _, dcov = cr.grad(f, argnums=(0, 1))(np.array([0.3, 0.7]), cov)
    assert dcov[0, 1] == 0  # SciPy reads the lower triangle


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stats.multivariate_normal.cdf(u)", "multivariate_normal.cdf has no derivative rule"),
        ("stats.wishart.logpdf(P, 5, P)", "wishart.logpdf has no derivative rule"),
        ("stats.gmean(u, nan_policy='omit')", "nan_policy"),
        ("stats.ttest_ind(u, v)[0]", "scipy.stats.ttest_ind has no derivative rule"),
    ],
)
def test_others_are_refused(text, message):
    call = rules.case_call(text)
    with pytest.raises(cr.UnsupportedError, match=message):
        cr.vjp(call.fun, *call.values)
