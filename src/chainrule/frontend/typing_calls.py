"""Questions about types and shapes, which are known before the program runs."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import PrimalRaises
from ..ir.dims import Dim
from ..ir.program import Const, Var
from ..ir.types import Scalar
from ..rules.builder import const
from ..rules.registry import InferError
from ..rules.shapes import broadcast_dims
from . import attributes, operands, statics
from .values import Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

Handler = Callable[["Lowerer", "list[Value]", "dict[str, Value]", ast.AST], Value]


def _example(lo: Lowerer, value: Value, node: ast.AST) -> Any:
    """What NumPy is asked about: the dtype of an array, a Python number for a Python number."""
    if isinstance(value, Var | Const):
        dtype = np.dtype(value.type.dtype)
        weak = isinstance(value.type, Scalar) and value.type.weak
        return dtype.type(0).item() if weak else dtype
    return statics.static_value(lo, value, node)


def _asked(fun: Callable[..., Any]) -> Handler:
    """A function of types, answered by NumPy itself."""

    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        known = [_example(lo, a, node) for a in args]
        options = {k: statics.static_value(lo, v, node) for k, v in kwargs.items()}
        try:
            return lo.wrap(fun(*known, **options), node)
        except (TypeError, ValueError) as error:
            raise PrimalRaises(str(error), lo.span(node)) from None

    return handler


def _is_scalar(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    (value,) = args
    if isinstance(value, Var | Const):
        return const(isinstance(value.type, Scalar))
    return const(isinstance(value, Static) and np.isscalar(value.obj))


def _iterable(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    (value,) = args
    if isinstance(value, Var | Const):
        return const(bool(value.type.dims))
    return const(isinstance(value, Struct) or np.iterable(getattr(value, "obj", None)))


def _shapes(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`np.broadcast_shapes`."""

    def dims(shape: Value) -> tuple[Dim, ...]:
        items = (
            [shape] if statics.int_dim_of(shape) is not None else operands.iterate(lo, shape, node)
        )
        found = [statics.int_dim_of(item) for item in items]
        if any(d is None for d in found):
            raise PrimalRaises("a shape of integers", lo.span(node))
        return tuple(d for d in found if d is not None)

    try:
        joint = broadcast_dims([dims(a) for a in args])
    except InferError as error:
        raise PrimalRaises(str(error), lo.span(node)) from None
    return Struct(tuple, tuple(attributes.size(d) for d in joint))


HANDLERS: Final[dict[Any, Handler]] = {
    np.isscalar: _is_scalar,
    np.iterable: _iterable,
    np.broadcast_shapes: _shapes,
    **{
        fun: _asked(fun)
        for fun in (
            np.can_cast, np.common_type, np.isdtype, np.issubdtype, np.min_scalar_type,
            np.promote_types, np.result_type,
        )
    },
}  # fmt: skip
