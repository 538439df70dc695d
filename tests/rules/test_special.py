"""Error and gamma functions against SciPy's own derivatives and known values."""

import numpy as np
import pytest
from scipy import special

import chainrule.rules  # noqa: F401
from chainrule.ir.dims import Dim
from chainrule.ir.types import Array
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall


def slope(name, x, y, **options):
    rule = OPS[name].rules["x"]
    values = {"x": np.asarray(x), "y": np.asarray(y), **options}
    return rule.fun(1.0, *[values[p] for p in rule.params[1:]])


def test_error_function_at_zero_and_in_the_tail():
    assert slope("special.erf", 0.0, 0.0) == pytest.approx(2 / np.sqrt(np.pi), rel=1e-15)
    assert slope("special.erfc", 5.0, special.erfc(5.0)) == pytest.approx(
        -2 / np.sqrt(np.pi) * np.exp(-25.0), rel=1e-14
    )


def test_gamma_at_whole_numbers():
    euler = 0.5772156649015329
    assert slope("special.gamma", 1.0, 1.0) == pytest.approx(-euler, rel=1e-14)
    assert slope("special.gamma", 4.0, 6.0) == pytest.approx(6 * (11 / 6 - euler), rel=1e-14)
    assert slope("special.gammaln", 4.0, np.log(6)) == pytest.approx(11 / 6 - euler, rel=1e-14)


@pytest.mark.parametrize("x", [0.3, 2.5, 40.0, -1.5])
def test_digamma_and_polygamma(x):
    h = 1e-6 * abs(x)
    numeric = (special.digamma(x + h) - special.digamma(x - h)) / (2 * h)
    assert slope("special.digamma", x, None) == pytest.approx(numeric, rel=1e-7)
    numeric = (special.polygamma(1, x + h) - special.polygamma(1, x - h)) / (2 * h)
    assert slope("special.polygamma", x, None, n=1) == pytest.approx(numeric, rel=1e-6)


def test_polygamma_types():
    op, floats = OPS["special.polygamma"], Array("float32", (Dim(3),))
    assert op.infer(OpCall((floats,), {"n": 1})) == Array("float64", (Dim(3),))
    with pytest.raises(InferError):
        op.infer(OpCall((floats,), {"n": -1}))
    with pytest.raises(NotSupported):
        op.infer(OpCall((floats,), {"n": Dim(2)}))
