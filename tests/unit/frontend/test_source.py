"""Finding the source of a live function."""

import pytest

import chainrule as cr
from chainrule.frontend.source import function_source

make = lambda a: lambda x: a * x**2  # noqa: E731
deep = lambda a: lambda b: lambda x: a * b * x  # noqa: E731
calls = lambda x: (lambda y: y * x)(x) + (lambda y: 2 * y)(x)  # noqa: E731


@pytest.mark.parametrize(
    ("fun", "arguments", "slope"),
    [(make(3.0), "x", 12.0), (deep(2.0)(3.0), "x", 6.0), (calls, "x", 6.0)],
)
def test_a_lambda_in_a_lambda_is_found(fun, arguments, slope):
    assert function_source(fun).node.args.args[0].arg == arguments
    assert cr.grad(fun)(2.0) == slope


def test_the_text_of_a_definition_has_its_decorators():
    def plain(fun):
        return fun

    @plain
    def f(x):
        return x  # itself

    text = function_source(f).text
    assert text.splitlines()[0].strip() == "@plain"
    assert text.endswith("return x  # itself")
