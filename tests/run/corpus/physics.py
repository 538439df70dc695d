"""Energies, potentials, optics, heat and chaos."""

import math

import numpy as np

EXAMPLES = []

G = 6.674e-11
C_LIGHT = 299_792_458.0
KB = 1.380649e-23
AXES = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def pendulum_energy(theta, omega, m=1.0, length=2.0, g=9.81):
    """Kinetic and potential energy of a pendulum."""
    kinetic = 0.5 * m * (length * omega) ** 2
    potential = m * g * length * (1 - math.cos(theta))
    return kinetic + potential


EXAMPLES += [(pendulum_energy, (0.3, 1.2)), (pendulum_energy, (0.3, 1.2, 2, 3))]


def lennard_jones(r, epsilon=1.0, sigma=1.0):
    s6 = (sigma / r) ** 6
    return 4 * epsilon * (s6**2 - s6)


EXAMPLES += [(lennard_jones, (1.3, 0.7, 0.9))]


def lennard_jones_total(positions):
    """All pairs at once, without a loop."""
    delta = positions[:, None, :] - positions[None, :, :]
    r2 = np.sum(delta**2, axis=-1) + np.eye(len(positions))
    inv6 = 1.0 / r2**3
    pairs = np.triu(inv6**2 - inv6, k=1)
    return 4.0 * pairs.sum()


EXAMPLES += [
    (lennard_jones_total, (np.array([[0.0, 0.1, 0.0], [1.2, 0.0, 0.2], [0.1, 1.3, -0.3]]),))
]


def gravity(m1, m2, r):
    return -G * m1 * m2 / np.linalg.norm(r)


EXAMPLES += [(gravity, (5e5, 3e4, np.array([1.0, -2.0, 2.5])))]


def relativistic_energy(m, v):
    beta = v / C_LIGHT
    gamma = 1 / np.sqrt(1 - beta**2)
    return gamma * m * C_LIGHT**2


EXAMPLES += [(relativistic_energy, (2.0, 1.5e8))]


def planck(nu, T):
    h = 6.62607015e-34
    x = h * nu / (KB * T)
    return 2 * h * nu**3 / C_LIGHT**2 / math.expm1(x)


EXAMPLES += [(planck, (3e14, 5000.0))]


def kepler_residual(E, e, M):
    return E - e * math.sin(E) - M


EXAMPLES += [(kepler_residual, (1.1, 0.3, 0.8))]


def kepler_step(E, e, M):
    """One step of Newton's method on Kepler's equation."""
    f = kepler_residual(E, e, M)
    fp = 1 - e * math.cos(E)
    return E - f / fp


EXAMPLES += [(kepler_step, (1.1, 0.3, 0.8))]


def double_pendulum_lagrangian(q, qdot, m1=1.0, m2=0.8, l1=1.0, l2=0.5):
    th1, th2 = q
    w1, w2 = qdot
    T1 = 0.5 * m1 * (l1 * w1) ** 2
    T2 = 0.5 * m2 * ((l1 * w1) ** 2 + (l2 * w2) ** 2 + 2 * l1 * l2 * w1 * w2 * np.cos(th1 - th2))
    y1 = -l1 * np.cos(th1)
    y2 = y1 - l2 * np.cos(th2)
    V = 9.81 * (m1 * y1 + m2 * y2)
    return T1 + T2 - V


EXAMPLES += [
    (double_pendulum_lagrangian, (np.array([0.3, -0.4]), np.array([1.0, 0.5]))),
    (double_pendulum_lagrangian, ((0.3, -0.4), [1.0, 0.5])),
]


def coulomb(q, r):
    """Energy of charges `q` at positions `r`."""
    n = q.shape[0]
    d = r[:, None] - r[None]
    dist = np.sqrt((d * d).sum(-1) + np.eye(n))
    return 0.5 * (q[:, None] * q * (1 - np.eye(n)) / dist).sum()


EXAMPLES += [
    (coulomb, (np.array([1.0, -1.0, 2.0]), np.array([[0.0, 0.0], [1.0, 0.3], [-0.5, 0.8]])))
]


def ising_energy(s, J, h):
    right = np.roll(s, -1, axis=1)
    down = np.roll(s, -1, axis=0)
    return -J * np.sum(s * right + s * down) - h * s.sum()


EXAMPLES += [(ising_energy, (np.array([[0.3, -0.9], [0.5, 0.8], [0.1, -0.2]]), 1.1, 0.2))]


def heat_step_loss(u, alpha, target):
    """One explicit step of the heat equation, by slices."""
    lap = u[2:] - 2 * u[1:-1] + u[:-2]
    interior = u[1:-1] + alpha * lap
    new = np.concatenate([u[:1], interior, u[-1:]])
    return 0.5 * np.sum((new - target) ** 2)


EXAMPLES += [(heat_step_loss, (np.array([0.0, 1.0, 0.5, -0.3, 0.2]), 0.1, np.full(5, 0.25)))]


def laplacian_energy(u, dx):
    gx = np.diff(u, axis=0) / dx
    gy = np.diff(u, axis=1) / dx
    return 0.5 * dx**2 * (np.sum(gx**2) + np.sum(gy**2))


EXAMPLES += [(laplacian_energy, (np.array([[0.1, 0.4, 0.2], [0.9, 0.3, 0.5]]), 0.1))]


def lorenz_rhs_norm(state, sigma=10.0, rho=28.0, beta=8 / 3):
    x, y, z = state
    dx = sigma * (y - x)
    dy = x * (rho - z) - y
    dz = x * y - beta * z
    return np.sqrt(dx**2 + dy**2 + dz**2)


EXAMPLES += [
    (lorenz_rhs_norm, (np.array([1.0, 2.0, 20.0]),)),
    (lorenz_rhs_norm, ((1.0, 2.0, 20.0),)),
]


def rk4_step_energy(x, v, dt, k=2.0):
    """One Runge-Kutta step of an oscillator, and the energy after it."""

    def acceleration(position):
        return -k * position

    k1x, k1v = v, acceleration(x)
    k2x, k2v = v + 0.5 * dt * k1v, acceleration(x + 0.5 * dt * k1x)
    k3x, k3v = v + 0.5 * dt * k2v, acceleration(x + 0.5 * dt * k2x)
    k4x, k4v = v + dt * k3v, acceleration(x + dt * k3x)
    x_new = x + dt / 6 * (k1x + 2 * k2x + 2 * k3x + k4x)
    v_new = v + dt / 6 * (k1v + 2 * k2v + 2 * k3v + k4v)
    return 0.5 * v_new**2 + 0.5 * k * x_new**2


EXAMPLES += [(rk4_step_energy, (1.0, 0.5, 0.1))]


def snell(theta1, n1, n2):
    """The angle of refraction."""
    s = n1 / n2 * math.sin(theta1)
    if abs(s) > 1:
        raise ValueError(f"total reflection at {math.degrees(theta1):.1f} degrees")
    return math.asin(s)


EXAMPLES += [(snell, (0.5, 1.0, 1.5))]


def thin_lens(f, d_object):
    return 1.0 / (1.0 / f - 1.0 / d_object)


EXAMPLES += [(thin_lens, (0.5, 2.0))]


def van_der_waals(V, T, n=1.0, *, a=0.1, b=0.03):
    R = 8.314
    return n * R * T / (V - n * b) - a * n**2 / V**2


EXAMPLES += [(van_der_waals, (0.8, 300.0)), (van_der_waals, (0.8, 300.0), {"a": 0.2})]


def drag(v, rho=1.2, area=0.5, cd=0.47):
    speed = np.linalg.norm(v)
    force = -0.5 * rho * cd * area * speed * v
    return force @ v


EXAMPLES += [(drag, (np.array([3.0, -4.0, 1.0]),))]


def harmonic_crystal(displacements, k):
    stretched = np.append(displacements, displacements[0]) - np.append(
        displacements[-1], displacements
    )
    return 0.5 * k * np.sum(stretched[1:] ** 2)


EXAMPLES += [(harmonic_crystal, (np.array([0.1, -0.2, 0.3]), 2.0))]


def spin_projection(angles):
    phi, theta = angles[..., 0], angles[..., 1]
    n = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=-1)
    in_plane = n @ AXES.T
    return np.sum(in_plane**2)


EXAMPLES += [(spin_projection, (np.array([[0.1, 0.7], [1.2, 0.4], [2.0, 1.1]]),))]


def interference(x, wavelength, slits):
    """Intensity behind several slits, from the sum of phasors as cosines and sines."""
    phase = 2 * np.pi / wavelength * np.outer(x, slits)
    re, im = np.cos(phase).sum(axis=1), np.sin(phase).sum(axis=1)
    intensity = re**2 + im**2
    return np.mean(intensity)


EXAMPLES += [(interference, (np.linspace(-1.0, 1.0, 4), 0.9, np.array([-0.5, 0.1, 0.4])))]


def blackbody_ratio(T1, T2):
    return (T1 / T2) ** 4


EXAMPLES += [(blackbody_ratio, (300.0, 280.0)), (blackbody_ratio, (300, 280))]
