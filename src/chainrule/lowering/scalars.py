"""One element of an elementwise operation as an expression over numbers, in NumPy's precision.

NumPy converts the operands to one precision and computes in it; a compiler would compute
`float32 * 2.0` in doubles. So operands are converted here, by the same table that NumPy uses.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np

from ..ir.program import Atom, Const, Eqn, Var
from ..ir.types import Scalar, Type, is_complex
from ..rules.builder import const
from ..rules.registry import OPS
from .code import Code
from .special import call_of
from .table import refuse

Element = Callable[[Code, Eqn, Sequence[Atom], str], Atom]

_WEAK: Final[dict[str, Any]] = {"int64": int, "float64": float, "complex128": complex}

# What is the same text for an element as for an array, and known to compilers.
_TEXTS: Final = {
    "sub": "_0 - _1", "div": "_0 / _1", "neg": "-_0", "floordiv": "_0 // _1",
    "mod": "_0 % _1", "eq": "_0 == _1", "ne": "_0 != _1", "lt": "_0 < _1", "le": "_0 <= _1",
    "gt": "_0 > _1", "ge": "_0 >= _1", "lshift": "_0 << _1", "rshift": "_0 >> _1",
    "maximum": "np.maximum(_0, _1)", "minimum": "np.minimum(_0, _1)", "fmax": "np.fmax(_0, _1)",
    "fmin": "np.fmin(_0, _1)", "fmod": "np.fmod(_0, _1)", "float_power": "_0**_1",
    "clip": "np.minimum(np.maximum(_0, _1), _2)", "square": "_0 * _0",
    "sigmoid": "1.0 / (1.0 + np.exp(-_0))",
    "exp": "np.exp(_0)", "exp2": "np.exp2(_0)", "expm1": "np.expm1(_0)", "log": "np.log(_0)",
    "log2": "np.log2(_0)", "log10": "np.log10(_0)", "log1p": "np.log1p(_0)", "cbrt": "np.cbrt(_0)",
    "logaddexp": "np.logaddexp(_0, _1)", "logaddexp2": "np.logaddexp2(_0, _1)",
    "sqrt": "np.sqrt(_0)", "abs": "abs(_0)", "fabs": "np.fabs(_0)",
    "copysign": "np.copysign(_0, _1)", "ldexp": "math.ldexp(_0, int(_1))", "sin": "np.sin(_0)",
    "cos": "np.cos(_0)", "tan": "np.tan(_0)", "arcsin": "np.arcsin(_0)", "arccos": "np.arccos(_0)",
    "arctan": "np.arctan(_0)", "sinh": "np.sinh(_0)", "cosh": "np.cosh(_0)", "tanh": "np.tanh(_0)",
    "arcsinh": "np.arcsinh(_0)", "arccosh": "np.arccosh(_0)", "arctanh": "np.arctanh(_0)",
    "radians": "np.radians(_0)", "degrees": "np.degrees(_0)", "deg2rad": "np.deg2rad(_0)",
    "rad2deg": "np.rad2deg(_0)", "hypot": "np.hypot(_0, _1)", "arctan2": "np.arctan2(_0, _1)",
    "sinc": "np.sinc(_0)", "special.erf": "math.erf(_0)", "special.erfc": "math.erfc(_0)",
    "special.gamma": "math.gamma(_0)", "special.gammaln": "math.lgamma(_0)",
    "gammainc_slope": "gammainc_slope(_0, _1)", "stdtr_slope": "stdtr_slope(_0, _1)",
    "betainc_slope": "betainc_slope(_0, _1, _2)", "special.digamma": "digamma(_0)",
    "i0": "i0(_0)", "floor": "np.floor(_0)",
    "ceil": "np.ceil(_0)", "trunc": "np.trunc(_0)", "fix": "np.trunc(_0)", "rint": "np.rint(_0)",
    "sign": "np.sign(_0)", "signbit": "np.signbit(_0)", "isnan": "np.isnan(_0)",
    "isinf": "np.isinf(_0)", "isfinite": "np.isfinite(_0)",
    "isposinf": "np.isinf(_0) and _0 > 0", "isneginf": "np.isinf(_0) and _0 < 0",
    "math.remainder": "remainder(_0, _1)", "py_max": "_1 if _1 > _0 else _0",
    "py_min": "_1 if _1 < _0 else _0", "round": "round(_0)", "int": "int(_0)",
    "not": "not _0", "and": "_0 and _1", "or": "_0 or _1", "chain": "_0 * _1",
    "math.factorial": "factorial(_0)", "math.comb": "comb(_0, _1)", "math.perm": "perm(_0, _1)",
    "math.isqrt": "isqrt(_0)", "gcd": "np.gcd(_0, _1)", "lcm": "np.lcm(_0, _1)",
    "nextafter": "np.nextafter(_0, _1)", "spacing": "np.spacing(_0)",
}  # fmt: skip
_BOOLS: Final = {
    "add": "_0 or _1", "mul": "_0 and _1", "bitand": "_0 and _1", "bitor": "_0 or _1",
    "bitxor": "_0 != _1", "logical_and": "_0 and _1", "logical_or": "_0 or _1",
    "logical_xor": "_0 != _1", "logical_not": "not _0", "invert": "not _0",
    "maximum": "_0 or _1", "minimum": "_0 and _1", "abs": "_0", "pos": "_0",
}  # fmt: skip
_OTHERS: Final = {
    "add": "_0 + _1", "mul": "_0 * _1", "bitand": "_0 & _1", "bitor": "_0 | _1",
    "bitxor": "_0 ^ _1", "invert": "~_0",
}  # fmt: skip
_SAME: Final = frozenset({"pos", "real", "real_if_close", "conj", "alias", "stop_gradient"})
_CONVERTING: Final = frozenset({"item", "float", "complex", "number", "cast", "bool"})
_IN_RESULT: Final = frozenset(
    {"chain", "accumulate", "clip"}
)  # operands have the result's precision
_HELPERS: Final = ("math.", "digamma(", "i0(", "polygamma(", "np.sinc", "remainder(")


def cast(code: Code, atom: Atom, dtype: str) -> Atom:
    """A number in another precision."""
    have = atom.type.dtype
    if have == dtype:
        return atom
    if isinstance(atom, Const):
        return constant(atom.value, dtype)
    if dtype == "bool":
        return code.py("_0 != 0", (atom,), "bool")
    if have == "bool":
        return code.py("_1 if _0 else _2", (atom, constant(1, dtype), constant(0, dtype)), dtype)
    python = {"float64": "float(_0)", "int64": "int(_0)", "complex128": "complex(_0)"}
    text = python.get(dtype, f"np.{dtype}(_0)")
    return code.py(text, (atom,), dtype)


def constant(value: Any, dtype: str) -> Const:
    """A number of a precision: Python's for doubles and integers."""
    number = np.dtype(dtype).type(value)
    if dtype in ("float64", "int64", "bool", "complex128"):
        return Const(number.item(), Scalar(dtype, weak=True))
    return Const(number, Scalar(dtype))


@cache
def _resolved(ufunc: Any, types: tuple[Any, ...]) -> tuple[str, ...]:
    found = ufunc.resolve_dtypes((*types, *([None] * ufunc.nout)))
    return tuple(d.name for d in found[: len(types)])


def operand_dtypes(op: str, types: Sequence[Type], out: Type) -> tuple[str, ...]:
    """The precision that each operand is converted to."""
    ufunc = OPS[op].ufunc if op != "accumulate" else np.add
    if not isinstance(ufunc, np.ufunc):
        return (out.dtype,) * len(types)
    parts = tuple(
        _WEAK.get(t.dtype, np.dtype(t.dtype))
        if isinstance(t, Scalar) and t.weak
        else np.dtype(t.dtype)
        for t in types
    )
    if all(isinstance(p, type) for p in parts):
        parts = tuple(np.dtype(t.dtype) for t in types)
    return _resolved(ufunc, parts)


def is_python(eqn: Eqn) -> bool:
    """Does Python's arithmetic compute it?"""
    weak = all(isinstance(a.type, Scalar) and a.type.weak for a in eqn.args)
    return eqn.via == "math" or (weak and eqn.via in ("", "aug"))


def element(code: Code, eqn: Eqn, args: Sequence[Atom]) -> Atom:
    """The operation applied to numbers; Numba computes narrow integers in 64 bits."""
    result = _element(code, eqn, args)
    return result if eqn.op in _SAME | _CONVERTING else narrowed(code, result)


def narrowed(code: Code, atom: Atom) -> Atom:
    """A number of a narrow integer type, which wraps around as NumPy's do."""
    dtype = atom.type.dtype
    if isinstance(atom, Var) and np.dtype(dtype).kind in "iu" and dtype != "int64":
        return code.py(f"np.{dtype}(_0)", (atom,), dtype)
    return atom


def _element(code: Code, eqn: Eqn, args: Sequence[Atom]) -> Atom:
    op, out = eqn.op, eqn.out.type.dtype
    part = _PARTS.get(op)
    if part is not None and is_complex(args[0].type):
        return code.py(part, args, out)
    if op in _SAME:
        return cast(code, args[0], out)
    if eqn.via == "cmath":
        args = [cast(code, a, "complex128") for a in args]
    special = _ELEMENTS.get(op)
    if special is not None:
        return special(code, eqn, args, out)
    if op in _CONVERTING:
        return cast(code, args[0], out)
    call = None if op in _TEXTS else call_of(op, len(args))
    if call is not None:
        doubles = [cast(code, a, "float64") for a in args]
        return cast(code, code.py(call, doubles, "float64"), out)
    if eqn.via == "cmath":
        return code.py(_text(eqn, args), args, out)
    if not is_python(eqn) and OPS[op].elementwise and op not in _IN_RESULT:
        dtypes = operand_dtypes(op, [a.type for a in eqn.args], eqn.out.type)
        args = [cast(code, a, d) for a, d in zip(args, dtypes, strict=True)]
    elif op in _IN_RESULT:
        args = [cast(code, a, out) for a in args]
    return code.py(_text(eqn, args), args, out)


# What of a real number is that number, or a constant.
_PARTS: Final = {
    "real": "_0.real", "imag": "_0.imag", "conj": "np.conj(_0)",
    "isreal": "_0.imag == 0", "iscomplex": "_0.imag != 0",
}  # fmt: skip


def _text(eqn: Eqn, args: Sequence[Atom]) -> str:
    """The expression, `_0`, `_1` standing for the operands."""
    op = eqn.op
    bools = all(a.type.dtype == "bool" for a in args)
    if op == "accumulate":
        return "_0 + _1"
    if bools and op in _BOOLS:
        return _BOOLS[op]
    if op == "sign" and np.dtype(eqn.out.type.dtype).kind in "iu":
        return "(1 if _0 > 0 else 0) - (1 if _0 < 0 else 0)"
    if eqn.via == "math":
        return _math_text(op)
    text = _TEXTS.get(op) or _OTHERS.get(op) or _BOOLS.get(op)
    if text is None:
        raise refuse(eqn, f"the operation {op}")
    if eqn.out.type.dtype == "float32" and text.startswith(_HELPERS):
        return f"np.float32({text})"
    if op == "sigmoid" and eqn.out.type.dtype == "float32":
        return "np.float32(1.0) / (np.float32(1.0) + np.exp(-_0))"
    return text


def _math_text(op: str) -> str:
    """The text of a function of the module `math`."""
    if op in ("cbrt", "exp2", "fmod") or op.startswith("math."):
        return _TEXTS[op]
    template = OPS[op].spellings["math"]
    names = {o: f"_{i}" for i, o in enumerate(OPS[op].operands)}
    tree = ast.parse(ast.unparse(template), mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return ast.unparse(tree)


# -- operations with a text of their own ---------------------------------------------------------


def _pow(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    base, exponent = args
    if eqn.via == "math":
        return code.py("math.pow(_0, _1)", args, out)
    if is_complex(eqn.out.type):
        return _complex_power(code, args, out)
    whole = isinstance(exponent, Const) and float(exponent.value).is_integer()
    if whole and np.dtype(out).kind == "f" and abs(exponent.value) <= 64:  # type: ignore[union-attr]
        base = cast(code, base, out)
        number = const(int(exponent.value))  # type: ignore[union-attr]
        if number.value == 2:
            return code.py("_0 * _0", (base,), out)
        return code.py("_0**_1", (base, number), out)
    if not is_python(eqn):
        dtypes = operand_dtypes("pow", [a.type for a in eqn.args], eqn.out.type)
        base, exponent = (cast(code, a, d) for a, d in zip(args, dtypes, strict=True))
    elif np.dtype(out).kind == "f":
        base, exponent = (cast(code, a, out) for a in args)
    return code.py("_0**_1", (base, exponent), out)


def _complex_power(code: Code, args: Sequence[Atom], out: str) -> Atom:
    """A power of complex numbers, a small whole one by products."""
    base, exponent = cast(code, args[0], out), args[1]
    times = exponent.value if isinstance(exponent, Const) else None
    if times in (1, 2, 3, 4):
        return code.py(" * ".join(["_0"] * int(times)), (base,), out)
    if times == -1:
        return code.py("_1 / _0", (base, constant(1, out)), out)
    return code.py("_0**_1", (base, cast(code, exponent, out)), out)


def _angle(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    if not is_complex(args[0].type):
        x = cast(code, args[0], out)
        found = code.py("np.arctan2(_1, _0)", (x, constant(0, out)), out)
    else:
        found = code.py("np.arctan2(_0.imag, _0.real)", args, out)
    if not eqn.static.get("deg"):
        return found
    return code.py("_0 * _1", (found, constant(180 / np.pi, out)), out)


def _complex_of(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    if any(is_complex(a.type) for a in args):
        return code.py("_0 + _1 * 1j", args, out)
    return code.py("complex(_0, _1)", args, out)


def _where(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    test = cast(code, args[0], "bool")
    sides = [cast(code, a, out) for a in args[1:]]
    return code.py("_1 if _0 else _2", (test, *sides), out)


def _logical(text: str) -> Element:
    def lower(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
        return code.py(text, [cast(code, a, "bool") for a in args], "bool")

    return lower


def _reciprocal(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    return code.py("_1 / _0", (cast(code, args[0], out), constant(1, out)), out)


def _heaviside(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    x, at_zero = (cast(code, a, out) for a in args)
    zero, one = constant(0, out), constant(1, out)
    text = "_0 if _0 != _0 else _2 if _0 < 0 else _1 if _0 == 0 else _3"
    return code.py(text, (x, at_zero, zero, one), out)


def _nan_to_num(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    if np.dtype(out).kind != "f":
        return args[0]
    limits = np.finfo(out)
    given = eqn.static
    x = cast(code, args[0], out)
    parts = []
    for key, default in (("nan", 0.0), ("posinf", limits.max), ("neginf", limits.min)):
        value = given.get(key)
        parts.append(constant(default if value is None else value, out))
    infinite = "(_2 if _0 > 0 else _3) if np.isinf(_0) else _0"
    return code.py(f"_1 if np.isnan(_0) else {infinite}", (x, *parts), out)


def _always(value: bool) -> Element:
    return lambda code, eqn, args, out: constant(value, "bool")


def _imag(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    return constant(0, out)


def _round(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    decimals = eqn.static["decimals"]
    if np.dtype(out).kind != "f":
        return args[0]
    x = cast(code, args[0], out)
    if not decimals:
        return code.py("np.rint(_0)", (x,), out)
    power = constant(10.0 ** abs(decimals), out)
    text = "np.rint(_0 * _1) / _1" if decimals > 0 else "np.rint(_0 / _1) * _1"
    return code.py(text, (x, power), out)


def _isclose(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    a, b = (cast(code, x, "float64") for x in args)
    given: Mapping[str, Any] = eqn.static
    text = "_0 == _1 or np.isfinite(_1) and abs(_0 - _1) <= _3 + _2 * abs(_1)"
    if given.get("equal_nan"):
        text = f"np.isnan(_0) and np.isnan(_1) or {text}"
    return code.py(text, (a, b, const(given["rtol"]), const(given["atol"])), "bool")


def _math_isclose(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    text = (
        "_0 == _1 or not np.isinf(_0) and not np.isinf(_1) "
        "and abs(_0 - _1) <= max(_2 * max(abs(_0), abs(_1)), _3)"
    )
    given = eqn.static
    return code.py(text, (*args, const(given["rel_tol"]), const(given["abs_tol"])), "bool")


def _folded(text: str, start: float) -> Element:
    def lower(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
        total: Atom = constant(start, out)
        for arg in args:
            total = code.py(text, (total, arg), out) if total is not args[0] else total
        return total

    return lower


def _polygamma(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    order = eqn.static["n"]
    x = cast(code, args[0], "float64")
    value = code.py("digamma(_0)", (x,), "float64") if order == 0 else None
    made = value or code.py("polygamma(_0, _1)", (const(order), x), "float64")
    return cast(code, made, out)


def _round_to(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    digits = eqn.static["ndigits"]
    if np.dtype(out).kind != "f":
        if digits < 0:
            raise refuse(eqn, "round of an integer to tens")
        return args[0]
    rounded = code.py("round(_0, _1)", (cast(code, args[0], "float64"), const(digits)), "float64")
    return cast(code, rounded, out)


def _bool(code: Code, eqn: Eqn, args: Sequence[Atom], out: str) -> Atom:
    return cast(code, args[0], "bool")


_ELEMENTS: Final[dict[str, Element]] = {
    "pow": _pow,
    "where": _where,
    "logical_and": _logical("_0 and _1"),
    "logical_or": _logical("_0 or _1"),
    "logical_xor": _logical("_0 != _1"),
    "logical_not": _logical("not _0"),
    "reciprocal": _reciprocal,
    "heaviside": _heaviside,
    "nan_to_num": _nan_to_num,
    "imag": _imag,
    "angle": _angle,
    "phase": _angle,
    "complex_of": _complex_of,
    "isreal": _always(True),
    "iscomplex": _always(False),
    "np.round": _round,
    "isclose": _isclose,
    "math.isclose": _math_isclose,
    "math.hypot": _folded("math.hypot(_0, _1)", 0.0),
    "math.fsum": _folded("_0 + _1", 0.0),
    "math.gcd": _folded("math.gcd(_0, _1)", 0),
    "math.lcm": _folded("_0 // math.gcd(_0, _1) * _1", 1),
    "special.polygamma": _polygamma,
    "round_to": _round_to,
    "not": lambda code, eqn, args, out: code.py("not _0", args, "bool"),
    "bool": _bool,
}
SCALAR_ONLY: Final = frozenset(
    {"item", "round_to", "float", "complex", "complex_of", "number", "int", "bool", "round",
     "py_max", "py_min", "not", "and", "or",
     "math.hypot", "math.fsum", "math.isclose", "math.gcd", "math.lcm", "math.remainder",
     "math.factorial", "math.comb", "math.perm", "math.isqrt"}
)  # fmt: skip


def variable(atom: Atom) -> bool:
    """Is it a variable, not a constant?"""
    return isinstance(atom, Var)
