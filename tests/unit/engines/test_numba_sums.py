"""An addition whose order may change."""

import numba
import numpy as np

from chainrule.engines.numba_engine import Options, decorated
from chainrule.engines.numba_sums import plus


def test_a_sum_of_a_long_array():
    @numba.njit(error_model="numpy")
    def total(x):
        s = x[0] - x[0]
        for i in range(x.size):
            s = plus(s, x[i])
        return s

    x = np.arange(1000.0)
    assert total(x) == 499_500.0
    assert total(x[:3].astype(np.float32)) == np.float32(3.0)
    lines = total.inspect_llvm(total.signatures[0]).splitlines()
    assert any("fadd reassoc nsz" in line for line in lines)


def test_it_takes_the_place_of_the_helper():
    text = (
        'def plus(total, term):\n    """The sum."""\n    return total + term\n\n\n'
        "def f(x):\n    return plus(x, x)\n"
    )
    made = decorated(text, ["plus", "f"], None, Options())
    assert "def plus" not in made
    assert "import plus" in made
