"""Products of matrices and tensors, einsum, decompositions."""

import numpy as np

EXAMPLES = []

rng = np.random.default_rng(10)


def bilinear_form(x, W, y):
    return np.einsum("i,ij,j->", x, W, y)


EXAMPLES += [(bilinear_form, (rng.normal(size=2), rng.normal(size=(2, 3)), rng.normal(size=3)))]


def batched_attention(q, k, v):
    s = np.einsum("bqd,bkd->bqk", q, k)
    return np.einsum("bqk,bkd->", np.exp(0.1 * s), v)


EXAMPLES += [(batched_attention, tuple(rng.normal(size=(3, 2, 3, 2))))]


def trace_of_product(A, B):
    return np.einsum("ij,ji", A, B) + np.einsum("ii->", A @ B) + np.trace(B @ A)


EXAMPLES += [(trace_of_product, (rng.normal(size=(2, 3)), rng.normal(size=(3, 2))))]


def diagonal_scaling(A, d):
    return np.sum(np.einsum("ij,j->ij", A, d) ** 2) + np.sum(np.einsum("i,ij->ji", d[:2], A) * A.T)


EXAMPLES += [(diagonal_scaling, (rng.normal(size=(2, 3)), rng.normal(size=3)))]


def einsum_with_ellipsis(A, B):
    return np.sum(np.einsum("...ij,...jk->...ik", A, B) ** 2)


EXAMPLES += [(einsum_with_ellipsis, (rng.normal(size=(2, 2, 3)), rng.normal(size=(2, 3, 2))))]


def einsum_over_size_one(a, b):
    return np.einsum("ij,ij->i", a, b).sum() + np.einsum("ij->j", a)[0]


EXAMPLES += [(einsum_over_size_one, (rng.normal(size=(2, 1)), rng.normal(size=(2, 1))))]


def tensordots(A, B):
    return np.tensordot(A, B, axes=([1], [0])).sum() + np.tensordot(A, B.T, axes=2) ** 2


EXAMPLES += [(tensordots, (rng.normal(size=(2, 3)), rng.normal(size=(3, 2))))]


def every_rank(v, M, T):
    return (v @ v) * np.sum(M @ v) + np.sum(v @ M) + np.sum(T @ M) + np.sum(T @ v) + np.sum(M @ T)


EXAMPLES += [
    (every_rank, (rng.normal(size=2), rng.normal(size=(2, 2)), rng.normal(size=(3, 2, 2))))
]


def broadcast_matmul(A, B):
    return np.sum(np.tanh(A[:, None] @ B[None]))


EXAMPLES += [(broadcast_matmul, (rng.normal(size=(2, 2, 3)), rng.normal(size=(3, 3, 2))))]


def logdet_and_inverse(A):
    S = A @ A.T + np.eye(A.shape[0])
    return np.linalg.slogdet(S)[1] + np.linalg.inv(S)[0, 1] + np.log(np.linalg.det(S))


EXAMPLES += [(logdet_and_inverse, (rng.normal(size=(3, 2)),))]


def ridge(X, y, lam):
    d = X.shape[1]
    beta = np.linalg.solve(X.T @ X + lam * np.eye(d), X.T @ y)
    return np.sum((X @ beta - y) ** 2)


EXAMPLES += [(ridge, (rng.normal(size=(4, 2)), rng.normal(size=4), 0.5))]


def whitened(x, L):
    return np.sum(np.linalg.solve(np.linalg.cholesky(L @ L.T + np.eye(2)), x) ** 2)


EXAMPLES += [
    (whitened, (rng.normal(size=2), rng.normal(size=(2, 2)))),
    (whitened, (rng.normal(size=(2, 3)), rng.normal(size=(2, 2)))),
]


def matrix_powers(A):
    A2 = A @ A
    return np.trace(A2 @ A) + np.sum(A2 @ A2)


EXAMPLES += [(matrix_powers, (0.5 * rng.normal(size=(2, 2)),))]


def kron_sum(A, B):
    return np.sum(np.kron(A, B) ** 2)


EXAMPLES += [(kron_sum, (rng.normal(size=(2, 2)), rng.normal(size=(1, 2))))]


def stress_tensor(F, mu, lam):
    """A neo-Hookean solid."""
    C = F.T @ F
    J = np.linalg.det(F)
    return 0.5 * mu * (np.trace(C) - F.shape[0]) - mu * np.log(J) + 0.5 * lam * np.log(J) ** 2


EXAMPLES += [(stress_tensor, (np.eye(3) + 0.1 * rng.normal(size=(3, 3)), 1.2, 0.7))]


def chain_of_products(A, B, C):
    return (A @ B @ C).sum() + np.sum(A @ (B @ C))


EXAMPLES += [
    (chain_of_products, (rng.normal(size=(2, 3)), rng.normal(size=(3, 2)), rng.normal(size=(2, 2))))
]
