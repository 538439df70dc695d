"""Statements that are there for what they do: assert, raise, print; and sizes, constants."""

from __future__ import annotations

import ast
import builtins
import copy
from typing import TYPE_CHECKING, Any

from ..emit.text import render
from ..ir.program import Eqn
from .elementwise import only_element
from .function import as_lazy
from .scalars import cast
from .table import lowers, refuse
from .values import Held, Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("assert", "raise_if", "raise")
def raising(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """An exception; its message is kept where it is a constant."""
    code = lo.code
    if eqn.op == "raise":
        code.effect("raise", (), error=_exception(eqn, eqn.static["detail"]))
        return ()
    (shown,) = eqn.static["shown"]
    if not isinstance(shown, ast.Name) or not shown.id.startswith("$"):
        text = render(shown)
        test = code.test(text)
    else:
        test = cast(code, only_element(args[int(shown.id[1:])]), "bool")  # type: ignore[assignment]
    if eqn.op == "assert":
        detail = eqn.static.get("detail")
        error = "AssertionError"
        if isinstance(detail, ast.Constant):
            error = f"AssertionError({render(detail)})"
        test = code.test("not _0", test)
    else:
        error = _exception(eqn, eqn.static["detail"])
    code.effect("raise_if", (test,), error=error)
    return ()


def _exception(eqn: Eqn, detail: Any) -> str:
    """The exception with what of its arguments is constant."""
    if detail is None:
        return "RuntimeError"
    func = detail.func if isinstance(detail, ast.Call) else detail
    name = render(func)
    if not (hasattr(builtins, name) or name == "np.linalg.LinAlgError"):
        raise refuse(eqn, f"raising {name}, a class of your own")
    arguments = detail.args if isinstance(detail, ast.Call) else []
    kept = [render(a) for a in arguments if isinstance(a, ast.Constant)]
    return f"{name}({', '.join(kept)})" if len(kept) == len(arguments) else name


@lowers("print")
def printing(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """`print` of numbers and plain text."""
    if eqn.static["options"]:
        raise refuse(eqn, "print with sep= or end=")
    parts = []
    for tree in eqn.static["shown"]:
        name = tree.id if isinstance(tree, ast.Name) else ""
        if not isinstance(tree, ast.Constant) and not name.startswith("$"):
            raise refuse(eqn, "print of anything but numbers and plain text")
        new = copy.deepcopy(tree)
        if isinstance(new, ast.Name):
            new.id = f"_{name[1:]}"
        parts.append(render(new))
    if any(as_lazy(a).dims for a in args):
        raise refuse(eqn, "print of an array")
    numbers = [only_element(a) for a in args]
    lo.code.effect("run", numbers, text=f"print({', '.join(parts)})")
    return ()


@lowers("const")
def const_(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A constant that has a name."""
    value = args[0]
    assert not isinstance(value, Held)
    return value


@lowers("shape")
def shape(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The length of an axis."""
    axis: int = eqn.static["axis"]
    return as_lazy(args[0]).dims[axis]


@lowers("array_size")
def array_size(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The number of elements."""
    return lo.code.size(as_lazy(args[0]).dims)
