"""Sparse Jacobians and Hessians against dense ones."""

import numpy as np
import pytest
import scipy.sparse as sp

import chainrule as cr


def stencil(x):
    y = np.zeros(len(x))
    y[1:-1] = x[:-2] * x[1:-1] - 2.0 * x[1:-1] ** 2 + np.sin(x[2:])
    y[0] = x[0] ** 2
    y[-1] = x[-1]
    return y


def gathered(x):
    order = np.array([3, 0, 0, 4])
    return x[order] ** 2 + np.cumsum(x[:4]) * x[order[0]]


def scattered(x):
    y = np.zeros(6)
    for k in range(len(x)):
        y[(2 * k) % 6] += x[k] ** 2
    y[1:3] *= x[0]
    return y


def listed(x):
    found = []
    t = 0.0
    for i in range(1, len(x)):
        t = x[i] * x[i - 1]
        if t > 0.2:
            t = t * x[0]
        found.append(t)
    return np.array(found)


def chosen(x):
    return np.where(x > 0.4, x[::-1] ** 2, x) + np.maximum(x, 0.3)


def banded(x):
    A = np.eye(5) + np.diag(np.arange(1.0, 5.0), 1)
    return A @ np.tanh(x)


def helper(a, b):
    return a * b


def calling(x):
    return helper(x[1:], x[:-1]) + helper(x[:-1], 2.0)


def mixed(x):
    return np.linalg.solve(np.eye(3) + np.outer(x[:3], x[:3]), x[1:4])


def full_row(x):
    return np.concatenate([[np.sum(x**2)], x[1:] * x[0]])


def one_number(x):
    return np.sum(x[:2] * x[1:3])


def sorted_values(x):
    return np.sort(x)[:2] * x[0]


def einsummed(x):
    A = np.reshape(x[:4], (2, 2))
    return np.einsum("ij,kj->ki", A, A)


FUNCTIONS = [
    stencil, gathered, scattered, listed, chosen, banded, calling, mixed, full_row, one_number,
    sorted_values, einsummed,
]  # fmt: skip
X = np.array([0.3, 0.9, -0.4, 0.6, 0.8])


@pytest.mark.parametrize("fun", FUNCTIONS)
def test_a_sparse_jacobian_is_the_dense_one(fun):
    dense = np.reshape(cr.jacobian(fun)(X), (-1, len(X)))
    found = cr.jacobian(fun, sparse=True)(X)
    assert isinstance(found, sp.csr_array)
    np.testing.assert_allclose(found.toarray(), dense, rtol=1e-13, atol=1e-15)
    pattern = cr.sparsity(fun)(X).toarray()
    assert not np.any(dense[~pattern])


def chain(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def arrow(x):
    return np.sum(x[0] * x[1:] ** 2) + np.sum(x**4)


def separate(x):
    return np.sum(np.sin(x)) + x[0] * x[3]


def looped(x):
    total = 0.0
    for i in range(2, len(x)):
        total += np.exp(x[i] * x[i - 2]) + x[i]
    return total


def linear(x):
    return np.sum(3.0 * x)


@pytest.mark.parametrize("fun", [chain, arrow, separate, looped, linear, one_number])
def test_a_sparse_hessian_is_the_dense_one(fun):
    dense = cr.hessian(fun)(X)
    found = cr.hessian(fun, sparse=True)(X)
    np.testing.assert_allclose(found.toarray(), dense, rtol=1e-13, atol=1e-15)
    pattern = cr.sparsity(fun, hessian=True)(X).toarray()
    assert not np.any(dense[~pattern])


def test_the_pattern_is_no_larger_than_it_has_to_be():
    assert cr.sparsity(stencil)(np.ones(9)).nnz == 23
    assert cr.sparsity(banded)(X).nnz == 9
    assert cr.sparsity(linear, hessian=True)(X).nnz == 0


def test_a_fixed_number_of_sweeps():

    x = np.linspace(0.0, 1.0, 2000)
    found = cr.jacobian(stencil, sparse=True)(x)
    assert found.shape == (2000, 2000)
    pattern = cr.sparsity(stencil)(x)
    from chainrule.sparse.matrices import HessianPlan, JacobianPlan

    plan = JacobianPlan(pattern)
    assert (plan.rows, plan.columns) == (0, 3)
    assert HessianPlan(cr.sparsity(chain, hessian=True)(x)).count == 3


def test_a_full_row_is_found_in_reverse_mode():
    from chainrule.sparse.matrices import JacobianPlan

    plan = JacobianPlan(cr.sparsity(full_row)(np.ones(50)))
    assert (plan.rows, plan.columns) == (1, 2)


def test_a_known_pattern():
    pattern = cr.sparsity(stencil)(X)
    found = cr.jacobian(stencil, sparse=pattern)(X + 0.5)
    np.testing.assert_allclose(found.toarray(), cr.jacobian(stencil)(X + 0.5), rtol=1e-13)
    with pytest.raises(ValueError, match="the pattern has shape"):
        cr.jacobian(stencil, sparse=pattern[:3])(X)


def test_containers_and_aux():
    def fun(p, t):
        return {"a": p["u"] * t, "b": (np.sum(p["v"]), p["u"][0])}, t

    p = {"u": np.array([1.0, 2.0]), "v": np.array([3.0, 4.0, 5.0])}
    found, aux = cr.jacobian(fun, "p", has_aux=True, sparse=True)(p, 2.0)
    dense, _ = cr.jacobian(fun, "p", has_aux=True)(p, 2.0)
    assert aux == 2.0
    for key in ("u", "v"):
        assert found["a"][key].toarray().tolist() == dense["a"][key].tolist()
        assert found["b"][0][key].toarray().ravel().tolist() == dense["b"][0][key].tolist()


def test_several_arguments_and_second_derivatives():
    def fun(x, y):
        return np.sum(x**2 * y)

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    found = cr.hessian(fun, (0, "y"), sparse=True)(x, y)
    dense = cr.hessian(fun, (0, "y"))(x, y)
    for row, want in zip(found, dense, strict=True):
        for block, other in zip(row, want, strict=True):
            assert block.toarray().tolist() == other.tolist()


def test_arrays_of_rank_zero():
    def fun(s, v):
        return np.sum(s * v) + s**2 + s.ravel()[0] * s[None][0] * v[0]

    args = np.array(0.7), np.array([1.0, 2.0, 3.0])
    found = cr.hessian(fun, (0, 1), sparse=True)(*args)
    dense = cr.hessian(fun, (0, 1))(*args)
    for row, want in zip(found, dense, strict=True):
        for block, other in zip(row, want, strict=True):
            np.testing.assert_allclose(block.toarray().ravel(), np.ravel(other), atol=1e-14)


def test_what_data_decide_is_decided_anew():
    def fun(x):
        return x * x[0] if x[0] > 0.0 else x * 2.0

    jacobian = cr.jacobian(fun, sparse=True)
    for first in (1.0, -1.0, 2.0):
        x = np.array([first, 2.0, 3.0])
        np.testing.assert_array_equal(jacobian(x).toarray(), cr.jacobian(fun)(x))
