"""The one list of passes: what happens to a function, in order.

    lower       read the function for a signature: typed equations with stage numbers
    inner       make calls of tangents and Jacobians that are taken inside
    invariant   read what a loop carries unchanged from before it
    normalize   give expressions with a better derivative than their parts' an operation of their own
    roots       give roots that have a derivative at 0 an operation of their own
    powers      check that powers of Python floats stay real
    reverse     append the backward pass, the pullback of each equation inlined
    forward     or: write the tangent of each equation beside it; of a joined program for Hessians
    batched     give tangents or cotangents an axis in front, for Jacobians in one sweep
    index_sets  or: make index sets of tangents, for the pattern of a Jacobian
    nested      write gradients that are called inside as functions of their own
    lazy        let a selection among numbers compute only what it takes
    simplify    drop factors of one and broadcasts that happen anyway; share; drop dead code
    bind        give every size a place where the program can read it
    own         copy gradients that would share memory with something else
    emit        choose what gets a line, name it, write it

Nothing else knows this order.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, final

from .emit.module import ModuleText, emit_module
from .errors import NeedStatic, SignatureError, UnsupportedError
from .frontend.describing import describe
from .frontend.root import Primal, as_paths, lower_root
from .frontend.signature import Fixed, Leaf, Node, Spec, child_path
from .frontend.unit import Unit
from .frontend.values import Struct, leaves
from .ir.program import Atom, Const, Function, Var
from .ir.types import Array, List, is_complex, is_inexact
from .ir.verify import verify
from .rules.builder import Builder, const
from .simplify import simplified, simplify_algebra, without_dead_code
from .transform.batched import batched
from .transform.calls import Pullbacks, split
from .transform.forward import Forward, tangent_var, zero_like
from .transform.index_sets import index_sets
from .transform.lazy import lazy_selections
from .transform.nested import expanded
from .transform.normal import normalized
from .transform.own import own_results
from .transform.record import recorded
from .transform.reverse import Backward, Reverse
from .transform.second import gradient_of_tangent, needs_reverse_last
from .transform.sizes import bind_everywhere

Style = Literal["lean", "teach"]
Form = Literal["one", "several", "sets"]  # what tangents are: see `pushforward`


@final
@dataclass(frozen=True)
class Options:
    """What is asked for besides the signature."""

    style: Style = "lean"
    simplify: bool = True
    verify: bool = False
    compiled: bool = False  # what is recorded of loops depends on what runs them


@final
@dataclass(frozen=True)
class Gradient:
    """A differentiated program: the fused function, and what its results mean."""

    primal: Primal
    wrt: tuple[str, ...]
    function: Function
    results: int  # how many of the function's results come first
    leaves: tuple[Var, ...]  # the parameters whose gradients follow


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for the passes to recurse, since they follow expressions as deep as users nest them."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20_000))
    try:
        yield
    except RecursionError:
        raise UnsupportedError(
            "CR051", "an expression of this function is nested too deeply", None, "name parts of it"
        ) from None
    finally:
        sys.setrecursionlimit(limit)


def specialise(
    fun: Callable[..., Any], specs: Mapping[str, Spec], fixed: dict[Any, bool] | None = None
) -> Primal:
    """The program of a function for a signature."""
    primal = lower_root(fun, specs, fixed)
    return replace(primal, function=normalized(primal.function, primal.unit))


def differentiated_leaves(primal: Primal, wrt: Sequence[str]) -> tuple[Var, ...]:
    """The parameter variables that `wrt` stands for; SignatureError for what has no gradient."""
    chosen: list[Var] = []
    for name in wrt:
        _check_container(name, primal.parameters.specs[name])
        found = len(chosen)
        for leaf in leaves(primal.parameters.values[name]):
            if isinstance(leaf, Var):
                if not is_inexact(leaf.type):
                    raise SignatureError(_integer_message(primal.parameters.paths[leaf], leaf))
                chosen.append(leaf)
        spec = primal.parameters.specs[name]
        if len(chosen) == found and not (isinstance(spec, Node) and not spec.items):
            raise SignatureError(
                f"{name} holds no number and no array, so it has no gradient: "
                "leave it out of argnums"
            )
    return tuple(chosen)


def _check_container(path: str, spec: Spec) -> None:
    """Refuse a container whose class does more than hold its fields when it is called."""
    if not isinstance(spec, Node):
        return
    if spec.keys is not None and not issubclass(spec.cls, dict):
        cls = spec.cls
        if dataclasses.is_dataclass(cls):
            own = hasattr(cls, "__post_init__") or not all(f.init for f in dataclasses.fields(cls))
            own = own or not cls.__dataclass_params__.init  # type: ignore[attr-defined]
        else:  # the constructor of a NamedTuple is made by `collections.namedtuple`
            own = not str(cls.__new__.__globals__["__name__"]).startswith("namedtuple_")
        if own:
            raise SignatureError(
                f"{path} is a {cls.__name__}, whose constructor does more than store its fields, "
                "so a gradient of this class cannot be made: pass a tuple or a dict"
            )
    for key, item in zip(spec.keys or range(len(spec.items)), spec.items, strict=True):
        _check_container(child_path(path, spec.cls, key), item)


def _integer_message(path: str, leaf: Var) -> str:
    if isinstance(leaf.type, Array):
        return (
            f"{path} is an array of {leaf.type.dtype}, which has no gradient: "
            f"pass {path}.astype(float), or leave it out of argnums"
        )
    return f"{path} is {leaf.type.dtype}, which has no gradient: pass a float"


def plain(primal: Primal, options: Options | None = None) -> Function:
    """The program of the function itself, ready to be compiled."""
    function = primal.function
    return finished(function, len(function.results), (), options or Options(), primal.unit)


class NotScalar(TypeError):
    """The function does not return one number; `name` is the function's."""

    def __init__(self, name: str, shape: object) -> None:
        super().__init__(
            f"{name} returns an array of shape {shape}, and a gradient is that of one number: "
            "reduce it (np.sum), or use chainrule.vjp or chainrule.jacobian"
        )
        self.name = name


def scalar_output(
    primal: Primal, has_aux: bool, wrt: Sequence[str] = (), *, holomorphic: bool = False
) -> None:
    """Refuse to take the gradient of anything but one real number.

    With `holomorphic` it has to be one complex number, and so have the arguments.
    """
    value = primal.result
    name = primal.source.name
    if has_aux:
        if not (isinstance(value, Struct) and value.is_sequence and len(value.items) == 2):
            raise TypeError(f"with has_aux, {name} has to return (value, aux)")
        value = value.items[0]
    if isinstance(value, Struct):
        raise TypeError(
            f"{name} returns a {value.cls.__name__}, and a gradient is that of one number: "
            "use chainrule.vjp, or has_aux=True for (value, aux)"
        )
    if not isinstance(value, Var | Const):
        raise TypeError(f"{name} returns {describe(value)}, and a gradient is that of one number")
    if isinstance(value.type, List):
        raise TypeError(
            f"{name} returns a list, and a gradient is that of one number: "
            "use chainrule.vjp, or has_aux=True for (value, aux)"
        )
    if value.type.dims:
        raise NotScalar(name, _shape_text(value))
    if not is_inexact(value.type):
        raise TypeError(f"{name} returns {describe(value)}, which has no gradient")
    if holomorphic:
        if not is_complex(value.type):
            raise TypeError(
                f"{name} returns {describe(value)}, and holomorphic=True is for complex results"
            )
        all_complex(primal, wrt)
    elif is_complex(value.type):
        raise TypeError(
            f"{name} returns a complex number, and a gradient is that of one real number: "
            "return a real one (abs(z), z.real), or set holomorphic=True if it is holomorphic"
        )


def all_complex(primal: Primal, wrt: Sequence[str]) -> None:
    """Refuse real arguments where the function is taken for holomorphic."""
    for leaf in differentiated_leaves(primal, wrt):
        if not is_complex(leaf.type):
            raise TypeError(
                f"{primal.parameters.paths[leaf]} is real, and holomorphic=True is for complex "
                "arguments: pass a complex number, or leave it out of argnums"
            )


def _shape_text(atom: Atom) -> str:
    dims = atom.type.dims
    return f"({', '.join(map(repr, dims))}{',' if len(dims) == 1 else ''})"


def gradient(
    primal: Primal,
    wrt: Sequence[str],
    options: Options | None = None,
    pullbacks: Pullbacks | None = None,
) -> Gradient:
    """The fused value-and-gradient program of the first result.

    `pullbacks` are the backward functions of callees that other programs of the module have.
    """
    options = options or Options()
    chosen = differentiated_leaves(primal, wrt)
    joined = _joined(primal, chosen, options, pullbacks)
    count = len(primal.function.results)
    joined = _checked(finished(joined, count, chosen, options, primal.unit), options)
    return Gradient(primal, tuple(wrt), joined, count, chosen)


def _joined(
    primal: Primal, wrt: Sequence[Var], options: Options, pullbacks: Pullbacks | None = None
) -> Function:
    """The function with the backward pass of its first result behind it."""
    function = primal.function
    seeds: list[Atom | None] = [const(1.0), *([None] * (len(function.results) - 1))]
    swept = _swept(primal, wrt, seeds, options, pullbacks)
    return replace(
        function,
        name=f"{function.name}_value_and_grad",
        body=recorded(function, swept.eqns, swept.replaced, compiled=options.compiled),
        results=(*function.results, *swept.gradients),
        captures={**function.captures, **swept.captures},
    )


def _swept(
    primal: Primal,
    wrt: Sequence[Var],
    seeds: Sequence[Atom | None],
    options: Options,
    pullbacks: Pullbacks | None,
    *,
    masked: bool = False,
) -> Backward:
    """The backward pass; NeedStatic, in terms of the signature, when a rule asks for a value."""
    pullbacks = pullbacks or Pullbacks(options.compiled)
    reverse = Reverse(primal.unit, options.style == "teach", pullbacks)
    try:
        return reverse.sweep(primal.function, wrt, seeds, masked=masked)
    except NeedStatic as error:
        raise as_paths(error, primal.parameters, primal.unit) from None


def finished(
    joined: Function,
    results: int,
    wrt: tuple[Var, ...],
    options: Options,
    unit: Unit,
    *,
    tangent: bool = False,
) -> Function:
    """The passes after differentiation; the last results are gradients of `wrt`, or tangents."""
    joined = expanded(joined, unit)
    joined = _checked(lazy_selections(_checked(joined, options)), options)
    if options.simplify:
        simplify = simplified if options.style == "lean" else simplify_algebra
        joined = _checked(simplify(joined), options)
    joined = _checked(without_dead_code(joined), options)
    joined = _checked(own_results(joined, results, wrt, tangent=tangent), options)
    joined = _checked(bind_everywhere(joined), options)
    return without_dead_code(joined)


def _checked(function: Function, options: Options) -> Function:
    if options.verify:
        problems = verify(function)
        assert not problems, "\n".join(problems)
    return function


@final
@dataclass(frozen=True)
class Pullback:
    """A forward function and a backward function.

    `backward` takes the gradients of the results, then `reads`: values that `forward` returns or
    gets.
    """

    primal: Primal
    wrt: tuple[str, ...]
    forward: Function
    backward: Function
    seeds: tuple[Var, ...]
    saved: tuple[Var, ...]
    reads: tuple[Var, ...]
    leaves: tuple[Var, ...]


def pullback(
    primal: Primal,
    wrt: Sequence[str],
    options: Options | None = None,
    pullbacks: Pullbacks | None = None,
    *,
    masked: bool = False,
    several: bool = False,
) -> Pullback:
    """The forward and backward functions of a program, for gradients of all its results.

    With `several` the backward function is for several cotangents at once, see `pushforward`.
    `masked` says that cotangents may be zero in places, such as those that pick a row of a Jacobian.
    """
    options = options or Options()
    chosen = differentiated_leaves(primal, wrt)
    function = primal.function
    seeds: list[Atom | None] = []
    for result in function.results:
        if not is_inexact(result.type):
            seeds.append(None)
            continue
        hint = result.hint if isinstance(result, Var) and result.hint else "value"
        seed = Var(f"d{hint}", result.type, user=True)
        seed.adjoint_of = result if isinstance(result, Var) else None
        seeds.append(seed)
    swept = _swept(primal, chosen, seeds, options, pullbacks, masked=masked)
    seed_vars = tuple(s for s in seeds if isinstance(s, Var))
    joined = replace(
        function,
        params=(*function.params, *seed_vars),
        body=recorded(function, swept.eqns, swept.replaced, compiled=options.compiled),
        results=(*function.results, *swept.gradients),
        captures={**function.captures, **swept.captures},
    )
    count = len(function.results)
    ends = chosen
    if several:
        joined, seed_vars = _lifted(joined, seed_vars, count, "several", primal.unit)
        pairs = zip(chosen, joined.results[count:], strict=True)
        ends = tuple(Var(v.hint, r.type, user=v.user) for v, r in pairs)
    joined = finished(joined, count, ends, options, primal.unit)
    forward, backward, saved, reads = split(joined, function, count, list(seed_vars))
    forward = replace(forward, name=f"{function.name}_forward")
    backward = replace(backward, name=f"{function.name}_backward")
    return Pullback(primal, tuple(wrt), forward, backward, seed_vars, saved, reads, chosen)


@final
@dataclass(frozen=True)
class Pushforward:
    """A function that takes tangents after the arguments, and returns them after the results.

    `dots` are the parameters for the tangents of `leaves`; `moving` says which results have one.
    """

    primal: Primal
    wrt: tuple[str, ...]
    function: Function
    results: int
    leaves: tuple[Var, ...]
    dots: tuple[Var, ...]
    moving: tuple[bool, ...]


def pushforward(
    primal: Primal,
    wrt: Sequence[str],
    options: Options | None = None,
    *,
    masked: bool = False,
    form: Form = "one",
) -> Pushforward:
    """The program of values and tangents; `masked` says that tangents may be zero in places.

    With the form "several" tangents have an axis in front, and the program is for all of them at once;
    with "sets" they are index sets. `NotLifted` where that is not possible.
    """
    options = options or Options()
    chosen = differentiated_leaves(primal, wrt)
    function = primal.function
    dots = {var: tangent_var(var) for var in chosen}
    forward = Forward(primal.unit)
    try:
        swept = forward.sweep(function, dict(dots), masked=chosen if masked else ())
    except NeedStatic as error:
        raise as_paths(error, primal.parameters, primal.unit) from None
    body = swept.body
    moving = tuple(is_inexact(r.type) for r in function.results)
    ends: list[Var] = []
    tangents: list[Atom] = []
    for result, dot in zip(function.results, swept.dots, strict=True):
        if is_inexact(result.type):
            hint = result.hint if isinstance(result, Var) else ""
            named = isinstance(result, Var) and result.user
            ends.append(Var(hint or "value", result.type, user=named))
            builder = Builder(tangent=True)
            tangents.append(dot if dot is not None else zero_like(builder, result))
            body = (*body, *builder.eqns)
    joined = replace(
        function,
        name=f"{function.name}_jvp",
        params=(*function.params, *dots.values()),
        body=body,
        results=(*function.results, *tangents),
        captures={**function.captures, **forward.captures},
    )
    count = len(function.results)
    seeds = tuple(dots.values())
    if form != "one":
        joined, seeds = _lifted(joined, seeds, count, form, primal.unit)
        types = [r.type for r in joined.results[count:]]
        ends = [Var(v.hint, t, user=v.user) for v, t in zip(ends, types, strict=True)]
        options = replace(options, simplify=options.simplify and form != "sets")
    joined = finished(joined, count, tuple(ends), options, primal.unit, tangent=True)
    return Pushforward(primal, tuple(wrt), joined, count, chosen, seeds, moving)


def _lifted(
    joined: Function, seeds: tuple[Var, ...], count: int, form: Form, unit: Unit
) -> tuple[Function, tuple[Var, ...]]:
    """The program for several directions or for index sets, and its parameters for them."""
    joined = expanded(joined, unit)
    if form == "sets":
        joined = simplified(lazy_selections(joined))
    made = (batched if form == "several" else index_sets)(joined, seeds, count)
    places = [joined.params.index(s) for s in seeds]
    return made, tuple(made.params[i] for i in places)


def gradient_tangent(
    primal: Primal, wrt: Sequence[str], options: Options | None = None, *, form: Form = "one"
) -> Pushforward:
    """The results of a function and the tangents of its gradient, in a form as of `pushforward`."""
    options = options or Options()
    chosen = differentiated_leaves(primal, wrt)
    count = len(primal.function.results)
    dots = {var: tangent_var(var) for var in chosen}
    if needs_reverse_last(primal.function):
        second, tangents = gradient_of_tangent(primal.unit, primal.function, chosen, dots)
    else:
        second, tangents = _tangent_of_gradient(primal, chosen, dots, options)
    results = (*second.results[:count], *tangents)
    second = replace(second, name=f"{primal.function.name}_hvp", results=results)
    seeds = tuple(dots.values())
    types = [v.type for v in chosen]
    if form != "one":
        second, seeds = _lifted(second, seeds, count, form, primal.unit)
        types = [r.type for r in second.results[count:]]
        options = replace(options, simplify=options.simplify and form != "sets")
    pairs = zip(chosen, types, strict=True)
    ends = tuple(Var(f"d{v.hint}", type_, user=v.user) for v, type_ in pairs)
    second = finished(second, count, ends, options, primal.unit, tangent=True)
    moving = (True,) * len(chosen)
    return Pushforward(primal, tuple(wrt), second, count, chosen, seeds, moving)


def _tangent_of_gradient(
    primal: Primal, chosen: Sequence[Var], dots: dict[Var, Var], options: Options
) -> tuple[Function, tuple[Atom, ...]]:
    """The program with tangents as parameters, and the tangents of its gradients."""
    joined = simplified(_joined(primal, chosen, options))
    forward = Forward(primal.unit)
    swept = forward.sweep(joined, dict(dots), masked=chosen)
    builder = Builder(tangent=True, backward=True)
    count = len(primal.function.results)
    tangents = [
        dot if dot is not None else zero_like(builder, var)
        for dot, var in zip(swept.dots[count:], chosen, strict=True)
    ]
    second = replace(
        joined,
        params=(*joined.params, *dots.values()),
        body=(*swept.body, *builder.eqns),
        captures={**joined.captures, **forward.captures},
    )
    return second, tuple(tangents)


def replace_results(function: Function, count: int, saved: tuple[Var, ...]) -> Function:
    """The function with its first results and then the saved values."""
    return replace(function, results=(*function.results[:count], *saved))


__all__ = [
    "Fixed", "Gradient", "Leaf", "ModuleText", "Node", "Options", "Pullback", "Pushforward",
    "emit_module", "gradient", "pullback", "pushforward", "scalar_output", "specialise",
]  # fmt: skip
