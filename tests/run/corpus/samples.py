"""Images and signals, pixel by pixel and sample by sample."""

import math

import numpy as np

rng = np.random.default_rng(15)
EXAMPLES = []

X = rng.normal(size=5)
IMAGE = rng.normal(size=(4, 5))


def convolve_image(image, kernel):
    rows, cols = image.shape
    out = np.zeros((rows - 1, cols - 1))
    for i in range(rows - 1):
        for j in range(cols - 1):
            out[i, j] = (image[i : i + 2, j : j + 2] * kernel).sum()
    return np.sum(np.tanh(out))


EXAMPLES += [(convolve_image, (IMAGE, rng.normal(size=(2, 2))))]


def max_pool(image):
    total = 0.0
    for i in range(0, image.shape[0], 2):
        for j in range(0, image.shape[1] - 1, 2):
            block = image[i : i + 2, j : j + 2]
            total += block.max() * (i + j + 1)
    return total


EXAMPLES += [(max_pool, (IMAGE,))]


def box_blur(image, passes):
    for _ in range(passes):
        padded = np.zeros((image.shape[0] + 2, image.shape[1] + 2))
        padded[1:-1, 1:-1] = image
        padded[0], padded[-1] = padded[1], padded[-2]
        padded[:, 0], padded[:, -1] = padded[:, 1], padded[:, -2]
        out = np.zeros_like(image)
        for di in (-1, 0, 1):
            for dj in (-1, 0, 1):
                h, w = image.shape
                out += padded[1 + di : 1 + di + h, 1 + dj : 1 + dj + w]
        image = out / 9.0
    return np.sum(image**2)


EXAMPLES += [(box_blur, (IMAGE, 2))]


def dither(image):
    """Error diffusion: each rounding error is handed on to the neighbours."""
    work = image.copy()
    error_sum = 0.0
    h, w = work.shape
    for y in range(h):
        for x in range(w):
            old = work[y, x]
            new = 1.0 if old > 0.5 else 0.0
            err = old - new
            work[y, x] = new
            if x + 1 < w:
                work[y, x + 1] += err * 7 / 16
            if y + 1 < h:
                if x > 0:
                    work[y + 1, x - 1] += err * 3 / 16
                work[y + 1, x] += err * 5 / 16
            error_sum += err**2
    return error_sum


EXAMPLES += [(dither, (IMAGE,))]


def integral_image(image):
    S = image.copy()
    for i in range(1, S.shape[0]):
        S[i] += S[i - 1]
    for j in range(1, S.shape[1]):
        S[:, j] += S[:, j - 1]
    return (S[3, 4] - S[0, 4] - S[3, 1] + S[0, 1]) ** 2


EXAMPLES += [(integral_image, (IMAGE,))]


def iir_filter(b, a, x):
    y = np.zeros(len(x))
    for n in range(len(x)):
        for k in range(len(b)):
            if n - k >= 0:
                y[n] += b[k] * x[n - k]
        for k in range(1, len(a)):
            if n >= k:
                y[n] -= a[k] * y[n - k]
        y[n] /= a[0]
    return np.sum(y**2)


EXAMPLES += [(iir_filter, (np.array([0.5, 0.3]), np.array([1.2, -0.4, 0.1]), X))]


def lms(w, x, d, mu):
    """An adaptive filter that updates its weights at each sample."""
    buf = np.zeros(len(w))
    err = 0.0
    for n in range(len(x)):
        buf[1:] = buf[:-1].copy()
        buf[0] = x[n]
        e = d[n] - w @ buf
        w = w + mu * e * buf
        err += e**2
    return err


EXAMPLES += [(lms, (np.array([0.1, -0.2, 0.3]), X, X[::-1].copy(), 0.1))]


def haar(x):
    """A wavelet transform in place, level by level."""
    out = x.copy()
    n = len(x)
    while n > 1:
        half = n // 2
        a = (out[0:n:2] + out[1:n:2]) / math.sqrt(2)
        d = (out[0:n:2] - out[1:n:2]) / math.sqrt(2)
        out[:half] = a
        out[half:n] = d
        n = half
    return np.sum(np.abs(out) ** 1.5)


EXAMPLES += [(haar, (rng.normal(size=8),))]


def envelope(x, attack, release):
    level = 0.0
    out = []
    for s in np.abs(x):
        rate = attack if s > level else release
        level += rate * (s - level)
        out.append(level)
    return np.dot(out, x)


EXAMPLES += [(envelope, (X, 0.6, 0.2))]


def median_smooth(x, k):
    out = []
    for i in range(k, len(x) - k):
        window = np.sort(x[i - k : i + k + 1])
        out.append(window[k])
    return sum(v * v for v in out)


EXAMPLES += [(median_smooth, (X, 1))]
