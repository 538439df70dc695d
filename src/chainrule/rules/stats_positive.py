"""Formulas of the distributions of `scipy.stats` on the positive numbers or an interval, see `stats`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special, stats

from .distributions import above, barred, chosen, standard
from .special import ROOT_HALF
from .stats import LOG_PI, LOG_ROOT_HALF_PI, LOG_ROOT_TWO_PI, LOG_TWO, _constants, one, safe

# -- exponential and others without shape parameters -----------------------------------------------


@standard(stats.expon)
def expon_logpdf(z: Any) -> Any:
    return barred(z < 0, -z)


@standard(stats.expon)
def expon_cdf(z: Any) -> Any:
    return -np.expm1(-above(z))


@standard(stats.expon)
def expon_sf(z: Any) -> Any:
    return np.exp(-above(z))


@standard(stats.expon)
def expon_logsf(z: Any) -> Any:
    return -above(z)


@standard(stats.expon)
def expon_ppf(q: Any) -> Any:
    return -np.log1p(-q)


@standard(stats.expon)
def expon_isf(q: Any) -> Any:
    return -np.log(q)


_constants(stats.expon, mean=one, var=one, entropy=one)


@standard(stats.uniform)
def uniform_logpdf(z: Any) -> Any:
    return barred((z < 0) | (z > 1), 0.0 * z)


@standard(stats.uniform)
def uniform_cdf(z: Any) -> Any:
    return np.clip(z, 0, 1)


@standard(stats.uniform)
def uniform_sf(z: Any) -> Any:
    return 1 - np.clip(z, 0, 1)


@standard(stats.uniform)
def uniform_ppf(q: Any) -> Any:
    return q


@standard(stats.halfnorm)
def halfnorm_logpdf(z: Any) -> Any:
    return barred(z < 0, -(z**2) / 2 - LOG_ROOT_HALF_PI)


@standard(stats.halfnorm)
def halfnorm_cdf(z: Any) -> Any:
    return special.erf(ROOT_HALF * above(z))


@standard(stats.halfnorm)
def halfnorm_sf(z: Any) -> Any:
    return special.erfc(ROOT_HALF * above(z))


@standard(stats.halfnorm)
def halfnorm_ppf(q: Any) -> Any:
    return special.ndtri((1 + q) / 2)


@standard(stats.halfnorm)
def halfnorm_isf(q: Any) -> Any:
    return -special.ndtri(q / 2)


@standard(stats.halfcauchy)
def halfcauchy_logpdf(z: Any) -> Any:
    return barred(z < 0, LOG_TWO - LOG_PI - np.log1p(z * z))


@standard(stats.halfcauchy)
def halfcauchy_cdf(z: Any) -> Any:
    return 2 / np.pi * np.arctan(above(z))


@standard(stats.halfcauchy)
def halfcauchy_sf(z: Any) -> Any:
    return 2 / np.pi * np.arctan2(1, above(z))


@standard(stats.halfcauchy)
def halfcauchy_ppf(q: Any) -> Any:
    return np.tan(np.pi / 2 * q)


@standard(stats.rayleigh)
def rayleigh_logpdf(z: Any) -> Any:
    return barred(z <= 0, np.log(safe(z)) - z**2 / 2)


@standard(stats.rayleigh)
def rayleigh_cdf(z: Any) -> Any:
    return -np.expm1(-(above(z) ** 2) / 2)


@standard(stats.rayleigh)
def rayleigh_sf(z: Any) -> Any:
    return np.exp(-(above(z) ** 2) / 2)


@standard(stats.rayleigh)
def rayleigh_logsf(z: Any) -> Any:
    return -(above(z) ** 2) / 2


@standard(stats.rayleigh)
def rayleigh_ppf(q: Any) -> Any:
    return np.sqrt(-2 * np.log1p(-q))


@standard(stats.rayleigh)
def rayleigh_isf(q: Any) -> Any:
    return np.sqrt(-2 * np.log(q))


@standard(stats.maxwell)
def maxwell_logpdf(z: Any) -> Any:
    log = LOG_TWO - LOG_ROOT_TWO_PI + 2 * np.log(safe(z)) - z**2 / 2
    return barred(z <= 0, log)


@standard(stats.maxwell)
def maxwell_cdf(z: Any) -> Any:
    return special.gammainc(1.5, above(z) ** 2 / 2)


@standard(stats.maxwell)
def maxwell_sf(z: Any) -> Any:
    return special.gammaincc(1.5, above(z) ** 2 / 2)


@standard(stats.levy)
def levy_logpdf(z: Any) -> Any:
    inside = safe(z)
    log = -0.5 / inside - LOG_ROOT_TWO_PI - 1.5 * np.log(inside)
    return barred(z <= 0, log)


@standard(stats.levy)
def levy_cdf(z: Any) -> Any:
    return chosen(z <= 0, 0.0, special.erfc(ROOT_HALF / np.sqrt(safe(z))))


# -- of the gamma family ---------------------------------------------------------------------------


@standard(stats.gamma, stats.erlang)
def gamma_logpdf(z: Any, a: Any) -> Any:
    return barred(z < 0, special.xlogy(a - 1, np.abs(z)) - z - special.gammaln(a))


@standard(stats.gamma, stats.erlang)
def gamma_cdf(z: Any, a: Any) -> Any:
    return special.gammainc(a, above(z))


@standard(stats.gamma, stats.erlang)
def gamma_sf(z: Any, a: Any) -> Any:
    return special.gammaincc(a, above(z))


@standard(stats.gamma, stats.erlang)
def gamma_ppf(q: Any, a: Any) -> Any:
    return special.gammaincinv(a, q)


@standard(stats.gamma, stats.erlang)
def gamma_isf(q: Any, a: Any) -> Any:
    return special.gammainccinv(a, q)


@standard(stats.gamma, stats.erlang)
def gamma_entropy(a: Any) -> Any:
    return a + special.gammaln(a) + (1 - a) * special.digamma(a)


@standard(stats.gamma, stats.erlang)
def gamma_mean(a: Any) -> Any:
    return a


@standard(stats.gamma, stats.erlang)
def gamma_var(a: Any) -> Any:
    return a


@standard(stats.chi2)
def chi2_logpdf(z: Any, df: Any) -> Any:
    log = special.xlogy(df / 2 - 1, np.abs(z)) - z / 2 - special.gammaln(df / 2) - LOG_TWO / 2 * df
    return barred(z < 0, log)


@standard(stats.chi2)
def chi2_cdf(z: Any, df: Any) -> Any:
    return special.chdtr(df, above(z))


@standard(stats.chi2)
def chi2_sf(z: Any, df: Any) -> Any:
    return special.chdtrc(df, above(z))


@standard(stats.chi2)
def chi2_ppf(q: Any, df: Any) -> Any:
    return 2 * special.gammaincinv(df / 2, q)


@standard(stats.chi2)
def chi2_isf(q: Any, df: Any) -> Any:
    return special.chdtri(df, q)


@standard(stats.chi)
def chi_logpdf(z: Any, df: Any) -> Any:
    constant = LOG_TWO * (1 - df / 2) - special.gammaln(df / 2)
    return barred(z < 0, constant + special.xlogy(df - 1, np.abs(z)) - z**2 / 2)


@standard(stats.chi)
def chi_cdf(z: Any, df: Any) -> Any:
    return special.gammainc(df / 2, above(z) ** 2 / 2)


@standard(stats.chi)
def chi_sf(z: Any, df: Any) -> Any:
    return special.gammaincc(df / 2, above(z) ** 2 / 2)


@standard(stats.invgamma)
def invgamma_logpdf(z: Any, a: Any) -> Any:
    inside = safe(z)
    return barred(z <= 0, -(a + 1) * np.log(inside) - special.gammaln(a) - 1 / inside)


@standard(stats.invgamma)
def invgamma_cdf(z: Any, a: Any) -> Any:
    return chosen(z <= 0, 0.0, special.gammaincc(a, 1 / safe(z)))


@standard(stats.invgamma)
def invgamma_sf(z: Any, a: Any) -> Any:
    return chosen(z <= 0, 1.0, special.gammainc(a, 1 / safe(z)))


@standard(stats.invgamma)
def invgamma_ppf(q: Any, a: Any) -> Any:
    return 1 / special.gammainccinv(a, q)


@standard(stats.invgamma)
def invgamma_isf(q: Any, a: Any) -> Any:
    return 1 / special.gammaincinv(a, q)


@standard(stats.nakagami)
def nakagami_logpdf(z: Any, nu: Any) -> Any:
    constant = LOG_TWO + special.xlogy(nu, nu) - special.gammaln(nu)
    return barred(z < 0, constant + special.xlogy(2 * nu - 1, np.abs(z)) - nu * z * z)


@standard(stats.nakagami)
def nakagami_cdf(z: Any, nu: Any) -> Any:
    return special.gammainc(nu, nu * above(z) ** 2)


@standard(stats.nakagami)
def nakagami_sf(z: Any, nu: Any) -> Any:
    return special.gammaincc(nu, nu * above(z) ** 2)


# -- of the beta family ----------------------------------------------------------------------------


@standard(stats.beta)
def beta_logpdf(z: Any, a: Any, b: Any) -> Any:
    log = (
        special.xlogy(b - 1, np.abs(1 - z)) + special.xlogy(a - 1, np.abs(z)) - special.betaln(a, b)
    )
    return barred((z < 0) | (z > 1), log)


@standard(stats.beta)
def beta_cdf(z: Any, a: Any, b: Any) -> Any:
    return special.betainc(a, b, np.clip(z, 0, 1))


@standard(stats.beta)
def beta_sf(z: Any, a: Any, b: Any) -> Any:
    return special.betaincc(a, b, np.clip(z, 0, 1))


@standard(stats.beta)
def beta_ppf(q: Any, a: Any, b: Any) -> Any:
    return special.betaincinv(a, b, q)


@standard(stats.beta)
def beta_isf(q: Any, a: Any, b: Any) -> Any:
    return special.betainccinv(a, b, q)


@standard(stats.beta)
def beta_mean(a: Any, b: Any) -> Any:
    return a / (a + b)


@standard(stats.beta)
def beta_var(a: Any, b: Any) -> Any:
    return a * b / ((a + b) ** 2 * (a + b + 1))


@standard(stats.betaprime)
def betaprime_logpdf(z: Any, a: Any, b: Any) -> Any:
    log = special.xlogy(a - 1, np.abs(z)) - special.xlog1py(a + b, np.abs(z)) - special.betaln(a, b)
    return barred(z < 0, log)


@standard(stats.betaprime)
def betaprime_cdf(z: Any, a: Any, b: Any) -> Any:
    return special.betainc(a, b, above(z) / (1 + above(z)))


@standard(stats.f)
def f_logpdf(z: Any, dfn: Any, dfd: Any) -> Any:
    m, n = dfn / 2, dfd / 2
    constant = special.xlogy(m, dfn) + special.xlogy(n, dfd) - special.betaln(m, n)
    log = constant + special.xlogy(m - 1, np.abs(z)) - special.xlogy(m + n, dfd + dfn * np.abs(z))
    return barred(z < 0, log)


@standard(stats.f)
def f_cdf(z: Any, dfn: Any, dfd: Any) -> Any:
    return special.fdtr(dfn, dfd, above(z))


@standard(stats.f)
def f_sf(z: Any, dfn: Any, dfd: Any) -> Any:
    return special.fdtrc(dfn, dfd, above(z))


@standard(stats.f)
def f_ppf(q: Any, dfn: Any, dfd: Any) -> Any:
    share = special.betaincinv(dfn / 2, dfd / 2, q)
    return dfd * share / (dfn * (1 - share))


@standard(stats.powerlaw)
def powerlaw_logpdf(z: Any, a: Any) -> Any:
    return barred((z < 0) | (z > 1), np.log(a) + special.xlogy(a - 1, np.abs(z)))


@standard(stats.powerlaw)
def powerlaw_cdf(z: Any, a: Any) -> Any:
    return np.clip(z, 0, 1) ** a


@standard(stats.powerlaw)
def powerlaw_ppf(q: Any, a: Any) -> Any:
    return q ** (1 / a)


@standard(stats.arcsine)
def arcsine_logpdf(z: Any) -> Any:
    inside = chosen((z <= 0) | (z >= 1), 0.5, z)
    log = -LOG_PI - np.log(inside * (1 - inside)) / 2
    return barred((z < 0) | (z > 1), chosen((z == 0) | (z == 1), np.inf, log))


@standard(stats.arcsine)
def arcsine_cdf(z: Any) -> Any:
    return 2 / np.pi * np.arcsin(np.sqrt(np.clip(z, 0, 1)))
