"""Lists that a loop or a branch on data writes: which, and what they are before it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from . import growing, list_writes
from .values import Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

WRITING: Final = frozenset({"append", "extend", "pop", "insert", "clear", "reverse"})


def writes(node: ast.expr) -> bool:
    """Does an expression write a list by a method?"""
    return bool(written_names([ast.Expr(node)]))


def written_names(statements: list[ast.stmt]) -> list[str]:
    """The names whose lists are written by methods in these statements, in order."""
    found: dict[str, None] = {}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and node.func.attr in WRITING:
                    found[owner.id] = None
    return list(found)


def written_dicts(lo: Lowerer, statements: Iterable[ast.AST]) -> list[str]:
    """The names of dicts made here that statements write by key: a loop carries what is in them."""
    found: dict[str, None] = {}
    for statement in statements:
        for part in ast.walk(statement):
            if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
                if isinstance(part.value, ast.Name) and growing.is_known_dict(
                    lo.locals.get(part.value.id)
                ):
                    found[part.value.id] = None
    return list(found)


def again(lo: Lowerer, old: Value, new: Value) -> Value:
    """A dict or an object as it is in a trip of a loop or after it; the old one is used no more."""
    if isinstance(old, Struct) and isinstance(new, Struct):
        if is_rebound(old) and old in lo.unit.lists:
            lo.unit.lists.add(new)
            if lo.builder.sharing is not None:
                lo.builder.sharing.spent.add(old)
        for one, other in zip(old.items, new.items, strict=True):
            again(lo, one, other)
    return new


def is_rebound(value: object) -> bool:
    """Is it a dict or an object, whose names a loop that writes it carries?"""
    return growing.is_known_dict(value) or (
        isinstance(value, Struct) and value.keys is not None and not value.is_dict
    )


def before_loop(lo: Lowerer, statements: list[ast.stmt], node: ast.AST) -> None:
    """Make variables of the lists that a loop on data writes, and of the rows of tables."""
    names = dict.fromkeys(written_names(statements))
    tables: dict[str, None] = {}
    for part in (part for statement in statements for part in ast.walk(statement)):
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            names[part.target.id] = None
        elif isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
            if isinstance(part.value, ast.Name):
                names[part.value.id] = None
            elif isinstance(part.value, ast.Subscript) and isinstance(part.value.value, ast.Name):
                tables[part.value.value.id] = None
    for name in names:
        _as_variable(lo, lo.locals.get(name), name, node)
    for name in tables:
        table = lo.locals.get(name)
        if growing.is_known_list(table):
            for place, row in enumerate(dict.fromkeys(table.items)):
                _as_variable(lo, row, f"{name}_{place}", node)


def _as_variable(lo: Lowerer, value: Value | None, name: str, node: ast.AST) -> None:
    if not growing.is_known_list(value) or value not in lo.unit.lists:
        return
    if growing.kind_of(value) is not None:
        listed = growing.as_list(lo, value, node)
        assert listed is not None
        listed.hint, listed.user = name, True
        list_writes.become(lo, value, listed, node)
