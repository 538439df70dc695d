"""Formulas of the common discrete distributions of `scipy.stats`, in their continuous parameters.

`k` is the count, which has no derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special, stats

from ..markers import stop_gradient
from .distributions import barred, chosen, standard


def below(k: Any) -> Any:
    """The count that a number has reached, as data."""
    return stop_gradient(np.floor(k))


@standard(stats.poisson)
def poisson_logpmf(k: Any, mu: Any) -> Any:
    k = stop_gradient(k)
    return barred(k < 0, special.xlogy(k, mu) - special.gammaln(k + 1) - mu)


@standard(stats.poisson)
def poisson_cdf(k: Any, mu: Any) -> Any:
    return chosen(k < 0, 0.0, special.pdtr(below(k), mu))


@standard(stats.poisson)
def poisson_sf(k: Any, mu: Any) -> Any:
    return chosen(k < 0, 1.0, special.pdtrc(below(k), mu))


@standard(stats.poisson)
def poisson_valid(mu: Any) -> Any:
    return mu >= 0


def log_choices(n: Any, k: Any) -> Any:
    """The logarithm of the binomial coefficient."""
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)


@standard(stats.binom)
def binom_logpmf(k: Any, n: Any, p: Any) -> Any:
    k = stop_gradient(k)
    log = log_choices(n, k) + special.xlogy(k, p) + special.xlog1py(n - k, -p)
    return barred((k < 0) | (k > n), log)


@standard(stats.binom)
def binom_cdf(k: Any, n: Any, p: Any) -> Any:
    k = below(k)
    return chosen(k < 0, 0.0, chosen(k >= n, 1.0, special.betaincc(k + 1, n - k, p)))


@standard(stats.binom)
def binom_sf(k: Any, n: Any, p: Any) -> Any:
    k = below(k)
    return chosen(k < 0, 1.0, chosen(k >= n, 0.0, special.betainc(k + 1, n - k, p)))


@standard(stats.binom)
def binom_valid(n: Any, p: Any) -> Any:
    return (n >= 0) & (p >= 0) & (p <= 1)


@standard(stats.bernoulli)
def bernoulli_logpmf(k: Any, p: Any) -> Any:
    k = stop_gradient(k)
    log = special.xlogy(k, p) + special.xlog1py(1 - k, -p)
    return barred((k < 0) | (k > 1), log)


@standard(stats.bernoulli)
def bernoulli_valid(p: Any) -> Any:
    return (p >= 0) & (p <= 1)


@standard(stats.geom)
def geom_logpmf(k: Any, p: Any) -> Any:
    k = stop_gradient(k)
    return barred(k < 1, special.xlog1py(k - 1, -p) + np.log(p))


@standard(stats.geom)
def geom_cdf(k: Any, p: Any) -> Any:
    return chosen(k < 1, 0.0, -np.expm1(below(k) * np.log1p(-p)))


@standard(stats.geom)
def geom_sf(k: Any, p: Any) -> Any:
    return chosen(k < 1, 1.0, np.exp(below(k) * np.log1p(-p)))


@standard(stats.geom)
def geom_valid(p: Any) -> Any:
    return (p > 0) & (p <= 1)


@standard(stats.nbinom)
def nbinom_logpmf(k: Any, n: Any, p: Any) -> Any:
    k = stop_gradient(k)
    choices = special.gammaln(n + k) - special.gammaln(k + 1) - special.gammaln(n)
    return barred(k < 0, choices + n * np.log(p) + special.xlog1py(k, -p))


@standard(stats.nbinom)
def nbinom_cdf(k: Any, n: Any, p: Any) -> Any:
    return chosen(k < 0, 0.0, special.betainc(n, below(k) + 1, p))


@standard(stats.nbinom)
def nbinom_sf(k: Any, n: Any, p: Any) -> Any:
    return chosen(k < 0, 1.0, special.betaincc(n, below(k) + 1, p))


@standard(stats.nbinom)
def nbinom_valid(n: Any, p: Any) -> Any:
    return (n > 0) & (p > 0) & (p <= 1)


@standard(stats.betabinom)
def betabinom_logpmf(k: Any, n: Any, a: Any, b: Any) -> Any:
    k = stop_gradient(k)
    log = special.betaln(k + a, n - k + b) - special.betaln(a, b)
    return barred((k < 0) | (k > n), log_choices(n, k) + log)


@standard(stats.betabinom)
def betabinom_valid(n: Any, a: Any, b: Any) -> Any:
    return (n >= 0) & (a > 0) & (b > 0)
