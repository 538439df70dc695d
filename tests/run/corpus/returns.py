"""Functions that return early, procedures, and nested functions that change what is around them."""

import numpy as np

rng = np.random.default_rng(11)


def mat(*shape):
    return rng.normal(size=shape)


def spd(n):
    A = rng.normal(size=(n, n))
    return A @ A.T + n * np.eye(n)


EXAMPLES = []


def fixed_point(A, b, tol):
    x = np.zeros_like(b)
    for k in range(100):
        new = np.tanh(A @ x) + b
        if np.max(np.abs(new - x)) < tol:
            return new
        x = new
    return x


def fixed_loss(A, b):
    return np.sum(fixed_point(A, b, 1e-3) ** 2)


EXAMPLES += [(fixed_loss, (0.3 * mat(3, 3), mat(3)))]


def while_true(A, b):
    x = b
    k = 0
    while True:
        x = x + 0.1 * (b - A @ x)
        k += 1
        if np.linalg.norm(b - A @ x) < 0.5:
            return x, k
        if k > 20:
            return 2.0 * x, k


def while_loss(A, b):
    x, k = while_true(A, b)
    return np.sum(x**2) * k


EXAMPLES += [(while_loss, (spd(3), mat(3)))]


def nested_return(A, t):
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            if A[i, j] > t:
                return A[i] * A[i, j]
    return np.zeros(A.shape[1])


def nested_loss(A, t):
    return np.sum(nested_return(A, t) ** 2)


EXAMPLES += [(nested_loss, (mat(3, 3), 0.5)), (nested_loss, (mat(3, 3), 50.0))]


def newton_system(x):
    for it in range(30):
        F = np.array([x[0] ** 2 + x[1] ** 2 - 4.0, x[0] * x[1] - 1.0])
        if np.linalg.norm(F) < 1e-3:
            return x
        J = np.array([[2 * x[0], 2 * x[1]], [x[1], x[0]]])
        x = x - np.linalg.solve(J, F)
    raise RuntimeError("no convergence")


def newton_loss(x):
    return np.sum(newton_system(x) ** 3)


EXAMPLES += [(newton_loss, (np.array([2.0, 0.3]),))]


def first_big_row(rows, t):
    for row in rows:
        if np.sum(row) > t:
            return row
    return rows[-1] * 2


def first_big_loss(rows, t):
    return np.sum(first_big_row(rows, t) ** 2)


EXAMPLES += [(first_big_loss, (mat(4, 3), 0.2))]


def returns_in_root(A, b):
    x = b
    for k in range(10):
        x = 0.5 * (A @ x) + b
        if np.sum(x) > 3:
            return np.sum(x**2)
        elif np.sum(x) < -3:
            return -np.sum(x)
    return np.sum(x)


EXAMPLES += [(returns_in_root, (mat(3, 3), mat(3)))]


def returns_dict(x):
    for k in range(5):
        x = x * 1.3
        if np.sum(x) > 3:
            return {"x": x, "k": k}
    return {"x": x, "k": 5}


def dict_loss(x):
    r = returns_dict(x)
    return np.sum(r["x"]) * (r["k"] + 1)


EXAMPLES += [(dict_loss, (np.ones(3),))]


def returns_written(A, t):
    for i in range(len(A)):
        A[i] *= 2
        if A[i, 0] > t:
            return A
        A[i] += 1
    return A


def written_loss(A, t):
    B = returns_written(A.copy(), t)
    return np.sum(B**2)


EXAMPLES += [(written_loss, (mat(3, 2), 0.5))]


def other_shape(x, t):
    for i in range(len(x)):
        if x[i] > t:
            return x[:i] * 2
    return x


def other_shape_loss(x, t):
    return np.sum(other_shape(x, t) ** 2)


EXAMPLES += [(other_shape_loss, (np.array([0.1, 0.2, 0.9, 1.2]), 0.5))]


def clip_in_place(x, lo):
    if lo is None:
        return
    for i in range(len(x)):
        if x[i] < lo:
            x[i] = lo


def clip_loss(x):
    y = x * 2
    clip_in_place(y, 0.1)
    clip_in_place(y, None)
    return np.sum(y**2)


EXAMPLES += [(clip_loss, (mat(4),))]


def sift_down(a, i, n):
    while True:
        j = 2 * i + 1
        if j >= n:
            return
        if j + 1 < n and a[j + 1] > a[j]:
            j += 1
        if a[i] >= a[j]:
            return
        a[i], a[j] = a[j], a[i]
        i = j


def heapsort(x):
    a = x.copy()
    n = len(a)
    for i in range(n // 2 - 1, -1, -1):
        sift_down(a, i, n)
    for end in range(n - 1, 0, -1):
        a[0], a[end] = a[end], a[0]
        sift_down(a, 0, end)
    return a @ np.arange(n)


EXAMPLES += [(heapsort, (mat(6),))]


def smooth_rows(row, k):
    row[1:-1] += k * (row[2:] - 2 * row[1:-1] + row[:-2])
    return np.sum(row)


def row_helper(A, k):
    total = 0.0
    for i in range(A.shape[0]):
        total += smooth_rows(A[i], k) * i
    return np.sum(A**2) + total


EXAMPLES += [(row_helper, (mat(3, 4), 0.2))]


def column_helper(A, k):
    total = smooth_rows(A[:, 1], k)
    total += smooth_rows(A[1:, 0], k)
    return np.sum(A**2) + total


EXAMPLES += [(column_helper, (mat(4, 3), 0.2))]


def axpy(n, a, x, y):
    for i in range(n):
        y[i] += a * x[i]


def blas_like(A, x):
    y = np.zeros(A.shape[0])
    for j in range(A.shape[1]):
        axpy(len(y), x[j], A[:, j], y)
    return np.sum(y**2)


EXAMPLES += [(blas_like, (mat(3, 2), mat(2)))]


def is_even_step(x, n):
    if n == 0:
        return x
    return is_odd_step(np.sin(x), n - 1)


def is_odd_step(x, n):
    if n == 0:
        return 2 * x
    return is_even_step(x**2, n - 1)


def mutual(x):
    return np.sum(is_even_step(x, 3))


EXAMPLES += [(mutual, (mat(3),))]


def closure_writes(x, n):
    u = np.zeros(n)

    def put(i, v):
        u[i] = v * x

    for i in range(n):
        put(i, i + 1.0)
    return np.sum(u**2)


EXAMPLES += [(closure_writes, (0.7, 4))]


def closure_updates(A):
    B = A.copy()

    def rotate(i, j, t):
        c, s = np.cos(t), np.sin(t)
        bi = B[i].copy()
        B[i] = c * bi - s * B[j]
        B[j] = s * bi + c * B[j]

    for i in range(2):
        rotate(i, i + 1, B[i, 0])
    return np.sum(B**3)


EXAMPLES += [(closure_updates, (mat(3, 3),))]


def rk45_adaptive(y, t_end, tol):
    t = 0.0
    h = 0.5
    while t < t_end:
        k1 = -(y**2)
        k2 = -((y + h * k1) ** 2)
        err = np.max(np.abs(h * (k2 - k1)))
        if err > tol:
            h *= 0.5
            continue
        y = y + 0.5 * h * (k1 + k2)
        t += h
        if t + h > t_end:
            h = t_end - t
        if h < 1e-12:
            return y
    return y


def rk45_loss(y):
    return np.sum(rk45_adaptive(y, 1.0, 0.05))


EXAMPLES += [(rk45_loss, (np.array([0.5, 1.0]),))]


def list_loop_continue(a, b, c):
    total = 0.0
    for v in [a, b, c]:
        if v[0] < 0:
            continue
        total += np.sum(v**2)
    return total


EXAMPLES += [(list_loop_continue, (mat(2), mat(3), mat(2)))]


def bare_return(x, t):
    if np.sum(x) > t:
        x *= 2
        return
    x[0] = 5 * t
    if x[1] > 0:
        return
    x[1] = x[0] * x[2]


def bare_loss(x, t):
    y = x.copy()
    bare_return(y, t)
    return np.sum(y**2) * t


EXAMPLES += [(bare_loss, (mat(3), t)) for t in (-10.0, 10.0)]


def counter_nonlocal(x):
    calls = 0
    total = 0.0

    def f(v):
        nonlocal calls, total
        calls += 1
        total += v**2
        return v * calls

    for k in range(3):
        x = f(x)
    return x * total + calls


EXAMPLES += [(counter_nonlocal, (0.7,))]


def nonlocal_array(x):
    state = x

    def step(dt):
        nonlocal state
        state = state + dt * np.sin(state)

    for _ in range(3):
        step(0.1)
    if state[0] > 0:
        step(0.5)
    return np.sum(state**2)


EXAMPLES += [(nonlocal_array, (np.array([0.5, 1.0]),))]
