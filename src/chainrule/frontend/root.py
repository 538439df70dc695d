"""Lowering the function that the user gave: its signature becomes parameters, its body a program."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

from ..errors import NeedStatic, UnsupportedError
from ..ir.program import Function, Var
from ..rules.builder import Builder
from .lower import Lowerer
from .signature import Parameters, Spec, make_parameters
from .source import FunctionSource, function_source, is_generator, unwrap
from .unit import Unit
from .user_calls import finish, result_name
from .values import Value


@final
@dataclass(frozen=True)
class Primal:
    """A function specialised to a signature: the program before differentiation."""

    source: FunctionSource
    parameters: Parameters
    function: Function
    result: Value
    unit: Unit


def lower_root(
    fun: Callable[..., Any], specs: Mapping[str, Spec], fixed: dict[Any, bool] | None = None
) -> Primal:
    """Lower a function for a signature.

    Raises NeedStatic, with roots turned into `(path, axis)` pairs of the signature, when a value has
    to be known; UnsupportedError for what is refused; PrimalRaises when the function would raise.
    """
    live = unwrap(fun)
    source = function_source(live)
    if is_generator(live):
        raise UnsupportedError(
            "CR038", f"{source.name} is a generator or coroutine", source.span(source.node)
        )
    unit = Unit(fixed=dict(fixed or {}))
    unit.active.append(live)
    parameters = make_parameters(specs)
    frame = Lowerer(unit, source, Builder(), dict(parameters.values))
    frame.result_name = result_name(source.name)
    try:
        result = frame.run(source.node)
    except NeedStatic as error:
        raise _as_paths(error, parameters, unit) from None
    function, result = finish(frame, source.name, list(parameters.variables), result)
    return Primal(source, parameters, function, result, unit)


def _as_paths(error: NeedStatic, parameters: Parameters, unit: Unit) -> Exception:
    """The places in the signature whose value or size has to be known."""
    roots: list[tuple[object, int | None]] = []
    for var, axis in error.roots:
        if isinstance(var, Var) and var in parameters.paths:
            roots.append((parameters.paths[var], axis))
        elif isinstance(var, Var) and var in unit.capture_of and axis is None:
            roots.append((unit.capture_of[var], None))
        else:
            return UnsupportedError(
                "CR014", "this has to be known when specialising, and depends on data", error.span
            )
    return NeedStatic(roots, error.span)


def bind_arguments(
    fun: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Arguments by parameter name with defaults filled in; TypeError as the function raises it."""
    bound = inspect.signature(unwrap(fun)).bind(*args, **kwargs)
    bound.apply_defaults()
    return dict(bound.arguments)
