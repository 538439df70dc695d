"""Formulas of distributions of `scipy.stats` for lifetimes, incomes and cut-off errors, see `stats`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special, stats

from .distributions import above, barred, chosen, standard
from .stats import LOG_ROOT_TWO_PI, norm_logpdf, safe

# -- powers of simpler variables -------------------------------------------------------------------


@standard(stats.lognorm)
def lognorm_logpdf(z: Any, s: Any) -> Any:
    log = np.log(safe(z))
    return barred(z <= 0, norm_logpdf(log / s) - np.log(s) - log)


@standard(stats.lognorm)
def lognorm_cdf(z: Any, s: Any) -> Any:
    return chosen(z <= 0, 0.0, special.ndtr(np.log(safe(z)) / s))


@standard(stats.lognorm)
def lognorm_sf(z: Any, s: Any) -> Any:
    return chosen(z <= 0, 1.0, special.ndtr(-np.log(safe(z)) / s))


@standard(stats.lognorm)
def lognorm_logsf(z: Any, s: Any) -> Any:
    return chosen(z <= 0, 0.0, special.log_ndtr(-np.log(safe(z)) / s))


@standard(stats.lognorm)
def lognorm_ppf(q: Any, s: Any) -> Any:
    return np.exp(s * special.ndtri(q))


@standard(stats.lognorm)
def lognorm_isf(q: Any, s: Any) -> Any:
    return np.exp(-s * special.ndtri(q))


@standard(stats.lognorm)
def lognorm_mean(s: Any) -> Any:
    return np.exp(s * s / 2)


@standard(stats.lognorm)
def lognorm_var(s: Any) -> Any:
    return np.expm1(s * s) * np.exp(s * s)


@standard(stats.weibull_min)
def weibull_min_logpdf(z: Any, c: Any) -> Any:
    log = np.log(c) + special.xlogy(c - 1, np.abs(z)) - np.abs(z) ** c
    return barred(z < 0, log)


@standard(stats.weibull_min)
def weibull_min_cdf(z: Any, c: Any) -> Any:
    return -np.expm1(-(above(z) ** c))


@standard(stats.weibull_min)
def weibull_min_sf(z: Any, c: Any) -> Any:
    return np.exp(-(above(z) ** c))


@standard(stats.weibull_min)
def weibull_min_logsf(z: Any, c: Any) -> Any:
    return -(above(z) ** c)


@standard(stats.weibull_min)
def weibull_min_ppf(q: Any, c: Any) -> Any:
    return (-np.log1p(-q)) ** (1 / c)


@standard(stats.weibull_min)
def weibull_min_isf(q: Any, c: Any) -> Any:
    return (-np.log(q)) ** (1 / c)


@standard(stats.weibull_max)
def weibull_max_logpdf(z: Any, c: Any) -> Any:
    below = np.abs(z)
    return barred(z > 0, np.log(c) + special.xlogy(c - 1, below) - below**c)


@standard(stats.weibull_max)
def weibull_max_cdf(z: Any, c: Any) -> Any:
    return np.exp(-(above(-z) ** c))


@standard(stats.weibull_max)
def weibull_max_logcdf(z: Any, c: Any) -> Any:
    return -(above(-z) ** c)


@standard(stats.weibull_max)
def weibull_max_ppf(q: Any, c: Any) -> Any:
    return -((-np.log(q)) ** (1 / c))


@standard(stats.fisk)
def fisk_logpdf(z: Any, c: Any) -> Any:
    log = np.log(safe(z))
    density = np.log(c) - log + special.log_expit(c * log) + special.log_expit(-c * log)
    return barred(z <= 0, density)


@standard(stats.fisk)
def fisk_cdf(z: Any, c: Any) -> Any:
    return chosen(z <= 0, 0.0, special.expit(c * np.log(safe(z))))


@standard(stats.fisk)
def fisk_sf(z: Any, c: Any) -> Any:
    return chosen(z <= 0, 1.0, special.expit(-c * np.log(safe(z))))


# -- with heavy tails ------------------------------------------------------------------------------


@standard(stats.pareto)
def pareto_logpdf(z: Any, b: Any) -> Any:
    return barred(z < 1, np.log(b) - (b + 1) * np.log(safe(z)))


@standard(stats.pareto)
def pareto_cdf(z: Any, b: Any) -> Any:
    return -np.expm1(-b * np.log(np.maximum(z, 1)))


@standard(stats.pareto)
def pareto_sf(z: Any, b: Any) -> Any:
    return np.maximum(z, 1) ** -b


@standard(stats.pareto)
def pareto_logsf(z: Any, b: Any) -> Any:
    return -b * np.log(np.maximum(z, 1))


@standard(stats.pareto)
def pareto_ppf(q: Any, b: Any) -> Any:
    return (1 - q) ** (-1 / b)


@standard(stats.pareto)
def pareto_isf(q: Any, b: Any) -> Any:
    return q ** (-1 / b)


@standard(stats.lomax)
def lomax_logpdf(z: Any, c: Any) -> Any:
    return barred(z < 0, np.log(c) - (c + 1) * np.log1p(np.abs(z)))


@standard(stats.lomax)
def lomax_cdf(z: Any, c: Any) -> Any:
    return -np.expm1(-c * np.log1p(above(z)))


@standard(stats.lomax)
def lomax_sf(z: Any, c: Any) -> Any:
    return np.exp(-c * np.log1p(above(z)))


@standard(stats.lomax)
def lomax_ppf(q: Any, c: Any) -> Any:
    return np.expm1(-np.log1p(-q) / c)


@standard(stats.invgauss)
def invgauss_logpdf(z: Any, mu: Any) -> Any:
    inside = safe(z)
    log = -LOG_ROOT_TWO_PI - 1.5 * np.log(inside) - ((inside - mu) / mu) ** 2 / (2 * inside)
    return barred(z <= 0, log)


@standard(stats.invgauss)
def invgauss_cdf(z: Any, mu: Any) -> Any:
    inside = safe(z)
    root = np.sqrt(inside)
    right = np.exp(2 / mu + special.log_ndtr(-(inside / mu + 1) / root))
    return chosen(z <= 0, 0.0, special.ndtr((inside / mu - 1) / root) + right)


@standard(stats.loguniform, stats.reciprocal)
def loguniform_logpdf(z: Any, a: Any, b: Any) -> Any:
    width = np.log(b) - np.log(a)
    return barred((z < a) | (z > b), -np.log(safe(z)) - np.log(width))


@standard(stats.loguniform, stats.reciprocal)
def loguniform_cdf(z: Any, a: Any, b: Any) -> Any:
    share = (np.log(safe(z)) - np.log(a)) / (np.log(b) - np.log(a))
    return chosen(z <= a, 0.0, chosen(z >= b, 1.0, share))


@standard(stats.loguniform, stats.reciprocal)
def loguniform_ppf(q: Any, a: Any, b: Any) -> Any:
    return a * np.exp(q * (np.log(b) - np.log(a)))


@standard(stats.loguniform, stats.reciprocal)
def loguniform_valid(a: Any, b: Any) -> Any:
    return (a > 0) & (b > a)


# -- the normal distribution within bounds ---------------------------------------------------------


def log_mass(a: Any, b: Any) -> Any:
    """The logarithm of the normal probability between `a` and `b`, taken from the nearer tail."""
    right = a > 0
    low, high = chosen(right, -b, a), chosen(right, -a, b)
    top = special.log_ndtr(high)
    return top + np.log1p(-np.exp(special.log_ndtr(low) - top))


@standard(stats.truncnorm)
def truncnorm_logpdf(z: Any, a: Any, b: Any) -> Any:
    return barred((z < a) | (z > b), norm_logpdf(z) - log_mass(a, b))


@standard(stats.truncnorm)
def truncnorm_logcdf(z: Any, a: Any, b: Any) -> Any:
    inside = chosen((z <= a) | (z >= b), b, z)
    return barred(z <= a, chosen(z >= b, 0.0, log_mass(a, inside) - log_mass(a, b)))


@standard(stats.truncnorm)
def truncnorm_cdf(z: Any, a: Any, b: Any) -> Any:
    return np.exp(truncnorm_logcdf(z, a, b))


@standard(stats.truncnorm)
def truncnorm_logsf(z: Any, a: Any, b: Any) -> Any:
    inside = chosen((z <= a) | (z >= b), a, z)
    return chosen(z <= a, 0.0, barred(z >= b, log_mass(inside, b) - log_mass(a, b)))


@standard(stats.truncnorm)
def truncnorm_sf(z: Any, a: Any, b: Any) -> Any:
    return np.exp(truncnorm_logsf(z, a, b))


@standard(stats.truncnorm)
def truncnorm_ppf(q: Any, a: Any, b: Any) -> Any:
    mass = log_mass(a, b)
    left = special.ndtri_exp(np.logaddexp(special.log_ndtr(a), np.log(q) + mass))
    right = -special.ndtri_exp(np.logaddexp(special.log_ndtr(-b), np.log1p(-q) + mass))
    return chosen(a < 0, left, right)


@standard(stats.truncnorm)
def truncnorm_valid(a: Any, b: Any) -> Any:
    return a < b
