"""Fourier transforms: filters, spectra, spectral solvers."""

import numpy as np

rng = np.random.default_rng(31)


def lowpass(x, cutoff):
    spectrum = np.fft.rfft(x)
    f = np.fft.rfftfreq(x.size, d=0.1)
    gain = 1 / (1 + (f / cutoff) ** 4)
    return np.sum(np.fft.irfft(spectrum * gain, n=x.size) ** 2)


def power_spectrum(x):
    windowed = x * np.sin(np.pi * np.arange(x.size) / x.size)
    return np.sum(np.log(1 + np.abs(np.fft.fft(windowed)) ** 2))


def fast_convolution(x, kernel):
    n = x.size + kernel.size - 1
    y = np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(kernel, n), n)
    return np.sum(y**3)


def heat(u, kappa, dt):
    """A spectral solver of the heat equation on a ring."""
    k = 2 * np.pi * np.fft.fftfreq(u.size, d=1 / u.size)
    decay = np.exp(-kappa * k**2 * dt)
    for _ in range(3):
        u = np.fft.ifft(decay * np.fft.fft(u)).real
    return np.sum(u**2)


def burgers(u, nu):
    """Pseudo-spectral steps, the product computed in space."""
    k = np.fft.rfftfreq(u.size, 1 / u.size)
    for _ in range(3):
        u_hat = np.fft.rfft(u)
        slope = np.fft.irfft(1j * k * u_hat, u.size)
        curvature = np.fft.irfft(-(k**2) * u_hat, u.size)
        u = u + 0.01 * (nu * curvature - u * slope)
    return np.max(u) + np.sum(u**2)


def schroedinger(psi, potential):
    """Split steps."""
    n = psi.size
    k = 2 * np.pi * np.fft.fftfreq(n)
    kinetic = np.exp(-0.5j * k**2 * 0.1)
    for _ in range(2):
        psi = np.exp(-0.05j * potential) * psi
        psi = np.fft.ifft(kinetic * np.fft.fft(psi))
        psi = np.exp(-0.05j * potential) * psi
    return np.sum(np.arange(n) * np.abs(psi) ** 2)


def poisson(rho):
    k = np.fft.fftfreq(rho.shape[0])[:, None]
    q = np.fft.rfftfreq(rho.shape[1])
    square = k**2 + q**2
    square = np.where(square == 0, 1.0, square)
    phi = np.fft.irfft2(np.fft.rfft2(rho) / square, s=rho.shape)
    return np.sum(rho * phi)


def blurred(image, kernel):
    spectrum = np.fft.fft2(image) * np.fft.fft2(np.fft.ifftshift(kernel))
    out = np.real(np.fft.ifft2(spectrum))
    return np.mean((out - image) ** 2)


def fourier_fit(coefficients, y):
    model = np.fft.irfft(coefficients, n=y.size)
    return np.sum((model - y) ** 2)


def gerchberg_saxton(phase, amplitude):
    field = amplitude * np.exp(1j * phase)
    far = np.fft.fftshift(np.fft.fft2(field, norm="ortho"))
    return np.sum(np.abs(far[1:3, 1:3]) ** 2)


def autocorrelation(x):
    spectrum = np.fft.fft(x, 2 * x.size)
    return np.fft.ifft(spectrum * spectrum.conj()).real[1]


def hilbert_envelope(x):
    """The analytic signal of an even number of samples."""
    n = x.size
    gain = np.zeros(n)
    gain[0] = gain[n // 2] = 1
    gain[1 : n // 2] = 2
    return np.sum(np.abs(np.fft.ifft(np.fft.fft(x) * gain)) ** 1.5)


EXAMPLES = [
    (lowpass, (rng.normal(size=8), 2.0)),
    (lowpass, (rng.normal(size=7), 2.0)),
    (power_spectrum, (rng.normal(size=6),)),
    (fast_convolution, (rng.normal(size=5), rng.normal(size=3))),
    (heat, (rng.normal(size=6), 0.01, 0.1)),
    (burgers, (rng.normal(size=8), 0.3)),
    (schroedinger, (rng.normal(size=6) + 1j * rng.normal(size=6), rng.normal(size=6))),
    (poisson, (rng.normal(size=(4, 5)),)),
    (blurred, (rng.normal(size=(4, 4)), rng.random(size=(4, 4)))),
    (fourier_fit, (rng.normal(size=4) + 1j * rng.normal(size=4), rng.normal(size=6))),
    (gerchberg_saxton, (rng.normal(size=(4, 4)), rng.random(size=(4, 4)))),
    (autocorrelation, (rng.normal(size=5),)),
    (hilbert_envelope, (rng.normal(size=8),)),
]
