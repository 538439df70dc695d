"""Formulas of the common continuous distributions of `scipy.stats`, for location 0 and scale 1.

`z` is the standardised variable, `q` a probability. NaN in the variable stays NaN: tests say where the
formula does not hold. `rules/distributions.py` makes the methods of these.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import special, stats

from .distributions import chosen, standard

LOG_ROOT_TWO_PI: Final = 0.9189385332046727  # log(sqrt(2 pi))
LOG_ROOT_HALF_PI: Final = 0.22579135264472744  # log(sqrt(pi / 2))
LOG_PI: Final = 1.1447298858494002
LOG_TWO: Final = 0.6931471805599453


def safe(z: Any) -> Any:
    """The variable where it is positive, and 1 elsewhere."""
    return chosen(z <= 0, 1.0, z)


def zero() -> Any:
    """A constant."""
    return 0.0


def one() -> Any:
    """A constant."""
    return 1.0


def _constants(distribution: Any, **values: Any) -> None:
    """Register functions without parameters."""
    from .distributions import STANDARD

    STANDARD[distribution].update(values)


# -- on the whole line -----------------------------------------------------------------------------


@standard(stats.norm)
def norm_logpdf(z: Any) -> Any:
    return -(z**2) / 2 - LOG_ROOT_TWO_PI


@standard(stats.norm)
def norm_cdf(z: Any) -> Any:
    return special.ndtr(z)


@standard(stats.norm)
def norm_sf(z: Any) -> Any:
    return special.ndtr(-z)


@standard(stats.norm)
def norm_logcdf(z: Any) -> Any:
    return special.log_ndtr(z)


@standard(stats.norm)
def norm_logsf(z: Any) -> Any:
    return special.log_ndtr(-z)


@standard(stats.norm)
def norm_ppf(q: Any) -> Any:
    return special.ndtri(q)


@standard(stats.norm)
def norm_isf(q: Any) -> Any:
    return -special.ndtri(q)


@standard(stats.norm)
def norm_entropy() -> Any:
    return 0.5 + LOG_ROOT_TWO_PI


_constants(stats.norm, mean=zero, var=one)


@standard(stats.laplace)
def laplace_logpdf(z: Any) -> Any:
    return -np.abs(z) - LOG_TWO


@standard(stats.laplace)
def laplace_cdf(z: Any) -> Any:
    tail = np.exp(-np.abs(z)) / 2
    return chosen(z > 0, 1 - tail, tail)


@standard(stats.laplace)
def laplace_sf(z: Any) -> Any:
    tail = np.exp(-np.abs(z)) / 2
    return chosen(z > 0, tail, 1 - tail)


@standard(stats.laplace)
def laplace_ppf(q: Any) -> Any:
    return chosen(q > 0.5, -np.log(2 * (1 - q)), np.log(2 * q))


@standard(stats.laplace)
def laplace_isf(q: Any) -> Any:
    return chosen(q > 0.5, np.log(2 * (1 - q)), -np.log(2 * q))


@standard(stats.logistic)
def logistic_logpdf(z: Any) -> Any:
    return special.log_expit(z) + special.log_expit(-z)


@standard(stats.logistic)
def logistic_cdf(z: Any) -> Any:
    return special.expit(z)


@standard(stats.logistic)
def logistic_sf(z: Any) -> Any:
    return special.expit(-z)


@standard(stats.logistic)
def logistic_logcdf(z: Any) -> Any:
    return special.log_expit(z)


@standard(stats.logistic)
def logistic_logsf(z: Any) -> Any:
    return special.log_expit(-z)


@standard(stats.logistic)
def logistic_ppf(q: Any) -> Any:
    return special.logit(q)


@standard(stats.logistic)
def logistic_isf(q: Any) -> Any:
    return -special.logit(q)


@standard(stats.cauchy)
def cauchy_logpdf(z: Any) -> Any:
    return -LOG_PI - np.log1p(z * z)


@standard(stats.cauchy)
def cauchy_cdf(z: Any) -> Any:
    return np.arctan2(1, -z) / np.pi


@standard(stats.cauchy)
def cauchy_sf(z: Any) -> Any:
    return np.arctan2(1, z) / np.pi


@standard(stats.cauchy)
def cauchy_ppf(q: Any) -> Any:
    return np.tan(np.pi * (q - 0.5))


@standard(stats.gumbel_r)
def gumbel_r_logpdf(z: Any) -> Any:
    return -z - np.exp(-z)


@standard(stats.gumbel_r)
def gumbel_r_cdf(z: Any) -> Any:
    return np.exp(-np.exp(-z))


@standard(stats.gumbel_r)
def gumbel_r_sf(z: Any) -> Any:
    return -np.expm1(-np.exp(-z))


@standard(stats.gumbel_r)
def gumbel_r_logcdf(z: Any) -> Any:
    return -np.exp(-z)


@standard(stats.gumbel_r)
def gumbel_r_ppf(q: Any) -> Any:
    return -np.log(-np.log(q))


@standard(stats.gumbel_r)
def gumbel_r_isf(q: Any) -> Any:
    return -np.log(-np.log1p(-q))


@standard(stats.gumbel_l)
def gumbel_l_logpdf(z: Any) -> Any:
    return z - np.exp(z)


@standard(stats.gumbel_l)
def gumbel_l_cdf(z: Any) -> Any:
    return -np.expm1(-np.exp(z))


@standard(stats.gumbel_l)
def gumbel_l_sf(z: Any) -> Any:
    return np.exp(-np.exp(z))


@standard(stats.gumbel_l)
def gumbel_l_logsf(z: Any) -> Any:
    return -np.exp(z)


@standard(stats.gumbel_l)
def gumbel_l_ppf(q: Any) -> Any:
    return np.log(-np.log1p(-q))


@standard(stats.gumbel_l)
def gumbel_l_isf(q: Any) -> Any:
    return np.log(-np.log(q))


@standard(stats.t)
def t_logpdf(z: Any, df: Any) -> Any:
    constant = special.betaln(df / 2, 0.5) + np.log(df) / 2
    return -(df + 1) / 2 * np.log1p(z * z / df) - constant


@standard(stats.t)
def t_cdf(z: Any, df: Any) -> Any:
    return special.stdtr(df, z)


@standard(stats.t)
def t_sf(z: Any, df: Any) -> Any:
    return special.stdtr(df, -z)


@standard(stats.t)
def t_ppf(q: Any, df: Any) -> Any:
    return chosen(q == 0, -np.inf, special.stdtrit(df, q))


@standard(stats.t)
def t_isf(q: Any, df: Any) -> Any:
    return -t_ppf(q, df)


@standard(stats.skewnorm)
def skewnorm_logpdf(z: Any, a: Any) -> Any:
    return LOG_TWO + norm_logpdf(z) + special.log_ndtr(a * z)


@standard(stats.skewnorm)
def skewnorm_cdf(z: Any, a: Any) -> Any:
    return special.ndtr(z) - 2 * special.owens_t(z, a)


@standard(stats.skewnorm)
def skewnorm_sf(z: Any, a: Any) -> Any:
    return special.ndtr(-z) + 2 * special.owens_t(z, a)


@standard(stats.skewnorm)
def skewnorm_any() -> Any:
    return True


@standard(stats.exponnorm)
def exponnorm_logpdf(z: Any, K: Any) -> Any:
    return (0.5 / K - z) / K + special.log_ndtr(z - 1 / K) - np.log(K)


@standard(stats.exponnorm)
def exponnorm_cdf(z: Any, K: Any) -> Any:
    return special.ndtr(z) - np.exp((0.5 / K - z) / K + special.log_ndtr(z - 1 / K))


@standard(stats.gennorm)
def gennorm_logpdf(z: Any, beta: Any) -> Any:
    return np.log(beta) - LOG_TWO - special.gammaln(1 / beta) - np.abs(z) ** beta


@standard(stats.vonmises)
def vonmises_logpdf(z: Any, kappa: Any) -> Any:
    turned = kappa * special.cosm1(z)
    return turned - np.log(special.i0e(kappa)) - 2 * LOG_ROOT_TWO_PI


@standard(stats.vonmises)
def vonmises_valid(kappa: Any) -> Any:
    return kappa >= 0


@standard(stats.loggamma)
def loggamma_logpdf(z: Any, c: Any) -> Any:
    return c * z - np.exp(z) - special.gammaln(c)
