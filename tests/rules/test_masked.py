"""Elements that are left out, means that are given, and functions that write where they are told."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing import rules

MASKED = (
    "np.sum(2 * A, where=mask)", "np.sum(An, axis=0, where=mask)", "A.sum(axis=1, where=mask)",
    "np.sum(A, where=An[0] > 0)", "np.mean(A, axis=0, where=mask)", "A.mean(where=mask)",
    "np.prod(A, axis=1, where=mask)", "np.max(An, axis=0, initial=-9.0, where=mask)",
    "np.min(An, axis=1, initial=9.0, where=mask)", "np.var(An, where=mask)",
    "np.var(An, axis=1, ddof=1, where=mask)", "np.std(An, axis=1, where=mask)",
    "np.nansum(A, axis=0, where=mask)", "np.nanmean(A, axis=1, where=mask)",
    "np.var(An, axis=0, mean=np.mean(An, axis=0, keepdims=True))", "np.std(An, mean=x)",
    "np.sum(A, initial=x)", "np.max(An, initial=x)", "np.min(An, axis=0, initial=x)",
    "np.prod(A, axis=1, initial=y)", "np.add.reduce(A, axis=1, where=mask)",
    "np.add(A, B, dtype=np.float64)", "np.exp(A, dtype=float)",
)  # fmt: skip


@pytest.mark.parametrize("text", MASKED)
def test_values_and_gradients(text):
    """Sums of parts are rounded otherwise than NumPy does it, so values are compared up to that."""
    call = rules.case_call(text)
    value, pullback = cr.vjp(call.fun, *rules.copied(call.values))
    np.testing.assert_allclose(value, call.fun(*rules.copied(call.values)), rtol=1e-14)
    assert np.shape(value) == np.shape(call.fun(*rules.copied(call.values)))
    floats = {k: v for k, v in call.args.items() if rules.is_float(v)}
    others = {k: v for k, v in call.args.items() if k not in floats}
    ones = rules.cotangent_of(value)
    gradients = dict(zip(call.args, pullback(ones), strict=True))
    for name, arg in floats.items():

        def probe(entry, name=name):
            return np.sum(call.fun(**{**others, **floats, name: entry}) * ones)

        step = 1e-6
        direction = np.cos(np.arange(np.size(arg)).reshape(np.shape(arg)))
        numeric = (probe(arg + step * direction) - probe(arg - step * direction)) / (2 * step)
        assert np.sum(gradients[name] * direction) == pytest.approx(numeric, rel=1e-6, abs=1e-8)


def test_a_maximum_of_chosen_elements_needs_a_start():
    def f(a):
        return np.max(a, where=a > 0)

    with pytest.raises(ValueError, match="has to specify 'initial'"):
        cr.grad(f)(np.ones(3))


def quotient(a, b):
    return np.sum(np.divide(a, b, out=np.zeros_like(a), where=b != 0) ** 2)


def logarithm(a):
    return np.sum(np.log(a, out=np.full_like(a, -1.0), where=a > 0))


@pytest.mark.filterwarnings("error")
def test_a_function_where_it_is_defined():
    """Neither value nor gradient warns, and elements that are left out get exact zeros."""
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 0.0, 4.0])
    value, (da, db) = cr.value_and_grad(quotient, (0, 1))(a, b)
    assert value == quotient(a, b)
    np.testing.assert_allclose(da, [0.5, 0.0, 6 / 16])
    np.testing.assert_allclose(db, [-0.25, 0.0, -2 * 9 / 64])
    np.testing.assert_allclose(cr.grad(logarithm)(np.array([-1.0, 0.0, 4.0])), [0.0, 0.0, 0.25])
