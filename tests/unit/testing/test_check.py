"""`check_grads`: the text of what it finds."""

import numpy as np
import pytest

import chainrule as cr


def halved(x):
    return np.sin(x) * x


@cr.derivative(halved)
def halved_pullback(dy, x):
    return 0.5 * dy * (np.sin(x) + x * np.cos(x))


def test_weights_of_several_results_are_told():
    with pytest.raises(AssertionError, match="each with a fixed random weight"):
        cr.check_grads(halved, (np.ones(2),))
    with pytest.raises(AssertionError) as one:
        cr.check_grads(lambda x: np.sum(halved(x)), (np.ones(2),))
    assert "weight" not in str(one.value)
