"""What users call: refusals that come before any function is read."""

import math

import numpy as np
import pytest

import chainrule as cr


@pytest.mark.parametrize("fun", [math.floor, np.sin, len])
def test_a_rule_for_a_function_that_has_one_is_a_type_error(fun):
    with pytest.raises(TypeError, match="is known already"):
        cr.derivative(fun)
