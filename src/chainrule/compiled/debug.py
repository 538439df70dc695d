"""`debug`: the lowered program as plain Python, with a check at every step.

Compiled code reads garbage at an index that is out of bounds, and goes on with NaN. Here each element
that is read or written, and each number that is computed, is looked at first:

    t = x[i] / n            t = _value(7, "t", _load(7, "x", x, i) / n)
    A[i, j] += t            _store(9, "A", A, (i, j), t, True)
    A = np.empty(n)         A = _empty(n)
"""

from __future__ import annotations

import ast
import functools
import linecache
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, final

import numpy as np

from ..dispatch import Dispatcher
from ..emit.interface import result_classes
from ..engines.numba_cache import load_uncached
from ..frontend.root import Primal
from ..frontend.signature import to_float
from ..ir.program import Const, Eqn, Function, Ref, Span, in_blocks
from ..ir.types import List, Scalar
from ..lowering import LoweredModule, lowered_module
from ..transform.sizes import Like
from .lists import as_list, list_text, with_lists
from .program import Request, guarded_as, requested
from .raising import raising_lines, raising_names
from .wrapper import definition

Places = Mapping[int, str]
_POISON: Final = np.uint64(0x7FF8_DEAD_BEEF_0001)  # a NaN that no computation makes


@final
@dataclass(frozen=True)
class Checks:
    """What instrumented text calls; `places` says where its lines come from."""

    places: Places

    def empty(self, *args: Any) -> np.ndarray[Any, Any]:
        """Memory in which every float is marked as not written yet."""
        array = np.empty(*args)
        if array.dtype == np.float64:
            array.view(np.uint64)[...] = _POISON
        elif array.dtype.kind == "f":
            array[...] = np.nan
        return array

    def load(self, line: int, name: str, array: Any, index: Any) -> Any:
        """An element that is there and was written."""
        self._check_index(line, name, array, index)
        value = array[index]
        if not self.is_set(value):
            raise ValueError(f"{self.place(line)}: {name}[{shown(index)}] is read before it is set")
        return value

    def is_set(self, value: Any) -> bool:
        """Is it anything but the mark of memory that was not written?"""
        marked = isinstance(value, np.float64) and value.view(np.uint64) == _POISON
        return not (marked or (isinstance(value, np.float32) and np.isnan(value)))

    def unset(self, array: Any, index: Any) -> None:
        """Mark an element as not written."""
        array[index] = _POISON.view(np.float64)

    def store(self, line: int, name: str, array: Any, index: Any, value: Any, add: bool) -> None:
        """Write an element, or add to it."""
        before = self.load(line, name, array, index) if add else 0.0
        self._check_index(line, name, array, index)
        array[index] = self.value(line, f"{name}[{shown(index)}]", before + value if add else value)

    def value(self, line: int, name: str, value: Any) -> Any:
        """A number that is finite, or anything else."""
        if isinstance(value, float | np.floating) and not np.isfinite(value):
            raise FloatingPointError(f"{self.place(line)}: {name} is {value}")
        return value

    def place(self, line: int) -> str:
        """Where a line of the lowered program comes from."""
        return self.places.get(line, "in the function")

    def _check_index(self, line: int, name: str, array: Any, index: Any) -> None:
        indices = index if isinstance(index, tuple) else (index,)
        for axis, (i, n) in enumerate(zip(indices, array.shape, strict=False)):
            if not -n <= i < n:
                raise IndexError(
                    f"{self.place(line)}: index {i} is outside of axis {axis} of {name}, "
                    f"which has length {n}"
                )


def shown(index: Any) -> str:
    """An index as in the source: `1, 2`."""
    return ", ".join(map(str, index)) if isinstance(index, tuple) else str(index)


class _Instrument(ast.NodeTransformer):
    """Puts checks into the text of lowered functions."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        plain = isinstance(node.value, ast.Name) and not isinstance(node.slice, ast.Slice)
        if not plain or not isinstance(node.ctx, ast.Load):
            return node
        assert isinstance(node.value, ast.Name)
        return self._call("_load", node, ast.Constant(node.value.id), node.value, node.slice)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.func) == "np.empty":
            node.func = ast.copy_location(ast.Name("_empty", ast.Load()), node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        (target,) = node.targets
        node.value = self.visit(node.value)
        if isinstance(target, ast.Name):
            node.value = self._call("_value", node, ast.Constant(target.id), node.value)
        elif isinstance(target, ast.Subscript):
            return self._store(node, target, node.value, add=False)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        node.value = self.visit(node.value)
        if isinstance(node.target, ast.Subscript):
            return self._store(node, node.target, node.value, add=True)
        assert isinstance(node.target, ast.Name)
        whole = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        value = self._call("_value", node, ast.Constant(node.target.id), whole)
        return ast.copy_location(ast.Assign([node.target], value), node)

    def _store(
        self, node: ast.stmt, target: ast.Subscript, value: ast.expr, *, add: bool
    ) -> ast.AST:
        if isinstance(target.slice, ast.Slice):
            return node
        if ast.unparse(value) == "np.nan":
            unset = ast.Call(ast.Name("_unset", ast.Load()), [target.value, target.slice], [])
            return ast.copy_location(ast.Expr(unset), node)
        name = ast.Constant(ast.unparse(target.value))
        index = self.visit(target.slice)
        call = self._call("_store", node, name, target.value, index, value, ast.Constant(add))
        return ast.copy_location(ast.Expr(call), node)

    def _call(self, name: str, node: ast.AST, *args: ast.expr) -> ast.expr:
        line = ast.Constant(node.lineno)  # type: ignore[attr-defined]
        call = ast.Call(ast.Name(name, ast.Load()), [line, *args], [])
        return ast.copy_location(call, node)


def poisoned(body: tuple[Eqn, ...]) -> tuple[Eqn, ...]:
    """The program with the user's own empty arrays full of NaN, which the checks take as not set."""
    full = {"empty": "full", "empty_like": "full_like"}
    nan = Const(math.nan, Scalar("float64", weak=True))

    def changed(eqn: Eqn) -> Eqn:
        eqn = in_blocks(eqn, lambda b: replace(b, body=poisoned(b.body)))
        if eqn.op not in full or np.dtype(eqn.out.type.dtype).kind != "f":
            return eqn
        place = 0 if eqn.op == "empty" else 1
        args = (*eqn.args[:place], nan, *eqn.args[place:])
        static = {name: _moved(value, place) for name, value in eqn.static.items()}
        return replace(eqn, op=full[eqn.op], args=args, static=static)

    return tuple(map(changed, body))


def _moved(option: Any, place: int) -> Any:
    """An option that stands for arguments, one of which was put in at a place."""
    if isinstance(option, tuple):
        return tuple(_moved(item, place) for item in option)
    if isinstance(option, Ref | Like) and option.arg >= place:
        return replace(option, arg=option.arg + 1)
    return option


def checked(program: Function) -> tuple[Callable[..., Any], LoweredModule]:
    """The lowered program as a Python function that checks what it does, and its module."""
    module = lowered_module(program.with_body(poisoned(program.body)))
    types = ([v.type for v in program.params], [r.type for r in program.results])
    module = with_lists(module, *types)
    found = enumerate(module.places, 1)
    checks = Checks({line: described(span) for line, span in found if span is not None})
    tree = ast.parse(module.text)
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):  # a helper has no place, and is right
            lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
            if function.name == module.entry or any(line in checks.places for line in lines):
                _Instrument().visit(function)
    ast.fix_missing_locations(tree)
    known = {
        "_load": checks.load,
        "_store": checks.store,
        "_value": checks.value,
        "_empty": checks.empty,
        "_unset": checks.unset,
    }
    scope = load_uncached(module.text, f"{module.entry}_debug", known)
    filename = f"<{scope.__name__}>"
    exec(compile(tree, filename, "exec"), vars(scope))
    entry = vars(scope)[module.entry]

    def run(*args: Any) -> Any:
        try:
            with np.errstate(all="ignore"):
                return entry(*args)
        except Exception as error:
            line = last_line(error, filename)
            if line in checks.places and checks.places[line] not in str(error):
                error.add_note(f"at {checks.places[line]}")
            raise

    return run, module


def debug_function(fun: Callable[..., Any], argnums: Any, request: Request) -> Callable[..., Any]:
    """What a compiled function runs, as plain Python that checks what it does."""

    def build(primal: Primal, wrt: tuple[str, ...], single: bool) -> tuple[Any, dict[str, Any]]:
        function, structure = requested(primal, wrt, single, request)
        function = guarded_as(function, request.options)
        results = [r.type for r in function.results]
        texts = [
            list_text(f"_r[{i}]", t) if isinstance(t, List) else f"_r[{i}]"
            for i, t in enumerate(results)
        ]
        parameters = primal.parameters
        run, module = checked(function)
        captured = module.captured
        given = [*(parameters.paths[v] for v in function.params), *captured]
        lines = raising_lines([f"_r = _run({', '.join(given)})"], module)
        lines.append(f"return {structure(texts)}")
        text = definition("call", list(parameters.specs), lines)
        known = {**result_classes(primal.result), "_run": run, "_as_list": as_list}
        known |= raising_names(primal, module)
        namespace = vars(load_uncached(text, f"{function.name}_debug_call", known))
        return namespace["call"], namespace

    dispatcher = Dispatcher(fun, argnums, build)

    @functools.wraps(getattr(fun, "py_func", fun))
    def checked_function(*args: Any, **kwargs: Any) -> Any:
        args = dispatcher.arguments(args, kwargs)
        entry = dispatcher.entry(args)
        if entry.integers:
            pairs = zip(dispatcher.names, args, strict=True)
            args = tuple([to_float(a) if n in dispatcher.wrt else a for n, a in pairs])
        return entry.run(*args)

    return checked_function


def last_line(error: BaseException, filename: str) -> int:
    """The line of a file that was running when an error came up."""
    line, traceback = 0, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def described(span: Span) -> str:
    """`model.py:7: y = x / n`."""
    return f"{span.file}:{span.line}: {linecache.getline(span.file, span.line).strip()}"
