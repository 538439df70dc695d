"""The inferred type of every case of reductions and products is what NumPy returns."""

import ast

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array, Scalar, python_scalar
from chainrule.rules.registry import OPS, REQUIRED, OpCall
from chainrule.testing.pool import pool

AREAS = (
    "reductions", "running", "extremes", "nan_reductions",
    "linalg", "tensors", "contractions", "matrix_functions",
)  # fmt: skip
CASES = [
    (name, case)
    for name, op in OPS.items()
    if op.infer.__module__.rsplit(".", 1)[-1] in AREAS
    for case in op.cases
]


def applied(op, case, values):
    """The operands and the options of a case."""
    call = ast.parse(case, mode="eval").body

    def value(node):
        return eval(ast.unparse(node), {"np": np, **values})

    if isinstance(call, ast.BinOp):
        return [value(call.left), value(call.right)], {}
    args = [value(arg) for arg in call.args]
    owner = call.func.value
    if isinstance(owner, ast.Name) and owner.id != "np":
        args.insert(0, value(owner))
    options = {k: v for k, v in op.options.items() if v is not REQUIRED}
    operands = []
    for position, name in enumerate(op.order[: len(args)]):
        if name == op.variadic:
            operands += args[position:]
            break
        if name in op.options:
            options[name] = args[position]
        else:
            operands.append(args[position])
    options |= {keyword.arg: value(keyword.value) for keyword in call.keywords}
    return operands, options


def type_of(value, sizes, symbolic):
    if isinstance(value, np.ndarray):
        return Array(
            value.dtype.name,
            tuple(
                sizes.setdefault(n, Dim.of(Sym(f"n{n}", None, False)))
                if symbolic and n > 1
                else Dim(n)
                for n in value.shape
            ),
        )
    return Scalar(value.dtype.name) if isinstance(value, np.generic) else python_scalar(value)


def size(dim, sizes):
    """The number that a size stands for, None for the symbol of an unknown one."""
    number = {d.sym: n for n, d in sizes.items()}
    if not all(sym in number for sym in dim.terms):
        return None
    return dim.const + sum(c * number[sym] for sym, c in dim.terms.items())


@pytest.mark.parametrize("symbolic", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "case"), CASES, ids=[case for _, case in CASES])
def test_type_is_what_numpy_returns(name, case, dtype, symbolic):
    values = pool(dtype)
    operands, options = applied(OPS[name], case, values)
    sizes = {}
    types = tuple(type_of(value, sizes, symbolic) for value in operands)
    inferred = OPS[name].infer(OpCall(types, options, "np"))
    result = eval(case, {"np": np, **values})
    pairs = [(inferred, result)]
    if isinstance(inferred, tuple):
        pairs = list(zip(inferred, result, strict=True))
    for type_, value in pairs:
        assert isinstance(type_, Array) == isinstance(value, np.ndarray)
        assert type_.dtype == value.dtype.name
        assert len(type_.dims) == value.ndim
        known = [size(dim, sizes) for dim in type_.dims]
        assert all(k in (n, None) for k, n in zip(known, value.shape, strict=True))
        assert symbolic or None not in known
