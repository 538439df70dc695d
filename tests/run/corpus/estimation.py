"""Estimates from data as scientists write them: decompositions, quantiles, fits, smoothing."""

import numpy as np

EXAMPLES = []

rng = np.random.default_rng(31)


def explained_variance(X):
    """The share of the first two principal components."""
    centred = X - X.mean(axis=0)
    values = np.linalg.eigvalsh(np.cov(centred, rowvar=False))
    return np.sum(values[-2:]) / np.sum(values)


EXAMPLES += [(explained_variance, (rng.normal(size=(7, 4)),))]


def projection_on_first_component(X, w):
    U, s, Vt = np.linalg.svd(X - np.mean(X, axis=0), full_matrices=False)
    first = Vt[0] * np.sign(Vt[0, 0])
    return np.sum((X @ first) ** 2) + w @ first + s[0]


EXAMPLES += [(projection_on_first_component, (rng.normal(size=(6, 3)), rng.normal(size=3)))]


def whitened(X):
    C = X.T @ X / len(X) + 0.1 * np.eye(X.shape[1])
    w, V = np.linalg.eigh(C)
    W = V @ np.diag(1 / np.sqrt(w)) @ V.T
    return np.sum(np.tanh(X @ W))


EXAMPLES += [(whitened, (rng.normal(size=(5, 3)),))]


def ridge_by_least_squares(X, y, penalty):
    n = X.shape[1]
    A = np.vstack([X, np.sqrt(penalty) * np.eye(n)])
    b = np.concatenate([y, np.zeros(n)])
    beta, _, _, _ = np.linalg.lstsq(A, b, rcond=None)
    return np.sum((X @ beta - y) ** 2)


EXAMPLES += [(ridge_by_least_squares, (rng.normal(size=(6, 3)), rng.normal(size=6), 0.3))]


def least_squares_by_qr(X, y):
    Q, R = np.linalg.qr(X)
    beta = np.linalg.solve(R, Q.T @ y)
    return beta @ beta + np.sum(np.abs(np.diag(R)))


EXAMPLES += [(least_squares_by_qr, (rng.normal(size=(6, 3)), rng.normal(size=6)))]


def median_absolute_deviation(x):
    middle = np.median(x)
    return np.median(np.abs(x - middle)) * 1.4826 + middle


EXAMPLES += [(median_absolute_deviation, (rng.normal(size=9),))]


def winsorised_mean(x):
    low, high = np.percentile(x, [20, 80])
    return np.mean(np.clip(x, low, high))


EXAMPLES += [(winsorised_mean, (rng.normal(size=11),))]


def interquartile_range(X):
    q = np.quantile(X, [0.25, 0.75], axis=0)
    return np.sum((q[1] - q[0]) ** 2)


EXAMPLES += [(interquartile_range, (rng.normal(size=(7, 3)),))]


def correlation_penalty(X):
    R = np.corrcoef(X, rowvar=False)
    off = R - np.diag(np.diag(R))
    return np.sum(off**2)


EXAMPLES += [(correlation_penalty, (rng.normal(size=(6, 3)),))]


def calibrated(x, knots, values):
    y = np.interp(x, knots, values)
    return np.trapezoid(y**2, x)


EXAMPLES += [
    (
        calibrated,
        (np.linspace(0.1, 2.9, 6), np.array([0.0, 1.1, 2.2, 3.0]), rng.normal(size=4)),
    )
]


def smoothed(signal, kernel):
    weights = kernel / np.sum(kernel)
    padded = np.pad(signal, len(kernel) // 2, mode="reflect")
    return np.sum((np.convolve(padded, weights, mode="valid") - signal) ** 2)


EXAMPLES += [(smoothed, (rng.normal(size=8), rng.uniform(0.5, 1.5, size=3)))]


def moving_average_crossing(prices):
    fast = np.lib.stride_tricks.sliding_window_view(prices, 2).mean(axis=1)
    slow = np.lib.stride_tricks.sliding_window_view(prices, 4).mean(axis=1)
    return np.sum(np.tanh(fast[2:] - slow))


EXAMPLES += [(moving_average_crossing, (rng.uniform(1.0, 2.0, size=9),))]


def worst_drawdown(prices):
    peak = np.maximum.accumulate(prices)
    return np.max((peak - prices) / peak)


EXAMPLES += [(worst_drawdown, (np.array([1.0, 1.4, 1.1, 1.6, 0.9, 1.2]),))]


def group_means(values, weights):
    groups = np.array([0, 1, 0, 2, 1])
    totals = np.bincount(groups, weights=values * weights)
    return np.sum(totals[groups] * values) / np.sum(weights)


EXAMPLES += [(group_means, (rng.normal(size=5), rng.uniform(0.5, 1.5, size=5)))]


def cubic_fit(x, y):
    c = np.polyfit(x, y, 3)
    return np.polyval(c, 0.5) + np.sum(np.polyder(c) ** 2)


EXAMPLES += [(cubic_fit, (np.linspace(-1.0, 1.0, 6), rng.normal(size=6)))]


def safe_log_ratio(p, q):
    ratio = np.divide(p, q, out=np.ones_like(p), where=q > 0)
    return np.sum(p * np.log(ratio, out=np.zeros_like(p), where=ratio > 0))


EXAMPLES += [(safe_log_ratio, (np.array([0.2, 0.3, 0.5]), np.array([0.1, 0.6, 0.3])))]


def block_system(A, B, u):
    M = np.block([[A, B], [B.T, -np.eye(2)]])
    return np.linalg.solve(M, np.r_[u, 1.0, 2.0]) @ np.r_[u, 0.0, 0.0]


EXAMPLES += [
    (
        block_system,
        (rng.normal(size=(2, 2)) + 4 * np.eye(2), rng.normal(size=(2, 2)), rng.normal(size=2)),
    )
]


def markov_chain(P, start):
    P = P / np.sum(P, axis=1, keepdims=True)
    return start @ np.linalg.matrix_power(P, 5) @ np.arange(3.0)


EXAMPLES += [(markov_chain, (rng.uniform(0.2, 1.0, size=(3, 3)), rng.uniform(size=3)))]


def condition_of_scaled(A, s):
    return np.log(np.linalg.cond(A * s)) + np.linalg.norm(A, 2) + np.linalg.norm(A, "nuc")


EXAMPLES += [(condition_of_scaled, (rng.normal(size=(3, 3)), rng.uniform(0.5, 2.0, size=3)))]
