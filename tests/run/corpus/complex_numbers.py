"""Complex numbers: circuits, quantum gates, iterations, conformal maps, fits."""

import cmath
import math

import numpy as np

rng = np.random.default_rng(29)


def complexes(*shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


# -- circuits --------------------------------------------------------------------------------------


def impedance(r, l, c, omega):
    """A resistor and a coil in series, a capacitor beside them."""
    series = r + 1j * omega * l
    z = series / (1 + series * 1j * omega * c)
    return abs(z)


def ladder(resistances, capacities, omega):
    z = complex(resistances[-1])
    for i in range(len(capacities) - 1, -1, -1):
        z = resistances[i] + 1 / (1 / z + 1j * omega * capacities[i])
    return math.log(abs(z)) + cmath.phase(z)


def matching(c1, l, c2):
    """Power that a network of three elements reflects into a line."""
    omega = 2.0
    load = 20 - 5j
    y = 1 / load + 1j * omega * c2
    z = 1 / y + 1j * omega * l
    z = 1 / (1 / z + 1j * omega * c1)
    gamma = (z - 50) / (z + 50)
    return (gamma * gamma.conjugate()).real


def frequency_response(b, a, omegas):
    z = np.exp(-1j * omegas)
    h = (b[0] + b[1] * z) / (1 + a[0] * z + a[1] * z**2)
    return np.sum((20 * np.log10(np.abs(h)) + 3) ** 2) + np.sum(np.angle(h) ** 2)


EXAMPLES = [
    (impedance, (1.0, 0.5, 0.2, 1.5)),
    (ladder, (np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.25]), 2.0)),
    (matching, (0.01, 5.0, 0.02)),
    (frequency_response, (rng.normal(size=2), np.array([0.3, -0.2]), np.linspace(0.1, 3, 5))),
]

# -- quantum mechanics -----------------------------------------------------------------------------


def rx(theta):
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array([[c, -1j * s], [-1j * s, c]])


def rz(theta):
    return np.array([[np.exp(-0.5j * theta), 0], [0, np.exp(0.5j * theta)]])


CNOT = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], dtype=complex)


def variational_circuit(angles):
    """The expectation of Z on the first of two qubits."""
    state = np.zeros(4, dtype=complex)
    state[0] = 1.0
    for layer in range(angles.shape[0]):
        gate = np.kron(rx(angles[layer, 0]) @ rz(angles[layer, 1]), rx(angles[layer, 2]))
        state = CNOT @ (gate @ state)
    z = np.kron(np.diag([1.0, -1.0]), np.eye(2))
    return np.real(np.vdot(state, z @ state))


def fidelity(psi, phi):
    overlap = np.vdot(psi, phi)
    return abs(overlap) ** 2 / (np.vdot(psi, psi).real * np.vdot(phi, phi).real)


def rabi(detuning, rabi_frequency, t):
    """Crank-Nicolson steps of a driven two-level atom."""
    h = 0.5 * np.array([[-detuning, rabi_frequency], [rabi_frequency, detuning]])
    step = 0.5j * t / 5 * h
    psi = np.array([1.0 + 0j, 0.0])
    for _ in range(5):
        psi = np.linalg.solve(np.eye(2) + step, (np.eye(2) - step) @ psi)
    return np.abs(psi[1]) ** 2


def ground_energy(couplings):
    h = np.array([[0.0, couplings[0], 0], [0, 0, 1j * couplings[1]], [0, 0, 0]])
    h = h + h.conj().T + np.diag([1.0, 2.0, 4.0])
    return np.linalg.eigvalsh(h)[0]


EXAMPLES += [
    (variational_circuit, (rng.normal(size=(2, 3)),)),
    (fidelity, (complexes(3), complexes(3))),
    (rabi, (0.4, 1.2, 2.0)),
    (ground_energy, (np.array([0.3, 0.5]),)),
]

# -- iterations and maps ---------------------------------------------------------------------------


def potential_of_mandelbrot(c):
    z = 0j
    n = 0
    while abs(z) < 100.0 and n < 50:
        z = z * z + c
        n += 1
    return math.log(abs(z)) / 2**n


def newton_fractal(z):
    for _ in range(4):
        z = z - (z**3 - 1) / (3 * z**2)
    return abs(z - 0.5)


def joukowski(center, angle):
    """Length of the airfoil that a circle through 1 becomes."""
    t = np.linspace(0, 2 * np.pi, 9)
    radius = abs(1 - center)
    circle = center + radius * np.exp(1j * (t + angle))
    wing = circle + 1 / circle
    return np.sum(np.abs(np.diff(wing)))


def moebius(a, b, c, d, points):
    w = (a * points + b) / (c * points + d)
    return np.sum(w.real**2 + 2 * w.imag)


def winding(z):
    """Branches on parts of complex numbers."""
    total = 0.0
    for w in (z, z**2, 1j * z):
        if w.real > 0:
            total += w.imag
        elif w.imag > 0:
            total += abs(w)
        else:
            total -= (w * w).real
    return total


EXAMPLES += [
    (potential_of_mandelbrot, (0.5 + 0.6j,)),
    (newton_fractal, (0.8 + 0.9j,)),
    (joukowski, (-0.1 + 0.1j, 0.2)),
    (moebius, (1.0 + 1j, 0.5, 0.2j, 1.0 - 0.5j, complexes(4))),
    (winding, (0.7 + 0.4j,)),
    (winding, (np.complex128(-0.7 + 0.4j),)),
]

# -- fits ------------------------------------------------------------------------------------------


def least_squares(A, x, b):
    residual = A @ x - b
    return np.sum(residual * np.conj(residual)).real


def phase_retrieval(x, A, intensities):
    return np.sum((np.abs(A @ x) ** 2 - intensities) ** 2)


def wirtinger_flow(x, A, intensities):
    """Two steps of gradient descent, written by hand."""
    for _ in range(2):
        y = A @ x
        x = x - 0.01 * (A.conj().T @ ((np.abs(y) ** 2 - intensities) * y))
    return np.linalg.norm(x)


def beamforming(weights, angles):
    positions = np.arange(weights.size)
    steering = np.exp(1j * np.pi * np.outer(np.sin(angles), positions))
    power = np.abs(steering @ weights) ** 2
    return power[0] / np.sum(power)


def channel_capacity(H, noise):
    gram = np.eye(2) + H @ H.conj().T / noise
    return np.linalg.slogdet(gram)[1]


def whitened(A, u):
    factor = np.linalg.cholesky(A @ A.conj().T + np.eye(3))
    return np.linalg.norm(np.linalg.solve(factor, u)) + np.sum(np.log(np.diag(factor).real))


def poles(parameters, t):
    """A sum of damped oscillations, of containers of complex numbers."""
    signal = sum(a * np.exp(p * t) for a, p in zip(parameters["a"], parameters["p"]))
    return np.mean(np.abs(signal) ** 2)


def single(z, x):
    return np.sum(np.abs(z * x) ** 2) + np.sum((z**2).imag)


EXAMPLES += [
    (least_squares, (complexes(4, 3), complexes(3), complexes(4))),
    (phase_retrieval, (complexes(3), complexes(5, 3), rng.random(5))),
    (wirtinger_flow, (complexes(2), complexes(4, 2), rng.random(4))),
    (beamforming, (complexes(4), rng.normal(size=3))),
    (channel_capacity, (complexes(2, 3), 0.7)),
    (whitened, (complexes(3, 4), complexes(3))),
    (poles, ({"a": [1.0 + 0.5j, 0.2j], "p": [-0.1 + 2j, -0.3 - 1j]}, np.linspace(0, 1, 4))),
    (single, (complexes(3).astype(np.complex64), rng.random(3).astype(np.float32))),
]

# -- writes ----------------------------------------------------------------------------------------


def butterflies(x):
    """A fast Fourier transform in place, as in a book."""
    n = x.size
    a = np.zeros(n, dtype=complex)
    for i in range(n):
        j = 0
        for bit in range(3):
            j = 2 * j + (i >> bit) % 2
        a[j] = x[i]
    size = 2
    while size <= n:
        for start in range(0, n, size):
            for k in range(size // 2):
                w = cmath.exp(-2j * math.pi * k / size)
                even, odd = a[start + k], w * a[start + k + size // 2]
                a[start + k] = even + odd
                a[start + k + size // 2] = even - odd
        size *= 2
    return np.sum(np.abs(a[:3]) ** 2) + a[1].imag


def in_place(z, x):
    z = z.copy()
    z *= 1j
    z[1:] += x[1:]
    z[0] = x[0]
    z /= 2.0
    return np.sum(np.abs(z) ** 2) + z[0].imag


def appended(z):
    trail = []
    for _ in range(3):
        z = z * z / 2 + 0.1j
        trail.append(z)
    return sum(abs(w) for w in trail)


EXAMPLES += [
    (butterflies, (rng.normal(size=8),)),
    (in_place, (complexes(3), rng.normal(size=3))),
    (appended, (0.5 + 0.3j,)),
]
