"""Operations that Python spells without a module: copies, conversions, `max`, logic; adjoint steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array, Scalar, Type
from ..markers import stop_gradient
from .registry import (
    CALLABLES,
    OPS,
    InferError,
    NotSupported,
    OpCall,
    complex_too,
    internal,
    linear,
    no_derivative,
    not_written,
    pullback,
    same_text,
)
from .selection import share
from .shapes import python_result, with_dims


def _same(call: OpCall) -> Type:
    return call.types[0]


def _converted(dtype: str) -> Any:
    def infer(call: OpCall) -> Type:
        if np.dtype(call.types[0].dtype).kind == "c" and dtype in ("float64", "int64"):
            if isinstance(call.types[0], Scalar) and call.types[0].weak:
                raise InferError("a complex number is no real number")
            raise NotSupported("of a complex number, which drops a part: take .real")
        if any(d.known != 1 for d in call.types[0].dims):
            raise InferError("only length-1 arrays can be converted to Python scalars")
        return Scalar(dtype, weak=True)

    return infer


def _item(call: OpCall) -> Type:
    return Scalar(
        {"i": "int64", "u": "int64", "f": "float64", "b": "bool", "c": "complex128"}[
            np.dtype(call.types[0].dtype).kind
        ],
        True,
    )


def _extremum(call: OpCall) -> Type:
    if any(isinstance(t, Array) for t in call.types):
        raise NotSupported("an array of rank 0 as an operand; write np.maximum or np.minimum")
    if all(isinstance(t, Scalar) and t.weak for t in call.types):
        return python_result(max, call.types)
    return Scalar(np.result_type(*(t.dtype for t in call.types)).name)


def _of_parts(call: OpCall) -> Type:
    if any(t.dims for t in call.types):
        raise NotSupported("an array; write a + 1j * b")
    return Scalar("complex128", weak=True)


def _truth(call: OpCall) -> Type:
    return Scalar("bool", weak=True)


def _number(call: OpCall) -> Type:
    return Scalar(call["dtype"])


# A second name for a value.
internal("alias", "a", _same, text="a", returns="view", cases=("(t := x) * t",))
no_derivative(internal("stop_gradient", "a", _same, text="a", returns="view"), because="asked for")
CALLABLES[stop_gradient] = ("stop_gradient", "")
for _name, _text in (("is_none", "a is None"), ("is_set", "a is not None")):
    no_derivative(internal(_name, "a", _truth, text=_text), because="it is a test")

internal("item", "a", _item, text="a.item()", cases=("z.item()",))
internal("float", "a", _converted("float64"), text="float(a)", cases=("float(x)",))
internal("complex", "a", _converted("complex128"), text="complex(a)", cases=("abs(complex(x))",))
internal("complex_of", "a, b", _of_parts, text="complex(a, b)", cases=("abs(complex(x, y) ** 2)",))
# A NumPy number of a number or an array of rank 0.
internal("number", "a", _number, static=("dtype",), cases=("np.float64(x)", "np.float64(x) * y"))
no_derivative(
    internal("int", "a", _converted("int64"), text="int(a)", cases=("int(y) * x",)),
    because="it is a step",
)
no_derivative(internal("bool", "a", _converted("bool"), text="bool(a)", cases=("bool(x) * y",)))
no_derivative(
    internal("round", "a", _converted("int64"), text="round(a)", cases=("round(x) * y",)),
    because="it is a step",
)
no_derivative(
    internal("round_to", "a", _same, static=("ndigits",), cases=("round(x, 1) * y",)),
    because="it is a step",
)
internal("py_max", "a, b", _extremum, text="max(a, b)", cases=("max(x, y)", "max(y, x)"))
internal("py_min", "a, b", _extremum, text="min(a, b)", cases=("min(x, y)", "min(y, x)"))
no_derivative(internal("not", "a", _truth, text="not a", cases=("(not x > y) * x",)))
no_derivative(
    internal(
        "and", "a, b", _truth, text="a and b", cases=("(x > y and y > 0) * x", "(0 < x < y) * x")
    )
)
no_derivative(internal("or", "a, b", _truth, text="a or b", cases=("(x > y or y > 0) * x",)))


@pullback("b = a", wrt="a", name="alias")
def alias_a(db: Any) -> Any:
    return db


@pullback("b = a", wrt="a", name="float")
def float_a(db: Any) -> Any:
    return db


@pullback("b = a", wrt="a", name="complex")
def complex_a(db: Any) -> Any:
    return db


@pullback("c = complex(a, b)", wrt="a", name="complex_of")
def complex_of_a(dc: Any) -> Any:
    return dc


@pullback("c = complex(a, b)", wrt="b", name="complex_of")
def complex_of_b(dc: Any, b: Any) -> Any:
    return 1j * dc if np.iscomplexobj(b) else -dc.imag


@pullback("b = a", wrt="a", name="number")
def number_a(db: Any) -> Any:
    return db


@pullback("b = a", wrt="a", name="item")
def item_a(db: Any) -> Any:
    return db


@pullback("c = max", wrt="a", name="py_max")
def py_max_a(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, a > b, a == b)


@pullback("c = max", wrt="b", name="py_max")
def py_max_b(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, b > a, a == b)


@pullback("c = min", wrt="a", name="py_min")
def py_min_a(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, a < b, a == b)


@pullback("c = min", wrt="b", name="py_min")
def py_min_b(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, b < a, a == b)


# -- steps of the backward pass ----------------------------------------------------------------


def _cast(call: OpCall) -> Type:
    type_ = call.types[0]
    if isinstance(type_, Array):
        return Array(call["dtype"], type_.dims)
    return Scalar(call["dtype"])


def _reduced(call: OpCall) -> Type:
    return with_dims(call.types[0].dtype, call["dims"])


def _filled(call: OpCall) -> Type:
    return Array(call["dtype"] or "float64", call["dims"])


STEP_OF_BACKWARD = "it is a step of a backward pass, which is not differentiated again so far"


def _step(name: str, operands: str, infer: Any, **options: Any) -> None:
    not_written(internal(name, operands, infer, **options), because=STEP_OF_BACKWARD)


# `base + d`, where gradients of one value add up.
_step("accumulate", "base, d", _same, returns="inplace")
_step("cast", "a", _cast, static=("dtype",))
_step("own", "a", _same, text="a.copy()")
# Sums `a` over the axes that broadcasting added or stretched, found out at run time.
_step("sum_to", "a", _reduced, static=("dims",))
_step("filled", "value", _filled, static=("dims", "dtype"))
# An array of rank 0 of a number.
_step("rank0", "a", _filled, static=("dims", "dtype"))


def _product(call: OpCall) -> Type:
    infer: Any = OPS["mul"].infer
    type_: Type = infer(OpCall(call.types, {}, ""))
    return type_


# `(local) * upstream`, for teaching.
_step("chain", "local, upstream", _product)


# -- sizes -------------------------------------------------------------------------------------


def _size(call: OpCall) -> Type:
    return Scalar("int64", weak=True)


# The number of elements, and the length of an axis.
no_derivative(internal("array_size", "a", _size, text="a.size", cases=("A.size * x",)))
no_derivative(internal("shape", "a", _size, static=("axis",), cases=("A.shape[0] * x",)))


# -- in forward mode ---------------------------------------------------------------------------

linear(("alias", "item", "float", "complex", "number", "cast", "own", "sum_to", "filled", "rank0"))
linear("complex_of", together=True)
linear("accumulate", together=True)
linear("chain")
same_text("py_max", "py_min")

complex_too(
    "alias", "stop_gradient", "is_none", "is_set", "item", "float", "int", "complex", "complex_of",
    "number", "bool", "not", "and", "or", "accumulate", "cast", "own", "sum_to", "filled", "rank0",
    "chain", "array_size", "shape",
)  # fmt: skip
