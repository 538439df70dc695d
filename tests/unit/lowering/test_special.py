"""Functions of `scipy.special` in lowered text."""

import numpy as np
import pytest
from scipy import special

from chainrule.lowering.special import call_of, exported, imports


def test_only_functions_of_doubles():
    assert call_of("special.jv", 2) == "special_jv(_0, _1)"
    assert call_of("special.jv", 1) is None
    assert call_of("special.airy", 1) is None  # it returns by way of pointers
    assert call_of("jv", 2) is None
    assert exported()["digamma"][0].endswith("psi")


def test_what_a_text_imports():
    text = "a = special_jv(1.0, x) + special_jv(2.0, x) + special_i0(x) + my_special_k0(x)"
    assert list(imports(text)) == [
        "from scipy.special import i0 as special_i0",
        "from scipy.special import jv as special_jv",
    ]


@pytest.mark.parametrize("name", ["jv", "betainc", "gammaincinv", "ndtri", "xlogy", "expit", "psi"])
def test_they_are_the_functions_of_scipy(name):
    external = pytest.importorskip("chainrule.compiled.special").external
    import numba

    fun, count = external(name), exported()[name][1]
    values = np.array([0.3, 0.6, 0.45])[:count]
    text = ", ".join(f"x[{i}]" for i in range(count))
    scope = {"fun": fun}
    exec(f"def call(x):\n    return fun({text})\n", scope)
    assert numba.njit(scope["call"])(values) == getattr(special, name)(*values)
