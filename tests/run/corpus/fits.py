"""Fits and likelihoods: residuals in loops, filters, mixtures, models of time series."""

import math

import numpy as np

rng = np.random.default_rng(12)
EXAMPLES = []

T = np.linspace(0.0, 2.0, 7)
Y = np.exp(-0.8 * T) + 0.05 * rng.normal(size=7)
SERIES = rng.normal(size=8)
POINTS = rng.normal(size=(6, 2))


def exponential_fit(p, t, y):
    a, b, c = p
    total = 0.0
    for ti, yi in zip(t, y):
        model = a * math.exp(-b * ti) + c
        total += (yi - model) ** 2
    return total / len(t)


EXAMPLES += [(exponential_fit, (np.array([1.2, 0.7, 0.1]), T, Y), {}, (0,))]


def huber_loop(w, X, y, delta=0.5):
    losses = []
    for i in range(len(y)):
        r = y[i] - X[i] @ w
        if abs(r) <= delta:
            losses.append(0.5 * r**2)
        else:
            losses.append(delta * (abs(r) - 0.5 * delta))
    return np.mean(losses)


EXAMPLES += [(huber_loop, (np.array([0.4, -0.9]), POINTS, SERIES[:6]))]


def ar_likelihood(phi, sigma, y):
    p = len(phi)
    ll = 0.0
    for t in range(p, len(y)):
        mean = 0.0
        for k in range(p):
            mean += phi[k] * y[t - k - 1]
        e = y[t] - mean
        ll += -0.5 * math.log(2 * math.pi * sigma**2) - e**2 / (2 * sigma**2)
    return -ll


EXAMPLES += [(ar_likelihood, (np.array([0.5, -0.2]), 0.8, SERIES))]


def garch(params, returns):
    omega, alpha, beta = params
    sigma2 = np.zeros(len(returns))
    sigma2[0] = np.var(returns)
    for t in range(1, len(returns)):
        sigma2[t] = omega + alpha * returns[t - 1] ** 2 + beta * sigma2[t - 1]
    return 0.5 * np.sum(np.log(sigma2) + returns**2 / sigma2)


EXAMPLES += [(garch, (np.array([0.1, 0.2, 0.6]), SERIES))]


def kalman(params, y):
    a, q, r = params
    m, P = 0.0, 1.0
    nll = 0.0
    means = []
    for obs in y:
        m = a * m
        P = a * P * a + q
        S = P + r
        K = P / S
        innovation = obs - m
        m += K * innovation
        P *= 1 - K
        nll += 0.5 * (math.log(S) + innovation**2 / S)
        means.append(m)
    return nll + 0.1 * np.std(means)


EXAMPLES += [(kalman, (np.array([0.9, 0.3, 0.5]), SERIES))]


def kalman_matrix(F, H, Q, y):
    n = F.shape[0]
    x = np.zeros(n)
    P = np.eye(n)
    ll = 0.0
    for t in range(len(y)):
        x = F @ x
        P = F @ P @ F.T + Q @ Q.T
        v = y[t] - H @ x
        S = H @ P @ H + 0.5
        K = P @ H / S
        x = x + K * v
        P = P - np.outer(K, H @ P)
        ll -= 0.5 * (np.log(S) + v**2 / S)
    return ll


EXAMPLES += [
    (
        kalman_matrix,
        (np.array([[1.0, 0.1], [-0.1, 0.9]]), np.array([1.0, 0.2]), 0.3 * np.eye(2), SERIES[:5]),
    )
]


def mixture(weights, means, sigmas, x):
    logw = weights - np.log(np.sum(np.exp(weights)))
    total = 0.0
    for xi in x:
        terms = []
        for k in range(len(means)):
            z = (xi - means[k]) / sigmas[k]
            terms.append(logw[k] - 0.5 * z**2 - math.log(sigmas[k]))
        m = max(terms)
        total += m + math.log(sum([math.exp(v - m) for v in terms]))
    return -total


EXAMPLES += [
    (
        mixture,
        (np.array([0.1, -0.2]), np.array([-0.7, 0.9]), np.array([0.6, 0.8]), SERIES[:4]),
    )
]


def hmm_forward(logA, logB, obs):
    """The forward algorithm in logarithms, with a fresh row at each step."""
    n = logA.shape[0]
    A = logA - np.log(np.exp(logA).sum(axis=1, keepdims=True))
    B = logB - np.log(np.exp(logB).sum(axis=1, keepdims=True))
    alpha = B[:, obs[0]] - math.log(n)
    for o in obs[1:]:
        new = np.empty(n)
        for j in range(n):
            s = alpha + A[:, j]
            m = s.max()
            new[j] = m + np.log(np.exp(s - m).sum()) + B[j, o]
        alpha = new
    m = alpha.max()
    return m + np.log(np.sum(np.exp(alpha - m)))


EXAMPLES += [(hmm_forward, (rng.normal(size=(3, 3)), rng.normal(size=(3, 2)), [0, 1, 1, 0]))]


def poisson_regression(beta, X, counts):
    ll = 0.0
    for x, k in zip(X, counts):
        eta = x @ beta
        ll += k * eta - math.exp(eta) - math.lgamma(k + 1)
    return -ll


EXAMPLES += [
    (poisson_regression, (np.array([0.2, -0.3]), POINTS, np.array([0, 2, 1, 3, 0, 1])), {}, (0,))
]


def ordinal(cuts, w, X, levels):
    """Ordered categories: which cuts are read depends on the level."""
    total = 0.0
    for x, level in zip(X, levels):
        z = x @ w
        upper = 1.0 if level == len(cuts) else 1 / (1 + math.exp(-(cuts[level] - z)))
        lower = 0.0 if level == 0 else 1 / (1 + math.exp(-(cuts[level - 1] - z)))
        total -= math.log(upper - lower)
    return total


EXAMPLES += [
    (
        ordinal,
        (np.array([-0.5, 0.6]), np.array([0.3, 0.2]), POINTS[:4], np.array([0, 1, 2, 1])),
        {},
        (0, 1),
    )
]


def isotonic_penalty(y, strength):
    penalty = 0.0
    violations = 0
    for a, b in zip(y[:-1], y[1:]):
        if a > b:
            penalty += (a - b) ** 2
            violations += 1
    if violations == 0:
        return 0.0 * strength
    return strength * penalty / violations


EXAMPLES += [(isotonic_penalty, (SERIES, 0.7))]


def spline_fit(knots, coef, x):
    """Truncated powers, column by column."""
    B = np.zeros((len(x), len(knots) + 2))
    B[:, 0] = 1.0
    B[:, 1] = x
    for k, knot in enumerate(knots):
        column = B[:, k + 2]
        column[:] = np.maximum(x - knot, 0.0) ** 3
    return np.sum((B @ coef - np.sin(x)) ** 2)


EXAMPLES += [
    (spline_fit, (np.array([0.45, 1.2]), np.array([0.1, 0.9, -0.2, 0.05]), np.linspace(0, 2, 6)))
]


def gp_likelihood(log_params, x, y):
    length, noise = np.exp(log_params)
    n = len(x)
    K = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            K[i, j] = math.exp(-0.5 * ((x[i] - x[j]) / length) ** 2)
            if i == j:
                K[i, j] += noise**2
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.sum(np.log(np.diag(L)))


EXAMPLES += [(gp_likelihood, (np.array([-0.2, -0.9]), T[:4], Y[:4]))]


def cholesky_by_hand(A):
    n = len(A)
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j] - L[i, :j] @ L[j, :j]
            L[i, j] = np.sqrt(s) if i == j else s / L[j, j]
    return np.sum(np.log(np.diag(L)))


EXAMPLES += [(cholesky_by_hand, (np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]]),))]


def em_step(mu, x, n):
    """Soft clustering in one dimension: responsibilities are normalised in place."""
    for _ in range(n):
        R = np.exp(-0.5 * (x[:, None] - mu) ** 2)
        for row in R:
            row /= row.sum()
        mu = (R * x[:, None]).sum(axis=0) / R.sum(axis=0)
    return mu[0] * mu[1]


EXAMPLES += [(em_step, (np.array([-0.5, 0.8]), SERIES, 2))]


def survival(beta, times, events, x):
    """The partial likelihood of Cox: risk sets by comparison of times."""
    ll = 0.0
    for i in range(len(times)):
        if not events[i]:
            continue
        risk = 0.0
        for j in range(len(times)):
            if times[j] >= times[i]:
                risk += np.exp(beta * x[j])
        ll += beta * x[i] - np.log(risk)
    return -ll


EXAMPLES += [
    (
        survival,
        (0.4, np.array([3.0, 1.0, 2.0, 5.0]), [True, True, False, True], SERIES[:4]),
        {},
        (0,),
    )
]
