"""Simulations as scripts have them: time steps, state in arrays and lists, events."""

import math
from dataclasses import dataclass

import numpy as np

rng = np.random.default_rng(11)
EXAMPLES = []

BODIES = rng.normal(size=(3, 2)) * 2
SPEEDS = rng.normal(size=(3, 2)) * 0.3
MASSES = np.array([1.0, 0.5, 0.8])
ROW = np.array([0.2, 1.1, -0.4, 0.9, 0.3, -0.6])


def nbody(pos, vel, m, steps):
    """Leapfrog steps, with a force that is added up pair by pair."""
    dt = 0.05
    acc = np.zeros_like(pos)
    for step in range(steps):
        acc[:] = 0.0
        for i in range(len(m)):
            for j in range(i):
                d = pos[j] - pos[i]
                r2 = d @ d + 0.01
                f = d / r2**1.5
                acc[i] += m[j] * f
                acc[j] -= m[i] * f
        vel += dt * acc
        pos += dt * vel
    kinetic = 0.5 * np.sum(m[:, None] * vel**2)
    return kinetic + np.sum(pos[0] ** 2)


EXAMPLES += [(nbody, (BODIES, SPEEDS, MASSES, 3))]


def bouncing_ball(h0, v0, bounce, g=9.81):
    h, v = h0, v0
    heights = []
    dt = 0.02
    for _ in range(60):
        v -= g * dt
        h += v * dt
        if h < 0:
            h = -h
            v = -bounce * v
        heights.append(h)
    return max(heights[30:]) + heights[-1]


EXAMPLES += [(bouncing_ball, (1.0, 0.3, 0.8))]


def lotka_volterra(params, x0):
    alpha, beta, gamma, delta = params
    prey, predators = x0
    out = np.empty((20, 2))
    for t in range(20):
        out[t, 0] = prey
        out[t, 1] = predators
        d_prey = alpha * prey - beta * prey * predators
        d_pred = delta * prey * predators - gamma * predators
        prey += 0.1 * d_prey
        predators += 0.1 * d_pred
    return out.mean(axis=0) @ np.array([1.0, 2.0])


EXAMPLES += [(lotka_volterra, (np.array([1.1, 0.4, 0.4, 0.1]), np.array([3.0, 2.0])))]


def wave(u, c, steps):
    """The wave equation: three time levels that take turns."""
    prev = u.copy()
    cur = u.copy()
    nxt = np.zeros_like(u)
    for n in range(steps):
        for i in range(1, len(u) - 1):
            nxt[i] = 2 * cur[i] - prev[i] + c**2 * (cur[i + 1] - 2 * cur[i] + cur[i - 1])
        nxt[0] = 0
        nxt[-1] = 0
        prev, cur, nxt = cur, nxt, prev
    return np.sum(cur**2)


EXAMPLES += [(wave, (ROW, 0.4, 4))]


def upwind(u, velocity, steps):
    dx, dt = 0.5, 0.1
    for _ in range(steps):
        un = u.copy()
        if velocity > 0:
            u[1:] = un[1:] - velocity * dt / dx * (un[1:] - un[:-1])
        else:
            u[:-1] = un[:-1] - velocity * dt / dx * (un[1:] - un[:-1])
    return np.sum(u * np.arange(len(u)))


EXAMPLES += [(upwind, (ROW, 0.7, 3)), (upwind, (ROW, -0.7, 3))]


def sir(beta, gamma, days):
    s, i, r = 0.99, 0.01, 0.0
    peak = i
    for day in range(days):
        new = beta * s * i
        gone = gamma * i
        s, i, r = s - new, i + new - gone, r + gone
        if i > peak:
            peak = i
    return peak + r


EXAMPLES += [(sir, (0.6, 0.2, 25))]


def adaptive_step(y, k):
    """Step doubling: a step is taken again with half the size until it is good enough."""
    t, h = 0.0, 0.4
    while t < 1.0:
        h = min(h, 1.0 - t)
        full = y - h * k * y**2
        half = y - h / 2 * k * y**2
        two = half - h / 2 * k * half**2
        if abs(full - two) > 1e-2:
            h = h / 2
            continue
        y = 2 * two - full
        t += h
        if t > 0.999999:
            break
        h *= 1.5
    return y


EXAMPLES += [(adaptive_step, (1.3, 0.9))]


@dataclass
class State:
    x: float
    v: float


def spring_with_state(x0, k, damping):
    s = State(x0, 0.0)
    for _ in range(12):
        force = -k * s.x - damping * s.v
        s = State(s.x + 0.1 * s.v, s.v + 0.1 * force)
    return s.x**2 + s.v


EXAMPLES += [(spring_with_state, (1.2, 2.0, 0.3))]


def double_pendulum(state, steps, g=9.81):
    def deriv(y):
        a, b, w1, w2 = y
        d = b - a
        den = 2 - math.cos(d) ** 2
        dw1 = (
            w1**2 * math.sin(d) * math.cos(d)
            + g * math.sin(b) * math.cos(d)
            + w2**2 * math.sin(d)
            - 2 * g * math.sin(a)
        ) / den
        dw2 = (
            -(w2**2) * math.sin(d) * math.cos(d)
            + 2 * (g * math.sin(a) * math.cos(d) - w1**2 * math.sin(d) - g * math.sin(b))
        ) / den
        return np.array([w1, w2, dw1, dw2])

    h = 0.01
    for _ in range(steps):
        k1 = deriv(state)
        k2 = deriv(state + 0.5 * h * k1)
        k3 = deriv(state + 0.5 * h * k2)
        k4 = deriv(state + h * k3)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return math.sin(state[0]) + math.sin(state[1])


EXAMPLES += [(double_pendulum, (np.array([0.5, 0.8, 0.0, 0.1]), 4))]


def heat_plate(T, k, steps):
    """A plate with fixed edges, five-point stencil, two buffers."""
    new = T.copy()
    rows, cols = T.shape
    for _ in range(steps):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                lap = T[i + 1, j] + T[i - 1, j] + T[i, j + 1] + T[i, j - 1] - 4 * T[i, j]
                new[i, j] = T[i, j] + k * lap
        T, new = new, T
    return T[1:-1, 1:-1].mean()


EXAMPLES += [(heat_plate, (rng.normal(size=(4, 5)), 0.2, 3))]


def gauss_seidel(A, b, sweeps):
    x = np.zeros(len(b))
    for _ in range(sweeps):
        for i in range(len(b)):
            sigma = 0.0
            for j in range(len(b)):
                if j != i:
                    sigma += A[i, j] * x[j]
            x[i] = (b[i] - sigma) / A[i, i]
    return np.sum(x**2)


EXAMPLES += [(gauss_seidel, (rng.normal(size=(3, 3)) + 4 * np.eye(3), rng.normal(size=3), 4))]


def random_walk_with_walls(x, steps_):
    visited = [x]
    for s in steps_:
        x = x + s
        if x > 1.0:
            x = 2.0 - x
        elif x < -1.0:
            x = -2.0 - x
        visited.append(x)
    path = np.array(visited)
    return np.sum(np.diff(path) ** 2) + path[-1]


EXAMPLES += [(random_walk_with_walls, (0.2, np.array([0.5, 0.6, -1.1, -1.4, 0.2])))]


def predictor_corrector(f0, lam, n):
    """Adams-Bashforth with a history of slopes that is kept in a list."""
    h = 0.1
    y = f0
    slopes = [-lam * y]
    for i in range(n):
        if len(slopes) < 2:
            y = y + h * slopes[-1]
        else:
            y = y + h * (1.5 * slopes[-1] - 0.5 * slopes[-2])
        slopes.append(-lam * y + 0.1 * math.sin(y))
    return y + sum(slopes) / len(slopes)


EXAMPLES += [(predictor_corrector, (1.1, 0.8, 5))]


def chemical_network(rates, c, steps):
    A, B, C = 0, 1, 2
    reactions = [(A, B, 0), (B, C, 1), (C, A, 2)]
    for _ in range(steps):
        dc = np.zeros(3)
        for src, dst, k in reactions:
            flow = rates[k] * c[src]
            dc[src] -= flow
            dc[dst] += flow
        c = c + 0.1 * dc
    return c[2] ** 2 + c[0] * c[1]


EXAMPLES += [(chemical_network, (np.array([0.5, 0.3, 0.1]), np.array([1.0, 0.2, 0.1]), 5))]


def spins(coupling, field, n):
    """Mean-field iteration until nothing changes, or n sweeps are done."""
    m = np.full(len(field), 0.1)
    for sweep in range(n):
        old = m.copy()
        for i in range(len(m)):
            m[i] = np.tanh(coupling * (np.sum(m) - m[i]) + field[i])
        if np.max(np.abs(m - old)) < 1e-12:
            break
    else:
        m *= 1.0
    return np.sum(m * field)


EXAMPLES += [(spins, (0.2, np.array([0.3, -0.1, 0.5]), 60))]


def rocket(thrust, burn, drag):
    mass, fuel = 1.0, 0.6
    h = v = t = 0.0
    while v >= 0 or t < 0.1:
        if fuel > 0:
            used = min(fuel, burn * 0.1)
            fuel -= used
            mass -= used
            force = thrust
        else:
            force = 0.0
        v += 0.1 * ((force - drag * v * abs(v)) / mass - 9.81)
        h += 0.1 * v
        t += 0.1
    return h


EXAMPLES += [(rocket, (20.0, 0.57, 0.05))]
