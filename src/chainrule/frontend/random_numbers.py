"""Random numbers: `rng = np.random.default_rng(seed)`, its methods, and those of `np.random`.

A draw is an equation with an effect, written as the user wrote it. What has derivatives in its
parameters is written with standard numbers, as NumPy computes it:

    rng.normal(mu, sigma)   ->  mu + sigma * rng.standard_normal()
    rng.uniform(a, b)       ->  a + (b - a) * rng.random()
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from ..errors import PrimalRaises
from ..ir.dims import Dim
from ..ir.program import Atom, Eqn, Var
from ..ir.types import Array, Scalar, Type, is_inexact
from ..rules.builder import const
from ..rules.random_numbers import GENERATOR
from ..rules.shapes import broadcast_dims
from . import operands, operators, statics, strings
from .describing import describe
from .values import Size, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

MAKERS: Final = {np.random.default_rng: True, np.random.RandomState: True}
_GLOBAL: Final = np.random.mtrand._rand  # whose methods are the functions of np.random


@final
@dataclass(frozen=True)
class Draw:
    """How a method draws: its parameters, the class of one number, and what it is made of.

    `made` writes the draw with a standard one, when parameters may have derivatives.
    """

    params: tuple[str, ...]
    kind: str = "float64"
    weak: bool = True
    made: Callable[..., Value] | None = None
    defaults: tuple[float, ...] = ()


def is_generator(value: object) -> bool:
    """Is it a generator, made here or outside?"""
    if isinstance(value, Static):
        return isinstance(value.obj, np.random.Generator | np.random.RandomState)
    return isinstance(value, Var) and value.type == GENERATOR


def make(
    lo: Lowerer, fun: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """`np.random.default_rng(seed)`."""
    return _append(lo, f"np.random.{fun.__name__}", "", args, kwargs, GENERATOR, node)


def global_method(fun: Any) -> str | None:
    """The name of a function of `np.random` that draws from, or seeds, the one that is global."""
    name = getattr(fun, "__name__", "")
    if getattr(fun, "__self__", None) is _GLOBAL and isinstance(name, str):
        return name
    return "seed" if fun is np.random.seed else None


def call(
    lo: Lowerer,
    rng: Var | str,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    """A method of a generator that was made here, or of one from outside, by its name."""
    if name == "seed" and rng == "np.random":
        _append(lo, "np.random.seed", rng, args, kwargs, None, node)
        return Static(None)
    if name in ("rand", "randn"):
        shape: dict[str, Value] = {"size": Struct(tuple, tuple(args))} if args else {}
        type_ = _type(lo, Draw(()), [], shape, node)
        return _append(lo, _dotted(rng, name), rng, args, {}, type_, node)
    handler = _OTHERS.get(name)
    if handler is not None:
        return handler(lo, rng, name, args, kwargs, node)
    draw = _DRAWS.get(name)
    if draw is None:
        lo.refuse(
            "CR022", f"{name} of a random generator is not supported yet", node, "draw it outside"
        )
    given = dict(zip((*draw.params, "size"), args, strict=False)) | kwargs
    if unknown := [k for k in given if k not in (*draw.params, "size")]:
        lo.refuse("CR023", f"{name} with {unknown[0]}= is not supported", node, "leave it out")
    if draw.made is not None and any(_may_vary(lo, given.get(p)) for p in draw.params):
        params = [given.get(p, const(d)) for p, d in zip(draw.params, draw.defaults, strict=True)]
        atoms = [operands.atom(lo, value, node) for value in params]
        size = given.get("size", Static(None))
        if isinstance(size, Static) and size.obj is None:
            size = _shape(broadcast_dims([a.type.dims for a in atoms]))
        return draw.made(lo, rng, atoms, size, node)
    atoms = [operands.atom(lo, given[p], node) for p in draw.params if p in given]
    type_ = _type(lo, draw, atoms, given, node)
    return _append(lo, _dotted(rng, name), rng, args, kwargs, type_, node)


def _dotted(rng: Var | str, name: str) -> str:
    return f"{rng}.{name}" if isinstance(rng, str) else name


def outside(lo: Lowerer, value: Value) -> str:
    """The name by which emitted code reaches a generator from outside."""
    assert isinstance(value, Static)
    return lo.unit.named_object("rng", value.obj)


def _may_vary(lo: Lowerer, value: Value | None) -> bool:
    """Is a parameter more than a number that is written in the source?"""
    if isinstance(value, Struct):
        return any(_may_vary(lo, item) for item in value.items)
    return isinstance(value, Var) and is_inexact(value.type) and lo.builder.literal(value) is None


def _shape(dims: Sequence[Dim]) -> Value:
    if not dims:
        return Static(None)
    sizes = (const(d.known) if d.known is not None else Size(d) for d in dims)
    return Struct(tuple, tuple(sizes))


def _type(
    lo: Lowerer, draw: Draw, atoms: list[Atom], given: dict[str, Value], node: ast.AST
) -> Type:
    """The type of the numbers: of the size that is asked for, or that of the parameters."""
    size = given.get("size", Static(None))
    if isinstance(size, Static) and size.obj is None:
        dims = broadcast_dims([a.type.dims for a in atoms])
        if not any(isinstance(a.type, Array) for a in atoms):
            return Scalar(draw.kind, draw.weak)
        return Array(draw.kind, dims)
    return Array(draw.kind, _dims(lo, size, node))


def _dims(lo: Lowerer, size: Value, node: ast.AST) -> tuple[Dim, ...]:
    parts = size.items if isinstance(size, Struct) else (size,)
    found = [statics.int_dim_of(part) for part in parts]
    if any(d is None for d in found):
        raise PrimalRaises(f"{describe(size)} is no shape", lo.span(node))
    return tuple(d for d in found if d is not None)


def _append(
    lo: Lowerer,
    name: str,
    rng: Var | str,
    args: Sequence[Value],
    kwargs: dict[str, Value],
    type_: Type | None,
    node: ast.AST,
) -> Value:
    """The equation of a draw; None as its type for one that returns nothing."""
    atoms: list[Atom] = []
    func: ast.expr = ast.parse(name, mode="eval").body
    if isinstance(rng, Var):
        atoms.append(rng)
        func = ast.Attribute(ast.Name("$0", ast.Load()), name, ast.Load())
    shown = [_shown(lo, value, atoms, node) for value in args]
    keywords = [ast.keyword(k, _shown(lo, v, atoms, node)) for k, v in kwargs.items()]
    outs = () if type_ is None else (Var("", type_),)
    static = {"shown": (ast.Call(func, shown, keywords),), "detail": None}
    lo.builder.append(Eqn(outs, "draw", tuple(atoms), static, effect=True))
    return _own(outs[0]) if outs else Static(None)


def _own(out: Var) -> Var:
    """The result; an int among them is a size of its own."""
    from .user_calls import own_integer

    return own_integer(out)


def _shown(lo: Lowerer, value: Value, atoms: list[Atom], node: ast.AST) -> ast.expr:
    """An argument in the text of the call; what is known is written as it is."""
    known = strings.known_object(lo, value) if not isinstance(value, Var) else strings.UNKNOWN
    if known is not strings.UNKNOWN and isinstance(known, bool | int | float | str | None):
        return ast.Constant(known)
    if isinstance(value, Static) and isinstance(value.obj, type):
        return ast.Name(value.obj.__name__, ast.Load())
    return strings.placeholder(lo, value, atoms, node)


# -- with derivatives in their parameters ----------------------------------------------------------


def _standard(lo: Lowerer, rng: Var | str, name: str, size: Value, node: ast.AST) -> Value:
    one = isinstance(size, Static) and size.obj is None
    type_ = _type(lo, _DRAWS[name], [], {} if one else {"size": size}, node)
    return _append(lo, _dotted(rng, name), rng, [] if one else [size], {}, type_, node)


def _scaled(name: str, *, shifted: bool) -> Callable[..., Value]:
    """`loc + scale * standard`."""

    def made(lo: Lowerer, rng: Var | str, atoms: list[Atom], size: Value, node: ast.AST) -> Value:
        number = _standard(lo, rng, name, size, node)
        value = operators.binary(lo, ast.Mult(), atoms[-1], number, node)
        return operators.binary(lo, ast.Add(), atoms[0], value, node) if shifted else value

    return made


def _uniform(lo: Lowerer, rng: Var | str, atoms: list[Atom], size: Value, node: ast.AST) -> Value:
    low, high = atoms
    number = _standard(lo, rng, "random", size, node)
    width = operators.binary(lo, ast.Sub(), high, low, node)
    value = operators.binary(lo, ast.Mult(), width, number, node)
    return operators.binary(lo, ast.Add(), low, value, node)


_DRAWS: Final[dict[str, Draw]] = {
    "normal": Draw(
        ("loc", "scale"), made=_scaled("standard_normal", shifted=True), defaults=(0.0, 1.0)
    ),
    "uniform": Draw(("low", "high"), made=_uniform, defaults=(0.0, 1.0)),
    "exponential": Draw(
        ("scale",), made=_scaled("standard_exponential", shifted=False), defaults=(1.0,)
    ),
    "standard_normal": Draw(()),
    "standard_exponential": Draw(()),
    "random": Draw(()),
    "random_sample": Draw(()),
    "standard_gamma": Draw(("shape",)),
    "gamma": Draw(("shape", "scale")),
    "beta": Draw(("a", "b")),
    "laplace": Draw(("loc", "scale")),
    "gumbel": Draw(("loc", "scale")),
    "logistic": Draw(("loc", "scale")),
    "lognormal": Draw(("mean", "sigma")),
    "standard_t": Draw(("df",)),
    "chisquare": Draw(("df",)),
    "rayleigh": Draw(("scale",)),
    "weibull": Draw(("a",)),
    "poisson": Draw(("lam",), "int64"),
    "binomial": Draw(("n", "p"), "int64"),
    "bernoulli": Draw(("p",), "int64"),
    "geometric": Draw(("p",), "int64"),
    "integers": Draw(("low", "high"), "int64", weak=False),
    "randint": Draw(("low", "high"), "int64"),
}


# -- of arrays -------------------------------------------------------------------------------------


def _permutation(
    lo: Lowerer,
    rng: Var | str,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    """`rng.permutation(n)`; an array is taken at a permutation of its positions."""
    if len(args) != 1 or kwargs:
        lo.refuse("CR023", "permutation with options is not supported", node, "leave them out")
    dim = statics.int_dim_of(args[0])
    if dim is not None:
        type_ = Array("int64", (dim,))
        return _append(lo, _dotted(rng, name), rng, args, {}, type_, node)
    array = operands.atom(lo, args[0], node)
    if not array.type.dims:
        raise PrimalRaises("x must be an integer or at least 1-dimensional", lo.span(node))
    count = _shape(array.type.dims[:1])
    assert isinstance(count, Struct)
    place = _append(
        lo, _dotted(rng, name), rng, count.items, {}, Array("int64", array.type.dims[:1]), node
    )
    from . import subscripts

    return subscripts.index(lo, array, place, node)


def _choice(
    lo: Lowerer,
    rng: Var | str,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    """`rng.choice(n, size, replace, p)`, of positions; an array is taken at them."""
    given = dict(zip(("a", "size", "replace", "p"), args, strict=False)) | kwargs
    if set(given) - {"a", "size", "replace", "p"} or "a" not in given:
        lo.refuse("CR023", "choice with other options is not supported", node, "leave them out")
    population = given["a"]
    array: Atom | None = None
    if statics.int_dim_of(population) is None:
        array = operands.atom(lo, population, node)
        if len(array.type.dims) != 1:
            lo.refuse("CR021", "choice from an array that is no vector", node, "choose positions")
        count = _shape(array.type.dims)
        assert isinstance(count, Struct)
        population = count.items[0]
    rest = {k: v for k, v in given.items() if k != "a"}
    type_ = _type(lo, Draw((), "int64", weak=False), [], rest, node)
    place = _append(lo, _dotted(rng, name), rng, [population], rest, type_, node)
    if array is None:
        return place
    from . import subscripts

    return subscripts.index(lo, array, place, node)


_OTHERS: Final[dict[str, Callable[..., Value]]] = {
    "permutation": _permutation,
    "choice": _choice,
}
