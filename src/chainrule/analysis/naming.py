"""Names for temporaries: after the variable that their statement computes, and what they do to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ..ir.program import Const, Eqn, Function, Var, definitions, walk

WORDS: Final = {
    "add": "sum", "sub": "diff", "mul": "prod", "div": "ratio", "pow": "pow", "matmul": "prod",
    "sum": "total", "index": "part", "neg": "neg", "maximum": "max", "minimum": "min",
    "py_max": "max", "py_min": "min", "absolute": "abs", "sigmoid": "sig", "reshape": "shaped",
    "accumulate": "total", "broadcast_to": "wide", "filled": "zeros", "expand_dims": "wide",
    "array": "array", "call": "value", "cast": "cast", "where": "chosen", "if": "chosen",
    "list_get": "item", "list_pop": "last", "list_slice": "items", "list_stack": "array",
    "list_join": "array", "list_len": "count", "list_sum": "total", "list_max": "max",
    "list_min": "min", "list_zeros": "zeros", "list_fill": "shares", "list_share": "shares",
    "list_parts": "parts", "list_split": "parts", "list_new": "list", "list_copy": "copy",
    "list_concat": "list", "list_repeat": "list", "list_from": "list", "list_total": "total",
    "list_fold": "shares",
    "list_order": "order", "list_take": "list", "list_index": "place", "list_count": "count",
}  # fmt: skip


def _word(eqn: Eqn) -> str:
    """For the result of a call: the name of the user's function."""
    if eqn.op != "call":
        return ""
    return re.sub(r"(_\d+)?(_forward)?(_tangent)?(_\d+)?$", "", str(eqn.static["callee"].name))


def _subject(eqn: Eqn, origin: Mapping[Var, Eqn]) -> str:
    """The first name in an expression."""
    for arg in eqn.uses():
        if arg.hint:
            return arg.hint
        if arg in origin and not origin[arg].blocks:
            found = _subject(origin[arg], origin)
            if found:
                return found
    return ""


def temporary_names(function: Function) -> dict[Var, str]:
    """Names for temporaries after the variable that their statement computes: `logp_exp`."""
    targets: dict[Var, str] = {}
    by_stage: dict[tuple[int, bool], str] = {}
    for eqn in walk(function.body):
        for out in eqn.outs:
            if out.user and not eqn.derived and not out.tangent:
                by_stage[eqn.stage, False] = out.hint
    origin = definitions(function)
    for eqn in walk(function.body):
        target = by_stage.get((eqn.stage, False))
        if eqn.outs and eqn.outs[0].type.dtype == "bool":  # a test is named after what it is about
            target = _subject(eqn, origin) or target
        for out in eqn.outs:
            if not out.user and not out.hint:
                word = _word(eqn) or WORDS.get(eqn.op, eqn.op.rsplit(".", 1)[-1].strip("_"))
                if eqn.op == "pow" and isinstance(eqn.args[1], Const) and eqn.args[1].value == 2:
                    word = "sq"
                targets[out] = f"{target}_{word}" if target else word
    return targets
