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
from ..ir.types import Array, Scalar
from ..rules.builder import const
from ..rules.registry import METHODS
from ..rules.shapes import size_of
from . import (
    distributions,
    growing,
    objects,
    operators,
    random_numbers,
    strings,
    ufunc_methods,
)
from .describing import describe
from .source import MISSING
from .values import Method, Size, Static, Struct, Super, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_CONSTANT_MODULES: Final = ("math", "cmath", "numpy", "scipy")


# Methods that are read as the function of the same name.
AS_FUNCTIONS: Final = ("clip", "take", "compress", "choose", "repeat", "nonzero", "argpartition")


def attribute(lo: Lowerer, node: ast.Attribute) -> Value:
    """`value.attr`."""
    return attribute_of(lo, lo.expr(node.value), lo.source.private(node.attr), node)


def attribute_of(lo: Lowerer, value: Value, name: str, node: ast.AST) -> Value:
    """The attribute of an abstract value."""
    if strings.is_text(value) or random_numbers.is_generator(value):
        return Method(value, name)
    if isinstance(value, Static):
        return _static_attribute(lo, value.obj, name, node)
    if isinstance(value, Super):
        return objects.after(lo, value, name, node)
    if isinstance(value, Struct):
        return _field(lo, value, name, node)
    if growing.is_list(value):
        return Method(value, name)
    if isinstance(value, Var | Const) and (lo.trusted or not _is_python(value)):
        return _array_attribute(lo, value, name, node)
    if isinstance(value, Var | Const) and name in ("real", "imag"):
        return _part(lo, value, name)
    if isinstance(value, Var | Const) and name == "conjugate":
        return Method(value, name)
    if isinstance(value, Var | Const | Size) and not hasattr(0.0, name) and not hasattr(0, name):
        raise PrimalRaises(f"a number has no attribute {name}", lo.span(node))
    what = describe(value)
    lo.refuse("CR015", f"the attribute {name} of {what} is not supported yet", node)


def has(value: Value, name: str) -> bool:
    """`hasattr(value, name)`."""
    if isinstance(value, Static):
        return hasattr(value.obj, name)
    if isinstance(value, Struct):
        return name in value.keys if value.keys and not value.is_dict else hasattr(value.cls, name)
    if isinstance(value, Var | Const):
        scalar = np.dtype(value.type.dtype).type(0)
        example = scalar.item() if _is_python(value) else scalar
        return hasattr(np.zeros(()) if isinstance(value.type, Array) else example, name)
    return hasattr(0, name) if isinstance(value, Size) else False


def _is_python(value: Var | Const) -> bool:
    return isinstance(value.type, Scalar) and value.type.weak


def _static_attribute(lo: Lowerer, obj: Any, name: str, node: ast.AST) -> Value:
    found = getattr(obj, name, MISSING)
    if isinstance(obj, np.ufunc) and name in ufunc_methods.NAMES:
        return Method(Static(obj), name)
    if isinstance(obj, np.dtype | np.finfo | np.iinfo) or lo.trusted:
        return _known(lo, found, name, node)
    if isinstance(obj, ModuleType | type):
        home = obj.__name__ if isinstance(obj, ModuleType) else obj.__module__
        if home.split(".")[0] in (*_CONSTANT_MODULES, "builtins"):
            return _known(lo, found, name, node)
        return read_from(lo, lo.unit.attributes_of(obj), name, found, node)
    if distributions.is_distribution(obj) or distributions.is_frozen(obj):
        return Method(Static(obj), name)
    if objects.is_users(type(obj)):
        return objects.attribute(lo, obj, name, node)
    lo.refuse(
        "CR015",
        f"the attribute {name} of {describe(Static(obj))} is not supported yet",
        node,
        "pass the value as an argument",
    )


def read_from(lo: Lowerer, owner: Any, name: str, found: Any, node: ast.AST) -> Value:
    """What a module or class has under a name: a number is read at each call."""
    if found is MISSING:
        raise PrimalRaises(f"no attribute {name}", lo.span(node))
    return objects.outside(lo, owner, name, found, node)


def _known(lo: Lowerer, found: Any, name: str, node: ast.AST) -> Value:
    if found is MISSING:
        raise PrimalRaises(f"no attribute {name}", lo.span(node))
    if isinstance(found, bool | int | float | complex | np.number):
        text = operators.segment(lo, node) if isinstance(node, ast.Attribute) else None
        return const(found, text)
    return lo.wrap(found, node)


def _field(lo: Lowerer, value: Struct, name: str, node: ast.AST) -> Value:
    if value.cls is distributions.FrozenDistribution:
        return Method(value, name)
    if value.keys is not None and not value.is_dict:
        if name in value.keys:
            return value.get(name)
        if name in ("_replace", "_asdict") and issubclass(value.cls, tuple):
            return Method(value, name)
        return objects.member_of_struct(lo, value, name, node)
    return Method(value, name)


def _array_attribute(lo: Lowerer, value: Var | Const, name: str, node: ast.AST) -> Value:
    dims = value.type.dims
    match name:
        case "shape":
            return Struct(tuple, tuple(size(d) for d in dims))
        case "ndim":
            return const(len(dims))
        case "size":
            return size(size_of(dims))
        case "dtype":
            return Static(np.dtype(value.type.dtype))
        case "itemsize":
            return const(np.dtype(value.type.dtype).itemsize)
        case "nbytes":
            return size(size_of(dims) * np.dtype(value.type.dtype).itemsize)
        case "T":
            return lo.builder.one("T", [value]) if len(dims) > 1 else value
        case "mT":
            return lo.builder.one("matrix_transpose", [value], via="np")
        case "real" | "imag":
            return _part(lo, value, name)
        case "flat" if not lo.trusted:
            static = {"shape": (-1,), "order": "C", "copy": None, "flat": True}
            return lo.builder.one("reshape", [value], static)
        case "data" | "base" | "strides" | "ctypes":
            lo.refuse("CR015", f"the attribute {name} of an array is not supported yet", node)
    if (
        name in METHODS
        or name in AS_FUNCTIONS
        or name in ("item", "tolist", "fill", "sort", "put", "itemset", "resize")
    ):
        return Method(value, name)
    if not hasattr(np.ndarray, name):
        raise PrimalRaises(f"an array has no attribute {name}", lo.span(node))
    lo.refuse("CR015", f"the attribute {name} of an array is not supported yet", node)


def _part(lo: Lowerer, value: Var | Const, name: str) -> Value:
    """`z.real`, `z.imag`; that of a constant is known."""
    if isinstance(value, Const):
        return const(getattr(value.value, name))
    if name == "real" and np.dtype(value.type.dtype).kind != "c":
        return value
    return lo.builder.one(name, [value])


def size(dim: Any) -> Value:
    """A size as an abstract integer."""
    return Size(dim) if dim.known is None else const(dim.known)


def product(values: list[int]) -> int:
    """The product of integers."""
    return reduce(operator.mul, values, 1)
