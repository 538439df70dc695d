"""Inference of elementwise operations against what Python and NumPy return, kind by kind."""

import ast
import cmath
import itertools
import math

import numpy as np
import pytest
from scipy import special

import chainrule.rules  # noqa: F401
from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array, Scalar, python_scalar
from chainrule.rules.registry import OPS, REQUIRED, InferError, OpCall

MODULES = {"np": np, "math": math, "cmath": cmath, "special": special}

VALUES = [
    0.7, 2, True, np.float64(0.7), np.float32(0.7), np.int64(2), np.bool_(True),
    np.array(0.7), np.array(2), np.full(4, 0.7), np.full((3, 4), 0.7, np.float32), np.full(4, 2),
    np.full(4, 2, np.int32), np.full((3, 1), True), np.full((1, 4), 0.7),
]  # fmt: skip

# math.ldexp and math.trunc refuse NumPy integers as the user's own error; a conditional
# expression stands for np.where of scalars only. A Python bool has an int as its conjugate, a Python
# number is told to be real by a Python bool: nothing differentiates them.
LEFT_OUT = {("ldexp", "math"), ("trunc", "math"), ("where", ""), ("conj", ""), ("isreal", "np")}

SPELLINGS = [
    (op.name, via)
    for op in OPS.values()
    if op.elementwise and not op.formed
    for via in op.spellings
    if (op.name, via) not in LEFT_OUT
]


def type_of(value, sizes):
    """The type of a value; `sizes` maps lengths to symbols, or is empty for concrete sizes."""
    if isinstance(value, np.generic):
        return Scalar(value.dtype.name)
    if isinstance(value, np.ndarray):
        dims = tuple(sizes.get(n, Dim(n)) for n in value.shape)
        return Array(value.dtype.name, dims)
    return python_scalar(value)


def applied(op, via, values):
    tree = ast.fix_missing_locations(ast.Expression(op.spellings[via]))
    names = MODULES | dict(zip(op.operands, values, strict=True))
    with np.errstate(all="ignore"):
        return eval(compile(tree, op.name, "eval"), names)


@pytest.mark.parametrize("symbolic", [False, True], ids=["concrete", "symbolic"])
@pytest.mark.parametrize(("name", "via"), SPELLINGS)
@pytest.mark.filterwarnings("ignore")
def test_type_is_what_the_call_returns(name, via, symbolic):
    op = OPS[name]
    sizes = {n: Dim.of(Sym(f"n{n}", None, single=False)) for n in (3, 4)} if symbolic else {}
    static = {k: v for k, v in op.options.items() if v is not REQUIRED}
    combinations = itertools.product(VALUES, repeat=len(op.operands))
    step = 11 if len(op.operands) == 3 else 1
    for values in itertools.islice(combinations, 0, None, step):
        if via == "math" and any(getattr(v, "dtype", None) == np.float32 for v in values):
            continue
        types = tuple(type_of(v, sizes) for v in values)
        try:
            result = applied(op, via, values)
        except TypeError:
            with pytest.raises(InferError):
                op.infer(OpCall(types, static, via))
            continue
        except (ValueError, ArithmeticError):
            continue  # depends on the values
        assert op.infer(OpCall(types, static, via)) == type_of(result, sizes), types


@pytest.mark.parametrize("name", ["add", "maximum", "where", "clip", "hypot", "isclose"])
def test_shapes_that_do_not_broadcast(name):
    op = OPS[name]
    types = [Array("float64", (Dim(3),)), Array("float64", (Dim(4),))]
    types += [Scalar("float64")] * (len(op.operands) - 2)
    with pytest.raises(InferError, match="broadcast"):
        op.infer(OpCall(tuple(types), {}, "np"))


def python_power(base, exponent):
    return OPS["pow"].infer(OpCall((python_scalar(base), python_scalar(exponent)), {}))


def test_an_int_to_a_negative_power():
    assert python_power(2, 3) == python_scalar(8)
    assert python_power(2, -3) == python_scalar(0.125)
    integers = Array("int64", (Dim(3),))
    with pytest.raises(InferError, match="negative integer powers"):
        OPS["pow"].infer(OpCall((integers, python_scalar(-1)), {}))
    floats = Array("float32", (Dim(3),))
    assert OPS["pow"].infer(OpCall((floats, python_scalar(-1)), {})) == floats


def test_where_as_a_conditional_expression():
    weak, strong = Scalar("float64", weak=True), Scalar("float64")
    test = Scalar("bool", weak=True)
    assert OPS["where"].infer(OpCall((test, weak, python_scalar(0)), {})) == weak
    assert OPS["where"].infer(OpCall((test, strong, weak), {})) == strong
    with pytest.raises(InferError, match="conditional expression"):
        OPS["where"].infer(OpCall((test, weak, Array("float64", (Dim(3),))), {}))
