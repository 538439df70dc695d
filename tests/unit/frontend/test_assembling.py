"""Arrays put together of nests and indices."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing import rules

CALLS = (
    "np.block([[A, B], [An, A]])",
    "np.block([u, v])",
    "np.block([[np.eye(2), np.zeros((2, 3))], [np.ones((3, 2)), np.eye(3) * x]])",
    "np.block([[[A]]])",
    "np.block(A)",
    "np.block([x, u])",
    "np.r_[u, v]",
    "np.r_[x, y, u]",
    "np.r_[0.0, u, 1:3]",
    "np.r_[0:6:2, x]",
    "np.r_[A, B]",
    "np.c_[u, v]",
    "np.c_[S, u]",
    "np.einsum(A, [0, 1], C, [1, 2])",
    "np.einsum(A, [0, 1], C, [1, 2], [0, 2])",
    "np.einsum(T, [Ellipsis, 0, 1], [Ellipsis, 1, 0])",
    "np.atleast_1d(x, u)",
    "np.atleast_2d(u, v)[1]",
    "A.compress([True, False, True], axis=0)",
    "A.take([1, 2], axis=0)",
    "A.item(3)",
    "A.item((1, 2))",
    "k.choose([u, v, un])",
)


@pytest.mark.parametrize("text", CALLS)
def test_values_and_gradients(text):
    rules.check_call(rules.case_call(text))


@pytest.mark.parametrize(
    ("text", "reason"), [("np.r_['-1', u, v]", "names an axis"), ("np.r_[u, 1:]", "without an end")]
)
def test_forms_that_are_refused(text, reason):
    call = rules.case_call(text)
    with pytest.raises(cr.UnsupportedError, match=reason):
        cr.vjp(call.fun, *call.values)


def test_a_block_is_a_copy():
    def f(a):
        b = np.block([a])
        b[0] = 5.0
        return np.sum(a * b)

    np.testing.assert_array_equal(cr.grad(f)(np.array([1.0, 2.0])), [5.0, 4.0])
