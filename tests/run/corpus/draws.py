"""Random numbers that are drawn inside, from generators with a seed."""

import numpy as np

EXAMPLES = []

v = np.array([0.5, 1.3, -0.7, 2.1, 0.9])


A = np.array([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0], [2.0, 0.1, 3.0]])


def noisy(x):
    rng = np.random.default_rng(0)
    e = rng.standard_normal(5)
    return np.sum((x + e) ** 2)


EXAMPLES += [(noisy, (v,))]


def reparameterised(mu, log_sigma):
    rng = np.random.default_rng(1)
    sigma = np.exp(log_sigma)
    z = rng.normal(mu, sigma, size=(20, 5))
    return np.mean(np.sum(z**2, axis=1)) - 5 * log_sigma


EXAMPLES += [(reparameterised, (v, 0.3))]


def uniform_between(x):
    rng = np.random.default_rng(0)
    z = rng.normal(x, 0.5)
    u = rng.uniform(x[0], x[1] + 2, size=3)
    w = rng.uniform(-1, 1, 5)
    return np.sum(z**2 * w) + np.sum(u)


EXAMPLES += [(uniform_between, (v,))]


def drawn_in_a_loop(x):
    rng = np.random.default_rng(0)
    s = 0.0
    for i in range(4):
        s += (x[i] * rng.normal()) ** 2
    return s


EXAMPLES += [(drawn_in_a_loop, (v,))]


def positions_drawn(x):
    rng = np.random.default_rng(1)
    idx = rng.permutation(5)
    k = rng.integers(0, 5, size=3)
    c = rng.choice(5, size=2, replace=False)
    return np.sum(x[idx] * np.arange(5)) + np.sum(x[k]) + np.sum(x[c] ** 2)


EXAMPLES += [(positions_drawn, (v,))]


def legacy(x):
    np.random.seed(0)
    e = np.random.randn(5)
    u = np.random.rand(5)
    n = np.random.normal(0.0, 1.0, size=5)
    k = np.random.randint(0, 5)
    return np.sum((x + e) ** 2 * u + n * x) * x[k]


EXAMPLES += [(legacy, (v,))]


def dropout(x):
    rng = np.random.default_rng(3)
    mask = rng.random(x.shape) > 0.5
    return np.sum(x * mask / 0.5)


EXAMPLES += [(dropout, (v,))]


def minibatches(w, steps):
    rng = np.random.default_rng(0)
    data = rng.normal(size=(40, 5))
    target = data @ np.arange(5.0)
    for step in range(steps):
        batch = rng.choice(40, 8)
        error = data[batch] @ w - target[batch]
        w = w - 0.05 * data[batch].T @ error / 8
    return np.sum(w**2)


EXAMPLES += [(minibatches, (v, 30))]


def shuffled_epochs(w):
    rng = np.random.RandomState(0)
    data = rng.randn(12, 5)
    for epoch in range(2):
        for i in rng.permutation(12):
            w = w - 0.1 * (data[i] @ w - 1.0) * data[i]
    return np.sum(w**2)


EXAMPLES += [(shuffled_epochs, (v,))]


def monte_carlo_option(rate, vol):
    rng = np.random.default_rng(5)
    z = rng.standard_normal(200)
    paths = 100.0 * np.exp(rate - 0.5 * vol**2 + vol * z)
    return np.exp(-rate) * np.mean(np.maximum(paths - 105.0, 0.0))


EXAMPLES += [(monte_carlo_option, (0.2, 0.3))]


def euler_maruyama(drift, vol):
    rng = np.random.default_rng(2)
    x = 1.0
    for t in range(50):
        x = x + drift * x * 0.02 + vol * x * np.sqrt(0.02) * rng.standard_normal()
    return x


EXAMPLES += [(euler_maruyama, (0.1, 0.4))]


def until_a_draw_is_small(x):
    rng = np.random.default_rng(7)
    s = 1.0
    while rng.random() < 0.8:
        s = s * x[1] + rng.random() * x[0]
    return s


EXAMPLES += [(until_a_draw_is_small, (v,))]


def noise(rng, n):
    return rng.normal(size=n)


def drawn_in_a_helper(x):
    rng = np.random.default_rng(0)
    return np.sum(noise(rng, 5) * x) + np.sum(noise(rng, 5) * x**2)


EXAMPLES += [(drawn_in_a_helper, (v,))]


def waiting_times(rate, x):
    rng = np.random.default_rng(4)
    return np.sum(rng.exponential(1 / rate, size=6)) * x + rng.exponential(scale=x)


EXAMPLES += [(waiting_times, (2.0, 1.5))]


def random_projection(a):
    rng = np.random.default_rng(0)
    omega = rng.standard_normal((a.shape[1], 2))
    return np.sum(np.tanh(a @ omega))


EXAMPLES += [(random_projection, (A,))]


def draw_on_one_path(x):
    rng = np.random.default_rng(0)
    s = 0.0
    for t in x:
        if t > 0:
            s = s + t * rng.normal()
        else:
            s = s - t**2
    return s


EXAMPLES += [(draw_on_one_path, (v,))]


def rows_of_a_sample(x):
    rng = np.random.default_rng(11)
    rows = rng.permutation(np.outer(x, x))
    picked = rng.choice(x, size=4)
    return np.sum(rows[0] * x) + np.sum(picked**2)


EXAMPLES += [(rows_of_a_sample, (v,))]
