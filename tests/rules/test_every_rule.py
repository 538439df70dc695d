"""Everything that is promised of an operation, for every operation and each of its calls.

`chainrule.testing.rules` says what is checked; a failure lists the calls.
"""

import pytest

from chainrule.rules.registry import OPS
from chainrule.testing import rules

CALLED = [name for name, op in OPS.items() if op.cases or op.elementwise]


@pytest.mark.parametrize("name", CALLED)
def test_rule(name):
    rules.check_rule(name)


# Where a size that is known only when the program runs is too small for the formula.
LIMITS = {
    # np.diff of fewer elements than its order: the gradient has `order` elements
    "diff": 0,
    # a diagonal outside of the matrix: np.pad raises
    "diag": 0,
    "diagonal": 0,
    # The mean of no elements is NaN with a warning; its gradient divides the number 1 by 0
    "mean": 0,
}
