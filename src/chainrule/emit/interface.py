"""How an emitted function meets its callers: parameters, docstring with shapes, checks, results."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ..frontend.signature import Fixed, Leaf, Node, Parameters, Spec, child_path
from ..frontend.source import unwrap
from ..frontend.values import Closure, Method, Size, Static, Struct, Text, Value
from ..ir.dims import Dim, Sym
from ..ir.program import Const, Var
from ..ir.types import Array, List, Scalar, Type, is_inexact, short_dtype
from .text import literal

_LETTERS: Final = "nmkpqrstuvwdabcefghijl"

CHECK: Final = '''def check(name, value, wanted):
    """Raise TypeError unless an argument has the kind and the rank that this was written for.

    In `wanted`, such as "f64[n,1]", a number is the length of its axis; a letter, any from 2.
    """
    kind, is_array, sizes = wanted.rstrip("]").partition("[")
    lengths = sizes.split(",") if sizes else []
    given = np.asarray(value)
    kinds = kind[0] if is_array else {"f": "fiu", "i": "iu"}.get(kind[0], kind[0])
    fits = given.dtype.kind in kinds and given.ndim == len(lengths)
    if is_array:
        fits = fits and type(value) is np.ndarray
    for size, length in zip(given.shape, lengths):
        fits = fits and (size == int(length) if length.isdigit() else size > 1)
    if not fits:
        what = f"{type(value).__name__} of {given.dtype}{list(given.shape)}"
        raise TypeError(f"{name}: this was written for {wanted}, not for {what}")
'''

CHECK_NUMBER: Final = '''def check(name, value, kind):
    """Raise TypeError unless an argument is a number of the kind that this was written for."""
    if not isinstance(value, (kind, int)):
        what = type(value).__name__
        raise TypeError(f"{name}: this was written for {kind.__name__}, not for {what}")
'''


def parameter_texts(parameters: Parameters, fun: Any) -> list[str]:
    """The parameters of the user's function; fixed ones keep their value as the default."""
    texts: list[str] = []
    defaults = False
    for name, spec in parameters.specs.items():
        if isinstance(spec, Fixed) and _printable(spec.value):
            texts.append(f"{name}={literal(spec.value)}")
            defaults = True
        else:
            parameter = inspect.signature(unwrap(fun)).parameters.get(name)
            default = parameter.default if parameter is not None else inspect.Parameter.empty
            if defaults:
                texts.append(f"{name}={literal(default) if _printable(default) else None}")
            else:
                texts.append(name)
    return texts


def _printable(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | complex | str)


# -- shapes --------------------------------------------------------------------------------------


def size_names(parameters: Parameters, types: Sequence[Type] = ()) -> dict[Sym, str]:
    """A name for each size of the parameters and other types: the user's, else a letter."""
    own = {size for spec in parameters.specs.values() for size in _own_sizes(spec)}
    own |= {v.hint for v in parameters.variables if v.type.dtype.startswith(("int", "uint"))}
    letters = (x for x in _LETTERS if x not in own and x not in parameters.specs)
    names: dict[Sym, str] = {}
    for type_ in [v.type for v in parameters.variables] + list(types):
        for dim in type_.dims:
            for sym in dim.terms:
                if sym not in names:
                    names[sym] = sym.name if sym.name in own else next(letters, sym.name)
    return names


def _own_sizes(spec: Spec) -> Iterator[str]:
    """The names that the user gave to sizes."""
    if isinstance(spec, Node):
        for item in spec.items:
            yield from _own_sizes(item)
    elif isinstance(spec, Leaf):
        yield from (s for s in spec.sizes or () if isinstance(s, str) and s)


def type_text(type_: Type, names: Mapping[Sym, str]) -> str:
    """`f64[h,d]`, or `float` for a Python number."""
    if isinstance(type_, List):
        return f"list of {type_text(type_.element or Scalar('float64', True), names)}"
    if not isinstance(type_, Array):
        python = {"float64": "float", "int64": "int", "bool": "bool", "complex128": "complex"}
        return python.get(type_.dtype, type_.dtype) if type_.weak else short_dtype(type_.dtype)
    return f"{short_dtype(type_.dtype)}[{','.join(_size_text(d, names) for d in type_.dims)}]"


def _size_text(dim: Dim, names: Mapping[Sym, str]) -> str:
    """`n`, `2*n-1`, `3`."""
    text = ""
    for sym, count in dim.terms.items():
        sign = "-" if count < 0 else "+" if text else ""
        text += f"{sign}{'' if abs(count) == 1 else f'{abs(count)}*'}{names.get(sym, sym.name)}"
    return f"{text}{dim.const:+d}" if text and dim.const else text or str(dim.const)


def signature_lines(parameters: Parameters, names: Mapping[Sym, str] | None = None) -> list[str]:
    """`W: f64[h,d]`, one per parameter leaf, for docstrings."""
    shown = size_names(parameters) if names is None else names
    lines = [f"{parameters.paths[v]}: {type_text(v.type, shown)}" for v in parameters.variables]
    fixed = [
        f"{name} = {_fixed_text(spec.value)}"
        for name, spec in parameters.specs.items()
        if isinstance(spec, Fixed)
    ]
    return [*lines, *fixed]


def _fixed_text(value: Any) -> str:
    """A value that the program is bound to; for an object its name, which is always the same."""
    if _printable(value):
        return literal(value)
    name = getattr(value, "__qualname__", None)
    return name if isinstance(name, str) else f"a {type(value).__name__}"


def numbers_only(parameters: Parameters) -> bool:
    """Are all arguments plain Python numbers?"""
    return all(isinstance(v.type, Scalar) and v.type.weak for v in parameters.variables)


def check_lines(parameters: Parameters, names: Mapping[Sym, str], check: str) -> list[str]:
    """Checks of kind, rank and lengths on entry of a standalone function, see `CHECK`."""
    lines = [
        _check_line(check, parameters, parameters.paths[var], var.type, names)
        for var in parameters.variables
    ]
    for name, spec in parameters.specs.items():
        if isinstance(spec, Fixed) and _printable(spec.value):
            value = literal(spec.value)
            lines.append(f"if {name} {'is not' if spec.value is None else '!='} {value}:")
            what = repr(spec.value).replace("{", "{{").replace("}", "}}")
            text = literal(f"{name}: this was written for {what}, not for {{{name}!r}}")
            lines.append(f"    raise TypeError(f{text})")
    return lines


def _check_line(
    check: str, parameters: Parameters, path: str, type_: Type, names: Mapping[Sym, str]
) -> str:
    wanted = literal(type_text(type_, names))
    if numbers_only(parameters):  # then the check takes a Python type
        wanted = "float" if np.dtype(type_.dtype).kind == "f" else type_text(type_, names)
    return f"{check}({literal(path)}, {path}, {wanted})"


def cotangent_lines(
    parameters: Parameters, result: Value, seed: str, names: Mapping[Sym, str], check: str
) -> list[str]:
    """Checks of the gradient of the value, on entry of a backward function.

    A size that may turn out to be 1 cannot be checked. A Python float would not widen a float32.
    """
    lines: list[str] = []
    narrow = any(np.dtype(v.type.dtype).itemsize < 8 for v in parameters.variables)
    for path, leaf in result_leaves(result, seed):
        if isinstance(leaf.type, List) or not is_inexact(leaf.type):
            continue
        if numbers_only(parameters) and leaf.type.dims:
            continue
        if all(dim.known is not None or not dim.maybe_one for dim in leaf.type.dims):
            lines.append(_check_line(check, parameters, path, leaf.type, names))
        strong = isinstance(leaf.type, Scalar) and not leaf.type.weak
        if strong and narrow and path == seed:
            lines.append(f"{seed} = np.{leaf.type.dtype}({seed})")
    return lines


# -- results -------------------------------------------------------------------------------------


def result_leaves(value: Value, path: str) -> Iterator[tuple[str, Var | Const]]:
    """The numbers and arrays of a result, each with its path: `value[0]`, `value["loss"]`."""
    if isinstance(value, Struct):
        keys = value.keys if value.keys is not None else range(len(value.items))
        for key, item in zip(keys, value.items, strict=True):
            yield from result_leaves(item, child_path(path, value.cls, key))
    elif isinstance(value, Var) or (isinstance(value, Const) and not isinstance(value.value, bool)):
        yield path, value


def result_classes(value: Value) -> dict[str, type]:
    """The classes that `value_text` names."""
    if not isinstance(value, Struct):
        return {}
    found = {name: cls for item in value.items for name, cls in result_classes(item).items()}
    named = value.keys is not None and not issubclass(value.cls, dict)
    return found | {value.cls.__name__: value.cls} if named else found


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
    if not _has_leaf(spec):
        return path
    names = spec.keys if spec.keys is not None else range(len(spec.items))
    items = [
        gradient_text(item, child_path(path, spec.cls, key), texts)
        for key, item in zip(names, spec.items, strict=True)
    ]
    return _container(spec.cls, spec.keys, items, f"type({path})")


def _has_leaf(spec: Spec) -> bool:
    """Is there a number or an array in it?"""
    return isinstance(spec, Leaf) or (isinstance(spec, Node) and any(map(_has_leaf, spec.items)))


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
    parameters: Parameters,
    result: Value,
    count: int,
    wrt: Sequence[str],
    *,
    single: bool,
    value: bool,
) -> Callable[[Sequence[str]], str]:
    """`value, (dx, dy)` from the texts of all results."""

    def returns(texts: Sequence[str]) -> str:
        gradients = gradients_text(parameters, wrt, texts[count:], single=single)
        if not value:
            return gradients
        return f"{value_text(result, iter(texts[:count]))}, {gradients}"

    return returns
