"""`match`: a chain of `if` statements, each pattern a test and names for what it takes apart.

    match kind:                  if kind == "relu": ...
        case "relu": ...         elif kind == "tanh" or kind == "sigmoid": ...
        case "tanh" | "sigmoid": ...

The subject, and the parts that a pattern takes of a tuple, are bound to names that no user can have.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..ir.program import Var
from ..ir.types import Scalar
from . import attributes, builtin_calls, statics
from .values import Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_POSITION: Final = (float, int, str, bytes, bool, tuple, list, dict)  # `case float(x)` binds all


@dataclass
class _Pattern:
    """What a pattern asks, and the names that it binds to hidden ones."""

    tests: list[ast.expr] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def desugared(lo: Lowerer, node: ast.Match) -> ast.If:
    """The statement as an `if`, its subject evaluated now."""
    subject = _hidden(lo, lo.expr(node.subject), node.subject)
    chain: list[ast.stmt] = []
    for case in reversed(node.cases):
        chain = [_case(lo, case, subject, chain)]
    outer = ast.If(ast.Constant(True), chain, [])
    return ast.fix_missing_locations(ast.copy_location(outer, node))


def _hidden(lo: Lowerer, value: Value, node: ast.AST) -> ast.Name:
    """A name for a value; the user's own where it has one."""
    if isinstance(node, ast.Name):
        return ast.copy_location(ast.Name(node.id, ast.Load()), node)
    lo.unit.hidden += 1
    name = f"<match {lo.unit.hidden}>"
    lo.locals[name] = value
    return ast.copy_location(ast.Name(name, ast.Load()), node)


def _case(lo: Lowerer, case: ast.match_case, subject: ast.Name, rest: list[ast.stmt]) -> ast.If:
    pattern = _Pattern()
    _read(lo, case.pattern, subject, pattern)
    tests = list(pattern.tests)
    if case.guard is not None:
        if pattern.tests and (hidden := lo.locals.keys() & pattern.names.keys()):
            lo.refuse(
                "CR032",
                f"a guard of a pattern that binds {min(hidden)} anew is not supported yet",
                case.guard,
                "give the name in the pattern another name",
            )
        tests.append(_Renamed(pattern.names).visit(_copy(case.guard)))
    bind: list[ast.stmt] = [
        ast.Assign([ast.Name(name, ast.Store())], ast.Name(taken, ast.Load()))
        for name, taken in pattern.names.items()
    ]
    test: ast.expr = ast.Constant(True)
    if tests:
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
    made = ast.If(test, [*bind, *case.body], rest)
    for part in (test, made, *bind):
        ast.copy_location(part, case.pattern)
        for inner in ast.walk(part) if part is not made else ():
            if not hasattr(inner, "lineno"):
                ast.copy_location(inner, case.pattern)
    return made


def _copy(node: ast.expr) -> ast.expr:
    import copy

    return copy.deepcopy(node)


class _Renamed(ast.NodeTransformer):
    """A guard reads what its pattern has just bound."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        new = ast.Name(self.names.get(node.id, node.id), node.ctx)
        return ast.copy_location(new, node)


def _read(lo: Lowerer, pattern: ast.pattern, subject: ast.Name, found: _Pattern) -> None:
    """Add what a pattern asks of a subject."""
    match pattern:
        case ast.MatchValue(value):
            found.tests.append(ast.Compare(subject, [ast.Eq()], [value]))
        case ast.MatchSingleton(value):
            known = lo.name(subject)
            if isinstance(known, Var) and known.type == Scalar("bool", True) and value is not None:
                found.tests.append(subject if value else ast.UnaryOp(ast.Not(), subject))
            else:
                found.tests.append(ast.Compare(subject, [ast.Is()], [ast.Constant(value)]))
        case ast.MatchAs(inner, name):
            if inner is not None:
                _read(lo, inner, subject, found)
            if name is not None:
                found.names[name] = subject.id
        case ast.MatchOr(patterns):
            _either(lo, patterns, subject, found)
        case ast.MatchSequence(patterns):
            _sequence(lo, pattern, patterns, subject, found)
        case ast.MatchMapping(keys, patterns, rest):
            _mapping(lo, pattern, keys, patterns, rest, subject, found)
        case ast.MatchClass():
            _class(lo, pattern, subject, found)
        case _:
            lo.refuse_construct("pattern", pattern)


def _either(lo: Lowerer, patterns: list[ast.pattern], subject: ast.Name, found: _Pattern) -> None:
    options: list[ast.expr] = []
    for pattern in patterns:
        one = _Pattern()
        _read(lo, pattern, subject, one)
        if one.names:
            lo.refuse_construct("pattern", pattern)
        if not one.tests:
            return
        options.append(one.tests[0] if len(one.tests) == 1 else ast.BoolOp(ast.And(), one.tests))
    found.tests.append(ast.BoolOp(ast.Or(), options))


def _sequence(
    lo: Lowerer,
    node: ast.pattern,
    patterns: list[ast.pattern],
    subject: ast.Name,
    found: _Pattern,
) -> None:
    """Items of a tuple or list; an array is no sequence to Python's `match`."""
    value = lo.name(subject)
    if not (isinstance(value, Struct) and value.is_sequence):
        if isinstance(value, Static) and isinstance(value.obj, range | tuple | list):
            lo.refuse_construct("pattern", node)
        found.tests.append(ast.Constant(False))
        return
    stars = [i for i, p in enumerate(patterns) if isinstance(p, ast.MatchStar)]
    after = len(patterns) - stars[0] - 1 if stars else 0
    count = len(value.items)
    if count < len(patterns) - len(stars) or (not stars and count != len(patterns)):
        found.tests.append(ast.Constant(False))
        return
    items: list[Value] = list(value.items)
    if stars:
        cut = stars[0]
        items[cut : count - after] = [Struct(list, tuple(items[cut : count - after]))]
    for pattern, item in zip(patterns, items, strict=True):
        part = _hidden(lo, item, pattern)
        if not isinstance(pattern, ast.MatchStar):
            _read(lo, pattern, part, found)
        elif pattern.name is not None:
            found.names[pattern.name] = part.id


def _mapping(
    lo: Lowerer,
    node: ast.pattern,
    keys: list[ast.expr],
    patterns: list[ast.pattern],
    rest: str | None,
    subject: ast.Name,
    found: _Pattern,
) -> None:
    value = lo.name(subject)
    if not (isinstance(value, Struct) and value.is_dict) or rest is not None:
        if isinstance(value, Struct) and value.is_dict:
            lo.refuse_construct("pattern", node)
        found.tests.append(ast.Constant(False))
        return
    for key, pattern in zip(keys, patterns, strict=True):
        known = statics.key_value(lo, lo.expr(key), key)
        if known not in (value.keys or ()):
            found.tests.append(ast.Constant(False))
            return
        _read(lo, pattern, _hidden(lo, value.get(known), pattern), found)


def _class(lo: Lowerer, node: ast.MatchClass, subject: ast.Name, found: _Pattern) -> None:
    """`case float(x)`, `case Point(x=0.0, y=y)`."""
    value, wanted = lo.name(subject), lo.expr(node.cls)
    if not (isinstance(wanted, Static) and isinstance(wanted.obj, type)):
        lo.refuse_construct("pattern", node)
    if not issubclass(builtin_calls.class_of(lo, value, node), wanted.obj):
        found.tests.append(ast.Constant(False))
        return
    names = list(node.kwd_attrs)
    if node.patterns and wanted.obj in _POSITION:
        (only,) = node.patterns
        _read(lo, only, subject, found)
    elif node.patterns:
        order = getattr(wanted.obj, "__match_args__", ())
        if len(order) < len(node.patterns):
            lo.refuse_construct("pattern", node)
        names = [*order[: len(node.patterns)], *names]
    patterns = [*(node.patterns if wanted.obj not in _POSITION else ()), *node.kwd_patterns]
    for name, pattern in zip(names, patterns, strict=True):
        part = attributes.attribute_of(lo, value, name, node)
        _read(lo, pattern, _hidden(lo, part, pattern), found)
