"""Log-likelihoods, priors, moments, tests, kernels."""

import math

import numpy as np
from scipy import special

EXAMPLES = []

rng = np.random.default_rng(1)
DATA = rng.normal(1.0, 2.0, 8)
LOG_2PI = math.log(2 * math.pi)


def normal_nll(mu, log_sigma, x):
    sigma = np.exp(log_sigma)
    z = (x - mu) / sigma
    return 0.5 * np.sum(z**2) + x.size * (log_sigma + 0.5 * LOG_2PI)


EXAMPLES += [(normal_nll, (0.5, 0.1, DATA))]


def normal_nll_of_global(mu, sigma):
    return 0.5 * np.sum(((DATA - mu) / sigma) ** 2) + len(DATA) * np.log(sigma)


EXAMPLES += [(normal_nll_of_global, (0.5, 1.5))]


def student_t_nll(params, x):
    mu, log_scale, log_nu = params
    scale, nu = np.exp(log_scale), np.exp(log_nu) + 1
    z = (x - mu) / scale
    const = special.gammaln((nu + 1) / 2) - special.gammaln(nu / 2) - 0.5 * np.log(np.pi * nu)
    return -np.sum(const - log_scale - (nu + 1) / 2 * np.log1p(z**2 / nu))


EXAMPLES += [(student_t_nll, (np.array([0.2, 0.3, 1.1]), DATA))]


def poisson_nll(beta, X, y):
    eta = X @ beta
    return np.sum(np.exp(eta) - y * eta)


EXAMPLES += [
    (poisson_nll, (np.array([0.1, -0.2]), rng.normal(size=(5, 2)), np.array([0, 2, 1, 3, 0])))
]


def logistic_nll(w, b, X, y, l2=0.1):
    z = X @ w + b
    return np.mean(np.logaddexp(0.0, z) - y * z) + l2 * np.sum(w**2)


EXAMPLES += [
    (
        logistic_nll,
        (rng.normal(size=3), 0.1, rng.normal(size=(6, 3)), np.array([0, 1, 1, 0, 1, 0])),
    ),
    (logistic_nll, (rng.normal(size=3), 0, rng.normal(size=(6, 3)), np.ones(6, dtype=bool))),
]


def gamma_logpdf(x, a, scale):
    return np.sum((a - 1) * np.log(x) - x / scale - special.gammaln(a) - a * np.log(scale))


EXAMPLES += [(gamma_logpdf, (np.array([0.5, 1.5, 2.5]), 2.2, 0.7))]


def log_beta(a, b):
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def beta_logpdf(x, a, b):
    return (a - 1) * math.log(x) + (b - 1) * math.log1p(-x) - log_beta(a, b)


EXAMPLES += [(beta_logpdf, (0.3, 2.0, 3.0))]


def mvn_logpdf(x, mean, L):
    """Multivariate normal by the Cholesky factor of its precision."""
    d = x.shape[-1]
    z = L.T @ (x - mean)
    return -0.5 * z @ z + np.sum(np.log(np.diag(L))) - 0.5 * d * LOG_2PI


EXAMPLES += [(mvn_logpdf, (np.ones(2), np.array([0.3, -0.1]), np.array([[1.2, 0.0], [0.4, 0.9]])))]


def mvn_logpdf_solve(x, cov):
    sign, logdet = np.linalg.slogdet(cov)
    return -0.5 * (x @ np.linalg.solve(cov, x) + logdet + x.size * LOG_2PI)


EXAMPLES += [(mvn_logpdf_solve, (np.array([0.3, -1.0]), np.array([[1.5, 0.3], [0.3, 0.8]])))]


def logsumexp(x, axis=None):
    top = np.max(x, axis=axis, keepdims=True)
    out = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return out.reshape(()) if axis is None else np.squeeze(out, axis)


def mixture_nll(weights, means, scales, x):
    """A mixture of normals with a softmax over the weights."""
    logw = weights - logsumexp(weights)
    z = (x[:, None] - means) / scales
    logp = logw - 0.5 * z**2 - np.log(scales)
    return -np.sum(logsumexp(logp, axis=1))


EXAMPLES += [
    (mixture_nll, (np.array([0.1, -0.3]), np.array([-1.0, 2.0]), np.array([0.7, 1.4]), DATA))
]


def correlation(x, y):
    xm, ym = x - x.mean(), y - y.mean()
    return (xm @ ym) / np.sqrt((xm @ xm) * (ym @ ym))


EXAMPLES += [(correlation, (rng.normal(size=5), rng.normal(size=5)))]


def skewness(x):
    m = x.mean()
    m2 = np.mean((x - m) ** 2)
    m3 = np.mean((x - m) ** 3)
    return m3 / m2**1.5


EXAMPLES += [(skewness, (DATA,))]


def zscores_sum(x, ddof=1):
    z = (x - np.mean(x, axis=0)) / np.std(x, axis=0, ddof=ddof)
    return np.sum(z**3)


EXAMPLES += [(zscores_sum, (rng.normal(size=(4, 3)),)), (zscores_sum, (rng.normal(size=5), 0))]


def entropy_of_softmax(logits):
    p = np.exp(logits - logits.max())
    p = p / p.sum()
    return -np.sum(p * np.log(p))


EXAMPLES += [(entropy_of_softmax, (np.array([0.3, -1.2, 0.5, 2.0]),))]


def kl_normals(mu1, s1, mu2, s2):
    return math.log(s2 / s1) + (s1**2 + (mu1 - mu2) ** 2) / (2 * s2**2) - 0.5


EXAMPLES += [(kl_normals, (0.1, 0.9, -0.2, 1.4))]


def kl_diagonal(mu, logvar):
    return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=-1).mean()


EXAMPLES += [(kl_diagonal, (rng.normal(size=(3, 2)), rng.normal(size=(3, 2))))]


def huber(residuals, delta=1.0):
    a = np.abs(residuals)
    return np.sum(np.where(a <= delta, 0.5 * residuals**2, delta * (a - 0.5 * delta)))


EXAMPLES += [(huber, (np.array([0.3, -2.0, 0.9, 4.0]),)), (huber, (np.array([0.3, -2.0]), 0.5))]


def quantile_loss(q, y, tau):
    e = y - q
    return np.mean(np.maximum(tau * e, (tau - 1) * e))


EXAMPLES += [(quantile_loss, (0.4, DATA, 0.9))]


def gp_nll(log_params, X, y):
    """Gaussian process with a squared exponential kernel."""
    amp, ell, noise = np.exp(log_params)
    d2 = np.sum((X[:, None, :] - X[None, :, :]) ** 2, axis=2)
    K = amp**2 * np.exp(-0.5 * d2 / ell**2) + noise**2 * np.eye(len(X))
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.sum(np.log(np.diagonal(L)))


EXAMPLES += [(gp_nll, (np.array([0.1, 0.2, -0.5]), rng.normal(size=(4, 2)), rng.normal(size=4)))]


def kde(x, samples, h):
    u = (x[:, np.newaxis] - samples[np.newaxis, :]) / h
    k = np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi)
    return np.log(k.mean(axis=1) / h).sum()


EXAMPLES += [(kde, (np.array([0.0, 1.0]), DATA, 0.8))]


def mmd(x, y, gamma=0.5):
    def kernel(a, b):
        return np.exp(-gamma * ((a[:, None] - b[None]) ** 2).sum(-1))

    return kernel(x, x).mean() + kernel(y, y).mean() - 2 * kernel(x, y).mean()


EXAMPLES += [(mmd, (rng.normal(size=(3, 2)), rng.normal(size=(4, 2))))]


def weighted_least_squares(beta, X, y, w=None):
    r = y - X @ beta
    if w is None:
        return r @ r
    return np.sum(w * r**2)


EXAMPLES += [
    (weighted_least_squares, (np.array([0.1, 0.2]), rng.normal(size=(3, 2)), rng.normal(size=3))),
    (
        weighted_least_squares,
        (
            np.array([0.1, 0.2]),
            rng.normal(size=(3, 2)),
            rng.normal(size=3),
            np.array([1.0, 0.5, 2.0]),
        ),
    ),
]


def ols_by_normal_equations(X, y):
    beta = np.linalg.inv(X.T @ X) @ X.T @ y
    return np.sum(beta**2)


EXAMPLES += [(ols_by_normal_equations, (rng.normal(size=(5, 2)), rng.normal(size=5)))]


def ar1_nll(phi, sigma, x):
    e = x[1:] - phi * x[:-1]
    n = e.shape[0]
    return n * np.log(sigma) + 0.5 * np.dot(e, e) / sigma**2


EXAMPLES += [(ar1_nll, (0.5, 1.1, DATA))]


def normal_cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


EXAMPLES += [(normal_cdf, (0.7,))]


def probit_nll(beta, X, y):
    p = 0.5 * special.erfc(-(X @ beta) / np.sqrt(2))
    return -np.sum(np.where(y == 1, np.log(p), np.log(1 - p)))


EXAMPLES += [(probit_nll, (np.array([0.3, -0.2]), rng.normal(size=(4, 2)), np.array([1, 0, 0, 1])))]


def dirichlet_logpdf(x, alpha):
    norm = special.gammaln(alpha).sum() - special.gammaln(alpha.sum())
    return np.sum((alpha - 1) * np.log(x)) - norm


EXAMPLES += [(dirichlet_logpdf, (np.array([0.2, 0.3, 0.5]), np.array([1.5, 2.0, 0.7])))]
