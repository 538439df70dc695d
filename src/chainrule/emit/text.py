"""Expressions as text: a syntax tree in, the shortest usual spelling out.

`ast.unparse` writes `x ** 2`, drops the user's spelling of numbers, and parenthesises differently;
this printer writes `x**2`, `1e-10`, and no parenthesis that is not needed.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Final

_BINARY: Final[dict[type[ast.operator], tuple[str, int]]] = {
    ast.BitOr: (" | ", 6),
    ast.BitXor: (" ^ ", 7),
    ast.BitAnd: (" & ", 8),
    ast.LShift: (" << ", 9),
    ast.RShift: (" >> ", 9),
    ast.Add: (" + ", 10),
    ast.Sub: (" - ", 10),
    ast.Mult: (" * ", 11),
    ast.Div: (" / ", 11),
    ast.FloorDiv: (" // ", 11),
    ast.Mod: (" % ", 11),
    ast.MatMult: (" @ ", 11),
    ast.Pow: ("**", 13),
}
_UNARY: Final[dict[type[ast.unaryop], tuple[str, int]]] = {
    ast.USub: ("-", 12),
    ast.UAdd: ("+", 12),
    ast.Invert: ("~", 12),
    ast.Not: ("not ", 4),
}
_COMPARE: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_ATOM: Final = 20
LINE: Final = 96  # a longer header, call or return is broken into several lines


class Raw(ast.expr):
    """Text that is printed as it is, as a product."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def render(node: ast.expr) -> str:
    """The text of an expression.

    >>> render(ast.parse("-(a ** 2) * (b + c)", mode="eval").body)
    '-a**2 * (b + c)'
    """
    return _render(node)[0]


def literal(value: object) -> str:
    """A plain value as a literal, text in double quotes where that needs no more escapes.

    >>> literal("tanh"), literal(float("inf")), literal(0.5)
    ('"tanh"', 'math.inf', '0.5')
    """
    text = repr(value)
    if isinstance(value, str) and text[0] == "'" and '"' not in text:
        return f'"{text[1:-1]}"'
    if isinstance(value, complex):
        return _complex_literal(value)
    if isinstance(value, float):
        return {"inf": "math.inf", "-inf": "-math.inf", "nan": "math.nan"}.get(text, text)
    return text


def _complex_literal(value: complex) -> str:
    """`1j`, `(2+1j)`; what Python has no literal for is called by its parts."""
    if math.isfinite(value.real) and math.isfinite(value.imag):
        return repr(value) if value.real or math.copysign(1.0, value.real) > 0 else f"{value!s}"
    return f"complex({literal(value.real)}, {literal(value.imag)})"


def _wrap(node: ast.expr, least: int) -> str:
    text, level = _render(node)
    return f"({text})" if level < least else text


def _render(node: ast.expr) -> tuple[str, int]:
    match node:
        case ast.BinOp(left, op, right):
            return _binary(left, op, right)
        case ast.UnaryOp(op, operand):
            sign, level = _UNARY[type(op)]
            return sign + _wrap(operand, level), level
        case ast.Compare(left, ops, comparators):
            parts = [_wrap(left, 6)]
            for compare, right in zip(ops, comparators, strict=True):
                parts += [_COMPARE[type(compare)], _wrap(right, 6)]
            return " ".join(parts), 5
        case ast.BoolOp(op, values):
            word, level = (" and ", 3) if isinstance(op, ast.And) else (" or ", 2)
            return word.join(_wrap(v, level + 1) for v in values), level
        case ast.IfExp(test, body, orelse):
            return f"{_wrap(body, 2)} if {_wrap(test, 2)} else {_wrap(orelse, 1)}", 1
        case Raw():
            return node.text, 11
        case ast.Constant():
            return _constant(node)
        case ast.Name(name):
            return name, _ATOM
        case _:
            return _primary(node), _ATOM


def _binary(left: ast.expr, op: ast.operator, right: ast.expr) -> tuple[str, int]:
    text, level = _BINARY[type(op)]
    if isinstance(op, ast.Pow):  # binds tighter than a sign on its left, looser on its right
        return f"{_wrap(left, 14)}{_tight(right)}", level
    return f"{_wrap(left, level)}{text}{_wrap(right, level + 1)}", level


def _tight(exponent: ast.expr) -> str:
    return "**" + _wrap(exponent, 12)


def _constant(node: ast.Constant) -> tuple[str, int]:
    text = getattr(node, "text", None)
    if text is not None:
        parsed = ast.parse(text, mode="eval").body
        if not isinstance(parsed, ast.Constant):
            return _render(parsed)
        return text, _ATOM
    value = node.value
    text = "..." if value is Ellipsis else repr(value)
    if isinstance(value, float) and text in ("inf", "-inf", "nan"):
        return {"inf": ("math.inf", _ATOM), "-inf": ("-math.inf", 12), "nan": ("math.nan", _ATOM)}[
            text
        ]
    negative = isinstance(value, int | float) and text.startswith("-")
    return text if value is Ellipsis else literal(value), 12 if negative else _ATOM


def _primary(node: ast.expr) -> str:
    match node:
        case ast.Attribute(value, attr):
            inner = _wrap(value, 15)
            if isinstance(value, ast.Constant) and isinstance(value.value, int):
                inner = f"({inner})"
            return f"{inner}.{attr}"
        case ast.Call(func, args, keywords):
            parts = [_wrap(a, 1) for a in args]
            parts += [
                f"{k.arg}={_wrap(k.value, 1)}" if k.arg else f"**{_wrap(k.value, 1)}"
                for k in keywords
            ]
            return f"{_wrap(func, 15)}({', '.join(parts)})"
        case ast.Subscript(value, index):
            inside = index.elts if isinstance(index, ast.Tuple) and index.elts else [index]
            comma = "," if isinstance(index, ast.Tuple) and len(index.elts) == 1 else ""
            return f"{_wrap(value, 15)}[{', '.join(map(_render_index, inside))}{comma}]"
        case ast.Tuple(elts):
            return f"({', '.join(_wrap(e, 1) for e in elts)}{',' if len(elts) == 1 else ''})"
        case ast.List(elts):
            return f"[{', '.join(_wrap(e, 1) for e in elts)}]"
        case ast.Dict(keys, values):
            pairs = zip(keys, values, strict=True)
            return "{" + ", ".join(f"{render(k)}: {_wrap(v, 1)}" for k, v in pairs if k) + "}"
        case ast.Starred(value):
            return f"*{_wrap(value, 6)}"
        case ast.Slice():
            return _render_index(node)
        case ast.JoinedStr():
            text = ast.unparse(node)
            return f'f"{text[2:-1]}"' if text.startswith("f'") and '"' not in text else text
        case _:
            return ast.unparse(node)


def _render_index(node: ast.expr) -> str:
    if not isinstance(node, ast.Slice):
        return render(node)
    parts = ["" if p is None else _wrap(p, 10) for p in (node.lower, node.upper)]
    tail = f":{_wrap(node.step, 10)}" if node.step is not None else ""
    return f"{parts[0]}:{parts[1]}{tail}"


def wrapped(head: str, items: Sequence[str], tail: str, width: int = LINE) -> list[str]:
    """`head` + items + `tail` on one line, or the items on lines of their own where it is long.

    >>> wrapped("def f(", ["x", "y"], "):")
    ['def f(x, y):']
    >>> print(*wrapped("return (", [f"gradient_{i:02}" for i in range(12)], ")"), sep="\\n")
    return (
        gradient_00, gradient_01, gradient_02, gradient_03, gradient_04, gradient_05,
        gradient_06, gradient_07, gradient_08, gradient_09, gradient_10, gradient_11,
    )
    """
    line = f"{head}{', '.join(items)}{tail}"
    if len(line) <= width:
        return [line]
    rows = [""]
    for item in items:
        if rows[-1] and len(rows[-1]) + len(item) + 6 > LINE:
            rows.append("")
        rows[-1] += f"{' ' if rows[-1] else '    '}{item},"
    return [head, *rows, tail]
