"""Filters, windows, interpolation, images."""

import numpy as np

EXAMPLES = []

rng = np.random.default_rng(5)


def moving_average_energy(x, w):
    padded = np.pad(x, (1, 1))
    y = w[0] * padded[:-2] + w[1] * padded[1:-1] + w[2] * padded[2:]
    return y @ y


EXAMPLES += [(moving_average_energy, (rng.normal(size=5), np.array([0.25, 0.5, 0.25])))]


def interp_linear(x, grid):
    """Linear interpolation by integer index."""
    i = np.clip(np.floor(x).astype(int), 0, len(grid) - 2)
    t = x - i
    return (1 - t) * grid[i] + t * grid[i + 1]


def interp_loss(x, grid, target):
    return np.mean((interp_linear(x, grid) - target) ** 2)


EXAMPLES += [
    (
        interp_loss,
        (np.array([0.2, 1.7, 1.3, 2.9]), rng.normal(size=4), np.array([0.1, 0.2, 0.3, 0.4])),
    )
]


def bilinear(image, x, y):
    x0 = np.floor(x).astype(np.int64)
    y0 = np.floor(y).astype(np.int64)
    dx, dy = x - x0, y - y0
    return (
        image[y0, x0] * (1 - dx) * (1 - dy)
        + image[y0, x0 + 1] * dx * (1 - dy)
        + image[y0 + 1, x0] * (1 - dx) * dy
        + image[y0 + 1, x0 + 1] * dx * dy
    )


def bilinear_loss(image, x, y):
    return np.sum(bilinear(image, x, y) ** 2)


EXAMPLES += [
    (bilinear_loss, (rng.normal(size=(3, 4)), np.array([0.3, 1.6, 2.2]), np.array([0.5, 1.2, 0.4])))
]


def catmull_rom(p0, p1, p2, p3, t):
    return 0.5 * (
        (2 * p1)
        + (-p0 + p2) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (-p0 + 3 * p1 - 3 * p2 + p3) * t**3
    )


EXAMPLES += [(catmull_rom, (0.1, 0.5, 0.9, 0.3, 0.4))]


def hann_windowed_energy(x):
    n = np.arange(x.size)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / (x.size - 1))
    return np.sum((window * x) ** 2)


EXAMPLES += [(hann_windowed_energy, (rng.normal(size=6),))]


def dft_power(x, k):
    """Power of one frequency, by products with cosines and sines."""
    n = x.shape[0]
    angle = 2 * np.pi * k * np.arange(n) / n
    re, im = x @ np.cos(angle), x @ np.sin(angle)
    return (re**2 + im**2) / n


EXAMPLES += [(dft_power, (rng.normal(size=6), 2)), (dft_power, (rng.normal(size=6), 1.5))]


def total_variation(image):
    dh = image[:, 1:] - image[:, :-1]
    dv = image[1:, :] - image[:-1, :]
    return np.sum(np.sqrt(dh[:-1] ** 2 + dv[:, :-1] ** 2 + 1e-6))


EXAMPLES += [(total_variation, (rng.normal(size=(3, 4)),))]


def denoise(u, f, lam):
    return 0.5 * np.sum((u - f) ** 2) + lam * total_variation(u)


EXAMPLES += [(denoise, (rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 0.3))]


def blur2d(image, kernel):
    """A 3 by 3 correlation written out as nine shifted slices."""
    h, w = image.shape
    parts = [kernel[i, j] * image[i : h - 2 + i, j : w - 2 + j] for i in range(3) for j in range(3)]
    return sum(parts)


def blur_loss(image, kernel):
    return np.sum(blur2d(image, kernel) ** 2)


EXAMPLES += [(blur_loss, (rng.normal(size=(4, 5)), rng.normal(size=(3, 3))))]


def autocorrelation(x, lag=2):
    xm = x - x.mean()
    return np.sum(xm[lag:] * xm[:-lag]) / np.sum(xm * xm)


EXAMPLES += [(autocorrelation, (rng.normal(size=6),)), (autocorrelation, (rng.normal(size=6), 1))]


def downsample_difference(x):
    even, odd = x[::2], x[1::2]
    return np.sum((even - odd) ** 2) + even[::-1] @ odd


EXAMPLES += [(downsample_difference, (rng.normal(size=6),))]


def haar_energy(x):
    pairs = x.reshape(-1, 2)
    approx = (pairs[:, 0] + pairs[:, 1]) / np.sqrt(2)
    detail = (pairs[:, 0] - pairs[:, 1]) / np.sqrt(2)
    return np.sum(np.abs(detail)) + 0.1 * np.sum(approx**2)


EXAMPLES += [(haar_energy, (rng.normal(size=8),))]


def envelope_fit(params, t, y):
    a, tau, f, phi = params
    model = a * np.exp(-t / tau) * np.sin(2 * np.pi * f * t + phi)
    return np.sum((y - model) ** 2)


EXAMPLES += [
    (envelope_fit, (np.array([1.0, 0.8, 0.5, 0.1]), np.linspace(0, 2, 5), rng.normal(size=5)))
]


def snr_db(signal, noise):
    return 10 * np.log10(np.sum(signal**2) / np.sum(noise**2))


EXAMPLES += [(snr_db, (rng.normal(size=4), rng.normal(size=4)))]


def histogram_soft(x, centers, width):
    d = (x[:, None] - centers) / width
    weights = np.exp(-(d**2))
    h = weights.sum(axis=0)
    p = h / h.sum()
    return -np.sum(p * np.log2(p))


EXAMPLES += [(histogram_soft, (rng.normal(size=5), np.linspace(-1, 1, 3), 0.7))]


def masked_rmse(x, y, valid):
    """A boolean mask, whose count is known only when it runs."""
    e = (x - y)[valid]
    return np.sqrt(np.mean(e**2))


EXAMPLES += [
    (
        masked_rmse,
        (rng.normal(size=5), rng.normal(size=5), np.array([True, False, True, True, False])),
    ),
    (masked_rmse, (rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.random((2, 3)) > 0.3)),
]


def clip_outliers(x):
    keep = np.abs(x) < 1.5
    return np.sum(x[keep] ** 2) + 0.5 * np.sum(~keep)


EXAMPLES += [(clip_outliers, (np.array([0.3, -2.0, 1.2, 5.0]),))]


def pooled(x):
    """Strides, new axes and an ellipsis."""
    return np.sum(x[..., ::2, None] * x[..., 1::2, None][..., ::-1, :])


EXAMPLES += [(pooled, (rng.normal(size=(2, 4)),)), (pooled, (rng.normal(size=4),))]


def savgol_like(x):
    coefficients = (-3, 12, 17, 12, -3)
    n = x.size - 4
    smooth = sum(c * x[i : i + n] for i, c in enumerate(coefficients)) / 35
    return np.sum((x[2:-2] - smooth) ** 2)


EXAMPLES += [(savgol_like, (rng.normal(size=7),))]
