"""Where the sign of a product goes."""

import ast

import pytest

from chainrule.emit.spell import negated
from chainrule.emit.text import render


def tree(text, *, integral=False):
    node = ast.parse(text, mode="eval").body
    if integral:
        node.integral = True
    return node


@pytest.mark.parametrize(
    ("left", "integral", "expected"),
    [
        ("a", False, "-a * g"), ("a", True, "-(a * g)"), ("x > 0", True, "-((x > 0) * g)"),
        ("-a", False, "a * g"), ("a / b", False, "-a / b * g"),
    ],
)  # fmt: skip
def test_a_sign_does_not_go_to_bools_and_integers(left, integral, expected):
    product = ast.BinOp(tree(left, integral=integral), ast.Mult(), tree("g"))
    assert render(negated(product)) == expected
