"""Functions of `scipy.special` in compiled functions."""

import numpy as np
from scipy import special

import chainrule as cr
from chainrule.compiled.special import external
from chainrule.engines.numba_engine import Options, decorated, load

TEXT = """import numpy as np
from scipy.special import i1 as special_i1


def f(x):
    return special_i1(x) * 2.0
"""


def test_the_c_function_takes_the_place_of_the_import():
    text = decorated(TEXT, ["f"], None, Options())
    assert 'special_i1 = external("i1")' in text
    assert "from scipy" not in text


def test_machine_code_of_callers_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path))
    run = load(TEXT, ["f"], "f", Options())
    assert run(0.7) == 2.0 * special.i1(0.7)
    assert list(tmp_path.rglob("*.nbc"))
    assert external("i1") is external("i1")


def test_gradients_through_special_functions():
    def f(x):
        s = 0.0
        for i in range(len(x)):
            s += special.gammaln(x[i]) * special.digamma(x[i])
        return s + np.sum(special.erf(x))

    x = np.array([0.6, 1.7, 3.2])
    value, gradient = cr.value_and_grad(f, engine="numba")(x)
    wanted, slope = cr.value_and_grad(f)(x)
    assert np.isclose(value, wanted, rtol=1e-13)
    np.testing.assert_allclose(gradient, slope, rtol=1e-12)
