"""Calls from Numba code: signatures from Numba's types, and an implementation for each.

Numba knows the rank of an array and not its lengths, so an axis may have any length, 1 too. What is
read from outside is frozen when the calling function is compiled, as Numba does with all globals.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit, types
from numba.extending import intrinsic, overload

from ..dispatch import as_float
from ..emit.interface import result_classes
from ..emit.text import literal
from ..engines.numba_cache import load_uncached
from ..engines.numba_engine import Kernel
from ..errors import NeedStatic, PrimalRaises, SignatureError, UnsupportedError
from ..frontend.signature import Fixed, Leaf, Node, Spec, child_path, spec_of
from ..ir.types import List, Type, is_inexact
from ..pipeline import deep_recursion, specialise
from ..staging import overlap_checks
from .program import Program, build, captured_values
from .wrapper import definition

if TYPE_CHECKING:
    from .function import CompiledFunction


_ONE: Final = (
    "an array has an axis of length 0 or 1, for which this cannot be compiled inside Numba code: "
    "call it from Python"
)


def numba_dispatcher(compiled: CompiledFunction) -> Any:
    """A function compiled by Numba that stands for a compiled function in Numba code."""
    signature = inspect.signature(compiled._python.live)
    names = list(signature.parameters)
    for parameter in signature.parameters.values():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            raise TypeError(
                f"{compiled.fun.__name__} has the parameter {parameter}, which Numba code "
                "cannot pass: use plain parameters"
            )
    known = {f"_d_{n}": p.default for n, p in signature.parameters.items()}
    shown = ", ".join(
        n if p.default is p.empty else f"{n}=_d_{n}" for n, p in signature.parameters.items()
    )
    text = (
        f"def _stub({shown}):\n    pass\n\n\n"
        f"def typing({shown}):\n    return _typing({_tuple(names)})\n\n\n"
        f"def {compiled.request.what}({shown}):\n    return _stub({', '.join(names)})\n"
    )
    known["_typing"] = lambda given: implementation(compiled, names, shown, known, given)
    module = vars(load_uncached(text, f"{compiled.fun.__name__}_from_numba", known))
    options = {"error_model": "numpy"}
    overload(module["_stub"], jit_options=options, prefer_literal=True)(module["typing"])
    return njit(**options)(module[compiled.request.what])


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def implementation(
    compiled: CompiledFunction,
    names: Sequence[str],
    shown: str,
    defaults: dict[str, Any],
    given: Sequence[Any],
) -> Callable[..., Any]:
    """What runs for arguments of these Numba types.

    There are two programs where they differ: one for axes of any length, and a faster one for axes of
    lengths from 2, which do not broadcast.
    """
    types_by_name = dict(zip(names, given, strict=True))
    refusal: UnsupportedError | None = None
    programs: list[Program] = []
    try:
        programs.append(_program(compiled, types_by_name, lambda spec: spec))
    except UnsupportedError as error:
        refusal = error
    arrays = any(isinstance(t, types.Array) for _, t in _all_leaves(types_by_name))
    if arrays:
        try:
            usual = _program(compiled, types_by_name, plural)
        except UnsupportedError:
            raise refusal or AssertionError from None
        if not programs or usual.module.text != programs[0].module.text:
            programs.insert(0, usual)
    elif refusal is not None:
        raise refusal
    compiled.programs += programs
    general = refusal is None
    return _implementation(programs, shown, defaults, types_by_name, general=general)


def plural(spec: Spec) -> Spec:
    """The signature with axes of lengths from 2."""
    if isinstance(spec, Node):
        return Node(spec.cls, spec.keys, tuple(map(plural, spec.items)))
    if isinstance(spec, Leaf) and spec.sizes is not None:
        return Leaf(spec.dtype, spec.weak, tuple("" if n is None else n for n in spec.sizes))
    return spec


def _program(
    compiled: CompiledFunction, given: Mapping[str, Any], change: Callable[[Spec], Spec]
) -> Program:
    """The compiled program for arguments of these Numba types."""
    python = compiled._python
    fixed: dict[Any, bool] = {}
    while True:
        try:
            specs = {n: change(spec_from(t, n, fixed)) for n, t in given.items()}
            specs = {n: as_float(s) if n in python.wrt else s for n, s in specs.items()}
            with deep_recursion():
                primal = specialise(compiled.fun, specs, fixed)
                return build(primal, python.wrt, python.single, compiled.request)
        except NeedStatic as error:
            new = [root for root in error.roots if root not in fixed]
            if not new or any(axis is not None for _, axis in new):
                raise _unknown(compiled, error) from None
            fixed |= dict.fromkeys(new, True)
        except PrimalRaises as error:
            raise UnsupportedError(
                "CR050", f"the function raises here: {error}", error.span
            ) from None


def _unknown(compiled: CompiledFunction, error: NeedStatic) -> Exception:
    asked = [f"the value of {p}" if a is None else f"{p}.shape[{a}]" for p, a in error.roots]
    return UnsupportedError(
        "CR014",
        f"{' and '.join(asked)} has to be known when {compiled.fun.__name__} is compiled",
        error.span,
        "write it as a constant in the call, or call from Python",
    )


# -- signatures ----------------------------------------------------------------------------------


def spec_from(type_: Any, where: str, fixed: dict[Any, bool]) -> Spec:
    """The signature of one argument, from its Numba type; `fixed` has what has to be known."""
    if isinstance(type_, types.Omitted):
        return spec_of(type_.value, where, fixed)
    if not isinstance(type_, types.Type):  # the default of the function itself
        return spec_of(type_, where, fixed)
    if isinstance(type_, types.Literal):
        value = type_.literal_value
        if (where, None) in fixed or isinstance(value, str):
            return Fixed(value)
        return spec_from(types.unliteral(type_), where, fixed)
    if isinstance(type_, types.NoneType):
        return Fixed(None)
    if (where, None) in fixed:
        raise NeedStatic([(where, None)], None)
    if isinstance(type_, types.Boolean):
        return Leaf("bool", weak=True)
    if isinstance(type_, types.Float | types.Integer | types.Complex):
        return Leaf(type_.name, weak=type_.name in ("float64", "int64", "complex128"))
    if isinstance(type_, types.Array):
        return Leaf(_dtype(type_.dtype, where), sizes=(None,) * type_.ndim)
    if isinstance(type_, types.BaseTuple):
        cls: Any = getattr(type_, "instance_class", tuple)
        keys = None if cls is tuple else tuple(cls._fields)
        items = [
            spec_from(item, child_path(where, cls, key), fixed)
            for key, item in zip(keys or range(len(type_)), _items(type_), strict=True)
        ]
        return Node(cls, keys, tuple(items))
    raise SignatureError(f"{where}: Numba's {type_} is not supported: pass numbers, arrays, tuples")


def _items(type_: Any) -> list[Any]:
    """The types of what is in a tuple."""
    return list(type_)


def _dtype(type_: Any, where: str) -> str:
    if isinstance(type_, types.Boolean):
        return "bool"
    if isinstance(type_, types.Float | types.Integer):
        return str(type_.name)
    raise SignatureError(f"{where}: arrays of {type_} are not supported")


# -- the implementation --------------------------------------------------------------------------


def _implementation(
    programs: Sequence[Program],
    shown: str,
    defaults: dict[str, Any],
    given: dict[str, Any],
    *,
    general: bool,
) -> Callable[..., Any]:
    """A function of the user's arguments that calls the kernel of the last program.

    The first of two, and the only one that is not `general`, is for arrays of which all axes have
    lengths from 2.
    """
    program = programs[-1]
    primal = program.primal
    known: dict[str, Any] = {
        **defaults,
        **result_classes(primal.result),
        **captured_values(program),
        "_keep_out_of_caches": keep_out_of_caches,
        "_share_memory": share_memory,
        "_py_float": float,
        "np": np,
    }
    found = dict(_all_leaves(given))
    calls = [_call(p, found, known, f"_kernel{number}") for number, p in enumerate(programs)]
    lines = [line.replace("np.shares_memory(", "_share_memory(") for line in overlap_checks(primal)]
    lines.append("_keep_out_of_caches()")
    if len(calls) == 2 or not general:
        axes = [
            f"{path}.shape[{axis}] > 1"
            for v, path in primal.parameters.paths.items()
            for axis in range(len(v.type.dims))
        ]
        last = f"_r = {calls[1]}" if general else f"raise ValueError({literal(_ONE)})"
        lines += [f"if {' and '.join(axes)}:", f"    _r = {calls[0]}", "else:", f"    {last}"]
    else:
        lines.append(f"_r = {calls[0]}")
    result = "_r"
    if not program.nested:
        texts = [f"_r[{i}]" for i in range(len(program.results))]
        result = _compilable(program, program.structure(texts), known)
    text = definition("implementation", [shown], [*lines, f"return {result}"])
    module = load_uncached(text, f"{program.kernel.name}_for_numba", known)
    function: Callable[..., Any] = vars(module)["implementation"]
    return function


def _call(program: Program, found: Mapping[str, Any], known: dict[str, Any], name: str) -> str:
    """The call of a kernel, which gets this name."""
    kernel = program.kernel
    known[name] = kernel.run
    args = [
        _passed(found.get(path), path, v.type, kernel)
        for v, path in program.primal.parameters.paths.items()
    ]
    args += [
        f"{alias}.copy()"
        if isinstance(value, np.ndarray) and not kernel.takes_readonly()
        else alias
        for alias, value in captured_values(program).items()
    ]
    return f"{name}({', '.join(args)})"


@njit
def share_memory(a, b):  # type: ignore[no-untyped-def]
    """Do two arrays use memory of the same range? More than `np.shares_memory` says so."""
    first_a = last_a = a.ctypes.data
    for n, step in zip(a.shape, a.strides):  # noqa: B905
        last_a += max(0, (n - 1) * step)
        first_a += min(0, (n - 1) * step)
    first_b = last_b = b.ctypes.data
    for n, step in zip(b.shape, b.strides):  # noqa: B905
        last_b += max(0, (n - 1) * step)
        first_b += min(0, (n - 1) * step)
    return (
        a.size > 0
        and b.size > 0
        and first_a < last_b + b.itemsize
        and first_b < last_a + a.itemsize
    )


def _passed(found: Any, path: str, type_: Type, kernel: Kernel) -> str:
    """The text that hands an argument of this Numba type to a kernel."""
    if isinstance(found, types.Integer) and is_inexact(type_):
        return f"_py_float({path})"
    if not isinstance(found, types.Array):
        return path
    if found.layout != "C" or not found.aligned or not (found.mutable or kernel.takes_readonly()):
        return f"{path}.copy()"
    return path


def _all_leaves(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, type_ in given.items():
        yield from _leaves(type_, name)


def _leaves(type_: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The numbers and arrays of an argument's type, by the texts that read them."""
    if isinstance(type_, types.BaseTuple):
        cls = getattr(type_, "instance_class", tuple)
        for key, item in zip(
            getattr(cls, "_fields", range(len(type_))), _items(type_), strict=True
        ):
            yield from _leaves(item, child_path(path, cls, key))
    else:
        yield path, types.unliteral(type_) if isinstance(type_, types.Type) else type_


def _compilable(program: Program, text: str, known: dict[str, Any]) -> str:
    """The text of a result with the classes of named tuples by their names."""
    tree = ast.parse(text, mode="eval").body
    span = program.primal.source.span(program.primal.source.node)
    lists = any(isinstance(t, List) for t in program.results)
    for node in ast.walk(tree):
        if lists or isinstance(node, ast.Dict | ast.List):
            raise UnsupportedError(
                "CR081", "Numba code cannot get a list or dict back", span, "return a tuple"
            )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Call):
            path = ast.unparse(node.func.args[0])
            cls = _class_at(program.primal.parameters.specs, path)
            known[alias := f"_class_{cls.__name__}_{id(cls)}"] = cls
            node.func = ast.Name(alias)
            node.args, node.keywords = [k.value for k in node.keywords], []
        elif isinstance(node, ast.Call):
            node.args, node.keywords = [*node.args, *(k.value for k in node.keywords)], []
    return ast.unparse(tree)


def _class_at(specs: Mapping[str, Spec], path: str) -> type:
    """The class of the container at a path."""

    def search(spec: Spec, where: str) -> type | None:
        if not isinstance(spec, Node):
            return None
        if where == path:
            return spec.cls
        keys = spec.keys or range(len(spec.items))
        inside = (
            search(item, child_path(where, spec.cls, key))
            for key, item in zip(keys, spec.items, strict=True)
        )
        return next((cls for cls in inside if cls is not None), None)

    found = next(cls for name, spec in specs.items() if (cls := search(spec, name)) is not None)
    return found


@intrinsic
def keep_out_of_caches(typing_context):  # type: ignore[no-untyped-def]
    """Tell Numba's disk cache that what calls this has to be compiled anew in every process.

    The cache of a function of the user's does not see that a gradient which it calls has changed.
    """

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        context.add_dynamic_addr(builder, 1, info="chainrule")
        builder.module.get_global("numba.dynamic.globals.1").linkage = "weak"
        return context.get_dummy_value()

    return types.void(), generate
