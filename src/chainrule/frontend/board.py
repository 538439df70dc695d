"""Expression mode: an expression as a function in stages, named as a teacher names them on a board.

    (x + sigmoid(y)) / (sigmoid(x) + (x + y)**2)   ->   def f(x, y):
                                                            sigy = 1.0 / (1 + math.exp(-y))
                                                            num = x + sigy
                                                            ...

The expression is parsed, never run: names, numbers, arithmetic and the functions of `FUNCTIONS` are
let through, and all else is refused. Names become parameters, so nothing outside is reached. Every
operation gets a stage; equal ones share it. The text that is written goes the way of any other
function from there on, with `math` for numbers and NumPy for arrays.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import math
from collections.abc import Collection
from dataclasses import dataclass, field
from types import FunctionType
from typing import Final, NoReturn, final

import numpy as np

from ..errors import UnsupportedError
from ..ir.program import Span
from .board_names import Names

_PLACE: Final = "<expression>"


@final
@dataclass(frozen=True)
class Known:
    """A function that expressions may call: its short name, and how numbers and arrays have it."""

    short: str
    number: str = ""
    array: str = ""
    arity: int = 1
    comment: str = ""


def _same(short: str, name: str = "", numpy: str = "") -> Known:
    """A function that `math` and NumPy both have."""
    name = name or short
    return Known(short, f"math.{name}({{}})", f"np.{numpy or name}({{}})")


FUNCTIONS: Final[dict[str, Known]] = {
    **{name: _same(name) for name in ("exp", "sqrt", "cbrt", "sin", "cos", "tan")},
    **{name: _same(name) for name in ("sinh", "cosh", "tanh", "log", "log2", "log10", "log1p")},
    "ln": _same("log"),
    "expm1": _same("expm1"),
    **{
        alias: _same(f"a{name}", numpy=f"arc{name}")
        for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")
        for alias in (f"arc{name}", f"a{name}")
    },
    "abs": Known("abs", "abs({})", "np.abs({})"),
    "sigmoid": Known(
        "sig", "1.0 / (1 + math.exp(-{}))", "1.0 / (1 + np.exp(-{}))", comment="sigmoid"
    ),
    "softplus": Known(
        "softp", "math.log1p(math.exp({}))", "np.log1p(np.exp({}))", comment="softplus"
    ),
    "relu": Known("relu", "max({}, 0.0)", "np.maximum({}, 0.0)"),
    "hypot": Known("hypot", "math.hypot({}, {})", "np.hypot({}, {})", 2),
    "maximum": Known("max", "max({}, {})", "np.maximum({}, {})", 2),
    "minimum": Known("min", "min({}, {})", "np.minimum({}, {})", 2),
    "dot": Known("dot", "", "{} @ {}", 2),
    "norm": Known("norm", "", "np.linalg.norm({})"),
    **{name: Known(name, "", f"np.{name}({{}})") for name in ("sum", "mean", "prod", "max", "min")},
    "var": Known("var", "", "np.var({})"),
    "std": Known("std", "", "np.std({})"),
}
_PAIRS: Final = {"max": "maximum", "min": "minimum"}  # of two operands
_OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
}  # fmt: skip
_CONSTANTS: Final = {"pi": math.pi, "e": math.e}
_ALLOWED: Final = (
    "allowed are names, numbers, + - * / ** @, pi, e and functions such as exp, log, sin, sigmoid, "
    "max, sum; write anything else as a function in a file, and give FILE:FUNC"
)


def expression_function(expression: str, arrays: Collection[str] = ()) -> FunctionType:
    """A function of the names in an expression, in stages; `arrays` are the names of arrays.

    UnsupportedError for whatever is no expression of names, numbers and known functions.

    >>> expression_function("x * exp(-y)")(2.0, 0.0)
    2.0
    """
    text, name = staged_text(expression, arrays)
    path = f"<expression {hashlib.sha256(text.encode()).hexdigest()[:8]}>"
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    builtins = {"abs": abs, "max": max, "min": min}
    namespace = {"__name__": "expression", "__builtins__": builtins, "math": math, "np": np}
    exec(compile(text, path, "exec", dont_inherit=True), namespace)
    function = namespace[name]
    assert isinstance(function, FunctionType)
    return function


def staged_text(expression: str, arrays: Collection[str] = ()) -> tuple[str, str]:
    """The text of that function, and its name.

    >>> print(staged_text("(x + y) * exp(x + y)")[0])
    def f(x, y):
        \"\"\"Return (x + y) * exp(x + y).\"\"\"
        xpy = x + y
        expxpy = math.exp(xpy)
        f = xpy * expxpy
        return f
    <BLANKLINE>
    """
    expression = expression.strip()
    if not expression:
        raise UnsupportedError("CR070", "the expression is empty", None)
    lines = expression.splitlines(keepends=True)
    linecache.cache[_PLACE] = (len(expression), None, lines, _PLACE)
    try:
        tree = ast.parse(expression, _PLACE, mode="eval").body
        return _Writer(expression, tree, frozenset(arrays)).text()
    except UnsupportedError:
        raise
    except SyntaxError as error:
        line = error.lineno or 1
        column = error.offset - 1 if error.offset else len(lines[-1])  # it ends too early
        end = max((error.end_offset or 0) - 1, column + 1)
        span = Span(_PLACE, line, column, line, end)
        raise UnsupportedError("CR070", f"not an expression: {error.msg}", span) from None
    except (RecursionError, MemoryError):
        raise UnsupportedError(
            "CR074", "the expression is too deep", None, "write it as a function in a file"
        ) from None


@final
@dataclass
class _Writer:
    """Writes the stages of an expression, each operation after its operands."""

    expression: str
    tree: ast.expr
    arrays: frozenset[str]
    lines: list[tuple[str, str]] = field(default_factory=list)  # code and comment
    known: dict[str, str] = field(default_factory=dict)  # the stage that computes some code
    is_array: set[str] = field(default_factory=set)  # the operands that have an array in them
    where: str = ""

    def __post_init__(self) -> None:
        calls = {id(n.func) for n in ast.walk(self.tree) if isinstance(n, ast.Call)}
        names = [n for n in ast.walk(self.tree) if isinstance(n, ast.Name) and id(n) not in calls]
        names.sort(key=lambda n: (n.lineno, n.col_offset))
        for node in names:
            if node.id in FUNCTIONS:
                help = f"write {node.id}(x), and call a variable something else"
                self.refuse("CR072", f"{node.id} is a function", node, help)
        self.parameters = list(dict.fromkeys(n.id for n in names if n.id not in _CONSTANTS))
        self.names = Names(self.parameters)
        self.fraction = _fraction(self.tree)
        self.is_array |= self.arrays & set(self.parameters)

    def text(self) -> tuple[str, str]:
        """The whole function and its name."""
        result = self.operand(self.tree, root=True)
        name = self.names.result
        if not self.parameters:
            self.refuse("CR073", "there is no variable in it", self.tree, "name one: x**2")
        if not self.lines:
            self.lines.append((f"{name} = {result}", ""))
        said = " ".join(self.expression.replace("\\", " ").split())
        rows = [f'"""Return {said}."""']
        rows += [f"{code}  # {comment}" if comment else code for code, comment in self.lines]
        rows.append(f"return {name}")
        body = "".join(f"    {row}\n" for row in rows)
        return f"def {name}({', '.join(self.parameters)}):\n{body}", name

    # -- operands --------------------------------------------------------------------------------

    def operand(self, node: ast.expr, role: str = "", *, root: bool = False) -> str:
        """The name or number that stands for a part of the expression, its stages written."""
        role = self.names.result if root else role
        constant = self.constant(node)
        if constant is not None:
            return constant
        match node:
            case ast.Name(name):
                return name
            case ast.UnaryOp(ast.USub(), inner):
                value = self.operand(inner)
                return self.stage(f"-{value}", role, self.names.of("neg", value), value)
            case ast.BinOp(left, ast.Div(), right):
                return self.division(node, left, right, role)
            case ast.BinOp(left, op, right) if type(op) in _OPERATORS:
                return self.binary(left, _OPERATORS[type(op)], right, role)
            case ast.Call():
                return self.call(node, role)
        self.refuse_node(node)

    def binary(self, left: ast.expr, op: str, right: ast.expr, role: str) -> str:
        """A sum, difference, product or power."""
        a, b = self.operand(left), self.operand(right)
        code = f"{_base(a)}**{b}" if op == "**" else f"{a} {op} {b}"
        return self.stage(code, role, self.names.of(op, a, b), a, b)

    def division(self, node: ast.expr, left: ast.expr, right: ast.expr, role: str) -> str:
        """A quotient; a compound denominator gets a stage for its reciprocal."""
        main = node is self.fraction
        a = self.part(left, "numerator", main and _compound(left))
        b = self.part(right, "denominator", main and _compound(right))
        if not _compound(right) or self.constant(left) in ("1", "1.0"):
            name = self.names.of("/", a, b)
            return self.stage(f"{a} / {b}", role, name, a, b)
        inverse = self.stage(f"1.0 / {b}", "", self.names.of("/", "1.0", b), b)
        return self.stage(f"{a} * {inverse}", role, self.names.of("*", a, inverse), a, inverse)

    def part(self, node: ast.expr, where: str, named: bool) -> str:
        """The numerator or the denominator of a quotient."""
        before = self.where
        if node in (getattr(self.fraction, "left", None), getattr(self.fraction, "right", None)):
            self.where = f" in the {where}"
        value = self.operand(node, where[:3] if named else "")
        self.where = before
        return value

    def call(self, node: ast.Call, role: str) -> str:
        """A call of a known function."""
        name = self.function_name(node)
        known = FUNCTIONS[name]
        values = [self.operand(arg) for arg in node.args]
        template = known.array if self.is_array & set(values) else known.number
        if not template:
            help = "give an array: --at x=[1,2,3]"
            self.refuse("CR072", f"{name} needs an array", node, help)
        comment = f"{known.comment}{self.where}" if known.comment else ""
        proposed = self.names.of(known.short, *values)
        code = template.format(*(_bare(v) if "({})" in template else v for v in values))
        return self.stage(code, role, proposed, *values, comment=comment)

    def function_name(self, node: ast.Call) -> str:
        """The name under which the called function is known; a refusal where it is not."""
        if not isinstance(node.func, ast.Name):
            self.refuse_node(node.func)
        name = node.func.id
        if name not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            self.refuse("CR072", f"{name} is not a known function", node.func, f"known are {known}")
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            self.refuse("CR072", "only plain arguments are read here", node, _ALLOWED)
        if name in _PAIRS and len(node.args) == 2:
            name = _PAIRS[name]
        arity = FUNCTIONS[name].arity
        if len(node.args) != arity:
            plural = "s" if arity > 1 else ""
            self.refuse("CR072", f"{name} takes {arity} argument{plural}", node)
        return name

    # -- stages ----------------------------------------------------------------------------------

    def stage(self, code: str, role: str, proposed: str, *operands: str, comment: str = "") -> str:
        """The name of the stage that computes `code`, written when it is new."""
        if code in self.known and role != self.names.result:
            return self.known[code]
        name = role if role == self.names.result else self.names.take(role, proposed)
        self.known[code] = name
        if self.is_array & set(operands):
            self.is_array.add(name)
        self.lines.append((f"{name} = {code}", comment))
        return name

    # -- numbers ---------------------------------------------------------------------------------

    def constant(self, node: ast.expr) -> str | None:
        """The text of a part that only has numbers in it, None for any other part."""
        if isinstance(node, ast.Constant):
            if type(node.value) not in (int, float):
                self.refuse_node(node)
            self.value_of(node)
            return ast.get_source_segment(self.expression, node)
        if isinstance(node, ast.Name) and node.id in _CONSTANTS:
            return f"math.{node.id}"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.constant(node.operand)
            return None if inner is None else f"-{inner}"
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            parts = self.constant(node.left), self.constant(node.right)
            if None in parts:
                return None
            self.value_of(node)
            sign = _OPERATORS[type(node.op)]
            return f"({_base(parts[0] or '')}{sign if sign == '**' else f' {sign} '}{parts[1]})"
        return None

    def value_of(self, node: ast.expr) -> float:
        """The value of a part that only has numbers in it; a float, so that `9**9**9` is quick."""
        try:
            value = self.evaluated(node)
        except (ArithmeticError, ValueError):
            value = math.inf
        if not math.isfinite(value):
            self.refuse("CR074", "this number is not finite", node)
        return value

    def evaluated(self, node: ast.expr) -> float:
        """The value, NaN for the root of a negative number, or an ArithmeticError."""
        match node:
            case ast.Constant(value) if isinstance(value, int | float):
                return float(value)
            case ast.Name(name):
                return _CONSTANTS[name]
            case ast.UnaryOp(_, operand):
                return -self.evaluated(operand)
            case ast.BinOp(left, op, right) if not isinstance(op, ast.MatMult):
                a, b = self.evaluated(left), self.evaluated(right)
                sign = _OPERATORS[type(op)]
                if sign == "**":
                    return math.pow(a, b) if a >= 0 or b.is_integer() else math.nan
                return {"+": a + b, "-": a - b, "*": a * b}[sign] if sign != "/" else a / b
        self.refuse_node(node)

    # -- refusals --------------------------------------------------------------------------------

    def refuse(self, code: str, message: str, node: ast.AST, help: str = "") -> NoReturn:
        """Raise UnsupportedError at a node."""
        span = Span(_PLACE, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        raise UnsupportedError(code, message, span, help)

    def refuse_node(self, node: ast.expr) -> NoReturn:
        """Refuse what is on no list."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
            self.refuse("CR071", "^ is not a power", node, "write x**2")
        if isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
            help = f"write just {node.attr}"
            self.refuse("CR071", "an expression knows its functions by name", node, help)
        word = _WORDS.get(type(node), "this")
        self.refuse("CR071", f"{word} is not allowed in an expression", node, _ALLOWED)


_WORDS: Final[dict[type[ast.expr], str]] = {
    ast.Attribute: "an attribute",
    ast.BoolOp: "a boolean operator",
    ast.Compare: "a comparison",
    ast.Constant: "a constant that is no number",
    ast.IfExp: "a conditional expression",
    ast.Lambda: "a lambda",
    ast.List: "a list",
    ast.NamedExpr: "an assignment",
    ast.Subscript: "an index",
    ast.Tuple: "a tuple",
}


def _base(text: str) -> str:
    """The base of a power: a negative number in parentheses."""
    return f"({text})" if text.startswith("-") else text


def _bare(text: str) -> str:
    """The argument of a call: a number that is computed needs no parentheses there."""
    return text[1:-1] if text.startswith("(") else text


def _compound(node: ast.expr) -> bool:
    """Is it more than a name, a number or a call?"""
    return isinstance(node, ast.BinOp | ast.UnaryOp)


def _fraction(tree: ast.expr) -> ast.BinOp | None:
    """The outermost quotient whose parts are worth the names `num` and `den`."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop(0)
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Div)
            and (_compound(node.right) or (node is tree and _compound(node.left)))
        ):
            return node
        todo += ast.iter_child_nodes(node)
    return None
