"""Options, bonds, portfolios, curves."""

import math

import numpy as np
from scipy.special import erf

EXAMPLES = []

SQRT2 = math.sqrt(2.0)
TRADING_DAYS = 252
rng = np.random.default_rng(3)


def norm_cdf(x):
    return 0.5 * (1.0 + math.erf(x / SQRT2))


def ndtr(x):
    return 0.5 * (1.0 + erf(x / SQRT2))


def norm_pdf(x):
    return math.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)


def black_scholes_d1(S, K, T, r, sigma):
    return (math.log(S / K) + (r + 0.5 * sigma**2) * T) / (sigma * math.sqrt(T))


def call_price(S, K, T, r, sigma):
    """Black and Scholes' price of a European call."""
    d1 = black_scholes_d1(S, K, T, r, sigma)
    d2 = d1 - sigma * math.sqrt(T)
    return S * norm_cdf(d1) - K * math.exp(-r * T) * norm_cdf(d2)


EXAMPLES += [(call_price, (100.0, 95.0, 0.5, 0.02, 0.3)), (call_price, (100, 95, 1, 0.02, 0.3))]


def put_by_parity(S, K, T, r, sigma):
    return call_price(S, K, T, r, sigma) - S + K * math.exp(-r * T)


EXAMPLES += [(put_by_parity, (100.0, 95.0, 0.5, 0.02, 0.3))]


def option(kind, S, K, T, sigma, r=0.0):
    """A call or a put, by name."""
    if kind not in ("call", "put"):
        raise ValueError(f"unknown kind {kind!r}")
    sign = 1.0 if kind == "call" else -1.0
    d1 = black_scholes_d1(S, K, T, r, sigma)
    d2 = d1 - sigma * math.sqrt(T)
    return sign * (S * norm_cdf(sign * d1) - K * math.exp(-r * T) * norm_cdf(sign * d2))


EXAMPLES += [
    (option, ("call", 100.0, 95.0, 0.5, 0.3)),
    (option, ("put", 90.0, 95.0, 0.5, 0.3, 0.01)),
]


def vega(S, K, T, r, sigma):
    d1 = black_scholes_d1(S, K, T, r, sigma)
    return S * norm_pdf(d1) * math.sqrt(T)


EXAMPLES += [(vega, (100.0, 95.0, 0.5, 0.02, 0.3))]


def implied_vol_error(sigma, quotes, strikes, S=100.0, T=0.5):
    sq = sigma * np.sqrt(T)
    d1 = (np.log(S / strikes) + 0.5 * sigma**2 * T) / sq
    model = S * ndtr(d1) - strikes * ndtr(d1 - sq)
    return np.sum((model - quotes) ** 2)


EXAMPLES += [
    (implied_vol_error, (0.25, np.array([12.0, 8.0, 5.0]), np.array([90.0, 100.0, 110.0])))
]


def bond_price(coupon, face, y, n):
    """The price of a bond with `n` coupons at yield `y`."""
    times = np.arange(1, n + 1)
    discount = (1 + y) ** -times
    return coupon * discount.sum() + face * discount[-1]


EXAMPLES += [(bond_price, (4.0, 100.0, 0.03, 5))]


def annuity(rate, payment, n):
    return payment * (1 - (1 + rate) ** (-n)) / rate


EXAMPLES += [(annuity, (0.02, 100.0, 12))]


def npv(rate, cashflows):
    return sum(cf / (1 + rate) ** t for t, cf in enumerate(cashflows))


EXAMPLES += [(npv, (0.05, (-100.0, 30.0, 40.0, 50.0))), (npv, (0.05, [-100, 60.0, 60.0]))]


def portfolio_variance(w, cov):
    return w @ cov @ w


EXAMPLES += [(portfolio_variance, (np.array([0.3, 0.7]), np.array([[0.1, 0.02], [0.02, 0.2]])))]


def sharpe(w, returns, risk_free=0.0):
    excess = returns @ w - risk_free
    return math.sqrt(TRADING_DAYS) * excess.mean() / excess.std()


EXAMPLES += [(sharpe, (np.array([0.3, 0.7]), rng.normal(0.001, 0.02, (6, 2))))]


def mean_variance(weights, mu, cov, *, risk_aversion=2.0, budget=1.0):
    ret = np.dot(weights, mu)
    risk = np.dot(weights, np.dot(cov, weights))
    return -ret + 0.5 * risk_aversion * risk + 10 * (weights.sum() - budget) ** 2


EXAMPLES += [
    (mean_variance, (np.array([0.2, 0.5]), np.array([0.05, 0.08]), np.array([[0.1, 0.02], [0.02, 0.2]])),
     {"risk_aversion": 3.0})
]  # fmt: skip


def drawdown(log_returns):
    wealth = np.exp(np.cumsum(log_returns))
    return 1 - wealth[-1] / wealth.max()


EXAMPLES += [(drawdown, (np.array([0.01, 0.05, -0.03, -0.02]),))]


def nelson_siegel(beta, tau, maturities, yields):
    b0, b1, b2 = beta
    m = maturities / tau
    slope = (1 - np.exp(-m)) / m
    curve = b0 + b1 * slope + b2 * (slope - np.exp(-m))
    return np.sum((curve - yields) ** 2)


EXAMPLES += [
    (
        nelson_siegel,
        ((0.04, -0.02, 0.01), 1.5, np.array([0.5, 1.0, 5.0]), np.array([0.02, 0.025, 0.035])),
    )
]


def monte_carlo_asian(S0, sigma, r, z, K=100.0):
    """A path-wise price of an Asian call from given normal numbers."""
    n_paths, n_steps = z.shape
    dt = 1.0 / n_steps
    steps = (r - 0.5 * sigma**2) * dt + sigma * np.sqrt(dt) * z
    paths = S0 * np.exp(np.cumsum(steps, axis=1))
    payoff = np.maximum(paths.mean(axis=1) - K, 0.0)
    return np.exp(-r) * np.sum(payoff) / n_paths


EXAMPLES += [(monte_carlo_asian, (101.0, 0.2, 0.03, rng.normal(size=(5, 4))))]


def cvar_soft(w, losses, alpha=0.9, sharpness=20.0):
    """A smoothed conditional value at risk."""
    x = losses @ w[1:] - w[0]
    soft = np.logaddexp(0.0, sharpness * x) / sharpness
    return w[0] + soft.mean() / (1 - alpha)


EXAMPLES += [(cvar_soft, (np.array([0.1, 0.4, 0.6]), rng.normal(size=(5, 2))))]


def merton_default_probability(V, D, mu, sigma, T):
    dd = (np.log(V / D) + (mu - sigma**2 / 2) * T) / (sigma * np.sqrt(T))
    return ndtr(-dd)


EXAMPLES += [(merton_default_probability, (120.0, 100.0, 0.05, 0.25, 1.0))]
