"""Linear algebra written out, as textbooks and LAPACK have it."""

import numpy as np

rng = np.random.default_rng(9)


def mat(*shape):
    return rng.normal(size=shape)


def spd(n):
    A = rng.normal(size=(n, n))
    return A @ A.T + n * np.eye(n)


EXAMPLES = []


def mgs(A):
    m, n = A.shape
    Q = A.copy()
    R = np.zeros((n, n))
    for j in range(n):
        q = Q[:, j]
        for i in range(j):
            R[i, j] = Q[:, i] @ q
            q -= R[i, j] * Q[:, i]
        R[j, j] = np.sqrt(q @ q)
        q /= R[j, j]
    return np.sum(R**2) + np.sum(Q**3)


EXAMPLES += [(mgs, (mat(4, 3),))]


def mgs_right(V):
    n = V.shape[1]
    for i in range(n):
        v = V[:, i]
        v /= np.linalg.norm(v)
        for j in range(i + 1, n):
            w = V[:, j]
            w -= (v @ w) * v
    return np.sum(V**3)


EXAMPLES += [(mgs_right, (mat(4, 3),))]


def householder(A):
    m, n = A.shape
    R = A.copy()
    Q = np.eye(m)
    for k in range(n):
        x = R[k:, k]
        e = np.zeros_like(x)
        e[0] = np.copysign(np.linalg.norm(x), -R[k, k])
        v = x - e
        v /= np.linalg.norm(v)
        R[k:, :] -= 2.0 * np.outer(v, v @ R[k:, :])
        Q[:, k:] -= 2.0 * np.outer(Q[:, k:] @ v, v)
    return np.sum(Q**3) + np.sum(R**2)


EXAMPLES += [(householder, (mat(4, 3),))]


def house_vec(x):
    v = x.copy()
    sigma = np.sum(x[1:] ** 2)
    v[0] = 1.0
    if sigma == 0.0:
        return v, 0.0
    mu = np.sqrt(x[0] ** 2 + sigma)
    if x[0] <= 0:
        v[0] = x[0] - mu
    else:
        v[0] = -sigma / (x[0] + mu)
    beta = 2.0 * v[0] ** 2 / (sigma + v[0] ** 2)
    return v / v[0], beta


def householder_golub(A):
    m, n = A.shape
    for j in range(n):
        v, beta = house_vec(A[j:, j])
        A[j:, j:] = A[j:, j:] - beta * np.outer(v, v @ A[j:, j:])
        if j < m - 1:
            A[j + 1 :, j] = v[1:]
    return np.sum(A**2 * np.arange(1, n + 1))


EXAMPLES += [(householder_golub, (mat(4, 3),))]


def lu_swap_fancy(A, b):
    n = len(b)
    A = A.copy()
    b = b.copy()
    for k in range(n):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            b[[k, p]] = b[[p, k]]
        for i in range(k + 1, n):
            l = A[i, k] / A[k, k]
            A[i, k:] -= l * A[k, k:]
            b[i] -= l * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return np.sum(x**2)


EXAMPLES += [(lu_swap_fancy, (mat(4, 4), mat(4)))]


def lu_swap_copies(A):
    n = A.shape[0]
    piv = np.arange(n)
    sign = 1.0
    for k in range(n - 1):
        p = np.argmax(np.abs(A[k:, k])) + k
        if p != k:
            A[k], A[p] = A[p].copy(), A[k].copy()
            piv[k], piv[p] = piv[p], piv[k]
            sign = -sign
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    det = sign
    for k in range(n):
        det *= A[k, k]
    return det + np.sum(np.tril(A, -1) ** 2) + 0.1 * piv[0]


EXAMPLES += [(lu_swap_copies, (mat(4, 4),))]


def lu_temp_row(A):
    n = len(A)
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(A[i, k]) > abs(A[p, k]):
                p = i
        if p != k:
            tmp = A[k, :].copy()
            A[k, :] = A[p, :]
            A[p, :] = tmp
        for i in range(k + 1, n):
            A[i, k] = A[i, k] / A[k, k]
            for j in range(k + 1, n):
                A[i, j] = A[i, j] - A[i, k] * A[k, j]
    return np.sum(A**2)


EXAMPLES += [(lu_temp_row, (mat(4, 4),))]


def lu_elementwise_swap(A):
    n = len(A)
    for k in range(n):
        p = k + int(np.argmax(np.abs(A[k:, k])))
        for j in range(n):
            A[k, j], A[p, j] = A[p, j], A[k, j]
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    return np.sum(A**2)


EXAMPLES += [(lu_elementwise_swap, (mat(4, 4),))]


def rows_view_elimination(A):
    n = A.shape[0]
    for k in range(n):
        pivot = A[k]
        for i in range(k + 1, n):
            row = A[i]
            row -= row[k] / pivot[k] * pivot
    return np.prod(np.diag(A)) + np.sum(A)


EXAMPLES += [(rows_view_elimination, (spd(4),))]


def gauss_jordan(A):
    n = A.shape[0]
    M = np.hstack((A, np.eye(n)))
    for i in range(n):
        M[i] /= M[i, i]
        for j in range(n):
            if i != j:
                M[j] -= M[j, i] * M[i]
    return np.sum(M[:, n:] ** 2)


EXAMPLES += [(gauss_jordan, (spd(3),))]


def gauss_jordan_for_rows(A):
    n = len(A)
    for i, row in enumerate(A):
        row /= row[i]
        for j in range(n):
            if j != i:
                A[j] -= A[j, i] * row
    return np.sum(A**2)


EXAMPLES += [(gauss_jordan_for_rows, (np.hstack((spd(3), np.eye(3))),))]


def cholesky_outer(A):
    n = A.shape[0]
    L = np.tril(A)
    for k in range(n):
        L[k, k] = np.sqrt(L[k, k])
        L[k + 1 :, k] /= L[k, k]
        for j in range(k + 1, n):
            L[j:, j] -= L[j, k] * L[j:, k]
    return np.sum(L**3)


EXAMPLES += [(cholesky_outer, (spd(4),))]


def cholesky_views(A):
    L = np.zeros_like(A)
    n = len(A)
    for j in range(n):
        Lj = L[j, :j]
        d = A[j, j] - Lj @ Lj
        if d <= 0:
            return -np.sum(A)
        L[j, j] = np.sqrt(d)
        for i in range(j + 1, n):
            L[i, j] = (A[i, j] - L[i, :j] @ Lj) / L[j, j]
    return np.sum(L**3)


EXAMPLES += [(cholesky_views, (spd(4),)), (cholesky_views, (-spd(3),))]


def ldl(A):
    n = A.shape[0]
    L = np.eye(n)
    D = np.zeros(n)
    for j in range(n):
        v = L[j, :j] * D[:j]
        D[j] = A[j, j] - L[j, :j] @ v
        L[j + 1 :, j] = (A[j + 1 :, j] - L[j + 1 :, :j] @ v) / D[j]
    return np.sum(D) + np.sum(L**2)


EXAMPLES += [(ldl, (spd(4),))]


def jacobi_eigen(A, sweeps):
    n = A.shape[0]
    V = np.eye(n)
    for _ in range(sweeps):
        for p in range(n - 1):
            for q in range(p + 1, n):
                if abs(A[p, q]) < 1e-14:
                    continue
                theta = 0.5 * np.arctan2(2 * A[p, q], A[q, q] - A[p, p])
                c, s = np.cos(theta), np.sin(theta)
                Ap, Aq = A[:, p].copy(), A[:, q].copy()
                A[:, p] = c * Ap - s * Aq
                A[:, q] = s * Ap + c * Aq
                Ap, Aq = A[p, :].copy(), A[q, :].copy()
                A[p, :] = c * Ap - s * Aq
                A[q, :] = s * Ap + c * Aq
                Vp = V[:, p].copy()
                V[:, p] = c * Vp - s * V[:, q]
                V[:, q] = s * Vp + c * V[:, q]
    return np.sum(np.diag(A) ** 2 * np.arange(n)) + np.sum(V**3)


EXAMPLES += [(jacobi_eigen, (spd(3), 2))]


def givens(a, b):
    if b == 0:
        return 1.0, 0.0
    if abs(b) > abs(a):
        t = a / b
        s = 1 / np.sqrt(1 + t * t)
        return s * t, s
    t = b / a
    c = 1 / np.sqrt(1 + t * t)
    return c, c * t


def rotate_rows(A, i, j, c, s):
    for k in range(A.shape[1]):
        x, y = A[i, k], A[j, k]
        A[i, k] = c * x + s * y
        A[j, k] = -s * x + c * y


def givens_qr(A):
    m, n = A.shape
    for j in range(n):
        for i in range(m - 1, j, -1):
            c, s = givens(A[i - 1, j], A[i, j])
            rotate_rows(A, i - 1, i, c, s)
    return np.sum(A**3)


EXAMPLES += [(givens_qr, (mat(4, 3),))]


def givens_block(A):
    m, n = A.shape
    for j in range(n):
        for i in range(j + 1, m):
            r = np.hypot(A[j, j], A[i, j])
            c, s = A[j, j] / r, A[i, j] / r
            G = np.array([[c, s], [-s, c]])
            A[[j, i]] = G @ A[[j, i]]
    return np.sum(A**3)


EXAMPLES += [(givens_block, (mat(3, 3),))]


def power_method(A, v, tol):
    lam = 0.0
    for k in range(100):
        w = A @ v
        new = v @ w / (v @ v)
        v = w / np.linalg.norm(w)
        if abs(new - lam) < tol:
            return new, v
        lam = new
    return lam, v


def power_loss(A, v):
    lam, v = power_method(A, v, 1e-4)
    return lam + np.sum(v**3)


EXAMPLES += [(power_loss, (spd(3), np.ones(3)))]


def conjugate_gradient(A, b, tol=0.3):
    x = np.zeros_like(b)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for i in range(len(b) * 2):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        new = r @ r
        if np.sqrt(new) < tol:
            return x
        p = r + (new / rs) * p
        rs = new
    return x


def cg_loss(A, b):
    return np.sum(conjugate_gradient(A, b) ** 2)


EXAMPLES += [(cg_loss, (spd(3), mat(3)))]


def gmres_like(A, b, m):
    n = len(b)
    Q = np.zeros((n, m + 1))
    H = np.zeros((m + 1, m))
    beta = np.linalg.norm(b)
    Q[:, 0] = b / beta
    for k in range(m):
        w = A @ Q[:, k]
        for j in range(k + 1):
            H[j, k] = Q[:, j] @ w
            w -= H[j, k] * Q[:, j]
        H[k + 1, k] = np.linalg.norm(w)
        if H[k + 1, k] < 1e-12:
            break
        Q[:, k + 1] = w / H[k + 1, k]
    e = np.zeros(m + 1)
    e[0] = beta
    y = np.linalg.solve(H.T @ H, H.T @ e)
    return np.sum((Q[:, :m] @ y) ** 2)


EXAMPLES += [(gmres_like, (spd(4), mat(4), 2))]


def lanczos(A, v, m):
    n = len(v)
    alpha = np.zeros(m)
    beta = np.zeros(m)
    v_prev = np.zeros(n)
    b = 0.0
    v = v / np.linalg.norm(v)
    for j in range(m):
        w = A @ v - b * v_prev
        alpha[j] = w @ v
        w -= alpha[j] * v
        b = np.sqrt(w @ w)
        beta[j] = b
        v_prev, v = v, w / b
    return np.sum(alpha**2) + np.sum(beta)


EXAMPLES += [(lanczos, (spd(4), mat(4), 3))]


def thomas(a, b, c, d):
    n = len(d)
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    x = np.zeros(n)
    x[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
    return np.sum(x**2)


EXAMPLES += [(thomas, (mat(5), 5 + mat(5), mat(5), mat(5)))]


def forward_backward(L, b):
    y = b.copy()
    for i in range(len(b)):
        y[i] /= L[i, i]
        y[i + 1 :] -= L[i + 1 :, i] * y[i]
    for i in reversed(range(len(b))):
        y[i] /= L[i, i]
        y[:i] -= L[i, :i] * y[i]
    return np.sum(y**2)


EXAMPLES += [(forward_backward, (spd(4), mat(4)))]


def tridiagonalise(A):
    n = A.shape[0]
    for k in range(n - 2):
        x = A[k + 1 :, k].copy()
        alpha = -np.sign(x[0]) * np.linalg.norm(x)
        v = x
        v[0] -= alpha
        v = v / np.linalg.norm(v)
        A[k + 1 :, :] -= 2 * np.outer(v, v @ A[k + 1 :, :])
        A[:, k + 1 :] -= 2 * np.outer(A[:, k + 1 :] @ v, v)
    return np.sum(np.diag(A) ** 2) + np.sum(np.diag(A, 1) ** 2)


EXAMPLES += [(tridiagonalise, (spd(4),))]


def dgemv_columns(A, x):
    y = np.zeros(A.shape[0])
    for j, col in enumerate(A.T):
        y += col * x[j]
    return np.sum(y**2)


EXAMPLES += [(dgemv_columns, (mat(3, 2), mat(2)))]


def scale_columns_by_view(A, d):
    At = A.T
    for j in range(len(d)):
        At[j] *= d[j]
    return np.sum(A**2)


EXAMPLES += [(scale_columns_by_view, (mat(3, 2), mat(2)))]


def blocked_matmul(A, B, bs):
    n = A.shape[0]
    C = np.zeros((n, n))
    for i in range(0, n, bs):
        for j in range(0, n, bs):
            c = C[i : i + bs, j : j + bs]
            for k in range(0, n, bs):
                c += A[i : i + bs, k : k + bs] @ B[k : k + bs, j : j + bs]
    return np.sum(C**2)


EXAMPLES += [(blocked_matmul, (mat(4, 4), mat(4, 4), 2))]


def blocked_cholesky(A, nb):
    n = A.shape[0]
    for k in range(0, n, nb):
        A[k : k + nb, k : k + nb] = np.linalg.cholesky(A[k : k + nb, k : k + nb])
        if k + nb < n:
            L = A[k : k + nb, k : k + nb]
            A[k + nb :, k : k + nb] = np.linalg.solve(L, A[k + nb :, k : k + nb].T).T
            A[k + nb :, k + nb :] -= A[k + nb :, k : k + nb] @ A[k + nb :, k : k + nb].T
    return np.sum(np.tril(A) ** 3)


EXAMPLES += [(blocked_cholesky, (spd(4), 2))]


def invert_lower(L):
    n = len(L)
    X = np.zeros((n, n))
    for j in range(n):
        X[j, j] = 1 / L[j, j]
        for i in range(j + 1, n):
            s = 0.0
            for k in range(j, i):
                s -= L[i, k] * X[k, j]
            X[i, j] = s / L[i, i]
    return np.sum(X**2)


EXAMPLES += [(invert_lower, (spd(3),))]


def bareiss(M):
    n = len(M)
    prev = 1.0
    for k in range(n - 1):
        for i in range(k + 1, n):
            for j in range(k + 1, n):
                M[i, j] = (M[i, j] * M[k, k] - M[i, k] * M[k, j]) / prev
        prev = M[k, k]
    return M[-1, -1]


EXAMPLES += [(bareiss, (spd(4),))]


def sor(A, b, omega, tol):
    x = np.zeros_like(b)
    n = len(b)
    for it in range(200):
        x_old = x.copy()
        for i in range(n):
            s = A[i, :i] @ x[:i] + A[i, i + 1 :] @ x_old[i + 1 :]
            x[i] = (1 - omega) * x_old[i] + omega * (b[i] - s) / A[i, i]
        if np.linalg.norm(x - x_old) < tol:
            break
    return np.sum(x**2)


EXAMPLES += [(sor, (spd(3), mat(3), 1.1, 1e-3))]


def expm_taylor(A, n):
    E = np.eye(len(A))
    term = np.eye(len(A))
    for k in range(1, n):
        term = term @ A / k
        E += term
    return np.sum(E**2)


EXAMPLES += [(expm_taylor, (0.3 * mat(3, 3), 6))]


def swap_by_unpack(A):
    A[0], A[1] = A[1].copy(), A[0].copy()
    A[:, [0, 1]] = A[:, [1, 0]]
    A[0, 0] *= 3.0
    return np.sum(A**2 * np.arange(3.0))


EXAMPLES += [(swap_by_unpack, (mat(3, 3),))]
