"""Functions of `scipy.linalg`: values are SciPy's, gradients those of numeric differentiation."""

import numpy as np
import pytest
import scipy.linalg

import chainrule as cr
from chainrule.rules.registry import MACROS
from chainrule.testing import rules

CALLS = [
    "scipy.linalg.inv(S)", "scipy.linalg.inv(P, assume_a='pos')", "scipy.linalg.det(S)",
    "scipy.linalg.solve(S, u)", "scipy.linalg.solve(S, C)", "scipy.linalg.solve(P, u, assume_a='pos')",
    "scipy.linalg.solve(P, u, assume_a='sym', lower=True)", "scipy.linalg.solve(S, u, transposed=True)",
    "scipy.linalg.solve(S, C, assume_a='upper triangular')",
    "scipy.linalg.lstsq(V, u)[0]", "scipy.linalg.pinv(A)", "scipy.linalg.norm(A)",
    "scipy.linalg.norm(A, 'fro')", "scipy.linalg.norm(u, 3)", "scipy.linalg.cholesky(P)",
    "scipy.linalg.cholesky(P, lower=True)", "scipy.linalg.cho_factor(P)[0]",
    "scipy.linalg.cho_factor(P, lower=True)[0]",
    "scipy.linalg.cho_solve(scipy.linalg.cho_factor(P), u)",
    "scipy.linalg.cho_solve(scipy.linalg.cho_factor(P, lower=True), C)",
    "scipy.linalg.cho_solve((scipy.linalg.cholesky(P, lower=True), True), u)",
    "scipy.linalg.qr(V, mode='economic')[0]", "scipy.linalg.qr(S)[1]",
    "scipy.linalg.svd(A, full_matrices=False)[1]", "scipy.linalg.svd(A, full_matrices=False)[0]",
    "scipy.linalg.svdvals(A)", "scipy.linalg.eigvalsh(P)", "scipy.linalg.eigvalsh(P, lower=False)",
    "scipy.linalg.eigh(P, eigvals_only=True)", "scipy.linalg.eigh(P)[0]",
    "np.abs(scipy.linalg.eigh(P)[1])", "scipy.linalg.eigvalsh(S + S.T, P)",
    "np.abs(scipy.linalg.eigh(S + S.T, P)[1])", "scipy.linalg.eigh(S + S.T, P, lower=False)[0]",
    "scipy.linalg.sqrtm(P)", "scipy.linalg.logm(P)",
    "scipy.linalg.solve_continuous_lyapunov(S, R)", "scipy.linalg.solve_discrete_lyapunov(R / 9, P)",
    "scipy.linalg.toeplitz(u)", "scipy.linalg.toeplitz(u, w)", "scipy.linalg.circulant(u)",
    "scipy.linalg.hankel(u)", "scipy.linalg.hankel(u, w)", "scipy.linalg.block_diag(A, C, u)",
    "scipy.linalg.block_diag(S)",
]  # fmt: skip


@pytest.mark.parametrize("text", CALLS)
def test_value_and_gradients(text):
    call = rules.case_call(text)
    value, _ = cr.vjp(call.fun, *call.values)
    expected = call.fun(*call.values)
    np.testing.assert_allclose(value, expected, rtol=1e-10, atol=1e-12)
    assert np.shape(value) == np.shape(expected)
    weighted = rules.function(f"np.sum(np.cos(0.1 * {text}))", tuple(call.args))
    cr.check_grads(weighted, tuple(call.values), order=1)


@pytest.mark.parametrize(
    "text",
    [
        "scipy.linalg.expm(R)", "scipy.linalg.solve_triangular(S, u)", "scipy.linalg.sqrtm(P)",
        "scipy.linalg.logm(P)", "scipy.linalg.solve_sylvester(S, S, R)",
        "scipy.linalg.cho_solve(scipy.linalg.cho_factor(P), u)",
    ],
)  # fmt: skip
def test_second_derivatives(text):
    call = rules.case_call(text)
    weighted = rules.function(f"np.sum(np.cos({text}) * 0.1)", tuple(call.args))
    cr.check_grads(weighted, tuple(call.values), order=2)


def test_every_function_that_is_written_by_others_has_calls():
    names = {f.__name__ for f in MACROS if getattr(f, "__module__", "").startswith("scipy.linalg")}
    missing = {n for n in names if not any(f"linalg.{n}(" in text for text in CALLS)}
    assert missing <= {"solve_lyapunov"}


def test_what_is_not_read_of_a_matrix_has_gradient_zero():
    def f(a, b):
        x = scipy.linalg.solve_triangular(a, b, lower=True, unit_diagonal=True)
        return np.sum(x**2)

    a = np.array([[1.0, 5.0], [2.0, 3.0]])
    da = cr.grad(f)(a, np.array([1.0, 2.0]))
    assert np.array_equal(da != 0, [[False, False], [False, False]])
    da = cr.grad(f)(a, np.array([1.0, 3.0]))
    assert np.array_equal(da != 0, [[False, False], [True, False]])


@pytest.mark.parametrize("name", ["sqrtm", "logm"])
def test_complex_functions_of_matrices_raise(name):
    fun = rules.function(f"np.sum(scipy.linalg.{name}(a))", ("a",))
    with pytest.raises(ValueError, match="complex"):
        cr.grad(fun)(np.diag([-1.0, 2.0]))


REFUSED = [
    ("scipy.linalg.polar(S)[0]", "scipy.linalg.polar has no derivative rule"),
    ("scipy.linalg.null_space(A)", "scipy.linalg.null_space has no derivative rule"),
    ("scipy.linalg.qr(S, pivoting=True)[0]", "pivoting"),
    ("scipy.linalg.qr(S, mode='r')[0]", "mode"),
    ("scipy.linalg.solve(M, U)", "stacks"),
    ("scipy.linalg.solve(S, u, assume_a='banded')", "assume_a"),
    ("scipy.linalg.eigh(P, subset_by_index=(0, 1))[0]", "subset"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_other_forms_are_refused(text, message):
    call = rules.case_call(text)
    weighted = rules.function(f"np.sum({text})", tuple(call.args))
    with pytest.raises(cr.UnsupportedError, match=message):
        cr.grad(weighted, argnums=tuple(range(len(call.args))))(*call.values)
