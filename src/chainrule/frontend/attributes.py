"""Attribute access: modules, arrays, NamedTuples and dataclasses."""

from __future__ import annotations

import ast
import operator
from functools import reduce
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import PrimalRaises
from ..ir.program import Const, Var
from ..ir.types import Scalar
from ..rules.builder import const
from ..rules.registry import METHODS
from ..rules.shapes import size_of
from . import expressions
from .source import MISSING
from .unit import is_number
from .values import Method, Size, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_CONSTANT_MODULES: Final = ("math", "numpy", "scipy")


def attribute(lo: Lowerer, node: ast.Attribute) -> Value:
    """`value.attr`."""
    value = lo.expr(node.value)
    if isinstance(value, Static):
        return _static_attribute(lo, value.obj, node)
    if isinstance(value, Struct):
        return _field(lo, value, node)
    if isinstance(value, Var | Const) and (lo.trusted or not _is_python(value)):
        return _array_attribute(lo, value, node)
    if isinstance(value, Var | Const) and node.attr == "real":
        return value
    lo.refuse("CR015", f"attribute {node.attr} of {expressions.describe(value)}", node)


def _is_python(value: Var | Const) -> bool:
    return isinstance(value.type, Scalar) and value.type.weak


def _static_attribute(lo: Lowerer, obj: Any, node: ast.Attribute) -> Value:
    if isinstance(obj, np.dtype | np.finfo | np.iinfo) or isinstance(obj, type):
        return _known(lo, getattr(obj, node.attr, MISSING), node)
    if not isinstance(obj, ModuleType):
        lo.refuse(
            "CR015",
            f"attribute {node.attr} of {expressions.describe(Static(obj))} is not supported yet",
            node,
            "pass the value as an argument",
        )
    found = getattr(obj, node.attr, MISSING)
    if obj.__name__.split(".")[0] in _CONSTANT_MODULES or lo.trusted:
        return _known(lo, found, node)
    if found is not MISSING and is_number(found):
        return lo.unit.captured(lo, vars(obj), node.attr, found)
    if found is not MISSING:
        lo.unit.depend(vars(obj), node.attr, found, captured=False)
    return _known(lo, found, node)


def _known(lo: Lowerer, found: Any, node: ast.Attribute) -> Value:
    if found is MISSING:
        raise PrimalRaises(f"no attribute {node.attr}", lo.span(node))
    if isinstance(found, bool | int | float | np.number):
        return const(found, expressions.segment(lo, node))
    return lo.wrap(found, node)


def _field(lo: Lowerer, value: Struct, node: ast.Attribute) -> Value:
    if value.keys is not None and value.cls is not dict:
        try:
            return value.get(node.attr)
        except KeyError:
            lo.refuse("CR015", f"{node.attr} is no field of {value.cls.__name__}", node)
    return Method(value, node.attr)


def _array_attribute(lo: Lowerer, value: Var | Const, node: ast.Attribute) -> Value:
    dims = value.type.dims
    match node.attr:
        case "shape":
            return Struct(tuple, tuple(_size(d) for d in dims))
        case "ndim":
            return const(len(dims))
        case "size":
            return _size(size_of(dims))
        case "dtype":
            return Static(np.dtype(value.type.dtype))
        case "itemsize":
            return const(np.dtype(value.type.dtype).itemsize)
        case "nbytes":
            return _size(size_of(dims) * np.dtype(value.type.dtype).itemsize)
        case "T":
            return lo.builder.one("T", [value]) if len(dims) > 1 else value
        case "mT":
            return lo.builder.one("matrix_transpose", [value], via="np")
        case "real":
            return value
        case "flat" | "data" | "base" | "strides" | "imag" | "ctypes":
            lo.refuse("CR015", f"the attribute {node.attr} of an array is not supported yet", node)
    if node.attr in METHODS or node.attr in ("item", "tolist", "fill", "put", "itemset", "resize"):
        return Method(value, node.attr)
    if not hasattr(np.ndarray, node.attr):
        raise PrimalRaises(f"an array has no attribute {node.attr}", lo.span(node))
    lo.refuse("CR015", f"the attribute {node.attr} of an array is not supported yet", node)


def _size(dim: Any) -> Value:
    return Size(dim) if dim.known is None else const(dim.known)


def product(values: list[int]) -> int:
    """The product of integers."""
    return reduce(operator.mul, values, 1)
