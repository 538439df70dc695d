"""Gradients into arrays of the caller's (`out=`): a kernel that writes where it is told to.

    dx = np.zeros((n, m))                  dx = out0
    ...                                    dx[...] = 0.0
    return (value, dx)                     ...
                                           return (value, dx)

An array that is not made at the start of the kernel, once, is copied at its end.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..frontend.signature import Fixed, Leaf, Spec, fields_of
from ..ir.types import Array
from ..lowering import LoweredModule
from ..lowering.interface import parts_count
from .lists import with_lists
from .program import Program, compiled_kernel, kind_of
from .raising import raising_lines
from .wrapper import definition, kernel_arguments, result_texts


def into_function(program: Program, namespace: dict[str, Any]) -> Callable[..., Any]:
    """A function of all arguments, then one array for each gradient that is an array.

    It is made in the namespace of the Python function, where it finds what is read from outside.
    """
    primal, kernel = program.primal, program.kernel
    first = len(program.results) - program.gradients
    places = [i for i, t in enumerate(program.results) if i >= first and isinstance(t, Array)]
    flat = [sum(map(parts_count, program.results[:i])) for i in places]
    module = with_buffers(program.plain, flat)
    params = [v.type for v in primal.parameters.variables]
    module = with_lists(module, params, program.results, more=len(places))
    kinds = [*(kernel.kinds or ()), *(kind_of(program.results[i], primal) for i in places)]
    run = compiled_kernel(primal, module, program.options, kinds)
    outs = [f"_out{i}" for i in places]
    names = [f"_r{i}" for i in range(len(program.results))]
    texts = result_texts(names, program.results)
    for place, out in zip(places, outs, strict=True):
        texts[place] = out
    given = [
        text.replace("_plain(", "_plain_into(")
        for text in kernel_arguments(primal, program.captures)
    ]
    lines = [
        f"{', '.join(names)}, = _kernel_into({', '.join([*given, *outs])})",
        f"return {program.structure(texts)}",
    ]
    lines = raising_lines(lines, module)
    namespace |= {"_kernel_into": run.run, "_plain_into": run.plain}
    exec(definition("into", [*primal.parameters.specs, *outs], lines), namespace)
    return namespace["into"]  # type: ignore[no-any-return]


def with_buffers(module: LoweredModule, places: Sequence[int]) -> LoweredModule:
    """The module with an entry that takes memory for its results at these places.

    >>> text = "def f(x):\\n    n = x.size\\n    d = np.zeros(n)\\n    d[0] = x[0]\\n    return (d,)\\n"
    >>> print(with_buffers(LoweredModule(text, ("f",), "f", (), ()), [0]).text)
    def f_into(x, out0):
        n = x.size
        d = out0
        d[...] = 0.0
        d[0] = x[0]
        return (d,)
    <BLANKLINE>
    """
    tree = ast.parse(module.text)
    (function,) = [
        f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == module.entry
    ]
    last = function.body[-1]
    assert isinstance(last, ast.Return)
    assert isinstance(last.value, ast.Tuple)
    function.name = f"{module.entry}_into"
    for place in places:
        out = f"out{place}"
        function.args.args.append(ast.arg(out))
        if not _made_in(function, ast.unparse(last.value.elts[place]), out):
            copy = ast.parse(f"{out}[...] = {ast.unparse(last.value.elts[place])}").body
            function.body[-1:] = [*copy, last]
    head = "\n".join(module.text.splitlines()[: function.lineno - 1])
    text = f"{head}\n{ast.unparse(ast.fix_missing_locations(function))}\n".lstrip("\n")
    functions = (*(f for f in module.functions if f != module.entry), function.name)
    return replace(module, text=text, functions=functions, entry=function.name, places=())


def _made_in(function: ast.FunctionDef, name: str, out: str) -> bool:
    """Put the caller's array in place of the one that the function makes, where it does so once."""
    if not name.isidentifier():
        return False
    assigned = [
        n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name
        and isinstance(n.ctx, ast.Store)
    ]  # fmt: skip
    for number, statement in enumerate(function.body):
        if not isinstance(statement, ast.Assign) or statement.targets[0] not in assigned:
            continue
        call = statement.value
        if len(assigned) != 1 or not isinstance(call, ast.Call):
            return False
        maker = ast.unparse(call.func)
        if maker not in ("np.zeros", "np.empty"):
            return False
        statement.value = ast.Name(out, ast.Load())
        if maker == "np.zeros":
            function.body.insert(number + 1, ast.parse(f"{name}[...] = 0.0").body[0])
        return True
    return False


# -- what the caller gives -------------------------------------------------------------------------


def buffers_of(program: Program, args: Sequence[Any], out: Any) -> list[np.ndarray[Any, Any]]:
    """The arrays in `out` in the order of the gradients; new ones where it has None."""
    specs = program.primal.parameters.specs
    names = list(specs)
    parts = (out,) if program.single else out
    if not isinstance(parts, tuple | list) or len(parts) != len(program.wrt):
        raise TypeError(f"out has to be a tuple of {len(program.wrt)}, one for each gradient")
    found: list[np.ndarray[Any, Any]] = []
    for name, part in zip(program.wrt, parts, strict=True):
        found += _arrays(specs[name], args[names.index(name)], part, name)
    taken = [a for arg in args for a in _all_arrays(arg)]
    for number, buffer in enumerate(found):
        if any(np.shares_memory(buffer, other) for other in [*taken, *found[:number]]):
            raise ValueError("an array in out shares memory with an argument or another one")
    return found


def _arrays(spec: Spec, arg: Any, out: Any, where: str) -> list[np.ndarray[Any, Any]]:
    if isinstance(spec, Fixed):
        return []
    if isinstance(spec, Leaf):
        if spec.sizes is None:
            if out is not None:
                raise TypeError(f"out: {where} is a number, so there has to be None")
            return []
        if out is None:
            return [np.empty(arg.shape, arg.dtype)]
        fits = type(out) is np.ndarray and out.shape == arg.shape and out.dtype == arg.dtype
        if not fits or not out.flags.carray:
            raise TypeError(
                f"out: {where} needs a C-contiguous array of {arg.dtype}{list(arg.shape)}"
            )
        return [out]
    own, given = (
        fields_of(arg),
        (None, (None,) * len(spec.items)) if out is None else fields_of(out),
    )
    if own is None or given is None or (out is not None and own[0] != given[0]):
        raise TypeError(f"out: {where} has to be a {spec.cls.__name__} like the argument")
    found: list[np.ndarray[Any, Any]] = []
    for item, value, part in zip(spec.items, own[1], given[1], strict=True):
        found += _arrays(item, value, part, where)
    return found


def _all_arrays(value: Any) -> list[np.ndarray[Any, Any]]:
    parts = fields_of(value)
    if parts is not None:
        return [a for item in parts[1] for a in _all_arrays(item)]
    return [value] if isinstance(value, np.ndarray) else []
