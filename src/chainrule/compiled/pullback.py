"""The forward and backward functions of `vjp`, compiled.

What the backward kernel reads comes out of the forward kernel as it is, in the same order: the
values, then what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import pipeline
from ..emit.interface import gradients_text, result_classes, value_text
from ..engines.numba_cache import load_uncached
from ..engines.numba_engine import Kernel, Options
from ..engines.progress import phase
from ..frontend.root import Primal
from ..ir.types import List, Type
from ..lowering import LoweredModule, lowered_module
from ..staging import container_names, overlap_checks, seed_paths
from .lists import as_list, as_memory, memory_text, with_lists
from .program import captured_kind, check_names, compiled_kernel, guarded_as, kind_of, loaded
from .raising import raising_lines, raising_names
from .wrapper import definition, int64, kernel_arguments, result_texts

Build = Callable[[Primal, tuple[str, ...], bool], tuple[Any, dict[str, Any]]]


def compiled_pullback(options: Options, *, masked: bool = False, several: bool = False) -> Build:
    """How to build a pair of compiled functions: `forward`, `backward`, and their program.

    `masked` and `several` as for `pipeline.pullback`.
    """

    def build(primal: Primal, wrt: tuple[str, ...], single: bool) -> tuple[Any, dict[str, Any]]:
        check_names(primal)
        with phase(f"differentiating {primal.source.name}"):
            how = pipeline.Options(compiled=True)
            program = pipeline.pullback(primal, wrt, how, masked=masked, several=several)
        count = len(primal.function.results)
        forward = pipeline.replace_results(program.forward, count, program.reads)
        forward = guarded_as(forward, options)
        with phase(f"lowering {primal.function.name}"):
            back = lowered_module(program.backward)
            ahead = lowered_module(forward, hands_tape=back.takes_tape)
        results = _types(forward.results)
        ahead = with_lists(ahead, _types(forward.params), results, tape=back.takes_tape)
        back = with_lists(back, _types(program.backward.params), _types(program.backward.results))
        kinds = [kind_of(v.type, primal) for v in forward.params]
        kinds += [captured_kind(primal, alias) for alias in ahead.captured]
        kernel = compiled_kernel(primal, ahead, options, kinds)
        text = _text(program, ahead, back.captured)
        known = {
            **result_classes(primal.result),
            **raising_names(primal, ahead),
            "np": np,
            "_forward": kernel.run,
            "_backward": Kernel(program.backward.name, loaded(back, options), None).run,
            "_plain": kernel.plain,
            "_int64": int64,
            "_as_list": as_list,
            "_as_memory": as_memory,
        }
        namespace = vars(load_uncached(text, f"{primal.function.name}_vjp", known))
        return (namespace["forward"], namespace["backward"], program), namespace

    return build


def _text(program: pipeline.Pullback, ahead: LoweredModule, back: Sequence[str]) -> str:
    """Python functions around both kernels, called as those that run as Python are."""
    primal = program.primal
    count = len(primal.function.results)
    kept = [n for n in primal.parameters.specs if n in container_names(primal, program.wrt)]
    given = kernel_arguments(primal, ahead.captured)
    values = [f"_r[{i}]" for i in range(count)]
    texts = result_texts(values, _types(program.primal.function.results))
    value = value_text(primal.result, iter(texts))
    forward = [
        *overlap_checks(primal),
        *raising_lines([f"_r = _forward({', '.join(given)})"], ahead),
        f"return {value}, ({', '.join([f'_r[{count}:]', *kept])},)",
    ]
    seed, paths = seed_paths(program, {*kept, *back})
    wanted = _types(program.backward.results)
    gradients = result_texts([f"_g[{i}]" for i in range(len(wanted))], wanted)
    seeds = [memory_text(p, v.type) if isinstance(v.type, List) else p for v, p in paths.items()]
    passed = [*seeds, "*_kept", *back]
    backward = [
        f"{', '.join(['_kept', *kept])}, = _saved",
        f"_g = _backward({', '.join(passed)})",
        f"return {gradients_text(primal.parameters, program.wrt, gradients, single=False)}",
    ]
    parameters = list(primal.parameters.specs)
    return "\n\n".join(
        [
            definition("forward", parameters, forward),
            definition("backward", [seed, "_saved"], backward),
        ]
    )


def _types(values: tuple[Any, ...]) -> tuple[Type, ...]:
    return tuple(v.type for v in values)
