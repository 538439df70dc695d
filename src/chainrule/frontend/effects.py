"""Statements that are kept for what they do when the program runs: assert, raise, print."""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING, Any

from ..ir.program import Atom, Eqn
from .strings import placeholder
from .values import Static, Value

if TYPE_CHECKING:
    from .lower import Lowerer


def effect(
    lo: Lowerer, kind: str, values: list[Value], detail: ast.expr | None, node: ast.AST
) -> None:
    """Append an `assert` or a `raise_if`; `detail` is its message or its exception."""
    atoms: list[Atom] = []
    shown = [placeholder(lo, value, atoms, node) for value in values]
    text = None
    if detail is not None:
        raised = kind in ("raise_if", "raise")
        text = _exception(lo, detail, atoms) if raised else _message(lo, detail, atoms)
    static: dict[str, Any] = {"shown": tuple(shown), "detail": text}
    if detail is not None and kind != "assert":
        static["base"] = _builtin_base(lo, detail)
    lo.builder.append(Eqn((), kind, tuple(atoms), static, effect=True))


def _message(lo: Lowerer, node: ast.expr, atoms: list[Atom]) -> ast.expr:
    return placeholder(lo, lo.expr(node), atoms, node)


def _exception(lo: Lowerer, node: ast.expr, atoms: list[Atom]) -> ast.expr:
    """`ValueError`, `ValueError("no", x)`: the class by a name that the emitted module has."""
    call = node if isinstance(node, ast.Call) else None
    value = lo.expr(call.func if call is not None else node)
    cls = value.obj if isinstance(value, Static) else None
    if not (isinstance(cls, type) and issubclass(cls, BaseException)):
        lo.refuse("CR017", "raising something that is no exception class", node, "raise ValueError")
    name = _exception_name(lo, cls)
    if call is None:
        return name
    if any(isinstance(arg, ast.Starred) for arg in call.args) or not all(
        k.arg for k in call.keywords
    ):
        lo.refuse("CR017", "* and ** in the arguments of an exception", node, "write them out")
    arguments = [_message(lo, arg, atoms) for arg in call.args]
    keywords = [ast.keyword(k.arg, _message(lo, k.value, atoms)) for k in call.keywords]
    return ast.Call(name, arguments, keywords)


def _builtin_base(lo: Lowerer, node: ast.expr) -> str:
    """The name of Python's own exception class that an exception is of."""
    value = lo.expr(node.func if isinstance(node, ast.Call) else node)
    assert isinstance(value, Static)
    assert isinstance(value.obj, type)
    names = (c.__name__ for c in value.obj.__mro__ if getattr(builtins, c.__name__, None) is c)
    return str(next(names))


def _exception_name(lo: Lowerer, cls: type[BaseException]) -> ast.expr:
    if getattr(builtins, cls.__name__, None) is cls:
        return ast.Name(cls.__name__, ast.Load())
    package, *rest = cls.__module__.split(".")
    module = sys.modules.get(cls.__module__)
    if package == "numpy" and getattr(module, cls.__name__, None) is cls:
        tree: ast.expr = ast.Name("np", ast.Load())
        for part in (*rest, cls.__name__):
            tree = ast.Attribute(tree, part, ast.Load())
        return tree
    return ast.Name(lo.unit.named_object(cls.__name__, cls), ast.Load())


def only_raises(node: ast.If) -> bool:
    """Is it `if test: raise ...` and nothing else?"""
    return not node.orelse and len(node.body) == 1 and isinstance(node.body[0], ast.Raise)
