"""Inference of the operations on shape against what NumPy returns, for each of their cases."""

import ast

import numpy as np
import pytest

import chainrule.rules  # noqa: F401
from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array, Scalar, python_scalar
from chainrule.rules.registry import CALLABLES, METHODS, OPS, REQUIRED, OpCall
from chainrule.testing.pool import pool

AREAS = (
    "arranging", "copies", "creation", "diagonal", "differences", "expanding", "joining", "padding",
    "ranges", "shape", "splitting",
)  # fmt: skip
CASES = [
    case
    for op in OPS.values()
    if op.infer.__module__.rsplit(".", 1)[-1] in AREAS
    for case in op.cases
]


def type_of(value, sizes):
    """The type of a value; `sizes` collects a symbol for each length, None asks for plain ones."""
    if isinstance(value, np.ndarray):
        return Array(value.dtype.name, tuple(dim_of(n, sizes) for n in value.shape))
    if isinstance(value, np.generic):
        return Scalar(value.dtype.name)
    return python_scalar(value)


def dim_of(n, sizes):
    if sizes is None or n == 1:
        return Dim(n)
    if n not in sizes:
        sizes[n] = Sym(f"n{n}", ("v", 0), single=False)
    return Dim.of(sizes[n])


def bound(case, names):
    """The operation of a call, how it is spelled, and its arguments by name."""
    node = ast.parse(case, mode="eval").body

    def value(part):
        return eval(compile(ast.Expression(part), case, "eval"), {"np": np}, names)

    if isinstance(node, ast.Attribute):
        return OPS["T"], "", {"a": value(node.value)}
    args = [value(a) for a in node.args]
    if ast.unparse(node.func).startswith("np."):
        name, via = CALLABLES[value(node.func)]
    else:
        name, via, args = METHODS[node.func.attr], "method", [value(node.func.value), *args]
    op = OPS[name]
    found = {}
    for position, (parameter, arg) in enumerate(zip(op.order, args, strict=False)):
        if parameter == op.variadic and op.varargs:
            found[parameter] = args[position:]
            break
        found[parameter] = arg
    return op, via, found | {k.arg: value(k.value) for k in node.keywords}


def call_of(op, via, arguments, sizes):
    """What inference gets to see."""
    static = {k: v for k, v in op.options.items() if v is not REQUIRED}
    static |= {k: v for k, v in arguments.items() if k in op.options}
    leaves = []

    def number(item):
        if isinstance(item, list | tuple):
            return tuple(number(part) for part in item)
        leaves.append(item)
        return len(leaves) - 1

    for operand in op.operands:
        if operand in arguments and operand == op.variadic:
            nesting = number(arguments[operand])
            if "nesting" in op.options:
                static["nesting"] = nesting
        elif operand in arguments:
            leaves.append(arguments[operand])
    return OpCall(tuple(type_of(leaf, sizes) for leaf in leaves), static, via)


def check(inferred, value, sizes):
    if isinstance(value, list | tuple):
        assert len(inferred) == len(value)
        for part, item in zip(inferred, value, strict=True):
            check(part, item, sizes)
        return
    assert isinstance(inferred, Array) == isinstance(value, np.ndarray)
    assert inferred.dtype == value.dtype.name
    assert len(inferred.dims) == value.ndim
    lengths = {sym: n for n, sym in (sizes or {}).items()}
    for dim, n in zip(inferred.dims, value.shape, strict=True):
        if all(sym in lengths for sym in dim.terms):
            assert dim.const + sum(c * lengths[sym] for sym, c in dim.terms.items()) == n
        assert n != 1 or dim.maybe_one


@pytest.mark.parametrize("symbolic", [False, True], ids=["concrete", "symbolic"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES)
def test_type_is_what_the_call_returns(case, dtype, symbolic):
    names = pool(dtype)
    sizes = {} if symbolic and not case.startswith("np.unstack") else None
    op, via, arguments = bound(case, names)
    inferred = op.infer(call_of(op, via, arguments, sizes))
    check(inferred, eval(case, {"np": np}, names), sizes)


@pytest.mark.parametrize("case", CASES)
def test_numpy_scalars_for_numbers(case):
    names = pool("float32")
    names |= {"x": np.float32(names["x"]), "y": np.float32(names["y"])}
    op, via, arguments = bound(case, names)
    check(op.infer(call_of(op, via, arguments, None)), eval(case, {"np": np}, names), None)
