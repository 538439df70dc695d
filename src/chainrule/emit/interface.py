"""How an emitted function meets its callers: parameters, docstring with shapes, checks, results."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..frontend.signature import Fixed, Leaf, Node, Parameters, Spec, child_path
from ..frontend.source import unwrap
from ..frontend.values import Closure, Method, Size, Static, Struct, Text, Value
from ..ir.dims import Sym
from ..ir.program import Const, Var
from ..ir.types import Array, Type, short_dtype

_LETTERS = "nmkpqrstuvwdabcefghijl"

CHECK = '''def check(name, value, kind, rank):
    """Refuse an argument of another kind or rank than the function was written for."""
    array = np.asarray(value)
    if array.ndim != rank or array.dtype.kind not in kind:
        raise TypeError(f"{name}: expected rank {rank} and kind {kind}, got {array.dtype}[{array.ndim}d]")
'''


def parameter_texts(parameters: Parameters, fun: Any) -> list[str]:
    """The parameters of the user's function; fixed ones keep their value as the default."""
    texts: list[str] = []
    defaults = False
    for name, spec in parameters.specs.items():
        if isinstance(spec, Fixed) and _printable(spec.value):
            texts.append(f"{name}={spec.value!r}")
            defaults = True
        else:
            parameter = inspect.signature(unwrap(fun)).parameters.get(name)
            default = parameter.default if parameter is not None else inspect.Parameter.empty
            if defaults:
                texts.append(f"{name}={default!r}" if _printable(default) else f"{name}=None")
            else:
                texts.append(name)
    return texts


def _printable(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def size_names(types: Sequence[Type], taken: set[str]) -> dict[Sym, str]:
    """A short name for each size: the user's where the signature named it."""
    names: dict[Sym, str] = {}
    letters = (x for x in _LETTERS if x not in taken)
    for type_ in types:
        for dim in type_.dims:
            for sym in dim.terms:
                if sym not in names:
                    names[sym] = sym.name if _own_name(sym) else next(letters, sym.name)
    return names


def _own_name(sym: Sym) -> bool:
    return not any(c.isdigit() for c in sym.name) and sym.name not in ("m", "i") and "_" not in sym.name


def type_text(type_: Type, names: dict[Sym, str]) -> str:
    """`f64[h,d]`, or `float` for a Python number."""
    if not isinstance(type_, Array):
        python = {"float64": "float", "int64": "int", "bool": "bool"}
        return python.get(type_.dtype, type_.dtype) if type_.weak else short_dtype(type_.dtype)
    sizes = []
    for dim in type_.dims:
        text = repr(dim)
        for sym, name in names.items():
            if sym in dim.terms:
                text = text.replace(sym.name, name) if dim.sym is None else name
        sizes.append(text)
    return f"{short_dtype(type_.dtype)}[{','.join(sizes)}]"


def signature_lines(parameters: Parameters) -> list[str]:
    """`W: f64[h,d]`, one per parameter leaf, for docstrings."""
    names = size_names([v.type for v in parameters.variables], set(parameters.specs))
    lines = [f"{parameters.paths[v]}: {type_text(v.type, names)}" for v in parameters.variables]
    fixed = [
        f"{name} = {spec.value!r}" for name, spec in parameters.specs.items() if isinstance(spec, Fixed)
    ]
    return [*lines, *fixed]


def check_lines(parameters: Parameters) -> list[str]:
    """Checks of kind, rank and length-1 axes on entry of a standalone function."""
    lines: list[str] = []
    for var in parameters.variables:
        path = parameters.paths[var]
        kind = _kinds(var.type)
        rank = len(var.type.dims)
        ones = tuple(d.known == 1 for d in var.type.dims)
        lines.append(f'check("{_plain(path)}", {path}, "{kind}", {_ones(ones) if rank else "()"})')
    return lines


def _ones(ones: tuple[bool, ...]) -> str:
    return repr(ones)


def _plain(path: str) -> str:
    return path.replace('"', "'")


def _kinds(type_: Type) -> str:
    kind = np.dtype(type_.dtype).kind
    return "fi" if kind == "f" and not isinstance(type_, Array) else "iu" if kind in "iu" else kind


# -- results -------------------------------------------------------------------------------------


def value_text(value: Value, texts: Iterator[str]) -> str:
    """The text of the function's own result, its numbers and arrays taken from `texts`."""
    if isinstance(value, Struct):
        items = [value_text(item, texts) for item in value.items]
        return _container(value.cls, value.keys, items, value.cls.__name__)
    if isinstance(value, Const) and isinstance(value.value, bool):
        return repr(value.value)
    if isinstance(value, Var | Const | Size):
        return next(texts)
    if isinstance(value, Static):
        return repr(value.obj)
    assert not isinstance(value, Closure | Method | Text)
    return "None"


def _container(cls: type, keys: tuple[Any, ...] | None, items: list[str], make: str) -> str:
    if issubclass(cls, dict):
        pairs = (f"{_key(k)}: {v}" for k, v in zip(keys or (), items, strict=True))
        return "{" + ", ".join(pairs) + "}"
    if keys is not None:
        pairs = (f"{k}={v}" for k, v in zip(keys, items, strict=True))
        return f"{make}({', '.join(pairs)})"
    if issubclass(cls, list):
        return f"[{', '.join(items)}]"
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _key(key: Any) -> str:
    return f'"{key}"' if isinstance(key, str) and '"' not in key else repr(key)


def gradient_text(spec: Spec, path: str, texts: Iterator[str]) -> str:
    """The gradient of one argument in the shape of the argument."""
    if isinstance(spec, Leaf):
        return next(texts)
    if isinstance(spec, Fixed):
        return path
    assert isinstance(spec, Node)
    names = spec.keys if spec.keys is not None else range(len(spec.items))
    items = [
        gradient_text(item, child_path(path, spec.cls, key), texts)
        for key, item in zip(names, spec.items, strict=True)
    ]
    return _container(spec.cls, spec.keys, items, f"type({path})")


def gradients_text(
    parameters: Parameters, wrt: Sequence[str], texts: Sequence[str], *, single: bool
) -> str:
    """The gradients as one expression: bare for a single argument, else a tuple."""
    feed = iter(texts)
    parts = [gradient_text(parameters.specs[name], name, feed) for name in wrt]
    if single:
        return parts[0]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def fused_returns(
    parameters: Parameters, result: Value, count: int, wrt: Sequence[str], *, single: bool, value: bool
) -> Callable[[Sequence[str]], str]:
    """`value, (dx, dy)` from the texts of all results."""

    def returns(texts: Sequence[str]) -> str:
        gradients = gradients_text(parameters, wrt, texts[count:], single=single)
        if not value:
            return gradients
        return f"{value_text(result, iter(texts[:count]))}, {gradients}"

    return returns


