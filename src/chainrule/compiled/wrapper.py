"""The Python functions in front of a kernel: one for all calls, one for the usual call.

The first takes containers apart, hands over what is read from outside, and makes the result. The
second does everything at once for numbers and C-contiguous arrays: it asks whether the arguments and
the surroundings are those of the last specialisation, and else leaves the call to the dispatcher.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CellType
from typing import Any

import numpy as np

from ..dispatch import Entry
from ..emit.interface import result_classes
from ..engines.numba_cache import load_uncached
from ..frontend.root import Primal
from ..frontend.signature import Leaf
from ..frontend.source import MISSING
from ..frontend.unit import type_of
from ..ir.types import Array, List, Scalar, Type
from ..rules.custom import CUSTOM_LOG
from ..staging import overlap_checks
from .lists import as_list, list_text
from .program import Program, result_class
from .raising import raising_lines, raising_names

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def int64(value: int) -> int:
    """A Python int that the compiled code can hold; OverflowError for others."""
    if not _SMALLEST <= value <= _LARGEST:
        raise OverflowError(f"{value} does not fit into the 64 bits that compiled code has")
    return value


def python_function(program: Program) -> tuple[Callable[..., Any], dict[str, Any]]:
    """A function of all arguments in the order of the parameters, and its namespace.

    What is read from outside it finds in the namespace.
    """
    primal = program.primal
    call = _call(program, kernel_arguments(primal, program.captures))
    lines = overlap_checks(primal) + raising_lines(call, program.module)
    known = {**_bindings(program), "_int64": int64}
    names = list(primal.parameters.specs)
    return _function("call", names, lines, known, program.kernel.name)


def kernel_arguments(primal: Primal, captured: Sequence[str]) -> list[str]:
    """The texts of the numbers and arrays that a kernel gets."""
    values = {d.alias: d.value for d in primal.unit.dependencies if d.captured}
    leaves = [(v.type, path) for v, path in primal.parameters.paths.items()]
    return [leaf_text(t, p) for t, p in [*leaves, *((type_of(values[c], c), c) for c in captured)]]


def quick_function(
    program: Program, entry: Entry[Any], slow: Callable[..., Any]
) -> Callable[..., Any] | None:
    """The method for the usual call; None where the arguments are not plain numbers and arrays.

    `slow` gets the arguments, those that are too many, and `out`.
    """
    specs = program.primal.parameters.specs
    known = {**_bindings(program), "_slow": slow, "_log": CUSTOM_LOG, "_missing": MISSING}
    known |= {"_py_type": type, "_py_len": len, "_py_float": float, "_py_int": int}
    known |= {"_py_complex": complex, "_py_bool": bool}
    if program.primal.written or not all(isinstance(s, Leaf) for s in specs.values()):
        return None
    reads, tests = [], []
    for name, spec in specs.items():
        assert isinstance(spec, Leaf)
        tests.append(_test(name, spec, known))
    out = "_missing" if "out" in specs else "out"
    tests += ["not _more", f"{out} is _missing", f"_py_len(_log) == {entry.rules}"]
    for number, (owner, name, dependency) in enumerate(entry.guards):
        read = _read(owner, name, f"_o{number}", known)
        if isinstance(owner, CellType) or owner.get(name, MISSING) is not MISSING:
            known[f"_v{number}"] = dependency.value
            tests.append(f"{read} is _v{number}")
        else:  # a builtin, which no global hides
            known[f"_v{number}"] = owner
            tests.append(f"_k_o{number} not in _v{number}")
    for number, (dependency, captured) in enumerate(entry.captured):
        if not isinstance(captured, Leaf):
            return None
        read = _read(dependency.owner, dependency.name, f"_c{number}", known)
        reads.append(f"{dependency.alias} = {read}")
        tests.append(_test(dependency.alias, captured, known))
    call = raising_lines(_call(program, [*specs, *program.captures]), program.module)
    body = [f"    {line}" for line in call]
    given = f"({', '.join(specs)}{',' if specs else ''})"
    last = f"return _slow({given}, _more, {out})"
    lines = [*reads, f"if ({' and '.join(tests)}):", *body, last]
    parameters = ["_self", *(f"{name}=_missing" for name in specs), "*_more"]
    parameters += [] if "out" in specs else ["out=_missing"]
    function, _ = _function("__call__", parameters, lines, known, program.kernel.name)
    return function


def definition(name: str, parameters: Sequence[str], lines: Sequence[str]) -> str:
    """The text of a function."""
    inside = "\n".join(f"    {line}" for line in lines)
    return f"def {name}({', '.join(parameters)}):\n{inside}\n"


def _function(
    name: str, parameters: Sequence[str], lines: Sequence[str], known: dict[str, Any], kernel: str
) -> tuple[Callable[..., Any], dict[str, Any]]:
    module = load_uncached(definition(name, parameters, lines), f"{kernel}_{name}", known)
    return vars(module)[name], vars(module)


def _bindings(program: Program) -> dict[str, Any]:
    return {
        **result_classes(program.primal.result),
        "np": np,
        **raising_names(program.primal, program.module),
        "_as_list": as_list,
        "_kernel": program.kernel.run,
        "_plain": program.kernel.plain,
    }


def _call(program: Program, arguments: Sequence[str]) -> list[str]:
    """Statements that call the kernel and return what it makes."""
    call = f"_kernel({', '.join(arguments)})"
    if program.nested:
        return [f"return {call}"]
    if not program.results:
        return [call, f"return {program.structure([])}"]
    names = [f"_r{i}" for i in range(len(program.results))]
    texts = result_texts(names, program.results)
    return [f"{', '.join(names)}, = {call}", f"return {program.structure(texts)}"]


def result_texts(texts: Sequence[str], types: Sequence[Type]) -> list[str]:
    """Results of a kernel as what NumPy makes of them."""

    def made(text: str, type_: Type) -> str:
        if isinstance(type_, List):
            return list_text(text, type_)
        found = result_class(type_)
        return text if found is None else f"{found}({text})"

    return [made(t, c) for t, c in zip(texts, types, strict=True)]


def leaf_text(type_: Type, path: str) -> str:
    """The text that hands a number or an array over."""
    if isinstance(type_, Array):
        return f"{path} if {path}.flags.carray else _plain({path})"
    whole = isinstance(type_, Scalar) and type_.weak and type_.dtype == "int64"
    return f"_int64({path})" if whole else path


def _read(owner: Any, name: Any, alias: str, known: dict[str, Any]) -> str:
    """The text that reads a name from outside as it is now."""
    if isinstance(owner, CellType):
        known[alias] = owner
        return f"{alias}.cell_contents"
    known[alias], known[f"_k{alias}"] = owner.get, name
    return f"{alias}(_k{alias}, _missing)"


def _test(name: str, spec: Leaf, known: dict[str, Any]) -> str:
    """Is a value as the signature says, and an array C-contiguous?"""
    if spec.sizes is None:
        if spec.weak and spec.dtype == "int64":
            return f"_py_type({name}) is _py_int and {_SMALLEST} <= {name} <= {_LARGEST}"
        if spec.weak:
            return f"_py_type({name}) is _py_{spec.dtype.rstrip('0123456789')}"
        return f"_py_type({name}) is np.{spec.dtype if spec.dtype != 'bool' else 'bool_'}"
    known["_ndarray"], known[f"_{spec.dtype}"] = np.ndarray, np.dtype(spec.dtype)
    tests = [f"_py_type({name}) is _ndarray", f"{name}.dtype is _{spec.dtype}"]
    tests += [f"{name}.ndim == {len(spec.sizes)}", f"{name}.flags.carray"]
    if spec.sizes and all(size == "" for size in spec.sizes):
        tests += [f"0 not in {name}.shape", f"1 not in {name}.shape"]
    else:
        for axis, size in enumerate(spec.sizes):
            test = "> 1" if isinstance(size, str) else f"== {size}"
            tests.append(f"{name}.shape[{axis}] {test}")
    return " and ".join(tests)
