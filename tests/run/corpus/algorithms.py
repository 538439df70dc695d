"""Dynamic programming, polygons, lattices of prices and linear algebra by hand."""

import math

import numpy as np

rng = np.random.default_rng(13)
EXAMPLES = []

X = rng.normal(size=5)
Y = rng.normal(size=4)
IMAGE = rng.normal(size=(4, 5))
POLYGON = np.array([[0.0, 0.1], [2.0, -0.2], [2.3, 1.7], [0.9, 2.4], [-0.4, 1.2]])


def dtw(x, y):
    """Dynamic time warping."""
    n, m = len(x), len(y)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


EXAMPLES += [(dtw, (X, Y))]


def soft_edit_distance(x, y, gap):
    previous = [gap * j for j in range(len(y) + 1)]
    for i, a in enumerate(x):
        current = [gap * (i + 1)]
        for j, b in enumerate(y):
            replaced = previous[j] + (a - b) ** 2
            removed = previous[j + 1] + gap
            added = current[-1] + gap
            low = min(replaced, removed, added)
            z = math.exp(low - replaced) + math.exp(low - removed) + math.exp(low - added)
            current.append(low - math.log(z))
        previous = current
    return previous[-1]


EXAMPLES += [(soft_edit_distance, (X[:3], Y[:3], 0.4))]


def knapsack(values, weights, capacity):
    best = np.zeros(capacity + 1)
    for v, w in zip(values, weights):
        for c in range(capacity, w - 1, -1):
            best[c] = max(best[c], best[c - w] + v)
    return best[capacity]


EXAMPLES += [(knapsack, (np.array([1.2, 2.1, 0.9, 1.7]), [2, 3, 1, 2], 5), {}, (0,))]


def shortest_paths(W):
    """Floyd and Warshall, in place."""
    D = W * W + 0.1
    n = len(D)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                through = D[i, k] + D[k, j]
                if through < D[i, j]:
                    D[i, j] = through
    return D.sum()


EXAMPLES += [(shortest_paths, (rng.normal(size=(4, 4)),))]


def viterbi_score(scores, transitions):
    delta = scores[0].copy()
    for t in range(1, len(scores)):
        new = np.empty_like(delta)
        for s in range(len(delta)):
            best = -np.inf
            for p in range(len(delta)):
                if delta[p] + transitions[p, s] > best:
                    best = delta[p] + transitions[p, s]
            new[s] = best + scores[t, s]
        delta = new
    return delta.max()


EXAMPLES += [(viterbi_score, (rng.normal(size=(4, 3)), rng.normal(size=(3, 3))))]


def value_iteration(rewards, gamma, sweeps):
    V = np.zeros(len(rewards))
    for _ in range(sweeps):
        for s in range(len(V)):
            options = []
            if s > 0:
                options.append(V[s - 1])
            if s < len(V) - 1:
                options.append(V[s + 1])
            V[s] = rewards[s] + gamma * max(options)
    return V[0] + V[-1]


EXAMPLES += [(value_iteration, (X, 0.8, 4))]


def polygon_area(points):
    area = 0.0
    for i in range(len(points)):
        x1, y1 = points[i]
        x2, y2 = points[(i + 1) % len(points)]
        area += x1 * y2 - x2 * y1
    return abs(area) / 2


EXAMPLES += [(polygon_area, (POLYGON,))]


def clipped_area(points, level):
    """Cut a polygon by a line (Sutherland and Hodgman), and take the area of the rest."""
    kept_x, kept_y = [], []
    n = len(points)
    for i in range(n):
        ax, ay = points[i - 1]
        bx, by = points[i]
        if (ax < level) != (bx < level):
            t = (level - ax) / (bx - ax)
            kept_x.append(level)
            kept_y.append(ay + t * (by - ay))
        if bx < level:
            kept_x.append(bx)
            kept_y.append(by)
    area = 0.0
    for i in range(len(kept_x)):
        area += kept_x[i - 1] * kept_y[i] - kept_x[i] * kept_y[i - 1]
    return 0.5 * area


EXAMPLES += [(clipped_area, (POLYGON, 1.3))]


def bezier(points, t):
    """De Casteljau: the row of points gets shorter in place."""
    p = points.copy()
    n = len(p)
    for r in range(1, n):
        for i in range(n - r):
            p[i] = (1 - t) * p[i] + t * p[i + 1]
    return p[0] @ p[0]


EXAMPLES += [(bezier, (POLYGON, 0.3))]


def chain_of_joints(angles, lengths):
    x = y = heading = 0.0
    trail = [(0.0, 0.0)]
    for a, length in zip(angles, lengths):
        heading += a
        x += length * math.cos(heading)
        y += length * math.sin(heading)
    return (x - 1.0) ** 2 + (y - 0.5) ** 2 + len(trail)


EXAMPLES += [(chain_of_joints, (Y, np.array([1.0, 0.7, 0.5, 0.2])))]


def closest_pair(points):
    best = math.inf
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            d = math.hypot(*(points[i] - points[j]))
            if d < best:
                best = d
    return best


EXAMPLES += [(closest_pair, (POLYGON,))]


def ray_march(origin, direction, radius):
    p = origin
    travelled = 0.0
    d = direction / np.linalg.norm(direction)
    for _ in range(40):
        dist = np.linalg.norm(p) - radius
        if dist < 1e-9:
            break
        travelled += dist
        p = origin + travelled * d
    return travelled


EXAMPLES += [(ray_march, (np.array([0.2, 0.1, -3.0]), np.array([0.02, 0.03, 1.0]), 0.8))]


def binomial_tree(s, k, sigma, r, n):
    """An American put: prices at the leaves, then back to the root in place."""
    dt = 1.0 / n
    up = math.exp(sigma * math.sqrt(dt))
    down = 1 / up
    p = (math.exp(r * dt) - down) / (up - down)
    disc = math.exp(-r * dt)
    values = np.array([max(k - s * up**j * down ** (n - j), 0.0) for j in range(n + 1)])
    for i in range(n - 1, -1, -1):
        for j in range(i + 1):
            hold = disc * (p * values[j + 1] + (1 - p) * values[j])
            exercise = k - s * up**j * down ** (i - j)
            values[j] = max(hold, exercise)
    return values[0]


EXAMPLES += [(binomial_tree, (100.0, 103.7, 0.25, 0.04, 5))]


def mortgage(principal, rate, payment, months):
    balance = principal
    interest_paid = 0.0
    history = []
    for month in range(months):
        interest = balance * rate / 12
        interest_paid += interest
        if balance + interest <= payment:
            history.append(balance + interest)
            balance = 0.0
            break
        balance = balance + interest - payment
        history.append(payment)
    return interest_paid + 0.001 * sum(history) + balance


EXAMPLES += [(mortgage, (1000.0, 0.05, 130.0, 12)), (mortgage, (1000.0, 0.05, 80.0, 12))]


def drawdown(returns):
    wealth, peak, worst = 1.0, 1.0, 0.0
    for r in returns:
        wealth *= 1 + r
        peak = max(peak, wealth)
        worst = max(worst, 1 - wealth / peak)
    return worst


EXAMPLES += [(drawdown, (0.1 * X,))]


def barrier_option(paths, strike, barrier):
    total = 0.0
    for path in paths:
        alive = True
        s = 1.0
        for r in path:
            s *= math.exp(0.2 * r)
            if s > barrier:
                alive = False
                break
        if alive and s > strike:
            total += s - strike
    return total / len(paths)


EXAMPLES += [(barrier_option, (IMAGE, 0.7, 1.4))]


def bubble_sort(x, w):
    y = x.copy()
    for i in range(len(y)):
        for j in range(len(y) - 1 - i):
            if y[j] > y[j + 1]:
                y[j], y[j + 1] = y[j + 1], y[j]
    return y @ w


EXAMPLES += [(bubble_sort, (X, np.arange(5.0)))]


def horner_and_newton(coef, x):
    """A root of a polynomial: value and slope by the scheme of Horner."""
    for _ in range(30):
        p, dp = 0.0, 0.0
        for c in coef:
            dp = dp * x + p
            p = p * x + c
        step = p / dp
        x = x - step
        if abs(step) < 1e-13:
            break
    return x


EXAMPLES += [(horner_and_newton, (np.array([1.0, -0.3, -2.0, 0.2]), 1.8), {}, (0,))]


def gaussian_elimination(A, b):
    A = A.copy()
    b = b.copy()
    n = len(b)
    for k in range(n):
        piv = k + np.argmax(np.abs(A[k:, k]))
        if piv != k:
            A[[k, piv]] = A[[piv, k]]
            b[k], b[piv] = b[piv], b[k]
        for i in range(k + 1, n):
            m = A[i, k] / A[k, k]
            A[i, k:] -= m * A[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x @ x


EXAMPLES += [(gaussian_elimination, (rng.normal(size=(3, 3)), rng.normal(size=3)))]


def tridiagonal(a, b, c, d):
    n = len(d)
    cp, dp = [c[0] / b[0]], [d[0] / b[0]]
    for i in range(1, n):
        den = b[i] - a[i] * cp[i - 1]
        cp.append(c[i] / den)
        dp.append((d[i] - a[i] * dp[i - 1]) / den)
    x = [dp[-1]]
    for i in reversed(range(n - 1)):
        x.append(dp[i] - cp[i] * x[-1])
    return sum(x) + x[-1] * x[0]


EXAMPLES += [(tridiagonal, (X, np.full(5, 4.0), X[::-1].copy(), np.arange(1.0, 6.0)))]


def gram_schmidt(A):
    Q = A.copy()
    n = Q.shape[1]
    for j in range(n):
        for i in range(j):
            Q[:, j] -= (Q[:, i] @ Q[:, j]) * Q[:, i]
        q = Q[:, j]
        q /= np.sqrt(q @ q)
    return Q[0, 1] + Q[2, 2] * 2


EXAMPLES += [(gram_schmidt, (rng.normal(size=(4, 3)),))]


def power_iteration(A, n):
    v = np.ones(len(A))
    for _ in range(n):
        v = A @ v
        v /= np.linalg.norm(v)
    return v @ A @ v


EXAMPLES += [(power_iteration, (rng.normal(size=(3, 3)), 5))]
