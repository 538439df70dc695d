"""Lowering the function that the user gave: its signature becomes parameters, its body a program."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any, final

import numpy as np

from ..errors import NeedStatic, UnsupportedError
from ..ir.program import Atom, Const, Eqn, Function, Var, renamed
from ..rules.builder import Builder
from ..rules.sharing import Sharing
from . import derivatives, objects
from .describing import describe
from .lower import Lowerer
from .recursion import Open, Wider, may_call_itself
from .signature import Parameters, Spec, make_parameters
from .source import FunctionSource, function_source, is_generator, signature_of, unwrap
from .unit import MODULES, Unit
from .user_calls import call as call_root_function
from .user_calls import finish, is_custom, key_of, packed, result_name
from .values import Size, Static, Struct, Value


@final
@dataclass(frozen=True)
class Primal:
    """A function specialised to a signature: the program before differentiation."""

    source: FunctionSource
    parameters: Parameters
    function: Function
    result: Value
    unit: Unit
    written: tuple[str, ...] = ()  # the texts of the array arguments that it writes into


def lower_root(
    fun: Callable[..., Any], specs: Mapping[str, Spec], fixed: dict[Any, bool] | None = None
) -> Primal:
    """Lower a function for a signature.

    Raises NeedStatic, with roots turned into `(path, axis)` pairs of the signature, when a value has
    to be known; UnsupportedError for what is refused; PrimalRaises when the function would raise.
    """
    given = unwrap(fun)
    made = derivatives.lookup(given)
    live = objects.plain_function(given if made is None else _innermost(given))
    source = function_source(live if isinstance(live, FunctionType) else given)
    if is_generator(live):
        raise UnsupportedError(
            "CR038",
            f"{source.name} is a generator or a coroutine",
            source.span(source.node),
            "return the values",
        )
    if hidden := MODULES & specs.keys():
        raise UnsupportedError(
            "CR043",
            f"the argument {min(hidden)} hides the module of that name in the emitted code",
            source.span(source.node),
            "call it something else",
        )
    try:
        within = made is None and (is_custom(live) or may_call_itself(live))
        return _walked(given, live, source, specs, fixed, within=within)
    except Wider:  # it calls itself
        return _walked(given, live, source, specs, fixed, within=True)


def _walked(
    given: Any,
    live: Any,
    source: FunctionSource,
    specs: Mapping[str, Spec],
    fixed: dict[Any, bool] | None,
    *,
    within: bool,
) -> Primal:
    """Walk the function; `within` makes it a function that is called by the program.

    So it is with one that has a rule of the user's, which stands for it also where it is called
    first, and with one that calls itself.
    """
    made = derivatives.lookup(given)
    builder = Builder(sharing=Sharing())
    unit = Unit(fixed=dict(fixed or {}), builder=builder, parameters=frozenset(specs))
    parameters = make_parameters(specs)
    frame = Lowerer(unit, source, builder, {})
    local: dict[str, Value] = {}
    if made is None:
        local = frame.locals = _local_names(frame, given, live, parameters.values)
    frame.result_name = result_name(source.name)
    frame.is_root = True
    try:
        if made is not None:
            values = list(parameters.values.values())
            result = derivatives.call(frame, made, values, {}, source.node)
        elif within:
            result = call_root_function(frame, live, *_arguments(live, local), source.node)
        else:
            key = key_of(live, local)
            unit.open[key] = Open(live, key, [], root=True)
            result = frame.run(source.node)
    except NeedStatic as error:
        raise as_paths(error, parameters, unit) from None
    _check_result(source, result)
    name = source.name if made is None else _name(given)
    function, result = finish(frame, name, list(parameters.variables), result)
    function = replace(function, name=name)
    assert builder.sharing is not None
    changed = [v for v in parameters.paths if builder.sharing.is_written(v)]
    if changed:
        _capture_arrays(frame)
        function = replace(function, captures=frame.captures)
    written = tuple(parameters.paths[v] for v in changed)
    function = _with_copies(function, changed, source.name)
    return Primal(source, parameters, function, result, unit, written)


def _arguments(live: Any, local: Mapping[str, Value]) -> tuple[list[Value], dict[str, Value]]:
    """How the function is called so that its arguments have these values."""
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    for name, parameter in signature_of(live).parameters.items():
        value = local[name]
        if parameter.kind is parameter.VAR_POSITIONAL and isinstance(value, Struct):
            args += value.items
        elif parameter.kind is parameter.VAR_KEYWORD and isinstance(value, Struct):
            kwargs |= dict(zip(value.keys or (), value.items, strict=True))
        elif parameter.kind is parameter.KEYWORD_ONLY:
            kwargs[name] = value
        else:
            args.append(value)
    return args, kwargs


def _innermost(fun: Any) -> Any:
    """The function that a derivative is one of, be it a derivative of a derivative."""
    made = derivatives.lookup(fun)
    if made is None or not isinstance(made.fun, Static):
        return fun
    return _innermost(unwrap(made.fun.obj))


def _name(fun: Any) -> str:
    """The name of the emitted program: `f`, `f_grad` for the gradient of f."""
    made = derivatives.lookup(fun)
    if made is None or not isinstance(made.fun, Static):
        return function_source(fun).name
    return f"{_name(unwrap(made.fun.obj))}_grad"


def _with_copies(function: Function, changed: list[Var], name: str) -> Function:
    """The function with copies of the arrays that it writes into, made at its start."""
    if not changed:
        return function
    copies: dict[Var, Atom] = {}
    made: list[Eqn] = []
    for var in changed:
        hint = var.hint if var.hint.isidentifier() else re.findall(r"\w+", var.hint)[-1]
        copy = Var(hint, var.type, user=True)
        remark = f"{name} writes into {hint}: the caller's stays"
        static = {"order": "K", "subok": False, "remark": remark}
        made.append(Eqn((copy,), "copy", (var,), static, "method"))
        copies[var] = copy
    body = (*made, *renamed(function.body, copies))
    results = tuple(copies.get(r, r) if isinstance(r, Var) else r for r in function.results)
    return function.with_body(body, results)


def _local_names(
    frame: Lowerer, given: Any, live: Any, values: Mapping[str, Value]
) -> dict[str, Value]:
    """The arguments by the names that the function has for them.

    They differ for a method and a partial, which bring arguments along, and for a decorated
    function: `functools.wraps` shows the parameters of the function within, and what runs takes
    `*args, **kwargs`.
    """
    shown, real = inspect.signature(given), signature_of(live)
    args = objects.bound_arguments(frame, given, frame.source.node)
    if not args and list(shown.parameters) == list(real.parameters):
        return dict(values)
    kwargs: dict[str, Value] = {}
    for name, parameter in shown.parameters.items():
        value = values[name]
        if parameter.kind is parameter.VAR_POSITIONAL and isinstance(value, Struct):
            args += value.items
        elif parameter.kind is parameter.VAR_KEYWORD and isinstance(value, Struct):
            kwargs |= dict(zip(value.keys or (), value.items, strict=True))
        elif parameter.kind is parameter.KEYWORD_ONLY:
            kwargs[name] = value
        else:
            args.append(value)
    return packed(real.bind(*args, **kwargs))


def _capture_arrays(frame: Lowerer) -> None:
    """Arrays that only callees read from outside, so that the check on entry can name them."""
    for known in list(frame.unit.dependencies):
        if known.captured and isinstance(known.value, np.ndarray):
            frame.unit.captured(frame, known.owner, known.name, known.value, known.alias)


def _check_result(source: FunctionSource, result: Value) -> None:
    """Refuse a result that emitted code cannot put together."""
    if isinstance(result, Struct) and (
        result.is_sequence or result.is_dict or result.keys is not None
    ):
        for item in result.items:
            _check_result(source, item)
    elif not isinstance(result, Var | Const | Size) and not (
        isinstance(result, Static) and isinstance(result.obj, str | bytes | None)
    ):
        raise UnsupportedError(
            "CR044",
            f"{source.name} returns {describe(result)}, which is not supported",
            source.span(source.node),
            "return numbers, arrays, text, None, and containers of them",
        )


def as_paths(error: NeedStatic, parameters: Parameters, unit: Unit) -> Exception:
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
    return NeedStatic(roots, error.span, error.instead)


def bind_arguments(
    fun: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Arguments by parameter name with defaults filled in; TypeError as the function raises it."""
    bound = inspect.signature(unwrap(fun)).bind(*args, **kwargs)
    bound.apply_defaults()
    return dict(bound.arguments)
