"""Exceptions that Python's arithmetic raises and machine code does not: guards in front of it.

    y = a / b          raise_if(b == 0.0: ZeroDivisionError)
                       y = a / b
    y = math.log(x)    raise_if(x <= 0.0: ValueError)
                       y = math.log(x)

Python's integers are as large as they need to be, those of machine code have 64 bits: products and
sums of two numbers are guarded, except those of counters and sizes, which are small.

Only the forward pass is guarded. NumPy's numbers give inf and NaN in Python too. The overflow of `x**n`
is not seen: it gives inf.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from ..ir.callees import Changed, with_callees
from ..ir.program import Atom, Const, Eqn, Function, Var
from ..ir.types import Scalar
from ..rules.builder import const

_DOMAIN: Final = 'ValueError("math domain error")'
_RANGE: Final = 'OverflowError("math range error")'
_DIVISION: Final = 'ZeroDivisionError("division by zero")'
_POWER: Final = 'ZeroDivisionError("0.0 cannot be raised to a negative power")'
_NEGATIVE: Final = 'ValueError("a negative power of an integer is a float: use a float")'
_TOO_LARGE: Final = 'OverflowError("an integer does not fit into 64 bits")'
_COMPLEX: Final = 'ValueError("a power of a negative number is complex, which is not supported")'
_FLOAT: Final = Scalar("float64", weak=True)
_LARGEST_INT: Final = 9.2233720368547e18  # a little less than 2**63
_LARGEST_EXP: Final = 709.782712893384  # the logarithm of the largest float

# Comparisons of the argument, with a number, that make a function of `math` raise.
_MATH: Final[dict[str, tuple[tuple[str, float, str], ...]]] = {
    "log": (("le", 0.0, _DOMAIN),),
    "log2": (("le", 0.0, _DOMAIN),),
    "log10": (("le", 0.0, _DOMAIN),),
    "log1p": (("le", -1.0, _DOMAIN),),
    "sqrt": (("lt", 0.0, _DOMAIN),),
    "arcsin": (("gt", 1.0, _DOMAIN), ("lt", -1.0, _DOMAIN)),
    "arccos": (("gt", 1.0, _DOMAIN), ("lt", -1.0, _DOMAIN)),
    "arccosh": (("lt", 1.0, _DOMAIN),),
    "arctanh": (("ge", 1.0, _DOMAIN), ("le", -1.0, _DOMAIN)),
    "exp": (("gt", _LARGEST_EXP, _RANGE),),
    "expm1": (("gt", _LARGEST_EXP, _RANGE),),
}


def guarded(function: Function, *, numpy_too: bool) -> Function:
    """The function with guards; `numpy_too` for the division of NumPy's numbers as well.

    A function that Numba compiles does not tell the two kinds of numbers apart, and raises at all
    divisions by zero, and at no function of `math`.
    """
    small: set[Var] = set()  # integers that no array is too large for

    def _body(body: tuple[Eqn, ...], seen: set[tuple[str, Atom]]) -> tuple[Eqn, ...]:
        result: list[Eqn] = []
        for eqn in body:
            if eqn.op == "for":
                small.add(eqn.blocks[0].params[0])
            elif _is_small(eqn, small):
                small.update(eqn.outs)
            blocks = tuple(replace(b, body=_body(b.body, set(seen))) for b in eqn.blocks)
            if not eqn.backward:
                for op, atom, bound, error in _risks(eqn, numpy_too):
                    if (op, atom) not in seen:
                        seen.add((op, atom))
                        result += _guard(eqn, op, atom, bound, error)
                if eqn.via == "real" and not numpy_too:
                    result += _complex_power(eqn)
                if not numpy_too and not _is_small(eqn, small):
                    result += _overflow(eqn)
            result.append(replace(eqn, blocks=blocks) if blocks else eqn)
        return tuple(result)

    def change(one: Function) -> Function:
        return one.with_body(_body(one.body, set()))

    return change(with_callees(function, change, Changed()))


def _is_small(eqn: Eqn, small: set[Var]) -> bool:
    """Is the result a size, or made of sizes and counters?"""
    if eqn.op in ("shape", "array_size"):
        return True
    arithmetic = eqn.op in ("add", "sub", "mul", "floordiv", "mod", "neg")
    return arithmetic and all(isinstance(a, Const) or a in small for a in eqn.args)


def _overflow(eqn: Eqn) -> Iterator[Eqn]:
    """Refuse a result that does not fit into 64 bits, by computing it as a float before."""
    if eqn.op not in ("add", "sub", "mul", "pow", "lshift") or not _is_python_int(eqn.out):
        return
    a, b = eqn.args
    if not (_is_python_int(a) and _is_python_int(b)):
        return
    if eqn.op in ("add", "sub") and (isinstance(a, Const) or isinstance(b, Const)):
        return  # a count, which is not done in our time
    if eqn.op in ("pow", "lshift") and isinstance(b, Var):
        yield from _guard(eqn, "lt", b, 0.0, _NEGATIVE)
    left, right = _as_float(eqn, a), _as_float(eqn, b)
    yield from (e for e, _ in (left, right) if e is not None)
    first, second = left[1], right[1]
    op = eqn.op
    if op == "lshift":  # a * 2.0**b
        power = Var("", _FLOAT)
        yield _quiet(eqn, power, "pow", const(2.0), second)
        op, second = "mul", power
    result = Var("", _FLOAT)
    yield _quiet(eqn, result, op, first, second)
    yield from _guard(eqn, "gt", result, _LARGEST_INT, _TOO_LARGE)
    yield from _guard(eqn, "lt", result, -_LARGEST_INT, _TOO_LARGE)


def _complex_power(eqn: Eqn) -> Iterator[Eqn]:
    """Refuse a power that is complex in Python: of a negative base, with a fraction as exponent."""
    base, exponent = eqn.args
    negative, apart, both = (Var("", Scalar("bool", weak=True)) for _ in range(3))
    whole = Var("", _FLOAT)
    yield _quiet(eqn, negative, "lt", base, const(0.0))
    yield _quiet(eqn, whole, "floor", exponent)
    yield _quiet(eqn, apart, "ne", exponent, whole)
    yield _quiet(eqn, both, "and", negative, apart)
    yield _raise_if(eqn, both, _COMPLEX)


def _is_python_int(atom: Atom) -> bool:
    return isinstance(atom.type, Scalar) and atom.type.weak and atom.type.dtype == "int64"


def _as_float(eqn: Eqn, atom: Atom) -> tuple[Eqn | None, Atom]:
    """The equation that makes a float of an integer, and the float."""
    if isinstance(atom, Const):
        return None, const(float(atom.value))
    number = Var("", _FLOAT)
    return _quiet(eqn, number, "mul", atom, const(1.0)), number


def _quiet(eqn: Eqn, out: Var, op: str, *args: Atom) -> Eqn:
    return Eqn((out,), op, args, stage=eqn.stage, span=eqn.span)


def _risks(eqn: Eqn, numpy_too: bool) -> Iterator[tuple[str, Atom, float, str]]:
    """Comparisons that make Python raise at this equation."""
    if not eqn.outs or not isinstance(eqn.outs[0].type, Scalar):
        return
    weak = all(isinstance(a.type, Scalar) and a.type.weak for a in eqn.args)
    if eqn.op in ("div", "floordiv", "mod") and (weak or numpy_too):
        yield from _risk("eq", eqn.args[1], 0.0, _DIVISION)
    elif eqn.op == "pow" and (weak or numpy_too) and isinstance(eqn.args[1], Const):
        exponent = eqn.args[1].value
        if not isinstance(exponent, complex) and exponent < 0:
            yield from _risk("eq", eqn.args[0], 0.0, _POWER)
    elif eqn.via == "cmath" and eqn.op in ("log", "log10") and not numpy_too:
        yield from _risk("eq", eqn.args[0], 0.0, _DOMAIN)
    elif eqn.via == "math" and not numpy_too:
        for op, bound, error in _MATH.get(eqn.op, ()):
            yield from _risk(op, eqn.args[0], bound, error)


def _risk(op: str, atom: Atom, bound: float, error: str) -> Iterator[tuple[str, Atom, float, str]]:
    """A comparison, unless the number is known and safe."""
    unsafe = {"eq": np.equal, "le": np.less_equal, "lt": np.less, "gt": np.greater}
    unsafe["ge"] = np.greater_equal
    if isinstance(atom, Var) or bool(unsafe[op](atom.value, bound)):
        yield op, atom, bound, error


def _guard(eqn: Eqn, op: str, atom: Atom, bound: float, error: str) -> Iterator[Eqn]:
    test = Var("", Scalar("bool", weak=True))
    number = const(int(bound)) if np.dtype(atom.type.dtype).kind in "iu" else const(bound)
    yield Eqn((test,), op, (atom, number), stage=eqn.stage, span=eqn.span)
    yield _raise_if(eqn, test, error)


def _raise_if(eqn: Eqn, test: Var, error: str) -> Eqn:
    detail = ast.parse(error, mode="eval").body
    static = {"shown": (ast.Name("$0", ast.Load()),), "detail": detail}
    return Eqn((), "raise_if", (test,), static, stage=eqn.stage, span=eqn.span, effect=True)
