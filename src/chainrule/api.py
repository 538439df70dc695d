"""The functions that users call: gradients, pullbacks, the staged program, custom rules."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from . import pipeline
from .compiled.debug import debug_function
from .compiled.function import CompiledFunction
from .compiled.program import Request
from .compiled.pullback import compiled_pullback
from .dispatch import Dispatcher
from .emit.interface import fused_returns, result_classes
from .emit.module import Root, emit_module
from .engines.numba_engine import is_dispatcher, options_of, require
from .engines.numpy_engine import load
from .frontend.calls import is_known
from .frontend.derivatives import MADE, MAKERS
from .frontend.library import as_python
from .frontend.root import Primal
from .frontend.signature import fields_of, to_float
from .frontend.source import unwrap
from .frontend.values import Derivative, Static
from .markers import checkpoint, stop_gradient
from .rules.custom import CUSTOM, CUSTOM_LOG, CustomRule, is_external
from .staging import header, pullback_roots

F = TypeVar("F", bound=Callable[..., Any])


def _fused(
    has_aux: bool, holomorphic: bool
) -> Callable[..., tuple[Callable[..., Any], dict[str, Any]]]:
    """How to build a value-and-gradient function."""

    def build(primal: Primal, wrt: tuple[str, ...], single: bool) -> tuple[Any, dict[str, Any]]:
        pipeline.differentiated_leaves(primal, wrt)
        pipeline.scalar_output(primal, has_aux, wrt, holomorphic=holomorphic)
        program = pipeline.gradient(primal, wrt)
        returns = fused_returns(
            primal.parameters, primal.result, program.results, wrt, single=single, value=True
        )
        module = emit_module([Root(program.function, header(primal), returns)])
        namespace = load(module.text, program.function.name, result_classes(primal.result))
        return namespace[program.function.name], namespace

    return build


def is_compiled(engine: str | None, fun: Callable[..., Any]) -> bool:
    """Does Numba run the result? With None, if it runs the function itself."""
    if engine not in (None, "numpy", "numba"):
        raise ValueError(f"engine {engine!r} is not available: use None, 'numpy' or 'numba'")
    compiled = is_dispatcher(fun) if engine is None else engine == "numba"
    if compiled:
        require()
    return compiled


def value_and_grad(
    fun: Callable[..., Any],
    argnums: int | str | tuple[int | str, ...] = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    engine: str | None = None,
) -> Callable[..., Any]:
    """A function that returns `(value, gradient)` in one pass.

    Parameters
    ----------
    fun
        A function that returns one real number (with `has_aux`, `(number, anything)`).
    argnums
        The argument to differentiate by: position, name, or a tuple of them. A gradient has the
        shape and precision of its argument; containers come back as the same containers.
    has_aux
        `fun` returns `(value, aux)`, and so does the result: `((value, aux), gradient)`.
    holomorphic
        `fun` returns one complex number and is holomorphic in the arguments, which are complex: the
        result is its complex derivative. Whether it is holomorphic is not checked.
    engine
        `"numpy"`: the gradient runs as plain Python. `"numba"`: it is compiled. None: as `fun`, that
        is, the gradient of a function made by `numba.njit` is compiled, with the same options.

    Raises
    ------
    UnsupportedError
        When a construct of `fun` is not supported; before anything runs.
    TypeError
        When `fun` does not return one number, or an argument has no gradient.

    Notes
    -----
    The gradient by a complex `z = x + iy` is `dL/dx - i dL/dy`, as in JAX: the way down is its
    conjugate, `z - rate * np.conj(dz)`.

    Examples
    --------
    >>> import chainrule as cr
    >>> def f(x, y):
    ...     return x * y**2
    >>> cr.value_and_grad(f, argnums=("x", "y"))(2.0, 3.0)
    (18.0, (9.0, 12.0))
    """
    if is_compiled(engine, fun):
        request = Request("value_and_grad", has_aux, options_of(fun), holomorphic)
        return CompiledFunction(fun, argnums, request)
    dispatcher = Dispatcher(fun, argnums, _fused(has_aux, holomorphic))
    wrt, names = dispatcher.wrt, dispatcher.names

    @functools.wraps(as_python(fun))
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        args = dispatcher.arguments(args, kwargs)
        entry = dispatcher.entry(args)
        if entry.integers:
            args = tuple([to_float(a) if n in wrt else a for n, a in zip(names, args, strict=True)])
        return entry.run(*args)

    MADE[differentiated] = Derivative("value_and_grad", Static(fun), argnums, has_aux, holomorphic)
    return differentiated


def grad(
    fun: Callable[..., Any],
    argnums: int | str | tuple[int | str, ...] = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    engine: str | None = None,
) -> Callable[..., Any]:
    """A function that returns the gradient of `fun`; arguments as for `value_and_grad`.

    With `has_aux` it returns `(gradient, aux)`.

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> def energy(x):
    ...     return np.sum(x**2)
    >>> cr.grad(energy)(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    if is_compiled(engine, fun):
        request = Request("grad", has_aux, options_of(fun), holomorphic)
        return CompiledFunction(fun, argnums, request)
    both = value_and_grad(fun, argnums, has_aux=has_aux, holomorphic=holomorphic, engine=engine)

    @functools.wraps(as_python(fun))
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    MADE[differentiated] = Derivative("grad", Static(fun), argnums, has_aux, holomorphic)
    return differentiated


def compile(fun: Callable[..., Any]) -> Callable[..., Any]:
    """`fun` itself, compiled in the same way as compiled gradients.

    Array expressions become loops, and the result can be called from Python and from functions
    made by `numba.njit`.

    Examples
    --------
    >>> import chainrule as cr
    >>> import math
    >>> cr.compile(lambda x: math.sqrt(x) + 1.0)(4.0)
    3.0
    """
    return CompiledFunction(fun, None, Request("value", False, options_of(fun)))


def warmup(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Compile a function that `grad`, `value_and_grad` or `compile` made, for arguments like these.

    The first call with such arguments is then as fast as the later ones. Nothing is run.

    Examples
    --------
    >>> import chainrule as cr
    >>> df = cr.grad(lambda x: x**2, engine="numba")
    >>> cr.warmup(df, 1.0)
    >>> df(3.0)
    6.0
    """
    if not isinstance(fun, CompiledFunction):
        raise TypeError(
            "only compiled functions can be warmed up: those of chainrule.compile, or of "
            'chainrule.grad and value_and_grad with engine="numba"'
        )
    fun.warm_up(args, kwargs)


def debug(fun: Callable[..., Any]) -> Callable[..., Any]:
    """What compiled code does, run as plain Python that checks every step.

    `fun` is a function, or what `grad`, `value_and_grad` or `compile` made of one. An index that is
    out of bounds, an element that is read before it is set, a number that is not finite, and shapes
    that do not fit raise an error that names the line of your function. It is slow.

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> def f(x):
    ...     return np.log(x[0])
    >>> cr.debug(f)(np.zeros(3))
    Traceback (most recent call last):
    FloatingPointError: <doctest chainrule.api.debug[2]>:2: return np.log(x[0]): ... is -inf
    """
    if isinstance(fun, CompiledFunction):
        return debug_function(fun.fun, fun.argnums, fun.request)
    return debug_function(fun, None, Request("value"))


def pullback_entry(
    primal: Primal,
    wrt: tuple[str, ...],
    single: bool,
    *,
    masked: bool = False,
    several: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """How to build the forward and the backward function."""
    program = pipeline.pullback(primal, wrt, masked=masked, several=several)
    forward, backward = pullback_roots(program)
    text, classes = emit_module([forward, backward]).text, result_classes(primal.result)
    namespace = load(text, f"{primal.function.name}_vjp", classes)
    run = (namespace[forward.function.name], namespace[backward.function.name], program)
    return run, namespace


_PULLBACKS: WeakKeyDictionary[Any, dict[Any, Dispatcher[Any]]] = WeakKeyDictionary()


def vjp(
    fun: Callable[..., Any], *primals: Any, engine: str | None = None
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `fun(*primals)` and its pullback; `engine` as for `value_and_grad`.

    The pullback takes a cotangent in the form of the value (same container, same shapes) and
    returns a tuple with one gradient per argument, None for arguments without one (integers, text).

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> def f(W, x):
    ...     return W @ x
    >>> y, pullback = cr.vjp(f, np.eye(2), np.array([1.0, 2.0]))
    >>> dW, dx = pullback(np.array([1.0, 0.0]))
    >>> dW
    array([[1., 2.],
           [0., 0.]])
    """
    bound = inspect.signature(unwrap(fun)).bind(*primals)
    given = tuple(bound.arguments)
    known = _PULLBACKS.setdefault(as_python(fun), {})
    compiled = is_compiled(engine, fun)
    dispatcher = known.get((given, compiled))
    if dispatcher is None:
        build = compiled_pullback(options_of(fun)) if compiled else pullback_entry
        dispatcher = known[given, compiled] = Dispatcher(fun, None, build, given)
    args = dispatcher.arguments(primals, {})
    entry = dispatcher.entry(args)
    if entry.integers:
        args = tuple(
            [to_float(a) if n in given else a for n, a in zip(dispatcher.names, args, strict=True)]
        )
    forward, backward, program = entry.run
    value, saved = forward(*args)
    kept = tuple(map(private, saved))
    read = {d.alias: private(entry.namespace[d.alias]) for d, _ in entry.captured}

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        entry.namespace.update(read)
        gradients = iter(backward(in_container(cotangent, value, "cotangent", "value"), kept))
        found: list[Any] = []
        for name in given:
            gradient = next(gradients) if name in program.wrt else None
            if dispatcher.signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL:
                found += gradient if gradient is not None else [None] * len(bound.arguments[name])
            else:
                found.append(gradient)
        return tuple(found)

    return value, pullback


def private(value: Any) -> Any:
    """A copy of an array or a list, so that the pullback sees what the forward pass saw."""
    if isinstance(value, list):
        return [private(item) for item in value]
    return value.copy() if isinstance(value, np.ndarray) else value


def in_container(cotangent: Any, value: Any, what: str, whose: str) -> Any:
    """A cotangent or tangent, checked against its value, with leaves of its kinds and precisions.

    `what` and `whose` are how messages call both. A leaf that is None counts as zeros.
    """
    parts = fields_of(value)
    if parts is not None:
        keys, items = parts
        given = _parts_like(cotangent, value, keys, what, whose)
        leaves = [in_container(g, v, what, whose) for g, v in zip(given, items, strict=True)]
        if keys is None:
            return leaves
        named = dict(zip(keys, leaves, strict=True))
        return named if isinstance(value, dict) else SimpleNamespace(**named)
    array = np.asarray(value)
    if array.dtype.kind not in "fc":
        return None
    if cotangent is None:
        cotangent = np.zeros(array.shape)
    if np.shape(cotangent) != array.shape:
        raise ValueError(
            f"the {what} has shape {np.shape(cotangent)}, the {whose} has {array.shape}"
        )
    if array.dtype.kind == "f" and np.iscomplexobj(cotangent):
        raise TypeError(f"the {what} is complex, the {whose} is real: take the real part")
    if isinstance(value, np.ndarray):
        return np.asarray(cotangent, dtype=array.dtype)
    return type(value)(cotangent)


def as_passed(cotangent: Any, value: Any) -> Any:
    """A cotangent in the containers that emitted code reads it from."""
    parts = fields_of(value)
    if parts is None:
        return cotangent
    keys, items = parts
    given = _parts_like(cotangent, value, keys, "cotangent", "value")
    leaves = [as_passed(g, v) for g, v in zip(given, items, strict=True)]
    if keys is None:
        return leaves
    named = dict(zip(keys, leaves, strict=True))
    return named if isinstance(value, dict) else SimpleNamespace(**named)


def _parts_like(cotangent: Any, value: Any, keys: Any, what: str, whose: str) -> list[Any]:
    """The parts of a cotangent in the order of the value's; of a dict by key."""
    parts = fields_of(value)
    count = len(parts[1]) if parts is not None else 0
    if cotangent is None:
        return [None] * count
    found = fields_of(cotangent)
    if found is not None and len(found[1]) == count:
        if not isinstance(value, dict) and found[0] in (None, keys):
            return list(found[1])
        if isinstance(value, dict) and isinstance(cotangent, dict) and set(cotangent) == set(keys):
            return [cotangent[key] for key in keys]
    raise TypeError(f"the {what} has to be a {type(value).__name__} like the {whose}")


def derivative(
    fun: Callable[..., Any],
    mode: str = "rev",
    *,
    returns: str | tuple[str, ...] | None = None,
) -> Callable[[F], F]:
    """Register a rule for a function; used as a decorator.

    Parameters
    ----------
    fun
        The function.
    mode
        `"rev"`: the rule is a pullback. Its first parameter is the cotangent, called `d` and the name
        of the result; the others are, by name, arguments of `fun` or the result. It returns one
        gradient per argument of `fun`, None where there is no derivative; for a container, the same
        container of gradients. Where `fun` returns a tuple, so are cotangent and result. `"fwd"`: a
        tangent beside
        the pullback. Its parameters are, by name, arguments, the result, and `x_dot` for the tangent
        of the argument x; it returns the tangent of the result. Without one the tangent is found
        from the pullback.

    returns
        What a function without Python source returns (a C function, a builtin, one of a library):
        `"float"`, `"elementwise"`, or the name of an argument that the result is like; a tuple of
        these for a tuple. Its arguments are those of the rule, where it does not tell their names. It
        must not write into them. A Python function with `returns` is not read either, but called.

    A rule is plain Python and is inlined into emitted code.

    Examples
    --------
    >>> import chainrule as cr
    >>> def clipped(x):
    ...     return x if abs(x) < 1 else x / abs(x)
    >>> @cr.derivative(clipped)
    ... def clipped_pullback(dy, x):
    ...     return dy  # straight through
    """
    outside = returns is not None or is_external(fun)
    if outside and is_known(fun):
        raise TypeError(
            f"{_name_of(fun)} is known already: call it in a function of your own, "
            "and register the rule for that"
        )
    names = _argument_names(fun, outside)
    kind = returns or ("elementwise" if isinstance(fun, np.ufunc) else "float")

    def pullback(rule: F) -> F:
        params = tuple(inspect.signature(rule).parameters)
        if not params or not params[0].startswith("d"):
            raise TypeError(
                "the first parameter has to be the cotangent, such as dy for a result y"
            )
        result = params[0][1:]
        arguments = names or tuple(p for p in params[1:] if p != result)
        _check_parameters(fun, params[1:], {result, *arguments})
        said = (kind,) if isinstance(kind, str) else kind
        if wrong := set(said) - {"float", "elementwise", *arguments}:
            raise TypeError(
                "returns is 'float', 'elementwise', or the name of an argument that the result is "
                f"like, or a tuple of these, not {', '.join(map(repr, sorted(wrong)))}"
            )
        CUSTOM[fun] = CustomRule(
            fun, rule, result, params, arguments, external=outside, returns=kind
        )
        CUSTOM_LOG.append(CUSTOM[fun])
        return rule

    def tangent(rule: F) -> F:
        known = CUSTOM.get(fun)
        if known is None:
            raise TypeError(f"register the pullback of {_name_of(fun)} before its tangent")
        params = tuple(inspect.signature(rule).parameters)
        known_names = {known.result, *(f"{n}_dot" for n in known.arguments), *known.arguments}
        _check_parameters(fun, params, known_names)
        CUSTOM[fun] = replace(known, tangent=rule)
        CUSTOM_LOG.append(CUSTOM[fun])
        return rule

    if mode not in ("rev", "fwd"):
        raise ValueError(f"mode {mode!r} is not available: use 'rev' or 'fwd'")
    return pullback if mode == "rev" else tangent


def _check_parameters(fun: Any, params: tuple[str, ...], known: set[str]) -> None:
    if unknown := set(params) - known:
        raise TypeError(f"{', '.join(sorted(unknown))}: no argument of {_name_of(fun)}")


def _name_of(fun: Any) -> str:
    return str(getattr(fun, "__name__", type(fun).__name__))


def _argument_names(fun: Any, outside: bool) -> tuple[str, ...]:
    """The names of the arguments; none where the function does not say, so that the rule's count."""
    try:
        parameters = inspect.signature(fun).parameters
    except (TypeError, ValueError):
        if outside:
            return ()
        raise
    known = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    if outside and any(p.kind not in known for p in parameters.values()):
        return ()
    return tuple(parameters)


MAKERS.update({grad: "grad", value_and_grad: "value_and_grad"})

__all__ = [
    "checkpoint",
    "compile",
    "debug",
    "derivative",
    "grad",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "warmup",
]
