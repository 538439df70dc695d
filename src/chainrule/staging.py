"""From a function to its staged program and its standalone file; shared by the API and the CLI."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from . import pipeline
from .dispatch import as_float, carries, wanted
from .emit.function import Header
from .emit.interface import (
    fused_returns,
    gradients_text,
    parameter_texts,
    result_leaves,
    value_text,
)
from .emit.module import ModuleText, Root, emit_module
from .emit.standalone import standalone_file
from .emit.text import literal, wrapped
from .errors import NeedStatic, PrimalRaises, SignatureError, UnsupportedError
from .explain.stages import Staged
from .frontend.root import Primal, bind_arguments
from .frontend.signature import Spec, annotated, parse_signature, spec_of
from .frontend.source import unwrap
from .frontend.values import Size, Static, Struct, Value
from .ir.program import Const, Var
from .ir.types import Array, is_inexact
from .transform.calls import Pullbacks


def signature_for(
    fun: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], signature: str | None
) -> dict[str, Spec]:
    """The signature from text, from example values, or from annotations, in this order."""
    if signature is not None:
        specs = parse_signature(signature)
        names = list(inspect.signature(unwrap(fun)).parameters)
        if missing := [n for n in names if n not in specs]:
            raise SignatureError(f"the signature says nothing about {', '.join(missing)}")
        return {n: specs[n] for n in names}
    if args or kwargs:
        bound = bind_arguments(fun, args, kwargs)
        return {n: spec_of(v, n) for n, v in bound.items()}
    return annotated(unwrap(fun))


def primal_for(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    signature: str | None,
    wrt: Any,
) -> tuple[Primal, tuple[str, ...]]:
    """The program of a function, specialised as far as it asks for, and what it is derived by."""
    specs = signature_for(fun, args, kwargs, signature)
    names, _ = wanted(wrt, tuple(specs), unwrap(fun))
    if names:
        return _specialised(fun, args, kwargs, specs, names), names
    shown = list(specs)
    if args or kwargs:  # a default is not differentiated unless it is asked for
        shown = [*inspect.signature(unwrap(fun)).bind(*args, **kwargs).arguments]
    names = tuple(n for n in shown if n in specs and carries(as_float(specs[n])))
    if not (args or kwargs):  # a signature says int where it means one
        names = tuple(n for n in names if carries(specs[n])) or names
    floats = tuple(n for n in names if carries(specs[n]))
    # An int may be needed as one: as an index, a size, a number of steps.
    others = [floats] if floats else [tuple(n for n in names if n != kept) for kept in names[::-1]]
    for chosen in (names, *others):
        try:
            return _specialised(fun, args, kwargs, specs, chosen), chosen
        except UnsupportedError:
            if chosen == others[-1] or not chosen:
                raise
    raise AssertionError("the last choice returns or raises")


def _specialised(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    specs: Mapping[str, Spec],
    names: tuple[str, ...],
) -> Primal:
    """The program of a function; values are fixed as it needs them."""
    fixed: dict[Any, bool] = {}
    while True:
        given = {n: as_float(s) if n in names else s for n, s in specs.items()}
        try:
            return pipeline.specialise(fun, given, fixed)
        except NeedStatic as error:
            if not (args or kwargs) or all(root in fixed for root in error.roots):
                if error.instead is not None:
                    raise error.instead from None
                asked = [
                    f"the value of {path}" if axis is None else f"the length {path}.shape[{axis}]"
                    for path, axis in error.roots
                ]
                raise UnsupportedError(
                    "CR014",
                    f"{' and '.join(asked)} has to be known here",
                    error.span,
                    "give example values instead of a signature",
                ) from None
            fixed |= dict.fromkeys(error.roots, True)
            bound = bind_arguments(fun, args, kwargs)
            specs = {n: spec_of(v, n, fixed) for n, v in bound.items()}
        except PrimalRaises as error:
            raise UnsupportedError(
                "CR050", f"the function raises here: {error}", error.span
            ) from None


def stages(
    fun: Callable[..., Any],
    *args: Any,
    wrt: Any = None,
    signature: str | None = None,
    style: pipeline.Style = "lean",
    **kwargs: Any,
) -> Staged:
    """The staged program of `fun`: forward stages, and the backward stage of each in reverse order.

    Parameters
    ----------
    fun
        A function that returns one number.
    *args, **kwargs
        Example values, which say what kinds and ranks the program is for.
    wrt
        The arguments to differentiate by, as `argnums` of `grad`; by default all that are
        floating point.
    signature
        Text in place of example values, such as `"W: f64[h,d], x: f64[d]"`.
    style
        `"lean"` leaves out factors of one; `"teach"` spells out local times upstream gradient.

    Examples
    --------
    >>> import chainrule as cr
    >>> def f(x, y):
    ...     xy = x * y
    ...     return xy + x
    >>> print(cr.stages(f, 2.0, 3.0))
    def f_value_and_grad(x, y):
        # forward
        xy = x * y  # (1)
        f = xy + x  # (2)
        # backward
        dx = 1.0    # (2)
        dx += y     # (1) x forks: gradients add up
        dy = x
        return f, (dx, dy)
    <BLANKLINE>
    """
    if style not in get_args(pipeline.Style):
        raise ValueError(f"style {style!r} is not available: use 'lean' or 'teach'")
    primal, names = primal_for(fun, args, kwargs, signature, wrt)
    pipeline.scalar_output(primal, has_aux=False)
    return _staged(primal, names, style)


def _staged(primal: Primal, wrt: Sequence[str], style: pipeline.Style) -> Staged:
    """The staged program, and on demand its standalone file and its spelled-out form."""
    program = pipeline.gradient(primal, wrt, pipeline.Options(style=style))

    def standalone() -> str:
        return standalone_module(primal, wrt, pipeline.Options(style=style)).text

    def spelled_out() -> Staged:
        return _staged(primal, wrt, "teach")

    return Staged(program, fused_module(program), standalone, spelled_out)


def standalone_module(primal: Primal, wrt: Sequence[str], options: pipeline.Options) -> ModuleText:
    """The standalone file: forward, backward and, where the value is one number, both in one.

    UnsupportedError when a part of the program cannot be written into a file.
    """
    pullbacks = Pullbacks()
    roots = [*pullback_roots(pipeline.pullback(primal, wrt, options, pullbacks))]
    result = primal.result
    if isinstance(result, Var | Const) and not result.type.dims and is_inexact(result.type):
        roots.append(fused_root(pipeline.gradient(primal, wrt, options, pullbacks)))
    return standalone_file(primal, wrt, options.style, roots)


def fused_module(program: pipeline.Gradient) -> ModuleText:
    """The module of the value-and-gradient function."""
    return emit_module([fused_root(program)])


def fused_root(program: pipeline.Gradient) -> Root:
    """The value-and-gradient function."""
    primal, wrt = program.primal, program.wrt
    single = len(wrt) == 1
    returns = fused_returns(
        primal.parameters, primal.result, program.results, wrt, single=single, value=True
    )
    return Root(program.function, header(primal), returns)


def header(primal: Primal) -> Header:
    """How the emitted functions of a program are called."""
    parameters = primal.parameters
    paths = {v: p for v, p in parameters.paths.items() if p != v.hint}
    return Header(
        parameter_texts(parameters, primal.source.fun), opening=overlap_checks(primal), paths=paths
    )


def overlap_checks(primal: Primal) -> list[str]:
    """Statements that refuse arrays which share memory with one that the function writes into."""
    arrays = [p for v, p in primal.parameters.paths.items() if isinstance(v.type, Array)]
    arrays += [a for v, a in primal.function.captures.items() if isinstance(v.type, Array)]
    lines: list[str] = []
    for position, written in enumerate(arrays):
        for other in arrays:
            seen = arrays.index(other) < position and other in primal.written
            if written in primal.written and other != written and not seen:
                lines.append(f"if np.shares_memory({written}, {other}):")
                text = (
                    f"{written} and {other} share memory, and {primal.source.name} writes into it"
                )
                lines.append(f"    raise ValueError({literal(text)})")
    for var in primal.unit.row_by_row:
        path = primal.parameters.paths[var]
        lines.append(f"if not {path}.flags.c_contiguous:")
        text = (
            f"{path} is not laid out row by row, and {primal.source.name} writes into it "
            "through another shape"
        )
        lines.append(f"    raise ValueError({literal(text)})")
    return lines


# -- forward and backward apart ------------------------------------------------------------------


def pullback_roots(program: pipeline.Pullback) -> tuple[Root, Root]:
    """The forward function, which returns `value, saved`, and the backward function.

    The latter takes the gradient of the value, in the container of the value, and `saved`.
    """
    primal, head = program.primal, header(program.primal)
    count = len(primal.function.results)
    taken = {*program.backward.captures.values()}
    needed = [n for n in primal.parameters.specs if n in container_names(primal, program.wrt)]
    taken |= set(needed)
    names = {v: _free_name(v.hint or "value", taken) for v in program.reads}
    seed, paths = seed_paths(program, taken)
    saved = _free_name("saved", {*taken, seed})

    def forward_returns(texts: Sequence[str]) -> str:
        kept = [*texts[count:], *needed]
        value = value_text(primal.result, iter(texts[:count]))
        return f"{value}, ({', '.join(kept)}{',' if len(kept) == 1 else ''})"

    def backward_returns(texts: Sequence[str]) -> str:
        return gradients_text(primal.parameters, program.wrt, texts, single=False)

    unpacked = [*names.values(), *needed]
    if len(unpacked) == 1:
        opening = [f"({unpacked[0]},) = {saved}"]
    elif len(", ".join(unpacked)) < 80:
        opening = [f"{', '.join(unpacked)} = {saved}"] if unpacked else []
    else:
        opening = wrapped("(", unpacked, f") = {saved}")
    forward = pipeline.replace_results(program.forward, count, program.reads)
    return (
        Root(forward, head, forward_returns),
        Root(
            program.backward,
            Header([seed, saved], opening=opening, paths={**names, **paths}),
            backward_returns,
        ),
    )


def pushforward_root(program: pipeline.Pushforward) -> Root:
    """The function that returns `value, tangent`, the tangent in the container of the value."""
    primal = program.primal

    def returns(texts: Sequence[str]) -> str:
        value = value_text(primal.result, iter(texts[: program.results]))
        feed = iter(texts[program.results :])
        dots = (next(feed) if moves else "None" for moves in program.moving)
        return f"{value}, {value_text(only_numbers(primal.result), dots)}"

    return Root(program.function, _with_tangents(program), returns)


def hessian_root(program: pipeline.Pushforward, single: bool) -> Root:
    """The function that returns the value and the tangent of the gradient."""
    primal = program.primal
    returns = fused_returns(
        primal.parameters, primal.result, program.results, program.wrt, single=single, value=True
    )
    return Root(program.function, _with_tangents(program), returns)


def _with_tangents(program: pipeline.Pushforward) -> Header:
    """The parameters of the function, and after them `x_dot` for each that moves."""
    primal, head = program.primal, header(program.primal)
    taken = {*primal.parameters.specs, *program.function.captures.values()}
    names = {name: _free_name(f"{name}_dot", taken) for name in program.wrt}
    paths = dict(head.paths)
    for leaf, dot in zip(program.leaves, program.dots, strict=True):
        path = primal.parameters.paths[leaf]
        root = re.split(r"[.\[]", path, maxsplit=1)[0]
        paths[dot] = names[root] + path[len(root) :]
    default = "=None" if any("=" in text for text in head.parameters) else ""
    parameters = [*head.parameters, *(f"{name}{default}" for name in names.values())]
    return Header(parameters, head.doc, head.opening, paths)


def only_numbers(value: Value) -> Value:
    """The value with None for text, bools and whatever else carries no tangent."""
    if isinstance(value, Struct):
        return Struct(value.cls, tuple(map(only_numbers, value.items)), value.keys)
    if isinstance(value, Const) and isinstance(value.value, bool):
        return Static(None)
    return value if isinstance(value, Var | Const | Size) else Static(None)


def _free_name(wanted: str, taken: set[str]) -> str:
    """A name that is not taken; it is from now on."""
    base = wanted if wanted.isidentifier() else "value"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    return name


def container_names(primal: Primal, wrt: Sequence[str]) -> set[str]:
    """The arguments that the gradients' text names: `type(model)(w=dw)`."""
    feed = ["0"] * len(primal.parameters.variables)
    text = gradients_text(primal.parameters, wrt, feed, single=False)
    return {n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)}


def seed_paths(program: pipeline.Pullback, taken: set[str]) -> tuple[str, dict[Var, str]]:
    """The parameter for the gradient of the value, and where in it each result's gradient is."""
    result = program.primal.result
    if not isinstance(result, Struct):
        if not program.seeds:
            return _free_name("dvalue", taken), {}
        (seed,) = program.seeds
        name = _free_name(seed.hint, taken)
        return name, {seed: name}
    name = _free_name("dvalue", taken)
    inexact = [path for path, leaf in result_leaves(result, name) if is_inexact(leaf.type)]
    return name, dict(zip(program.seeds, inexact, strict=True))
