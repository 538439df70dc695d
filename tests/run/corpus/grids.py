"""Grids, particles and sweeps: code that overwrites arrays through slices and views."""

import numpy as np

rng = np.random.default_rng(10)


def mat(*shape):
    return rng.normal(size=shape)


EXAMPLES = []


def restrict(r):
    n = (len(r) - 1) // 2
    coarse = np.zeros(n + 1)
    coarse[1:-1] = 0.25 * r[1:-2:2] + 0.5 * r[2:-1:2] + 0.25 * r[3::2]
    return coarse


def prolong(e, n):
    fine = np.zeros(n)
    fine[::2] = e
    fine[1::2] = 0.5 * (e[:-1] + e[1:])
    return fine


def smooth(u, f, h, sweeps):
    for _ in range(sweeps):
        u[1:-1:2] = 0.5 * (u[:-2:2] + u[2::2] + h * h * f[1:-1:2])
        u[2:-1:2] = 0.5 * (u[1:-2:2] + u[3::2] + h * h * f[2:-1:2])


def vcycle(u, f, h):
    n = len(u)
    if n <= 3:
        u[1] = 0.5 * (h * h * f[1] + u[0] + u[2])
        return u
    smooth(u, f, h, 2)
    r = np.zeros(n)
    r[1:-1] = f[1:-1] + (u[:-2] - 2 * u[1:-1] + u[2:]) / (h * h)
    coarse = restrict(r)
    e = vcycle(np.zeros(len(coarse)), coarse, 2 * h)
    u += prolong(e, n)
    smooth(u, f, h, 2)
    return u


def multigrid(f):
    u = np.zeros(len(f))
    for _ in range(2):
        u = vcycle(u, f, 1.0 / (len(f) - 1))
    return np.sum(u**2)


EXAMPLES += [(multigrid, (mat(9),))]


def vcycle_procedure(u, f, h):
    n = len(u)
    if n <= 3:
        u[1] = 0.5 * (h * h * f[1] + u[0] + u[2])
        return
    smooth(u, f, h, 1)
    r = np.zeros(n)
    r[1:-1] = f[1:-1] + (u[:-2] - 2 * u[1:-1] + u[2:]) / (h * h)
    coarse = restrict(r)
    e = np.zeros(len(coarse))
    vcycle_procedure(e, coarse, 2 * h)
    u += prolong(e, n)


def multigrid_procedure(f):
    u = np.zeros(len(f))
    vcycle_procedure(u, f, 1.0 / (len(f) - 1))
    return np.sum(u**2)


EXAMPLES += [(multigrid_procedure, (mat(9),))]


def red_black(u, f, sweeps):
    for _ in range(sweeps):
        for colour in (0, 1):
            for i in range(1, u.shape[0] - 1):
                start = 1 + (i + colour) % 2
                u[i, start:-1:2] = 0.25 * (
                    u[i - 1, start:-1:2]
                    + u[i + 1, start:-1:2]
                    + u[i, start - 1 : -2 : 2]
                    + u[i, start + 1 :: 2]
                    - f[i, start:-1:2]
                )
    return np.sum(u**2)


EXAMPLES += [(red_black, (mat(5, 5), mat(5, 5), 2))]


def prefix_sum(x):
    for i in range(1, len(x)):
        x[i] += x[i - 1]
    return np.sum(x**2)


EXAMPLES += [(prefix_sum, (mat(5),))]


def prefix_sum_hillis(x):
    n = len(x)
    d = 1
    while d < n:
        x[d:] += x[:-d].copy()
        d *= 2
    return np.sum(x**2)


EXAMPLES += [(prefix_sum_hillis, (mat(6),))]


def prefix_sum_overlap(x):
    d = 1
    while d < len(x):
        x[d:] = x[d:] + x[:-d]
        d *= 2
    return np.sum(x**2)


EXAMPLES += [(prefix_sum_overlap, (mat(6),))]


def image_integral(I):
    S = np.zeros((I.shape[0] + 1, I.shape[1] + 1))
    for i in range(I.shape[0]):
        row = 0.0
        for j in range(I.shape[1]):
            row += I[i, j]
            S[i + 1, j + 1] = S[i, j + 1] + row
    return np.sum(S**2)


EXAMPLES += [(image_integral, (mat(3, 4),))]


def deposit(x, q, n):
    rho = np.zeros(n)
    for p in range(len(x)):
        i = int(np.floor(x[p]))
        w = x[p] - i
        rho[i] += q[p] * (1 - w)
        rho[(i + 1) % n] += q[p] * w
    return np.sum(rho**2)


EXAMPLES += [(deposit, (np.array([0.3, 2.7, 1.2, 3.4]), mat(4), 4))]


def deposit_vector(x, q, n):
    rho = np.zeros(n)
    i = np.floor(x).astype(int)
    w = x - i
    np.add.at(rho, i, q * (1 - w))
    np.add.at(rho, (i + 1) % n, q * w)
    phi = np.cumsum(rho - rho.mean())
    E = np.zeros(n)
    E[1:-1] = (phi[:-2] - phi[2:]) / 2
    E[0] = (phi[-1] - phi[1]) / 2
    E[-1] = (phi[-2] - phi[0]) / 2
    force = (1 - w) * E[i] + w * E[(i + 1) % n]
    return np.sum(force**2)


EXAMPLES += [(deposit_vector, (np.array([0.3, 2.7, 1.2, 3.4]), mat(4), 4))]


def pic(x, v, dt, steps, n):
    for _ in range(steps):
        rho = np.zeros(n)
        for p in range(len(x)):
            i = int(x[p]) % n
            f = x[p] - int(x[p])
            rho[i] += 1 - f
            rho[(i + 1) % n] += f
        E = 0.5 * (np.roll(rho, 1) - np.roll(rho, -1))
        for p in range(len(x)):
            i = int(x[p]) % n
            f = x[p] - int(x[p])
            v[p] += dt * ((1 - f) * E[i] + f * E[(i + 1) % n])
            x[p] += dt * v[p]
            if x[p] < 0:
                x[p] += n
            elif x[p] >= n:
                x[p] -= n
    return np.sum(x**2) + np.sum(v**2)


EXAMPLES += [(pic, (np.array([0.3, 2.7, 1.2, 3.4]), mat(4), 0.1, 3, 4))]


def swap_buffers(u, steps):
    v = np.zeros_like(u)
    for t in range(steps):
        v[1:-1] = 0.5 * (u[:-2] + u[2:])
        u, v = v, u
    return np.sum(u**2)


EXAMPLES += [(swap_buffers, (mat(6), 3))]


def wave(u, steps, c):
    u_prev = u.copy()
    u_next = np.zeros_like(u)
    for t in range(steps):
        u_next[1:-1] = 2 * u[1:-1] - u_prev[1:-1] + c**2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        u_next[0] = u_next[1]
        u_next[-1] = u_next[-2]
        u_prev, u, u_next = u, u_next, u_prev
    return np.sum(u**2)


EXAMPLES += [(wave, (mat(6), 4, 0.4))]


def time_levels(u0, steps):
    u = np.zeros((2, len(u0)))
    u[0] = u0
    for t in range(steps):
        cur, nxt = t % 2, (t + 1) % 2
        u[nxt, 1:-1] = u[cur, 1:-1] + 0.2 * (u[cur, 2:] - 2 * u[cur, 1:-1] + u[cur, :-2])
    return np.sum(u[steps % 2] ** 2)


EXAMPLES += [(time_levels, (mat(6), 3))]


def time_levels_views(u0, steps):
    u = np.zeros((2, len(u0)))
    u[0] = u0
    for t in range(steps):
        old = u[t % 2]
        new = u[(t + 1) % 2]
        new[1:-1] = old[1:-1] + 0.2 * (old[2:] - 2 * old[1:-1] + old[:-2])
    return np.sum(u[steps % 2] ** 2)


EXAMPLES += [(time_levels_views, (mat(6), 3))]


def chosen_row(A, x):
    row = A[0] if x > 0 else A[1]
    row *= x
    row[0] = 3 * x
    return np.sum(A**2)


EXAMPLES += [(chosen_row, (mat(2, 3), 0.7)), (chosen_row, (mat(2, 3), -0.7))]


def chosen_array(a, b, x):
    target = a if x > 0 else b
    target[1] += x
    target *= 2.0
    return np.sum(a**2) + np.sum(b**3)


EXAMPLES += [(chosen_array, (mat(3), mat(3), 0.7)), (chosen_array, (mat(3), mat(3), -0.7))]


def chosen_by_if(A, x):
    if x > 1:
        v = A[:, 0]
    elif x > 0:
        v = A[1, :]
    else:
        v = A[2]
    v += x
    return np.sum(A**2)


EXAMPLES += [(chosen_by_if, (mat(3, 3), x)) for x in (1.5, 0.5, -0.5)]


def view_or_copy(A, x):
    if x > 0:
        v = A[0]
    else:
        v = A[0].copy()
    v *= x
    return np.sum(A**2) + np.sum(v)


EXAMPLES += [(view_or_copy, (mat(2, 3), 0.7)), (view_or_copy, (mat(2, 3), -0.7))]


def chosen_in_loop(A, x):
    for i in range(len(x)):
        row = A[0] if x[i] > 0 else A[1]
        row += x[i] * row
    return np.sum(A**2)


EXAMPLES += [(chosen_in_loop, (mat(2, 3), mat(4)))]


def shrink(x):
    total = 0.0
    while len(x) > 1:
        total += x[0] ** 2
        x = x[1:]
    return total * x[0]


EXAMPLES += [(shrink, (mat(5),))]


def halve(x):
    while len(x) > 1:
        x = x[: len(x) // 2] * x[len(x) // 2 :]
    return x[0]


EXAMPLES += [(halve, (mat(8),))]


def grow_by_append(x, n):
    h = np.array([x])
    for i in range(n):
        h = np.append(h, h[-1] * x + i)
    return np.sum(h**2)


EXAMPLES += [(grow_by_append, (0.7, 4))]


def grow_by_concatenate(x, n):
    poly = np.array([1.0])
    for k in range(n):
        poly = np.concatenate((poly, [0.0])) - x[k] * np.concatenate(([0.0], poly))
    return np.sum(poly**2)


EXAMPLES += [(grow_by_concatenate, (mat(3), 3))]


def grow_empty(x):
    kept = np.array([])
    for v in x:
        if v > 0:
            kept = np.append(kept, v**2)
    return np.sum(kept)


EXAMPLES += [(grow_empty, (mat(5),))]


def stack_rows(x, n):
    path = x.reshape(1, -1)
    for i in range(n):
        path = np.vstack((path, np.sin(path[-1]) + x))
    return np.sum(path**2)


EXAMPLES += [(stack_rows, (mat(3), 3))]


def best_so_far(A):
    best = -np.inf
    for i in range(len(A)):
        v = np.sum(A[i] ** 2)
        if v > best:
            best = v
            arg = A[i] * 2
    return np.sum(arg**3)


EXAMPLES += [(best_so_far, (mat(4, 3),))]


def life_like(g, steps):
    for _ in range(steps):
        n = np.zeros_like(g)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    n += np.roll(np.roll(g, dx, 0), dy, 1)
        g = np.exp(-((n - 3) ** 2)) + g * np.exp(-((n - 2) ** 2))
    return np.sum(g)


EXAMPLES += [(life_like, (np.abs(mat(4, 4)), 2))]


def cell_update(h, steps, k):
    n, m = h.shape
    for _ in range(steps):
        d = np.zeros_like(h)
        for i in range(n):
            for j in range(m):
                for di, dj in ((1, 0), (0, 1)):
                    a, b = i + di, j + dj
                    if a < n and b < m:
                        slope = h[i, j] - h[a, b]
                        if abs(slope) > 0.5:
                            q = k * (slope - np.sign(slope) * 0.5)
                            d[i, j] -= q
                            d[a, b] += q
        h += d
    return np.sum(h**2)


EXAMPLES += [(cell_update, (mat(3, 3), 2, 0.2))]


def boundary_views(T, steps):
    top, bottom = T[0], T[-1]
    left, right = T[:, 0], T[:, -1]
    inner = T[1:-1, 1:-1]
    for _ in range(steps):
        inner[:] = 0.25 * (T[:-2, 1:-1] + T[2:, 1:-1] + T[1:-1, :-2] + T[1:-1, 2:])
        top[:] = T[1]
        bottom[:] = T[-2]
        left[:] = 0.5 * left + T[:, 1] * 0.5
        right += 0.1
    return np.sum(T**2)


EXAMPLES += [(boundary_views, (mat(4, 5), 3))]


def row_views_sweep(A):
    for i in range(1, A.shape[0]):
        above = A[i - 1]
        here = A[i]
        for j in range(1, A.shape[1]):
            here[j] += 0.5 * above[j - 1] * here[j - 1]
    return np.sum(A**2)


EXAMPLES += [(row_views_sweep, (mat(3, 4),))]


def line_relax(u, steps):
    for _ in range(steps):
        for j in range(1, u.shape[1] - 1):
            col = u[:, j]
            rhs = 0.5 * (u[:, j - 1] + u[:, j + 1])
            for i in range(1, len(col) - 1):
                col[i] = 0.25 * (col[i - 1] + col[i + 1]) + 0.5 * rhs[i]
    return np.sum(u**2)


EXAMPLES += [(line_relax, (mat(4, 4), 2))]


def adi_views(u, a, steps):
    n = u.shape[0]
    for s in range(steps):
        w = u if s % 2 == 0 else u.T
        for i in range(1, n - 1):
            line = w[i]
            c = np.zeros(n)
            d = line.copy()
            for k in range(1, n):
                m = 1.0 / (1 + 2 * a + a * c[k - 1])
                c[k] = -a * m
                d[k] = (line[k] + a * d[k - 1]) * m
            for k in range(n - 2, -1, -1):
                d[k] -= c[k] * d[k + 1]
            line[:] = d
    return np.sum(u**2)


EXAMPLES += [(adi_views, (mat(4, 4), 0.3, 2))]


def haar(x):
    n = len(x)
    while n > 1:
        half = n // 2
        a = (x[:n:2] + x[1:n:2]) / 2
        d = (x[:n:2] - x[1:n:2]) / 2
        x[:half] = a
        x[half:n] = d
        n = half
    return np.sum(x**3)


EXAMPLES += [(haar, (mat(8),))]


def bubble(x):
    n = len(x)
    swapped = True
    while swapped:
        swapped = False
        for i in range(n - 1):
            if x[i] > x[i + 1]:
                x[i], x[i + 1] = x[i + 1], x[i]
                swapped = True
        n -= 1
    return x @ np.arange(len(x))


EXAMPLES += [(bubble, (mat(5),))]


def insertion(x):
    for i in range(1, len(x)):
        key = x[i]
        j = i - 1
        while j >= 0 and x[j] > key:
            x[j + 1] = x[j]
            j -= 1
        x[j + 1] = key
    return x @ np.arange(len(x))


EXAMPLES += [(insertion, (mat(5),))]


def adam_plain(w, target, n):
    w = w.copy()
    m = np.zeros_like(w)
    v = np.zeros_like(w)
    for t in range(1, n + 1):
        g = 2 * (w - target)
        m = 0.9 * m + 0.1 * g
        v = 0.99 * v + 0.01 * g**2
        w -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)
    return np.sum((w - target) ** 2)


EXAMPLES += [(adam_plain, (mat(3), mat(3), 3))]


def zero_then_array(A):
    total = 0.0
    for row in A:
        total = total + row**2
    return np.sum(total * np.arange(3.0))


EXAMPLES += [(zero_then_array, (mat(4, 3),))]


def zero_plus_equals(A):
    total = 0
    for i in range(len(A)):
        total += A[i] ** 2
    return np.sum(total * np.arange(3.0))


EXAMPLES += [(zero_plus_equals, (mat(4, 3),))]


def one_times_matrix(Ms):
    P = 1.0
    for k in range(Ms.shape[0]):
        P = P * Ms[k]
    return np.sum(P)


EXAMPLES += [(one_times_matrix, (mat(3, 2, 2),))]


def previous_row(A):
    total = 0.0
    for i in range(len(A)):
        if i > 0:
            total += prev @ A[i]
        prev = A[i] ** 2
    return total


EXAMPLES += [(previous_row, (mat(4, 3),))]


def first_set_in_loop(A, b):
    for k in range(3):
        if k == 0:
            x = b / np.diag(A)
        else:
            x = x + 0.1 * (b - A @ x)
    return np.sum(x**2)


EXAMPLES += [(first_set_in_loop, (mat(3, 3) + 4 * np.eye(3), mat(3)))]


def fill(row, s, c):
    row[1:] += s * row[:-1] ** 2
    row[0] = c * s
    if row[-1] > 0:
        row *= c
        return
    row[::2] -= s


def columns_then_rows_from_the_end(A, s, c):
    for j in range(A.shape[1]):
        fill(A[:, j], s, c)
    for row in A[::-1]:
        fill(row, c, s)
    return np.linalg.norm(A) + A[0, 0]


def mixed_ranks(w, M, T, b):
    z = T * M[:, None] + w - b
    z = z / (1 + np.abs(w[:, None, None] * M).sum())
    return np.sum(np.tanh(z) * w[None, :])


EXAMPLES += [
    (columns_then_rows_from_the_end, (mat(3, 4), 0.4, 1.1)),
    (mixed_ranks, (mat(4), mat(3, 4), mat(2, 3, 1, 4), 0.3)),
]
