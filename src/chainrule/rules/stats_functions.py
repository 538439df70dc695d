"""Statistics of samples in `scipy.stats`, and multivariate distributions, by their definition."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import scipy.linalg
from scipy import special, stats

from ..markers import stop_gradient
from .distributions import barred
from .language import refuse
from .registry import composite

LOG_TWO_PI: Final = 1.8378770664093453


def plain(nan_policy: Any) -> Any:
    """Refuse to leave out NaN."""
    if nan_policy != "propagate":
        refuse("only nan_policy='propagate' is supported")


# -- means -----------------------------------------------------------------------------------------


@composite(stats.gmean)
def gmean(
    a: Any, axis: Any = 0, dtype: Any = None, weights: Any = None, *,
    nan_policy: Any = "propagate", keepdims: Any = False,
) -> Any:  # fmt: skip
    plain(nan_policy)
    return np.exp(np.average(np.log(a), axis=axis, weights=weights, keepdims=keepdims))


@composite(stats.hmean)
def hmean(
    a: Any, axis: Any = 0, dtype: Any = None, *, weights: Any = None,
    nan_policy: Any = "propagate", keepdims: Any = False,
) -> Any:  # fmt: skip
    plain(nan_policy)
    return 1 / np.average(1 / a, axis=axis, weights=weights, keepdims=keepdims)


@composite(stats.pmean)
def pmean(
    a: Any, p: Any, *, axis: Any = 0, dtype: Any = None, weights: Any = None,
    nan_policy: Any = "propagate", keepdims: Any = False,
) -> Any:  # fmt: skip
    plain(nan_policy)
    return np.average(a**p, axis=axis, weights=weights, keepdims=keepdims) ** (1 / p)


# -- moments ---------------------------------------------------------------------------------------


@composite(stats.zscore)
def zscore(a: Any, axis: Any = 0, ddof: Any = 0, nan_policy: Any = "propagate") -> Any:
    plain(nan_policy)
    centred = a - np.mean(a, axis=axis, keepdims=True)
    return centred / np.std(a, axis=axis, ddof=ddof, keepdims=True)


@composite(stats.zmap)
def zmap(
    scores: Any, compare: Any, axis: Any = 0, ddof: Any = 0, nan_policy: Any = "propagate"
) -> Any:
    plain(nan_policy)
    centred = scores - np.mean(compare, axis=axis, keepdims=True)
    return centred / np.std(compare, axis=axis, ddof=ddof, keepdims=True)


def count(a: Any, axis: Any) -> Any:
    """How many numbers there are along an axis."""
    return a.size if axis is None else a.shape[axis]


@composite(stats.sem)
def sem(
    a: Any, axis: Any = 0, ddof: Any = 1, nan_policy: Any = "propagate", *, keepdims: Any = False
) -> Any:
    plain(nan_policy)
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / np.sqrt(count(a, axis))


@composite(stats.variation)
def variation(
    a: Any, axis: Any = 0, nan_policy: Any = "propagate", ddof: Any = 0, *, keepdims: Any = False
) -> Any:
    plain(nan_policy)
    mean = np.mean(a, axis=axis, keepdims=keepdims)
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / mean


@composite(stats.moment)
def moment(
    a: Any, order: Any = 1, axis: Any = 0, nan_policy: Any = "propagate", *,
    center: Any = None, keepdims: Any = False,
) -> Any:  # fmt: skip
    plain(nan_policy)
    middle = np.mean(a, axis=axis, keepdims=True) if center is None else center
    return np.mean((a - middle) ** order, axis=axis, keepdims=keepdims)


@composite(stats.skew)
def skew(
    a: Any, axis: Any = 0, bias: Any = True, nan_policy: Any = "propagate", *,
    keepdims: Any = False,
) -> Any:  # fmt: skip
    plain(nan_policy)
    centred = a - np.mean(a, axis=axis, keepdims=True)
    second = np.mean(centred**2, axis=axis, keepdims=keepdims)
    third = np.mean(centred**3, axis=axis, keepdims=keepdims)
    skewness = third / second**1.5
    if bias:
        return skewness
    n = count(a, axis)
    return np.sqrt((n - 1) * n) / (n - 2) * skewness


@composite(stats.kurtosis)
def kurtosis(
    a: Any, axis: Any = 0, fisher: Any = True, bias: Any = True, nan_policy: Any = "propagate", *,
    keepdims: Any = False,
) -> Any:  # fmt: skip
    plain(nan_policy)
    centred = a - np.mean(a, axis=axis, keepdims=True)
    second = np.mean(centred**2, axis=axis, keepdims=keepdims)
    fourth = np.mean(centred**4, axis=axis, keepdims=keepdims)
    excess = fourth / second**2 - 3
    if not bias:
        n = count(a, axis)
        excess = ((n**2 - 1) * (excess + 3) - 3 * (n - 1) ** 2) / ((n - 2) * (n - 3))
    return excess if fisher else excess + 3


@composite(stats.entropy)
def entropy(
    pk: Any, qk: Any = None, base: Any = None, axis: Any = 0, *,
    nan_policy: Any = "propagate", keepdims: Any = False,
) -> Any:  # fmt: skip
    plain(nan_policy)
    p = pk / np.sum(pk, axis=axis, keepdims=True)
    if qk is None:
        terms = special.entr(p)
    else:
        terms = special.rel_entr(p, qk / np.sum(qk, axis=axis, keepdims=True))
    total = np.sum(terms, axis=axis, keepdims=keepdims)
    return total if base is None else total / np.log(base)


# -- multivariate distributions --------------------------------------------------------------------


def covariance(cov: Any, d: Any) -> Any:
    """The covariance matrix, of a number, the variances, or the matrix itself."""
    if np.ndim(cov) == 0:
        return cov * np.eye(d)
    return np.diag(cov) if np.ndim(cov) == 1 else cov


def is_of_one_variable(mean: Any, cov: Any) -> Any:
    """Is each number of a vector a point of its own?"""
    return np.ndim(cov) < 2 if mean is None else np.ndim(mean) == 0


def standardised(x: Any, mean: Any, cov: Any) -> Any:
    """How many variables there are, the squared distance of each point, the root's logarithm.

    That is the logarithm of the root of the determinant.
    """
    centred = x if mean is None else x - mean
    if is_of_one_variable(mean, cov):
        if np.ndim(x) > 1 or np.ndim(cov) > 0:
            refuse("points of one variable have to be a vector, and its variance a number")
        return 1, centred**2 / cov, np.log(cov) / 2
    if np.ndim(x) == 0:
        refuse("points have to be vectors")
    d = x.shape[-1]
    L = np.linalg.cholesky(covariance(cov, d))
    log_root = np.sum(np.log(np.diag(L)))
    if x.ndim == 1:
        white = scipy.linalg.solve_triangular(L, centred, lower=True)
        return d, np.sum(white**2), log_root
    white = scipy.linalg.solve_triangular(L, centred.reshape((-1, d)).T, lower=True)
    return d, np.sum(white**2, axis=0).reshape(centred.shape[:-1]), log_root


@composite(stats.multivariate_normal.logpdf)
def normal_logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False) -> Any:
    if allow_singular:
        refuse("allow_singular is not supported")
    d, squares, log_root = standardised(x, mean, cov)
    return -(d * LOG_TWO_PI + squares) / 2 - log_root


@composite(stats.multivariate_normal.pdf)
def normal_pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False) -> Any:
    return np.exp(normal_logpdf(x, mean, cov, allow_singular))


@composite(stats.multivariate_normal.entropy)
def normal_entropy(mean: Any = None, cov: Any = 1) -> Any:
    if np.ndim(cov) != 2:
        refuse("the entropy needs a covariance matrix")
    d = cov.shape[0]
    return np.sum(np.log(np.diag(np.linalg.cholesky(cov)))) + d * (LOG_TWO_PI + 1) / 2


@composite(stats.multivariate_t.logpdf)
def t_logpdf(x: Any, loc: Any = None, shape: Any = 1, df: Any = 1) -> Any:
    d, squares, log_root = standardised(x, loc, shape)
    half = (df + d) / 2
    constant = special.gammaln(half) - special.gammaln(df / 2) - d / 2 * np.log(df * np.pi)
    return constant - log_root - half * np.log1p(squares / df)


@composite(stats.multivariate_t.pdf)
def t_pdf(x: Any, loc: Any = None, shape: Any = 1, df: Any = 1) -> Any:
    return np.exp(t_logpdf(x, loc, shape, df))


@composite(stats.dirichlet.logpdf)
def dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    if x.ndim != 1:
        refuse("one point at a time")
    constant = special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))
    return np.sum(special.xlogy(alpha - 1, x)) + constant


@composite(stats.dirichlet.pdf)
def dirichlet_pdf(x: Any, alpha: Any) -> Any:
    return np.exp(dirichlet_logpdf(x, alpha))


@composite(stats.multinomial.logpmf)
def multinomial_logpmf(x: Any, n: Any, p: Any) -> Any:
    # SciPy takes the last probability from the others
    if p.ndim != 1:
        refuse("one vector of probabilities at a time")
    others = p[:-1]
    last = 1 - np.sum(others)
    x = stop_gradient(x)
    terms = special.xlogy(x[..., :-1], others) - special.gammaln(x[..., :-1] + 1)
    end = special.xlogy(x[..., -1], last) - special.gammaln(x[..., -1] + 1)
    log = special.gammaln(n + 1) + np.sum(terms, axis=-1) + end
    return barred(np.sum(x, axis=-1) != n, log)


@composite(stats.multinomial.pmf)
def multinomial_pmf(x: Any, n: Any, p: Any) -> Any:
    return np.exp(multinomial_logpmf(x, n, p))
