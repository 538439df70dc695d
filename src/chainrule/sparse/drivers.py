"""The functions behind `jacobian(sparse=True)`, `hessian(sparse=True)` and `sparsity`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..api import as_passed, private
from ..containers import has_complex, leaves, rebuilt, size
from ..derivatives import (
    Argnums,
    aux_seed,
    chosen_arguments,
    column_program,
    row_program,
    second_program,
)
from ..dispatch import Dispatcher, as_floats, called
from ..engines.numba_engine import Options
from .matrices import HessianPlan, JacobianPlan, checked, cut
from .patterns import found_pattern, set_program


def _sweeps(sweep: Any, run: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of stacked directions, also where the program takes one direction at a time."""
    if sweep.several:
        return run

    def one_by_one(stack: Any) -> Any:
        import numpy as np

        parts = list(leaves(stack))
        count = next(len(part) for part in parts if part is not None)
        results = []
        for i in range(count):
            unit = [None if p is None else p[i] if np.ndim(p[i]) else p[i][()] for p in parts]
            results.append(run(rebuilt(stack, iter(unit))))
        columns = zip(*map(leaves, results), strict=True)
        joined = [None if found[0] is None else np.stack(found) for found in columns]
        return rebuilt(results[0], iter(joined))

    return one_by_one


def sparse_jacobian(
    fun: Callable[..., Any], argnums: Argnums, has_aux: bool, given: Any, options: Options | None
) -> Callable[..., Any]:
    """A function that returns the value and the sparse Jacobian; `given` is True or a pattern."""
    by_columns = Dispatcher(fun, argnums, column_program(options))
    by_rows = Dispatcher(fun, argnums, row_program(options))
    for_sets = Dispatcher(fun, argnums, set_program(False, has_aux))

    def both(*args: Any, **kwargs: Any) -> Any:
        import copy

        args = by_columns.arguments(args, kwargs)
        entry = by_columns.entry(args)
        args = as_floats(by_columns, entry, args)
        inputs = chosen_arguments(by_columns, args)
        value = called(fun, by_columns.signature, copy.deepcopy(args))
        out = value[0] if has_aux else value
        _require_real(inputs, out)
        if given is True:
            pattern = found_pattern(for_sets, args, inputs, has_aux, second=False)
        else:
            pattern = checked(given, (size(out), size(inputs)))
        plan = _plan(JacobianPlan, pattern)

        def push(stack: Any) -> Any:
            tangent = entry.run.run(*args, *((stack,) if by_columns.single else stack))[1]
            return tangent[0] if has_aux else tangent

        def pull(stack: Any) -> Any:
            rows = by_rows.entry(args)
            forward, backward, _ = rows.run.run
            value, saved = forward(*args)

            def run(unit: Any) -> Any:
                seed = [unit, aux_seed(value[1], unit, rows.run.several)] if has_aux else unit
                return backward(as_passed(seed, value), tuple(map(private, saved)))

            return _sweeps(rows.run, run)(stack)

        matrix = plan.matrix(_sweeps(entry.run, push), pull, inputs, out)
        return value, cut(matrix, out, inputs)

    return both


def _require_real(*values: Any) -> None:
    if any(map(has_complex, values)):
        raise TypeError(
            "sparse derivatives of complex numbers are not supported: take real and imaginary parts"
        )


@functools.lru_cache(maxsize=16)
def _known_plan(kind: Any, key: Any) -> list[Any]:
    return []


def _plan(kind: Any, pattern: Any) -> Any:
    """The plan for a pattern; the same pattern is not coloured twice."""
    key = (pattern.shape, pattern.indptr.tobytes(), pattern.indices.tobytes())
    known = _known_plan(kind, key)
    if not known:
        known.append(kind(pattern))
    return known[0]


def sparse_hessian(
    fun: Callable[..., Any], argnums: Argnums, has_aux: bool, given: Any, options: Options | None
) -> Callable[..., Any]:
    """A function that returns the value and the sparse Hessian."""
    dispatcher = Dispatcher(fun, argnums, second_program(has_aux, options, several=True))
    for_sets = Dispatcher(fun, argnums, set_program(True, has_aux))

    def both(*args: Any, **kwargs: Any) -> Any:
        import copy

        args = dispatcher.arguments(args, kwargs)
        entry = dispatcher.entry(args)
        args = as_floats(dispatcher, entry, args)
        inputs = chosen_arguments(dispatcher, args)
        _require_real(inputs)
        if given is True:
            pattern = found_pattern(for_sets, args, inputs, has_aux, second=True)
        else:
            pattern = checked(given, (size(inputs), size(inputs)))
        plan = _plan(HessianPlan, pattern)

        def run(stack: Any) -> Any:
            return entry.run.run(*args, *((stack,) if dispatcher.single else stack))[1]

        matrix = plan.matrix(_sweeps(entry.run, run), inputs)
        value = called(fun, dispatcher.signature, copy.deepcopy(args)) if has_aux else None
        return value, cut(matrix, inputs, inputs)

    return both


def sparsity(
    fun: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, hessian: bool = False
) -> Any:
    """A function that returns where the Jacobian of `fun` can have entries, or its Hessian.

    The pattern is found by one run of the program on index sets: it holds for these arguments. It may
    have entries too many, never one too few. It is a matrix of bools (`scipy.sparse.csr_array`), with
    a row for each number of the value and a column for each number of the arguments, in order.

    Examples
    --------
    >>> import chainrule as cr
    >>> import numpy as np
    >>> def differences(x):
    ...     return x[1:] - x[:-1]
    >>> cr.sparsity(differences)(np.zeros(4)).toarray().astype(int)
    array([[1, 1, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 1, 1]])
    """
    dispatcher = Dispatcher(fun, argnums, set_program(hessian, has_aux))

    @functools.wraps(fun)
    def pattern(*args: Any, **kwargs: Any) -> Any:
        args = dispatcher.arguments(args, kwargs)
        args = as_floats(dispatcher, dispatcher.entry(args), args)
        inputs = chosen_arguments(dispatcher, args)
        return found_pattern(dispatcher, args, inputs, has_aux, hessian)

    return pattern
