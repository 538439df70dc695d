"""Programs with tangents, compiled: what `jvp`, `hvp`, Jacobians and Hessians run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ..emit.interface import result_classes
from ..emit.module import Root
from ..engines.numba_cache import load_uncached
from ..engines.numba_engine import Options
from ..engines.progress import phase
from ..frontend.root import Primal
from ..lowering import lowered_module
from .lists import as_list, with_lists
from .program import captured_kind, check_names, compiled_kernel, guarded_as, kind_of
from .raising import raising_lines, raising_names
from .wrapper import definition, int64, kernel_arguments, leaf_text, result_texts


def compiled_root(
    primal: Primal, root: Root, options: Options
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """A function that is called as the emitted one of `root`, with a compiled kernel; its namespace.

    The parameters of the program are the leaves of the user's arguments, then those of the tangents.
    """
    check_names(primal)
    function = guarded_as(root.function, options)
    with phase(f"lowering {function.name}"):
        module = lowered_module(function)
    types = tuple(r.type for r in function.results)
    module = with_lists(module, [v.type for v in function.params], types)
    count = len(primal.parameters.paths)
    kinds = [kind_of(v.type, primal) for v in function.params]
    kinds += [captured_kind(primal, alias) for alias in module.captured]
    kernel = compiled_kernel(primal, module, options, kinds)
    given = kernel_arguments(primal, module.captured)
    dots = [leaf_text(v.type, root.header.paths[v]) for v in root.function.params[count:]]
    given[count:count] = dots
    names = [f"_r{i}" for i in range(len(types))]
    lines = [
        *root.header.opening,
        *raising_lines(
            [f"{', '.join(names)}{',' if names else '_none'} = _kernel({', '.join(given)})"], module
        ),
        f"return {root.returns(result_texts(names, types))}",
    ]
    specs = list(primal.parameters.specs)
    more = [re.split(r"\W", text)[0] for text in root.header.parameters[len(specs) :]]
    known = {
        **result_classes(primal.result),
        **raising_names(primal, module),
        "_as_list": as_list,
        "np": np,
        "_kernel": kernel.run,
        "_plain": kernel.plain,
        "_int64": int64,
    }
    text = definition("call", [*specs, *more], lines)
    namespace = vars(load_uncached(text, f"{function.name}_call", known))
    return namespace["call"], namespace
