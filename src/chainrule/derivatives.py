"""What users call beside gradients: tangents, Jacobians, Hessians and their products with vectors."""

from __future__ import annotations

import copy
import functools
import inspect
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, final
from weakref import WeakKeyDictionary

import numpy as np

from . import pipeline
from .api import as_passed, in_container, is_compiled, private, pullback_entry, vjp
from .compiled.function import CompiledFunction
from .compiled.program import Request
from .compiled.pullback import compiled_pullback
from .compiled.transforms import compiled_root
from .containers import (
    blocks,
    flat,
    flat_rows,
    floated,
    has_complex,
    has_real,
    leaves,
    rebuilt,
    size,
    stacked,
    units,
)
from .dispatch import Dispatcher, as_floats, called
from .emit.interface import result_classes
from .emit.module import Root, emit_module
from .engines.numba_engine import Options, options_of
from .engines.numpy_engine import load
from .errors import UnsupportedError
from .frontend.derivatives import MADE, MAKERS
from .frontend.library import as_python
from .frontend.pushforwards import DIRECT
from .frontend.root import Primal
from .frontend.source import unwrap
from .frontend.values import Derivative, Static
from .rules.random_numbers import differing
from .staging import hessian_root, pushforward_root
from .transform.lifted import NotLifted

Argnums = int | str | tuple[int | str, ...]


# -- forward mode ----------------------------------------------------------------------------------


def _options(engine: str | None, fun: Callable[..., Any]) -> Options | None:
    """How the result is compiled; None where it runs as Python. `engine` as for `grad`."""
    return options_of(fun) if is_compiled(engine, fun) else None


def _dual(options: Options | None) -> Callable[..., tuple[Any, dict[str, Any]]]:
    """How to build the function of values and tangents."""

    def build(primal: Primal, wrt: tuple[str, ...], single: bool) -> tuple[Any, dict[str, Any]]:
        return _loaded(primal, pushforward_root(pipeline.pushforward(primal, wrt)), options)

    return build


def _loaded(primal: Primal, root: Root, options: Options | None) -> tuple[Any, dict[str, Any]]:
    if options is not None:
        return compiled_root(primal, root, options)
    name = root.function.name
    namespace = load(emit_module([root]).text, name, result_classes(primal.result))
    return namespace[name], namespace


_DUALS: WeakKeyDictionary[Any, dict[Any, Dispatcher[Any]]] = WeakKeyDictionary()


def jvp(
    fun: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    has_aux: bool = False,
    engine: str | None = None,
) -> Any:
    """The value of `fun(*primals)`, and how fast it changes when the arguments move.

    Parameters
    ----------
    fun
        A function of numbers, arrays and containers of them, with any output.
    primals
        The arguments.
    tangents
        A direction for each argument, in its form (same containers, same shapes); None for an
        argument that stays as it is.
    has_aux
        `fun` returns `(value, aux)`, and the result is `(value, tangent, aux)`.
    engine
        As for `value_and_grad`.

    Returns
    -------
    tuple
        `(value, tangent)`, the tangent in the form of the value, None for what is not floating point.

    Examples
    --------
    >>> import chainrule as cr
    >>> def f(x, y):
    ...     return x * y**2
    >>> cr.jvp(f, (2.0, 3.0), (1.0, 0.5))
    (18.0, 15.0)
    """
    if not isinstance(primals, tuple | list) or not isinstance(tangents, tuple | list):
        raise TypeError("primals and tangents have to be tuples, one item per argument")
    if len(primals) != len(tangents):
        raise TypeError(f"there are {len(primals)} primals and {len(tangents)} tangents")
    signature = inspect.signature(unwrap(fun))
    bound = signature.bind(*primals).arguments
    dots = signature.bind(*tangents).arguments
    moving = tuple(n for n in bound if any(leaf is not None for leaf in leaves(dots[n])))
    if not moving:
        raise TypeError("all tangents are None: give a direction for one argument at least")
    known = _DUALS.setdefault(as_python(fun), {})
    options = _options(engine, fun)
    dispatcher = known.get((moving, options))
    if dispatcher is None:
        dispatcher = known[moving, options] = Dispatcher(fun, moving, _dual(options))
    args = dispatcher.arguments(tuple(primals), {})
    entry = dispatcher.entry(args)
    args = as_floats(dispatcher, entry, args)
    places = {name: args[dispatcher.names.index(name)] for name in moving}
    given = [in_container(dots[name], places[name], "tangent", "argument") for name in moving]
    value, tangent = entry.run(*args, *given)
    if has_aux:
        return value[0], tangent[0], value[1]
    return value, tangent


def linearize(
    fun: Callable[..., Any], *primals: Any, engine: str | None = None
) -> tuple[Any, Callable[..., Any]]:
    """The value of `fun(*primals)`, and the function that maps tangents to the tangent of the value.

    Each call of it computes the value again. `engine` as for `value_and_grad`.

    Examples
    --------
    >>> import chainrule as cr
    >>> value, push = cr.linearize(lambda x: x**2, 3.0)
    >>> value, push(1.0), push(0.5)
    (9.0, 6.0, 3.0)
    """
    value, _ = jvp(fun, primals, [zeros_like(p) for p in primals], engine=engine)

    def push(*tangents: Any) -> Any:
        return jvp(fun, primals, tangents, engine=engine)[1]

    return value, push


def zeros_like(value: Any) -> Any:
    """A tangent of zeros; None for what has none."""

    def zero(leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray | np.generic):
            return np.zeros_like(leaf) if leaf.dtype.kind in "fc" else None
        if isinstance(leaf, complex):
            return 0j
        return 0.0 if isinstance(leaf, int | float) and not isinstance(leaf, bool) else None

    return rebuilt(value, iter([zero(leaf) for leaf in leaves(value)]))


# -- Jacobians -------------------------------------------------------------------------------------


def jacfwd(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    engine: str | None = None,
) -> Any:
    """A function that returns the Jacobian of `fun`, column by column in forward mode.

    Good where there are fewer numbers in than out. Arguments and result as of `jacobian`.

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> cr.jacfwd(lambda t: np.array([t, t**2, t**3]))(2.0)
    array([ 1.,  4., 12.])
    """
    options = _options(engine, fun)
    found = _without_value(
        _forward_jacobian(fun, argnums, has_aux, holomorphic, options), fun, has_aux
    )
    return _made("jacfwd", found, fun, argnums, has_aux, holomorphic)


def jacrev(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    engine: str | None = None,
) -> Any:
    """A function that returns the Jacobian of `fun`, row by row in reverse mode.

    Good where there are fewer numbers out than in. Arguments and result as of `jacobian`.

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> cr.jacrev(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    options = _options(engine, fun)
    found = _without_value(
        _reverse_jacobian(fun, argnums, has_aux, holomorphic, options), fun, has_aux
    )
    return _made("jacrev", found, fun, argnums, has_aux, holomorphic)


def jacobian(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    sparse: Any = False,
    engine: str | None = None,
) -> Any:
    """A function that returns the Jacobian of `fun`: row by row or column by column, by the shapes.

    Parameters
    ----------
    fun
        A function with any output.
    argnums
        The argument to differentiate by: position, name, or a tuple of them.
    has_aux
        `fun` returns `(value, aux)`, and the result is `(jacobian, aux)`.
    sparse
        True: find where entries can be (`chainrule.sparsity`), and compute only these, in as few
        sweeps as a colouring of rows and columns finds. Instead of True, a pattern that is known.
    engine
        As for `value_and_grad`.

    Returns
    -------
    callable
        For an array result and an array argument it returns an array of shape
        `value.shape + argument.shape`. For containers: the container of the value, in it for each
        leaf the container of the argument (with a tuple of `argnums` a tuple of them). With `sparse`
        a block is a `scipy.sparse.csr_array` with a row per number of the value and a column per
        number of the argument.

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> cr.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    options = _options(engine, fun)
    if sparse is not False:
        from .sparse.drivers import sparse_jacobian

        both = sparse_jacobian(fun, argnums, has_aux, sparse, options)
        return _without_value(both, fun, has_aux)
    found = _without_value(
        _either_jacobian(fun, argnums, has_aux, holomorphic, options), fun, has_aux
    )
    return _made("jacobian", found, fun, argnums, has_aux, holomorphic)


def value_and_jacobian(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    engine: str | None = None,
) -> Any:
    """A function that returns `(value, jacobian)`; with `has_aux` `((value, aux), jacobian)`.

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> cr.value_and_jacobian(lambda x: 2 * x)(np.array([3.0]))
    (array([6.]), array([[2.]]))
    """
    both = _either_jacobian(fun, argnums, has_aux, holomorphic, _options(engine, fun))

    @functools.wraps(getattr(fun, "py_func", fun))
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return value, found

    return _made("value_and_jacobian", differentiated, fun, argnums, has_aux, holomorphic)


def _made(
    kind: str,
    made: Callable[..., Any],
    fun: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Note what a function is the derivative of, for when it is called in one that is differentiated."""
    MADE[made] = Derivative(kind, Static(fun), argnums, has_aux, holomorphic)
    return made


def _without_value(both: Callable[..., Any], fun: Callable[..., Any], has_aux: bool) -> Any:
    @functools.wraps(getattr(fun, "py_func", fun))
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return differentiated


_FORM: Final[dict[bool, pipeline.Form]] = {False: "one", True: "several"}
LARGEST: Final = 2_000_000  # numbers in the directions that one sweep takes


@final
@dataclass(frozen=True)
class _Sweep:
    """What runs for directions: one at a time, or with `several` all that are stacked in front."""

    run: Any
    several: bool


def _swept(
    make: Callable[[bool], tuple[Any, dict[str, Any]]], options: Options | None
) -> tuple[_Sweep, dict[str, Any]]:
    """The program for several directions, or for one where that cannot be written or compiled."""
    try:
        run, namespace = make(True)
    except NotLifted:
        run, namespace = make(False)
        return _Sweep(run, False), namespace
    except UnsupportedError:
        if options is None:
            raise
        run, namespace = make(False)
        return _Sweep(run, False), namespace
    return _Sweep(run, True), namespace


def _refuse_redraws(primal: Primal) -> None:
    """Columns come from several runs of the function, which have to draw the same numbers."""
    for drawn in differing(primal.function.body):
        raise UnsupportedError(
            "CR022",
            "columns of a Jacobian or Hessian of a function that draws other random numbers in "
            "each run",
            drawn.span,
            "make the generator inside, np.random.default_rng(seed), or pass the numbers",
        )


Build = Callable[..., tuple[_Sweep, dict[str, Any]]]


def column_program(options: Options | None) -> Build:
    """How to build the function of values and tangents, for columns of a Jacobian."""

    def build(primal: Primal, wrt: tuple[str, ...], single: bool) -> tuple[_Sweep, dict[str, Any]]:
        def make(several: bool) -> tuple[Any, dict[str, Any]]:
            program = pipeline.pushforward(primal, wrt, masked=True, form=_FORM[several])
            return _loaded(primal, pushforward_root(program), options)

        _refuse_redraws(primal)
        return _swept(make, options)

    return build


def row_program(options: Options | None) -> Build:
    """How to build the forward and the backward function, for rows of a Jacobian."""

    def build(primal: Primal, wrt: tuple[str, ...], single: bool) -> tuple[_Sweep, dict[str, Any]]:
        def make(several: bool) -> tuple[Any, dict[str, Any]]:
            if options is not None:
                pair = compiled_pullback(options, masked=True, several=several)
                return pair(primal, wrt, single)
            return pullback_entry(primal, wrt, single, masked=True, several=several)

        return _swept(make, options)

    return build


def _matrix(sweep: _Sweep, value: Any, size_out: int | None, run: Callable[[Any], Any]) -> Any:
    """The results of `run` for each unit of a value, one row each; None where there are none."""
    if not sweep.several:
        found = [flat(run(unit)) for unit in units(value)]
        return np.stack(found) if found else None
    count = size(value)
    if not count:
        return None
    parts = -(-count * max(count, size_out or 0) // LARGEST)
    bounds = np.linspace(0, count, parts + 1).astype(int)
    stacks = [stacked(value, a, b) for a, b in itertools.pairwise(bounds)]
    return np.concatenate([flat_rows(run(stack)) for stack in stacks])


def _forward_jacobian(
    fun: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    holomorphic: bool,
    options: Options | None,
) -> Any:
    dispatcher = Dispatcher(fun, argnums, column_program(options))

    def both(*args: Any, **kwargs: Any) -> Any:
        args = dispatcher.arguments(args, kwargs)
        entry = dispatcher.entry(args)
        args = as_floats(dispatcher, entry, args)
        inputs = chosen_arguments(dispatcher, args)
        _require_real(inputs, "argument", "jacrev", holomorphic)
        values: list[Any] = []

        def run(unit: Any) -> Any:
            given = (unit,) if dispatcher.single else unit
            value, tangent = entry.run.run(*args, *given)
            values.append(value)
            return tangent[0] if has_aux else tangent

        rows = _matrix(entry.run, inputs, None, run)
        value = values[-1] if values else called(fun, dispatcher.signature, copy.deepcopy(args))
        out = value[0] if has_aux else value
        if holomorphic:
            _require_complex(inputs, out)
        return value, blocks(np.zeros((size(out), 0)) if rows is None else rows.T, out, inputs)

    return both


def chosen_arguments(dispatcher: Dispatcher[Any], args: tuple[Any, ...]) -> Any:
    """The differentiated argument, or the tuple of them."""
    found = tuple(args[dispatcher.names.index(name)] for name in dispatcher.wrt)
    return found[0] if dispatcher.single else found


def _reverse_jacobian(
    fun: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    holomorphic: bool,
    options: Options | None,
) -> Any:
    dispatcher = Dispatcher(fun, argnums, row_program(options))

    def both(*args: Any, **kwargs: Any) -> Any:
        args = dispatcher.arguments(args, kwargs)
        entry = dispatcher.entry(args)
        args = as_floats(dispatcher, entry, args)
        forward, backward, _ = entry.run.run
        value, saved = forward(*args)
        kept = tuple(map(private, saved))
        inputs = chosen_arguments(dispatcher, args)
        out = value[0] if has_aux else value
        _require_real(out, "result", "jacfwd", holomorphic)
        if holomorphic:
            _require_complex(inputs, out)

        def run(unit: Any) -> Any:
            seed = [unit, aux_seed(value[1], unit, entry.run.several)] if has_aux else unit
            return backward(as_passed(seed, value), kept)

        rows = _matrix(entry.run, out, size(inputs), run)
        return value, blocks(np.zeros((0, size(inputs))) if rows is None else rows, out, inputs)

    return both


def aux_seed(aux: Any, unit: Any, several: bool) -> Any:
    """Cotangents of zeros for what is not differentiated."""
    zeros = zeros_like(aux)
    if not several:
        return zeros
    count = next(len(leaf) for leaf in leaves(unit) if leaf is not None)
    return rebuilt(
        zeros,
        iter([None if z is None else np.zeros((count, *np.shape(z))) for z in leaves(zeros)]),
    )


def _either_jacobian(
    fun: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    holomorphic: bool,
    options: Options | None,
) -> Any:
    by_rows = _reverse_jacobian(fun, argnums, has_aux, holomorphic, options)
    by_columns = _forward_jacobian(fun, argnums, has_aux, holomorphic, options)
    dispatcher = Dispatcher(fun, argnums, row_program(options))
    plain = (
        fun if options is None else CompiledFunction(fun, None, Request("value", False, options))
    )

    def both(*args: Any, **kwargs: Any) -> Any:
        given = dispatcher.arguments(args, kwargs)
        value = plain(*copy.deepcopy(args), **copy.deepcopy(kwargs))  # it may write into them
        out = value[0] if has_aux else value
        inputs = floated(chosen_arguments(dispatcher, given))
        wide = size(out) <= size(inputs)
        if not holomorphic and (has_complex(inputs) or has_complex(out)):
            wide = not has_complex(
                out
            )  # a real unit gives half of the derivative by a complex number
        return (by_rows if wide else by_columns)(*args, **kwargs)

    return both


def _require_real(value: Any, what: str, other: str, holomorphic: bool) -> None:
    """Refuse complex directions where only a holomorphic function has one derivative for all."""
    if has_complex(value) and not holomorphic:
        raise TypeError(
            f"{what}s are complex, and a Jacobian of complex arguments and complex results is that "
            f"of a holomorphic function: set holomorphic=True, or use {other} where the others are "
            "real, or real and imaginary parts"
        )


def _require_complex(inputs: Any, out: Any) -> None:
    if has_real(inputs) or has_real(out):
        raise TypeError("holomorphic=True is for complex arguments and complex results")


# -- second derivatives ----------------------------------------------------------------------------


def second_program(has_aux: bool, options: Options | None, several: bool = False) -> Build:
    """How to build the function of arguments and a direction that returns value and product."""

    def build(primal: Primal, wrt: tuple[str, ...], single: bool) -> tuple[_Sweep, dict[str, Any]]:
        pipeline.differentiated_leaves(primal, wrt)
        pipeline.scalar_output(primal, has_aux)

        def make(several: bool) -> tuple[Any, dict[str, Any]]:
            how = pipeline.Options(compiled=options is not None)
            program = pipeline.gradient_tangent(primal, wrt, how, form=_FORM[several])
            return _loaded(primal, hessian_root(program, single), options)

        if several:
            _refuse_redraws(primal)
            return _swept(make, options)
        run, namespace = make(False)
        return _Sweep(run, False), namespace

    return build


def hvp(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    engine: str | None = None,
) -> Any:
    """A function of the arguments of `fun` and a direction: the Hessian times that direction.

    It is the tangent of the gradient (forward mode over reverse mode), so it costs a few times as
    much as `fun`, whatever the size. The direction comes last, in the form of the differentiated
    argument; for several `argnums` it is a tuple.

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> def f(x):
    ...     return np.sum(x**3)
    >>> cr.hvp(f)(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    dispatcher = Dispatcher(fun, argnums, second_program(has_aux, _options(engine, fun)))

    @functools.wraps(getattr(fun, "py_func", fun))
    def product(*args: Any, **kwargs: Any) -> Any:
        if not args:
            raise TypeError("the direction is missing: give it after the arguments")
        *rest, direction = args
        given = dispatcher.arguments(tuple(rest), kwargs)
        entry = dispatcher.entry(given)
        given = as_floats(dispatcher, entry, given)
        inputs = chosen_arguments(dispatcher, given)
        dot = in_container(direction, inputs, "direction", "argument")
        value, found = entry.run.run(*given, *(dot if not dispatcher.single else (dot,)))
        return (found, value[1]) if has_aux else found

    return _made("hvp", product, fun, argnums, has_aux)


def hessian(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    sparse: Any = False,
    engine: str | None = None,
) -> Any:
    """A function that returns the matrix of second derivatives of `fun`.

    For an array argument of shape `s` it has the shape `s + s`; for containers it is the container
    of the argument, in it for each leaf the container again. It is the tangent of the gradient in
    all directions: at once where the program can be written so, else one after the other. `sparse` is
    as for `jacobian`; the directions are then those of a colouring.

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> def f(x):
    ...     return x[0]**2 * x[1]
    >>> cr.hessian(f)(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    options = _options(engine, fun)
    if sparse is not False:
        from .sparse.drivers import sparse_hessian

        both = sparse_hessian(fun, argnums, has_aux, sparse, options)
        return _without_value(both, fun, has_aux)
    dispatcher = Dispatcher(fun, argnums, second_program(has_aux, options, several=True))

    @functools.wraps(getattr(fun, "py_func", fun))
    def matrix(*args: Any, **kwargs: Any) -> Any:
        args = dispatcher.arguments(args, kwargs)
        entry = dispatcher.entry(args)
        args = as_floats(dispatcher, entry, args)
        inputs = chosen_arguments(dispatcher, args)
        if has_complex(inputs):
            raise TypeError(
                "the second derivatives by a complex number are no one complex matrix: give real "
                "and imaginary parts as arguments, or use hvp"
            )
        values: list[Any] = []

        def run(unit: Any) -> Any:
            value, found = entry.run.run(*args, *((unit,) if dispatcher.single else unit))
            values.append(value)
            return found

        rows = _matrix(entry.run, inputs, None, run)
        result = blocks(np.zeros((0, 0)) if rows is None else rows.T, inputs, inputs)
        if has_aux:
            value = values[-1] if values else called(fun, dispatcher.signature, copy.deepcopy(args))
            return result, value[1]
        return result

    return _made("hessian", matrix, fun, argnums, has_aux)


MAKERS.update({f: f.__name__ for f in (jacfwd, jacrev, jacobian, value_and_jacobian, hessian, hvp)})
DIRECT.update({jvp: "jvp", linearize: "linearize", vjp: "vjp"})

__all__ = [
    "hessian", "hvp", "jacfwd", "jacobian", "jacrev", "jvp", "linearize", "value_and_jacobian",
]  # fmt: skip
