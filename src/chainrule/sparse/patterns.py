"""The pattern of a Jacobian or Hessian: a program of index sets, run on the arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import pipeline
from ..containers import is_float, leaves, rebuilt
from ..dispatch import Dispatcher
from ..emit.interface import result_classes
from ..emit.module import emit_module
from ..engines.numpy_engine import load
from ..errors import UnsupportedError
from ..frontend.root import Primal
from ..staging import hessian_root, pushforward_root
from ..transform.lifted import NotLifted
from . import sets


def set_program(second: bool, has_aux: bool) -> Callable[..., tuple[Any, dict[str, Any]]]:
    """How to build the function of arguments and index sets; with `second` for the gradient."""

    def build(primal: Primal, wrt: tuple[str, ...], single: bool) -> tuple[Any, dict[str, Any]]:
        pipeline.differentiated_leaves(primal, wrt)
        if second:
            pipeline.scalar_output(primal, has_aux)
        try:
            if second:
                root = hessian_root(pipeline.gradient_tangent(primal, wrt, form="sets"), single)
            else:
                root = pushforward_root(pipeline.pushforward(primal, wrt, form="sets"))
        except NotLifted:
            raise UnsupportedError(
                "CR026",
                f"the sparsity pattern of {primal.source.name} cannot be found",
                None,
                "give the pattern, sparse=pattern, or leave out sparse",
            ) from None
        name = root.function.name
        bindings = {**result_classes(primal.result), "index_sets": sets}
        namespace = load(
            emit_module([root], reserved=frozenset({"index_sets"})).text, name, bindings
        )
        return namespace[name], namespace

    return build


def found_pattern(
    dispatcher: Dispatcher[Any], args: tuple[Any, ...], inputs: Any, has_aux: bool, second: bool
) -> Any:
    """The pattern at these arguments as a matrix of bools in scipy's CSR format."""
    import scipy.sparse as sp

    entry = dispatcher.entry(args)
    shapes = [
        np.shape(leaf) if isinstance(leaf, np.ndarray) else None
        for leaf in leaves(inputs)
        if is_float(leaf)
    ]
    seeds = iter(sets.seeded(shapes))
    dots = rebuilt(inputs, iter([next(seeds) if is_float(x) else None for x in leaves(inputs)]))
    value, found = entry.run(*args, *((dots,) if dispatcher.single else dots))
    if has_aux and not second:
        value, found = value[0], found[0]
    like = inputs if second else value
    ends = [
        part if np.size(part) == np.size(leaf) else np.broadcast_to(part, np.shape(leaf))
        for part, leaf in zip(leaves(found), leaves(like), strict=True)
        if is_float(leaf)
    ]
    rows = sets.rows_of(ends)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(int)
    columns = np.array([c for row in rows for c in row], dtype=int)
    width = sum(int(np.prod(shape or (), dtype=int)) for shape in shapes)
    data = np.ones(len(columns), dtype=bool)
    return sp.csr_array((data, columns, starts), shape=(len(rows), width))
