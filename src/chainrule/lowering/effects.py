"""Statements that are there for what they do: assert, raise, print; and sizes, constants."""

from __future__ import annotations

import ast
import builtins
import copy
from typing import TYPE_CHECKING, Any

from ..emit.text import render
from ..ir.program import Atom, Eqn
from ..ir.types import Array, Scalar
from .elementwise import only_element
from .function import as_lazy
from .scalars import cast
from .table import lowers, refuse
from .values import Held, Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("assert", "raise_if", "raise")
def raising(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """An exception; what is more than a class of Python's with constants is put together later."""
    code = lo.code
    if eqn.op == "raise":
        code.effect("raise", _values(lo, eqn, args), **_exception(eqn, "ValueError"))
        return ()
    (shown,) = eqn.static["shown"]
    if not isinstance(shown, ast.Name) or not shown.id.startswith("$"):
        text = render(shown)
        test = code.test(text)
    else:
        test = cast(code, only_element(args[int(shown.id[1:])]), "bool")  # type: ignore[assignment]
    if eqn.op == "assert":
        test = code.test("not _0", test)
    code.effect("raise_if", (test, *_values(lo, eqn, args)), **_exception(eqn, "AssertionError"))
    return ()


def _exception(eqn: Eqn, default: str) -> dict[str, Any]:
    """The text of an exception, and what it is to become where machine code cannot make it itself.

    It is then one of Python's own classes, with that text and the numbers that the text mentions:
    `ValueError("Unstable(f'{_0} is too large')", x)`.
    """
    detail = _detail(eqn)
    if detail is None:
        return {"error": "RuntimeError" if eqn.op != "assert" else default}
    func = detail.func if isinstance(detail, ast.Call) else detail
    name = render(func)
    known = hasattr(builtins, name) or name == "np.linalg.LinAlgError"
    given = [*detail.args, *detail.keywords] if isinstance(detail, ast.Call) else []
    if known and all(isinstance(a, ast.Constant) for a in given):
        return {"error": render(detail)}
    text = render(_Named(eqn).visit(copy.deepcopy(detail)))
    first = 0 if eqn.op == "raise" else 1  # the test comes before them
    values = ", ".join(f"_{first + k}" for k in range(len(_mentioned(eqn))))
    base = eqn.static.get("base", default)
    return {"error": f"{base}({text!r}{', ' if values else ''}{values})", "raised": text}


def _detail(eqn: Eqn) -> ast.expr | None:
    """The exception as a tree, also that of an assertion with a message."""
    detail: ast.expr | None = eqn.static.get("detail")
    if eqn.op != "assert" or detail is None:
        return detail
    return ast.Call(ast.Name("AssertionError", ast.Load()), [detail], [])


def _mentioned(eqn: Eqn) -> list[int]:
    """The arguments that the text of an exception mentions."""
    detail = _detail(eqn)
    names = [n.id for n in ast.walk(detail) if isinstance(n, ast.Name)] if detail else []
    return sorted({int(n[1:]) for n in names if n.startswith("$")})


def _values(lo: Lowerer, eqn: Eqn, args: list[Value]) -> list[Atom]:
    """The numbers and arrays that the text of an exception mentions."""
    found: list[Atom] = []
    for place in _mentioned(eqn):
        value = args[place]
        if isinstance(value, Held):
            raise refuse(eqn, "an exception that shows a list")
        is_array = isinstance(eqn.args[place].type, Array)
        found.append(lo.memory(as_lazy(value)).var if is_array else only_element(value))
    return found


class _Named(ast.NodeTransformer):
    """Puts `_0`, `_1` in place of arguments, in the order in which they are handed over."""

    def __init__(self, eqn: Eqn) -> None:
        self.eqn = eqn
        self.order = _mentioned(eqn)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not node.id.startswith("$"):
            return node
        place = int(node.id[1:])
        name = ast.Name(f"_{self.order.index(place)}", ast.Load())
        type_ = self.eqn.args[place].type
        if isinstance(type_, Array) or (isinstance(type_, Scalar) and type_.weak):
            return name
        numpys = ast.parse(f"np.{type_.dtype if type_.dtype != 'bool' else 'bool_'}", mode="eval")
        return ast.Call(numpys.body, [name], [])


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
