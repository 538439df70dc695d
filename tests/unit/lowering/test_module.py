"""The text of a lowered module."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import pipeline, staging
from chainrule.errors import UnsupportedError
from chainrule.lowering import lowered_module

RATE = 0.5


def helper(a):
    return np.sin(a) * RATE


def f(x, n):
    y = helper(x)
    s = 0.0
    for i in range(n):
        s += y[i] * helper(y)[0]
    return s


def module(fun, *args, wrt=None):
    primal, names = staging.primal_for(fun, args, {}, None, wrt)
    return lowered_module(pipeline.gradient(primal, names).function)


def test_the_same_bytes_and_a_place_for_each_line():
    made = module(f, np.ones(3), 2, wrt=("x",))
    assert made == module(f, np.ones(3), 2, wrt=("x",))
    assert len(made.places) == len(made.text.splitlines())
    assert made.entry == made.functions[-1] == "f_value_and_grad"
    assert made.captured == ("RATE",)
    placed = {place.line for place in made.places if place is not None}
    assert f.__code__.co_firstlineno + 1 in placed


def test_imports_are_those_that_are_used():
    assert module(lambda x: x * x, 2.0).text.startswith("import numpy as np\n")
    assert module(lambda x: np.sum(x), np.ones(2)).text.count("import") == 1


def raising(x):
    class_of = cr.UnsupportedError
    if x > 1:
        raise class_of
    return x


def printing(x):
    print(f"x is {x}")
    return x


def test_what_is_refused_names_the_line():
    with pytest.raises(UnsupportedError) as raised:
        module(printing, 0.5)
    assert raised.value.code == "CR075"
    assert raised.value.span.line == printing.__code__.co_firstlineno + 1
