"""Signatures: what a function is specialised to, from example values, annotations or text.

A signature has a `Leaf` for every number and array (kind, dtype, rank, which axes have length 1), a
`Fixed` for what is known when specialising, and `Node`s for containers. Two calls whose values have
equal signatures share one specialisation.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..errors import SignatureError
from ..ir.dims import Dim, Sym
from ..ir.program import Var
from ..ir.types import Array, Scalar, python_scalar
from ..rules.builder import const
from .values import Static, Struct, Value


@final
@dataclass(frozen=True)
class Leaf:
    """A number (`sizes` is None) or an array.

    A size is a name, "" for any from 2, an int, or None for any length at all.
    """

    dtype: str
    weak: bool = False
    sizes: tuple[str | int | None, ...] | None = None


@final
@dataclass(frozen=True)
class Fixed:
    """A value that the specialisation is bound to."""

    value: Any


@final
@dataclass(frozen=True)
class Node:
    """A container: its class, dict keys or field names, and what is in it."""

    cls: type
    keys: tuple[Any, ...] | None
    items: tuple[Spec, ...]


Spec = Leaf | Fixed | Node


def fields_of(value: Any) -> tuple[tuple[Any, ...] | None, tuple[Any, ...]] | None:
    """Keys and items of a container, None for anything else."""
    if isinstance(value, dict):
        return tuple(value), tuple(value.values())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return tuple(value._fields), tuple(value)
    if isinstance(value, tuple | list):
        return None, tuple(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = tuple(f.name for f in dataclasses.fields(value))
        return names, tuple(getattr(value, n) for n in names)
    return None


def spec_of(
    value: Any, where: str, fixed: Mapping[tuple[str, int | None], bool] | None = None
) -> Spec:
    """The signature of an example value; `where` is its path, for messages.

    `fixed` has the paths whose value, or the size of whose axis, has to be known.
    """
    fixed = fixed or {}
    if value is None or isinstance(value, str | bytes | bool | np.bool_):
        if isinstance(value, bool) and (where, None) not in fixed:
            return Leaf("bool", weak=True)
        return Fixed(value)
    if isinstance(value, int | float | complex) and not isinstance(value, np.generic):
        if (where, None) in fixed:
            return Fixed(value)
        return Leaf(python_scalar(value).dtype, weak=True)
    if isinstance(value, np.generic):
        if isinstance(value, np.integer) and (where, None) in fixed:
            return Fixed(value)
        return Leaf(_supported(value.dtype, where))
    if isinstance(value, np.ndarray):
        if type(value) is not np.ndarray:
            raise SignatureError(
                f"{where}: {type(value).__name__} values are not supported: pass a plain array"
            )
        sizes = tuple(
            n if n < 2 or (where, axis) in fixed else "" for axis, n in enumerate(value.shape)
        )
        return Leaf(_supported(value.dtype, where), sizes=sizes)
    parts = fields_of(value)
    if parts is not None:
        keys, items = parts
        names = keys if keys is not None else range(len(items))
        paths = [child_path(where, type(value), k) for k in names]
        specs = (spec_of(v, p, fixed) for v, p in zip(items, paths, strict=True))
        return Node(type(value), keys, tuple(specs))
    return Fixed(value)


def child_path(where: str, cls: type, key: Any) -> str:
    """The text of one item of a container: `params["W"]`, `xs[0]`, `model.w`."""
    by_name = not issubclass(cls, dict) and isinstance(key, str)
    return f"{where}.{key}" if by_name else f"{where}[{_quoted(key)}]"


def _quoted(key: Any) -> str:
    return f'"{key}"' if isinstance(key, str) and '"' not in key else repr(key)


def _supported(dtype: np.dtype[Any], where: str) -> str:
    if dtype.kind not in "biufc" or dtype.itemsize > (16 if dtype.kind == "c" else 8):
        raise SignatureError(f"{where}: {dtype} values are not supported")
    if not dtype.isnative:
        raise SignatureError(f"{where}: arrays in foreign byte order are not supported")
    return str(dtype.name)


def to_float(value: Any) -> Any:
    """A differentiated argument with Python ints turned into floats."""
    if type(value) is int:
        return float(value)
    if isinstance(value, dict):
        return {k: to_float(v) for k, v in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(to_float, value))
    if isinstance(value, tuple | list):
        return type(value)(map(to_float, value))
    return value


# -- from text -----------------------------------------------------------------------------------

_DTYPES = {"f64": "float64", "f32": "float32", "f16": "float16", "i64": "int64", "i32": "int32",
           "c128": "complex128", "c64": "complex64", "bool": "bool", "float": "float64",
           "int": "int64", "complex": "complex128"}  # fmt: skip


def parse_signature(text: str) -> dict[str, Spec]:
    """Parse `W: f64[h,d], x: f64[d], n: int`.

    >>> parse_signature("W: f64[h,d], x: float")["W"]
    Leaf(dtype='float64', weak=False, sizes=('h', 'd'))
    """
    try:
        arguments = ast.parse(f"def f({text}): pass").body[0]
        assert isinstance(arguments, ast.FunctionDef)
        return {a.arg: parse_type(a.annotation) for a in arguments.args.args}
    except (SyntaxError, AssertionError):
        raise SignatureError(
            f"cannot read the signature {text!r}: write W: f64[h,d], x: f64"
        ) from None


def parse_type(node: ast.expr | None) -> Spec:
    """The leaf that `f64[h,d]`, `f32[]`, `float` or `int` stands for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return parse_type(ast.parse(node.value, mode="eval").body)
    if isinstance(node, ast.Name) and node.id in _DTYPES:
        python = node.id in ("float", "int", "complex", "bool", "f64", "i64", "c128")
        return Leaf(_DTYPES[node.id], weak=python)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        dtype = _DTYPES.get(node.value.id)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        sizes = tuple(p.id if isinstance(p, ast.Name) else getattr(p, "value", None) for p in parts)
        if dtype is not None and all(isinstance(s, str | int) for s in sizes):
            return Leaf(dtype, sizes=sizes)
    shown = "nothing" if node is None else ast.unparse(node)
    raise SignatureError(f"cannot read the type {shown}: write f64, f64[n], f32[n,3], int")


def annotated(fun: Callable[..., Any]) -> dict[str, Spec]:
    """The signature that a function's annotations give; SignatureError when they do not."""
    specs: dict[str, Spec] = {}
    for name, parameter in inspect.signature(fun).parameters.items():
        note = parameter.annotation
        if note is inspect.Parameter.empty:
            raise SignatureError(f"{name} has no annotation: give example values or a signature")
        text = note if isinstance(note, str) else getattr(note, "__name__", repr(note))
        specs[name] = parse_type(ast.parse(text.strip("'\""), mode="eval").body)
    return specs


# -- parameters ----------------------------------------------------------------------------------


@final
@dataclass(frozen=True)
class Parameters:
    """The parameters of a root function: abstract values by name, and a variable per leaf.

    `paths` are the texts by which emitted code reads each variable.
    """

    values: dict[str, Value]
    variables: tuple[Var, ...]
    paths: dict[Var, str]
    specs: dict[str, Spec]


def make_parameters(specs: Mapping[str, Spec]) -> Parameters:
    """Variables and sizes for a signature; equal names of sizes are one size."""
    maker = _Maker()
    values = {name: maker.value(spec, name, name) for name, spec in specs.items()}
    return Parameters(values, tuple(maker.paths), maker.paths, dict(specs))


class _Maker:
    def __init__(self) -> None:
        self.paths: dict[Var, str] = {}
        self.syms: dict[str, Sym] = {}
        self.hints: set[str] = set()

    def value(self, spec: Spec, path: str, hint: str) -> Value:
        if isinstance(spec, Fixed):
            return fixed_value(spec.value)
        if isinstance(spec, Node):
            names = spec.keys if spec.keys is not None else range(len(spec.items))
            items = tuple(
                self.value(item, child_path(path, spec.cls, key), self._hint(hint, key))
                for key, item in zip(names, spec.items, strict=True)
            )
            return Struct(spec.cls, items, spec.keys)
        var = Var(hint, Scalar(spec.dtype, spec.weak), user=hint == path)
        self.hints.add(hint)
        self.paths[var] = path
        if spec.sizes is not None:
            dims = tuple(self._dim(s, var, axis) for axis, s in enumerate(spec.sizes))
            var.type = Array(spec.dtype, dims)
        elif np.dtype(spec.dtype).kind in "iu":
            sym = Sym(hint, (var, None), single=True)
            var.type = Scalar(spec.dtype, spec.weak, Dim.of(sym))
        return var

    def _hint(self, parent: str, key: Any) -> str:
        if isinstance(key, str) and key.isidentifier() and key not in self.hints:
            return key
        return f"{parent}_{key}"

    def _dim(self, size: str | int | None, var: Var, axis: int) -> Dim:
        if isinstance(size, int):
            return Dim(size)
        if size is None:
            return Dim.of(Sym(f"{var.hint}_{axis}", (var, axis), single=True))
        if size and size in self.syms:
            return Dim.of(self.syms[size])
        sym = Sym(size or f"{var.hint}_{axis}", (var, axis), single=False)
        if size:
            self.syms[size] = sym
        return Dim.of(sym)


def fixed_value(obj: Any) -> Value:
    """A fixed argument as an abstract value."""
    if isinstance(obj, bool | int | float | complex | np.integer):
        return const(obj)
    return Static(obj)
