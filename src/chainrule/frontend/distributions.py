"""Distributions of `scipy.stats`: their methods, and distributions with given parameters.

`stats.norm.logpdf(x, loc, scale)` is replaced by the formula that `rules/distributions.py` makes of the
standard member's. A distribution that is made with parameters, `stats.norm(loc, scale)`, is a struct
of the distribution and the parameters; one from outside is taken apart, its parameters read anew at
each call.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping, Sequence
from types import MethodType
from typing import TYPE_CHECKING, Any, Final

from ..errors import PrimalRaises
from ..rules import on_demand
from ..rules.builder import const
from ..rules.distributions import METHODS, STANDARD
from ..rules.registry import MACROS
from .source import function_source
from .values import Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_BASES: Final = frozenset({"rv_continuous", "rv_discrete", "multi_rv_generic"})
_FROZEN: Final = frozenset({"rv_continuous_frozen", "rv_discrete_frozen"})
# What their methods take before the parameters.
_VARIABLES: Final = {
    **dict.fromkeys(("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf"), "x"),
    **dict.fromkeys(("pmf", "logpmf"), "k"),
    **dict.fromkeys(("ppf", "isf"), "q"),
}
# The formulas of which a method needs one.
_NEEDS: Final = {
    "pdf": ("logpdf",), "logpdf": ("logpdf",), "pmf": ("logpmf",), "logpmf": ("logpmf",),
    "cdf": ("cdf",), "sf": ("sf", "cdf"), "logcdf": ("logcdf", "cdf"),
    "logsf": ("logsf", "sf", "cdf"), "ppf": ("ppf",), "isf": ("isf", "ppf"), "median": ("ppf",),
    "mean": ("mean",), "var": ("var",), "std": ("var",), "entropy": ("entropy",),
}  # fmt: skip


class FrozenDistribution:
    """The class of the struct for a distribution with parameters."""


def is_distribution(obj: Any) -> bool:
    """Is it a distribution of `scipy.stats`, whose parameters are arguments of its methods?"""
    return _is_one_of(obj, _BASES)


def is_frozen(obj: Any) -> bool:
    """Is it a distribution with parameters, made outside?"""
    return _is_one_of(obj, _FROZEN)


def _is_one_of(obj: Any, names: frozenset[str]) -> bool:
    return any(
        c.__name__ in names and c.__module__.startswith("scipy.stats") for c in type(obj).__mro__
    )


def bound_method(fun: Any) -> bool:
    """Is it a method of a distribution, such as `stats.norm.logpdf`?"""
    return isinstance(fun, MethodType) and (
        is_distribution(fun.__self__) or is_frozen(fun.__self__)
    )


def owns(owner: Value) -> bool:
    """Is it a distribution, whose method was looked up?"""
    if isinstance(owner, Struct):
        return owner.cls is FrozenDistribution
    return isinstance(owner, Static) and (is_distribution(owner.obj) or is_frozen(owner.obj))


def freeze(
    lo: Lowerer, dist: Any, args: Sequence[Value], kwargs: Mapping[str, Value], node: ast.AST
) -> Value:
    """`stats.norm(loc, scale)`."""
    if _is_multivariate(dist):
        parameters = _bound_to(lo, _density(lo, dist, node), [const(0), *args], kwargs, node)
        parameters.pop(next(iter(parameters)))
    else:
        parameters = _bound(lo, dist, "", args, kwargs, node)
    return Struct(
        FrozenDistribution,
        (Static(dist), *parameters.values()),
        ("dist", *parameters),
    )


def method(
    lo: Lowerer,
    owner: Value,
    name: str,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    node: ast.AST,
) -> Value:
    """A method of a distribution, with or without parameters of its own."""
    if isinstance(owner, Struct):
        dist = owner.get("dist")
        assert isinstance(dist, Static)
        assert owner.keys is not None
        given = dict(zip(owner.keys[1:], owner.items[1:], strict=True))
        return _called(lo, dist.obj, name, args, {**kwargs, **given}, node, frozen=True)
    assert isinstance(owner, Static)
    if is_frozen(owner.obj):
        frozen = freeze(lo, owner.obj.dist, *_taken_apart(lo, owner.obj, node), node)
        return method(lo, frozen, name, args, kwargs, node)
    return _called(lo, owner.obj, name, args, kwargs, node)


def _taken_apart(lo: Lowerer, frozen: Any, node: ast.AST) -> tuple[list[Value], dict[str, Value]]:
    """The parameters that a distribution made outside holds."""
    from .objects import outside

    args = lo.unit.contents_of(frozen.args)
    named = lo.unit.contents_of(frozen.kwds)
    names = [*_shapes(frozen.dist), "loc", "scale"]
    given = [outside(lo, args, i, v, node, names[i]) for i, v in enumerate(frozen.args)]
    return given, {k: outside(lo, named, k, v, node) for k, v in frozen.kwds.items()}


def _called(
    lo: Lowerer,
    dist: Any,
    name: str,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    node: ast.AST,
    *,
    frozen: bool = False,
) -> Value:
    if _is_multivariate(dist):
        return _multivariate(lo, dist, name, args, kwargs, node)
    family = _formulas(dist)
    if not any(needed in family for needed in _NEEDS.get(name, ())):
        lo.refuse(
            "CR022",
            f"scipy.stats.{dist.name}.{name} has no derivative rule",
            node,
            "write it with supported operations",
        )
    variable = _VARIABLES.get(name, "")
    if frozen and len(args) > bool(variable):
        raise PrimalRaises(f"{name} takes no parameters of the distribution", lo.span(node))
    values = _bound(lo, dist, variable, args, kwargs, node)
    shapes = Struct(tuple, tuple(values.pop(s) for s in _shapes(dist)))
    given: dict[str, Value] = {"known": Static(family)}
    if variable:
        given["variable"] = values.pop(variable)
    given |= {"shapes": shapes, **values}
    text = function_source(METHODS[name])
    names = inspect.signature(METHODS[name]).parameters
    local = dict(zip(names, given.values(), strict=False))  # discrete ones have no scale
    if "scale" in names:
        local.setdefault("scale", const(1))
    return lo.inline(text.node, text, local, nested=False, numbered=False, trusted=True)


def _is_multivariate(dist: Any) -> bool:
    return _is_one_of(dist, frozenset({"multi_rv_generic"}))


def _multivariate(
    lo: Lowerer,
    dist: Any,
    name: str,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    node: ast.AST,
) -> Value:
    """A method of a distribution of vectors, which is written out as a whole."""
    on_demand.load_for(dist)
    fun = MACROS.get(getattr(dist, name, None))
    if fun is None:
        shown = type(dist).__name__.removesuffix("_gen")
        lo.refuse(
            "CR022",
            f"scipy.stats.{shown}.{name} has no derivative rule",
            node,
            "write it with supported operations",
        )
    text = function_source(fun)
    local = _bound_to(lo, fun, args, kwargs, node)
    return lo.inline(text.node, text, local, nested=False, numbered=False, trusted=True)


def _density(lo: Lowerer, dist: Any, node: ast.AST) -> Any:
    """The text of the density, whose arguments are the parameters."""
    on_demand.load_for(dist)
    for name in ("logpdf", "logpmf"):
        found = MACROS.get(getattr(dist, name, None))
        if found is not None:
            return found
    shown = type(dist).__name__.removesuffix("_gen")
    lo.refuse("CR022", f"scipy.stats.{shown} has no derivative rule", node, "write it out")


def _bound_to(
    lo: Lowerer, fun: Any, args: Sequence[Value], kwargs: Mapping[str, Value], node: ast.AST
) -> dict[str, Value]:
    """Arguments by the names of a text, lists as arrays."""
    from . import calls, user_calls

    local = user_calls.bind(lo, fun, list(args), kwargs, node)
    return {
        name: calls.array_of(lo, value, node)
        if isinstance(value, Struct) and value.is_sequence
        else value
        for name, value in local.items()
    }


def _formulas(dist: Any) -> Mapping[str, Any]:
    """The formulas of a distribution; the distribution of a frozen one is a copy."""
    on_demand.load_for(dist)
    for known, formulas in STANDARD.items():
        if type(known) is type(dist) and known.name == dist.name:
            return formulas
    return {}


def _shapes(dist: Any) -> list[str]:
    """The names of the shape parameters."""
    return [name.strip() for name in (dist.shapes or "").split(",") if name.strip()]


def _bound(
    lo: Lowerer,
    dist: Any,
    variable: str,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    node: ast.AST,
) -> dict[str, Value]:
    """The variable, the shape parameters, location and scale by name."""
    from . import calls, operands

    scale = {"scale": const(1)} if hasattr(dist, "pdf") else {}
    defaults: dict[str, Value] = {"loc": const(0), **scale}
    names = [*([variable] if variable else []), *_shapes(dist), *defaults]
    if len(args) > len(names):
        raise PrimalRaises(f"{dist.name}: too many arguments", lo.span(node))
    values = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in names or name in values:
            raise PrimalRaises(f"{dist.name}: unexpected argument {name}", lo.span(node))
        values[name] = value
    values = {**defaults, **values}
    for name in names:
        if name not in values:
            raise PrimalRaises(f"{dist.name}: argument {name} is missing", lo.span(node))
        value = values[name]
        listed = isinstance(value, Struct) and value.is_sequence
        values[name] = calls.array_of(lo, value, node) if listed else operands.atom(lo, value, node)
    return {name: values[name] for name in names}
