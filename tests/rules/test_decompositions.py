"""Conventions of decompositions: what has no derivative is NaN with a warning, or refused."""

import numpy as np
import pytest

import chainrule as cr


def spread(n, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n, n))
    return a @ a.T + n * np.eye(n)


def test_a_function_of_the_values_at_a_repeated_eigenvalue():
    def f(a):
        return np.sum(np.linalg.eigvalsh(a) ** 2)

    np.testing.assert_allclose(cr.grad(f)(np.eye(3)), 2 * np.eye(3))


def test_the_values_of_eigh_alone_need_no_gaps():
    def f(a):
        w, _ = np.linalg.eigh(a)
        return np.sum(np.log(w))

    np.testing.assert_allclose(cr.grad(f)(2 * np.eye(3)), np.eye(3) / 2)


def test_vectors_of_a_repeated_eigenvalue_give_nan_and_a_warning():
    def f(a):
        w, v = np.linalg.eigh(a)
        return np.sum(v**3 * w)

    with pytest.warns(RuntimeWarning, match="divide"):
        assert np.isnan(cr.grad(f)(np.eye(3))).any()


def test_a_vector_of_its_own_beside_equal_values():
    """Only the gaps to the eigenvalue of the vector count."""
    a = np.diag([1.0, 1.0, 3.0])

    def f(a):
        v = np.linalg.eigh(a)[1][:, -1]
        return v[0] * v[2]

    expected = np.zeros((3, 3))
    expected[2, 0] = 0.5  # an entry below the diagonal stands for both
    np.testing.assert_allclose(cr.grad(f)(a), expected, atol=1e-15)


def test_a_symmetric_matrix_gets_its_gradient_whichever_triangle_is_read():
    def f(b, side):
        w, v = np.linalg.eigh(b @ b.T, side)
        return np.sum(np.sqrt(w) * v[0] ** 2)

    b = spread(4)
    lower = cr.grad(lambda b: f(b, "L"))(b)
    upper = cr.grad(lambda b: f(b, "U"))(b)
    np.testing.assert_allclose(lower, upper, rtol=1e-9, atol=1e-14)


def test_singular_vectors_that_complete_a_basis_have_no_derivative():
    def f(a):
        u, s, _ = np.linalg.svd(a)
        return np.sum(u[:, -1] ** 3) + s[0]

    with pytest.raises(NotImplementedError, match="full_matrices=False"):
        cr.grad(f)(np.random.default_rng(1).normal(size=(4, 3)))


def test_the_used_columns_of_a_complete_basis_have_a_derivative():
    def full(a):
        u, s, vh = np.linalg.svd(a)
        return np.sum((u[:, :3] * s) @ vh * np.arange(12.0).reshape(4, 3))

    a = np.random.default_rng(1).normal(size=(4, 3))
    np.testing.assert_allclose(cr.grad(full)(a), np.arange(12.0).reshape(4, 3), atol=1e-9)


def test_a_singular_square_matrix():
    """Values alone need no division; a value of zero has no slope of a norm."""
    a = np.outer([1.0, 2.0], [3.0, 4.0])

    def nuclear(a):
        return np.linalg.norm(a, "nuc")

    expected = a / np.linalg.norm(a)
    np.testing.assert_allclose(cr.grad(lambda a: np.linalg.norm(a, 2))(a), expected)
    assert np.isfinite(cr.grad(nuclear)(a)).all()


def test_largest_singular_values_that_tie_share():
    np.testing.assert_allclose(
        cr.grad(lambda a: np.linalg.norm(a, 2))(np.eye(2)), np.eye(2) / 2, atol=1e-15
    )


def test_least_squares_of_a_low_rank_leaves_the_residuals_out():
    a = np.outer([1.0, 2.0, 3.0], [1.0, 1.0])

    def f(b):
        x, residuals, rank, _ = np.linalg.lstsq(a, b)
        return np.sum(x) + np.sum(residuals) + 0.0 * rank

    b = np.array([1.0, 2.0, 4.0])
    np.testing.assert_allclose(cr.grad(f)(b), np.linalg.pinv(a).T @ np.ones(2))


def test_squared_residuals():
    def f(a, b):
        return np.sum(np.linalg.lstsq(a, b)[1])

    rng = np.random.default_rng(2)
    cr.check_grads(f, (rng.normal(size=(5, 2)), rng.normal(size=5)))
    cr.check_grads(f, (rng.normal(size=(5, 2)), rng.normal(size=(5, 3))))


def test_named_results():
    def f(a):
        return np.sum(np.linalg.eigh(a).eigenvalues) + np.linalg.slogdet(a).logabsdet

    a = spread(3)
    np.testing.assert_allclose(cr.grad(f)(a), np.eye(3) + np.linalg.inv(a), atol=1e-12)


@pytest.mark.parametrize("mode", ["raw", "full"])
def test_modes_of_qr_that_are_not_supported(mode):
    def f(a):
        return np.linalg.qr(a, mode)[0].sum()

    with pytest.raises(cr.UnsupportedError, match="reduced"):
        cr.grad(f)(spread(3))
