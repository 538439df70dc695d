"""Exceptions that Python's arithmetic raises and machine code does not: guards in front of it.

    y = a / b          raise_if(b == 0.0: ZeroDivisionError)
                       y = a / b
    y = math.log(x)    raise_if(x <= 0.0: ValueError)
                       y = math.log(x)

Only the forward pass is guarded. NumPy's numbers give inf and NaN in Python too. The overflow of `x**n`
is not seen: it gives inf.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from ..ir.program import Atom, Const, Eqn, Function, Var
from ..ir.types import Scalar
from ..rules.builder import const

_DOMAIN: Final = 'ValueError("math domain error")'
_RANGE: Final = 'OverflowError("math range error")'
_DIVISION: Final = 'ZeroDivisionError("division by zero")'
_POWER: Final = 'ZeroDivisionError("0.0 cannot be raised to a negative power")'
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
    done: dict[Function, Function] = {}

    def callee(called: Function) -> Function:
        if called not in done:
            done[called] = called.with_body(_body(called.body, set()))
        return done[called]

    def _body(body: tuple[Eqn, ...], seen: set[tuple[str, Atom]]) -> tuple[Eqn, ...]:
        result: list[Eqn] = []
        for eqn in body:
            if eqn.op == "call":
                eqn = replace(eqn, static={**eqn.static, "callee": callee(eqn.static["callee"])})
            blocks = tuple(replace(b, body=_body(b.body, set(seen))) for b in eqn.blocks)
            for op, atom, bound, error in () if eqn.backward else _risks(eqn, numpy_too):
                if (op, atom) not in seen:
                    seen.add((op, atom))
                    result += _guard(eqn, op, atom, bound, error)
            result.append(replace(eqn, blocks=blocks) if blocks else eqn)
        return tuple(result)

    return function.with_body(_body(function.body, set()))


def _risks(eqn: Eqn, numpy_too: bool) -> Iterator[tuple[str, Atom, float, str]]:
    """Comparisons that make Python raise at this equation."""
    if not eqn.outs or not isinstance(eqn.outs[0].type, Scalar):
        return
    weak = all(isinstance(a.type, Scalar) and a.type.weak for a in eqn.args)
    if eqn.op in ("div", "floordiv", "mod") and (weak or numpy_too):
        yield from _risk("eq", eqn.args[1], 0.0, _DIVISION)
    elif eqn.op == "pow" and (weak or numpy_too) and isinstance(eqn.args[1], Const):
        if eqn.args[1].value < 0:
            yield from _risk("eq", eqn.args[0], 0.0, _POWER)
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
    detail = ast.parse(error, mode="eval").body
    static = {"shown": (ast.Name("$0", ast.Load()),), "detail": detail}
    yield Eqn((), "raise_if", (test,), static, stage=eqn.stage, span=eqn.span, effect=True)
