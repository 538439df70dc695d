"""Programs that use SciPy, as users write them: the value is the function's, gradients are right."""

import warnings

import numpy as np
import pytest
from scipy import integrate, interpolate, linalg, ndimage, signal, special, stats
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.spatial.distance import cdist
from scipy.stats import norm

import chainrule as cr

rng = np.random.default_rng(5)
POINTS = np.sort(rng.uniform(0, 4, 12))[:, None]
VALUES = np.sin(POINTS[:, 0]) + 0.1 * rng.normal(size=12)
FEATURES = rng.normal(size=(15, 3))
LABELS = (rng.uniform(size=15) < 0.4).astype(float)
OBSERVED = rng.integers(0, 3, 20)
LIFETIMES = rng.weibull(1.6, 14) * 2
CENSORED = np.arange(14) % 4 == 0
IMAGE = rng.uniform(size=(9, 11))
TIMES = np.linspace(0.25, 8, 12)
PULSE = np.concatenate((np.ones(3), np.zeros(17)))
ECHO = signal.lfilter([0.5, 0.2], [1.0, -0.6, 0.1], PULSE)

PROGRAMS = []


def gaussian_process(log_length, log_noise, y):
    K = np.exp(-0.5 * cdist(POINTS, POINTS, "sqeuclidean") / np.exp(2 * log_length))
    K = K + np.exp(2 * log_noise) * np.eye(len(y))
    L = cholesky(K, lower=True)
    alpha = solve_triangular(L, y, lower=True)
    return -0.5 * alpha @ alpha - np.sum(np.log(np.diag(L))) - 0.5 * len(y) * np.log(2 * np.pi)


PROGRAMS += [(gaussian_process, (0.1, -1.5, VALUES))]


def gaussian_process_by_factor(params, y):
    length, noise = np.exp(params)
    distances = cdist(POINTS, POINTS)
    K = (1 + distances / length) * np.exp(-distances / length) + noise * np.eye(y.size)
    factor = cho_factor(K, lower=True)
    return -0.5 * y @ cho_solve(factor, y) - np.sum(np.log(np.diag(factor[0])))


PROGRAMS += [(gaussian_process_by_factor, (np.array([0.2, -2.0]), VALUES))]


def logistic_posterior(w, scale):
    logits = FEATURES @ w
    likelihood = np.sum(
        LABELS * special.log_expit(logits) + (1 - LABELS) * special.log_expit(-logits)
    )
    return likelihood + np.sum(norm.logpdf(w, 0, scale)) + stats.halfcauchy.logpdf(scale)


PROGRAMS += [(logistic_posterior, (np.array([0.3, -0.5, 0.8]), 1.5))]


def beta_binomial(log_a, log_b, successes, trials):
    a, b = np.exp(log_a), np.exp(log_b)
    choices = special.gammaln(trials + 1) - special.gammaln(successes + 1)
    choices = choices - special.gammaln(trials - successes + 1)
    return np.sum(
        choices + special.betaln(successes + a, trials - successes + b) - special.betaln(a, b)
    )


COUNTS = (np.array([3.0, 5.0, 0.0, 7.0]), np.array([8.0, 9.0, 4.0, 10.0]))
PROGRAMS += [(beta_binomial, (0.3, 0.8, *COUNTS))]


def hidden_markov(transition, emission, start):
    log_transition = special.log_softmax(transition, axis=1)
    log_emission = special.log_softmax(emission, axis=1)
    forward = special.log_softmax(start) + log_emission[:, OBSERVED[0]]
    for t in range(1, len(OBSERVED)):
        forward = special.logsumexp(forward[:, None] + log_transition, axis=0)
        forward = forward + log_emission[:, OBSERVED[t]]
    return special.logsumexp(forward)


PROGRAMS += [
    (hidden_markov, (rng.normal(size=(2, 2)), rng.normal(size=(2, 3)), rng.normal(size=2)))
]


def truncated_normal(mu, log_sigma, x):
    sigma = np.exp(log_sigma)
    low, high = (0 - mu) / sigma, (5 - mu) / sigma
    return np.sum(stats.truncnorm.logpdf(x, low, high, loc=mu, scale=sigma))


PROGRAMS += [(truncated_normal, (1.2, 0.1, np.array([0.4, 2.2, 1.9, 4.1])))]


def survival(log_shape, log_scale):
    failure = stats.weibull_min(np.exp(log_shape), scale=np.exp(log_scale))
    known = failure.logpdf(LIFETIMES[~CENSORED])
    return np.sum(known) + np.sum(failure.logsf(LIFETIMES[CENSORED]))


PROGRAMS += [(survival, (0.4, 0.6))]


def filter_fit(b, a):
    predicted = signal.lfilter(b, np.concatenate((np.ones(1), a)), PULSE)
    return np.mean((predicted - ECHO) ** 2)


PROGRAMS += [(filter_fit, (np.array([0.4, 0.3]), np.array([-0.5, 0.2])))]


def deblurring(image):
    blurred = ndimage.gaussian_filter(image, 1.2)
    edges = ndimage.sobel(image, axis=0) ** 2 + ndimage.sobel(image, axis=1) ** 2
    return np.sum((blurred - IMAGE) ** 2) + 0.01 * np.sum(np.sqrt(edges + 1e-3))


PROGRAMS += [(deblurring, (IMAGE * 0.9 + 0.05,))]


def convolutional(image, kernel):
    response = signal.convolve2d(image, kernel, mode="valid")
    return np.sum(special.softplus(response)) / response.size


PROGRAMS += [(convolutional, (IMAGE, rng.normal(size=(3, 3))))]


def pharmacokinetics(log_rates, dose):
    k12, k21, k10 = np.exp(log_rates)
    A = np.array([[-k12 - k10, k21], [k12, -k21]])
    state = np.array([dose, 0.0])
    loss = 0.0
    for t in TIMES[:4]:
        amount = linalg.expm(A * t) @ state
        loss += (np.log(amount[0]) - (1.2 - 0.4 * t)) ** 2
    return loss


PROGRAMS += [(pharmacokinetics, (np.array([-0.5, -1.0, -0.8]), 4.0))]


def exposure(log_ka, log_ke):
    ka, ke = np.exp(log_ka), np.exp(log_ke)
    concentration = ka / (ka - ke) * (np.exp(-ke * TIMES) - np.exp(-ka * TIMES))
    area = integrate.trapezoid(concentration, TIMES) + concentration[-1] / ke
    return area + integrate.simpson(concentration, x=TIMES)


PROGRAMS += [(exposure, (0.4, -1.1))]


def spline_fit(heights, shift):
    knots = np.linspace(0, 4, 6)
    curve = interpolate.CubicSpline(knots, heights, bc_type="natural")
    return np.sum((curve(POINTS[:, 0] + shift) - VALUES) ** 2)


PROGRAMS += [(spline_fit, (np.array([0.1, 0.7, 0.9, 0.5, -0.3, -0.8]), 0.05))]


def mixture(logits, means, log_scales, x):
    scales = np.exp(log_scales)
    parts = special.log_softmax(logits) + norm.logpdf(x[:, None], means, scales)
    return np.sum(special.logsumexp(parts, axis=1))


PROGRAMS += [
    (mixture, (np.array([0.1, -0.3]), np.array([-1.0, 1.5]), np.array([0.0, 0.3]), VALUES * 3))
]


def multivariate(mean, factor, x):
    cov = factor @ factor.T + np.eye(3)
    return np.sum(stats.multivariate_normal.logpdf(x, mean, cov))


PROGRAMS += [(multivariate, (np.zeros(3) + 0.1, rng.normal(size=(3, 3)), FEATURES))]


def robust_regression(w, log_delta, nu):
    residuals = VALUES[:12] - FEATURES[:12] @ w
    return np.sum(special.huber(np.exp(log_delta), residuals)) - np.sum(
        stats.t.logpdf(residuals, nu, scale=0.5)
    )


PROGRAMS += [(robust_regression, (np.array([0.2, 0.1, -0.3]), -0.5, 4.0))]


def bessel_drum(radius, weights):
    r = np.linspace(0.1, 1, 8) * radius
    modes = special.j0(2.405 * r) * weights[0] + special.jv(2, 5.1 * r) * weights[1]
    return np.sum(modes**2) + special.ellipk(0.3 * weights[0] ** 2)


PROGRAMS += [(bessel_drum, (0.9, np.array([0.7, 0.4])))]


def quadrature(a, b):
    value, _ = integrate.fixed_quad(lambda t: np.exp(-a * t) * np.cos(b * t), 0.0, 2.0, n=8)
    return value


PROGRAMS += [(quadrature, (0.7, 1.3))]


@pytest.mark.parametrize(("fun", "args"), PROGRAMS, ids=[p[0].__name__ for p in PROGRAMS])
def test_value_and_gradients(fun, args):
    floats = tuple(i for i, a in enumerate(args) if np.asarray(a).dtype.kind == "f")
    value, gradients = cr.value_and_grad(fun, argnums=floats)(*args)
    assert value == pytest.approx(fun(*args), rel=1e-11)
    assert len(gradients) == len(floats)
    cr.check_grads(fun, args, order=2)


@pytest.mark.parametrize(("fun", "args"), PROGRAMS, ids=[p[0].__name__ for p in PROGRAMS])
def test_a_standalone_file_gives_the_same(fun, args):
    floats = tuple(i for i, a in enumerate(args) if np.asarray(a).dtype.kind == "f")
    text = cr.stages(fun, *args).source(standalone=True)
    assert "chainrule" not in text.split('"""')[-1]
    compile(text, "<standalone>", "exec")
    assert floats


@pytest.mark.parametrize(("fun", "args"), PROGRAMS, ids=[p[0].__name__ for p in PROGRAMS])
def test_compiled_programs_give_the_same_or_are_refused(fun, args):
    pytest.importorskip("numba")
    floats = tuple(i for i, a in enumerate(args) if np.asarray(a).dtype.kind == "f")
    value, gradients = cr.value_and_grad(fun, argnums=floats)(*args)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = cr.value_and_grad(fun, argnums=floats, engine="numba")
        try:
            found, theirs = compiled(*args)
        except cr.UnsupportedError as error:
            if error.code != "CR075":
                raise
            pytest.skip(error.message)
    assert found == pytest.approx(value, rel=1e-10)
    for ours, other in zip(gradients, theirs, strict=True):
        np.testing.assert_allclose(other, ours, rtol=1e-8, atol=1e-10)
