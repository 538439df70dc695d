"""From a program of the pipeline to a compiled kernel, and how its results are put together.

A kernel takes numbers and arrays only: a parameter for each leaf of the user's arguments, then one for
each number or array that is read from outside. What calls it takes containers apart and makes them
again: a Python function (`wrapper`), or an implementation for Numba code (`typing`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, final

from .. import pipeline
from ..emit.interface import gradients_text, value_text
from ..emit.text import wrapped
from ..engines.numba_engine import DEFAULTS, Kernel, Kind, NotCompiled, Options, load
from ..engines.progress import phase
from ..errors import UnsupportedError
from ..frontend.root import Primal
from ..frontend.unit import type_of
from ..frontend.values import Struct
from ..ir.program import Function
from ..ir.types import Array, List, Type
from ..lowering import LoweredModule, lowered_module
from .lists import with_lists
from .python_errors import guarded

What = Literal["value", "value_and_grad", "grad"]
Structure = Callable[[Sequence[str]], str]

_OWN_NAMES = re.compile(  # what the functions in front of a kernel call their own things
    r"_(kernel|plain|py_|k_|stub|slow|log|missing|more|self|typing|ndarray|forward|backward|saved|kept|run"
    r"|share_memory|keep_out|as_|raised|e$|class_|d_"
    r"|(r|o|v|c|g|out|kernel|u?int|float|complex)\d*$|bool$)"
)
SUPPORTED = frozenset(
    {"bool", "complex64", "complex128", "float32", "float64", "int8", "int16", "int32", "int64"}
    | {"uint8", "uint16", "uint32", "uint64"}
)


@final
@dataclass(frozen=True)
class Request:
    """What is compiled of a function, and how."""

    what: What
    has_aux: bool = False
    options: Options = DEFAULTS
    holomorphic: bool = False


@final
@dataclass(frozen=True)
class Program:
    """A compiled program.

    `structure` puts the texts of the kernel's results together as the caller gets them; with
    `nested`, the kernel of `module` does so itself, and `plain` returns them in a row. The last
    `gradients` results are gradients. `captures` are the names of the kernel's last parameters.
    """

    primal: Primal
    wrt: tuple[str, ...]
    single: bool
    kernel: Kernel
    results: tuple[Type, ...]
    structure: Structure
    nested: bool
    captures: tuple[str, ...]
    module: LoweredModule
    plain: LoweredModule
    gradients: int
    options: Options


def build(primal: Primal, wrt: tuple[str, ...], single: bool, request: Request) -> Program:
    """The compiled program of a function for a signature."""
    check_names(primal)
    function, structure = requested(primal, wrt, single, request)
    function = guarded_as(function, request.options)
    name = function.name
    types = tuple(r.type for r in function.results)
    nested = _is_nested(structure, types)
    with phase(f"lowering {name}"):
        plain = module = lowered_module(function)
    module = with_lists(module, [v.type for v in function.params], types)
    if nested:
        module = _with_structure(module, structure)
    kinds = [kind_of(v.type, primal) for v in function.params]
    kinds += [captured_kind(primal, alias) for alias in module.captured]
    kernel = compiled_kernel(primal, module, request.options, kinds)
    gradients = len(pipeline.differentiated_leaves(primal, wrt))
    return Program(
        primal,
        wrt,
        single,
        kernel,
        types,
        structure,
        nested,
        module.captured,
        module,
        plain,
        gradients,
        request.options,
    )


def check_names(primal: Primal) -> None:
    """Refuse names of arguments and of values from outside that are those of our own."""
    names = [*primal.parameters.specs, *(d.alias for d in primal.unit.dependencies if d.captured)]
    for name in names:
        if _OWN_NAMES.match(name):
            raise UnsupportedError(
                "CR083",
                f"{name} is a name that compiled functions use themselves",
                primal.source.span(primal.source.node),
                "call it something else",
            )


def guarded_as(function: Function, options: Options) -> Function:
    """The program with the exceptions that the user's function raises in its arithmetic."""
    if options.error_model == "numpy":
        return function
    return guarded(function, numpy_too=options.error_model == "python")


def _with_structure(module: LoweredModule, structure: Structure) -> LoweredModule:
    """The module with an entry that returns its results as the caller gets them.

    >>> text = "def f(x):\\n    return (x, 2.0 * x)\\n"
    >>> module = LoweredModule(text, ("f",), "f", (), ())
    >>> print(_with_structure(module, lambda r: f"{r[0]}, ({r[1]},)").text)
    def f(x):
        return (x, (2.0 * x,))
    <BLANKLINE>
    """
    head, _, last = module.text.rpartition("\n    return ")
    values = ast.parse(last.strip(), mode="eval").body
    assert isinstance(values, ast.Tuple)
    names = [f"r{i}_" for i in range(len(values.elts))]
    tree = ast.parse(structure(names), mode="eval").body
    given = dict(zip(names, map(ast.unparse, values.elts), strict=True))
    assert isinstance(tree, ast.Tuple)
    parts = [
        re.sub(r"\br\d+_(?!\w)", lambda found: given[found[0]], ast.unparse(part))
        for part in tree.elts
    ]
    comma = "," if len(parts) == 1 else ""
    lines = wrapped("return (", parts, f"{comma})")
    text = "\n".join([head, *(f"    {line}" for line in lines)])
    return replace(module, text=f"{text}\n")


def loaded(module: LoweredModule, options: Options) -> Any:
    """The dispatcher of a module's entry."""
    return load(module.text, module.functions, module.entry, options)


def compiled_kernel(
    primal: Primal, module: LoweredModule, options: Options, kinds: Sequence[Kind]
) -> Kernel:
    """The kernel of a module's entry; UnsupportedError when Numba refuses it."""
    try:
        return Kernel(module.entry, loaded(module, options), kinds)
    except NotCompiled as error:
        raise UnsupportedError(
            "CR082",
            f"Numba does not compile the program of {primal.source.name}",
            primal.source.span(primal.source.node),
            'use engine="numpy", and report this function: it is a bug of chainrule',
        ) from error.__cause__


def captured_kind(primal: Primal, alias: str) -> Kind:
    """What a value from outside is to Numba."""
    (value,) = (d.value for d in primal.unit.dependencies if d.captured and d.alias == alias)
    return kind_of(type_of(value, alias), primal)


def kind_of(type_: Type, primal: Primal) -> Kind:
    """What a kernel's parameter of this type is to Numba."""
    if type_.dtype not in SUPPORTED:
        raise UnsupportedError(
            "CR080",
            f"{type_.dtype} values cannot be compiled",
            primal.source.span(primal.source.node),
            'use float32 or float64, or engine="numpy"',
        )
    return type_.dtype, len(type_.dims) if isinstance(type_, Array) else None


def requested(
    primal: Primal, wrt: tuple[str, ...], single: bool, request: Request
) -> tuple[Function, Structure]:
    """The program that is asked for, and the text of its result."""
    parameters, result = primal.parameters, primal.result
    if request.what == "value":
        return pipeline.plain(primal), lambda texts: value_text(result, iter(texts))
    pipeline.differentiated_leaves(primal, wrt)
    pipeline.scalar_output(primal, request.has_aux, wrt, holomorphic=request.holomorphic)
    with phase(f"differentiating {primal.source.name}"):
        program = pipeline.gradient(primal, wrt, pipeline.Options(compiled=True))
    function, count = program.function, program.results

    def gradients(texts: Sequence[str]) -> str:
        return gradients_text(parameters, wrt, texts, single=single)

    if request.what == "value_and_grad":
        return (
            function,
            lambda texts: f"{value_text(result, iter(texts[:count]))}, {gradients(texts[count:])}",
        )
    dropped = 1 if request.has_aux else count
    function = replace(function, name=f"{primal.function.name}_grad")
    # What only the value needs is dropped when it is lowered, and its checks and exceptions stay.
    function = function.with_body(function.body, function.results[dropped:])
    if not request.has_aux:
        return function, gradients
    assert isinstance(result, Struct)
    aux, rest = result.items[1], count - 1
    return (
        function,
        lambda texts: f"{gradients(texts[rest:])}, {value_text(aux, iter(texts[:rest]))}",
    )


def _is_nested(structure: Structure, types: Sequence[Type]) -> bool:
    """Is the result a nest of tuples, of things that Numba gives back as they are?"""
    if any(isinstance(t, List) or result_class(t) is not None for t in types):
        return False
    text = structure([f"r{i}" for i in range(len(types))])
    tree = ast.parse(text, mode="eval").body
    plain = ast.Tuple | ast.Name | ast.Load
    return isinstance(tree, ast.Tuple) and all(isinstance(n, plain) for n in ast.walk(tree))


def result_class(type_: Type) -> str | None:
    """The NumPy class of a result that Numba would give back as a Python number of another kind."""
    if isinstance(type_, Array) or type_.dtype in ("float64", "int64", "bool", "complex128"):
        return None
    return f"np.{type_.dtype}"


def captured_values(program: Program) -> Mapping[str, Any]:
    """What is read from outside, as it was when the program was made."""
    known = {d.alias: d.value for d in program.primal.unit.dependencies if d.captured}
    return {alias: known[alias] for alias in program.captures}
