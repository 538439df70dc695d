"""Common subexpressions: what the backward pass computes again takes the value that is there.

The forward pass stays as the user wrote it. Operations that cost next to nothing are repeated, as a
person would: `-x`, `W.T`, `dy[:, None]`.
"""

from __future__ import annotations

from typing import Any, Final

from ..ir.dims import Dim
from ..ir.program import Atom, Const, Eqn, Function, Var

_CHEAP: Final = frozenset(
    {"neg", "T", "transpose", "expand_dims", "broadcast_to", "size", "const", "alias", "swapaxes",
     "matrix_transpose", "reshape", "cast"}
)  # fmt: skip
_NEVER: Final = frozenset({"accumulate", "add_at", "filled", "own", "call", "chain"})


def share_common(function: Function) -> Function:
    """Backward equations equal to an earlier one become another name for its result."""
    seen: dict[Any, Var] = {}
    renamed: dict[Var, Atom] = {}
    body: list[Eqn] = []
    for eqn in function.body:
        eqn = eqn.with_args(tuple(renamed.get(a, a) if isinstance(a, Var) else a for a in eqn.args))
        if eqn.op in _CHEAP or eqn.op in _NEVER or eqn.effect or len(eqn.outs) != 1:
            body.append(eqn)
            continue
        key = (eqn.op, tuple(map(_atom_key, eqn.args)), _static_key(eqn.static), eqn.out.type.dtype)
        known = seen.get(key)
        if known is None or not eqn.backward:
            seen.setdefault(key, eqn.out)
            body.append(eqn)
        elif eqn.out.user:
            body.append(Eqn(eqn.outs, "alias", (known,), {}, "", eqn.stage, eqn.span, True))
        else:
            renamed[eqn.out] = known
    results = tuple(renamed.get(r, r) if isinstance(r, Var) else r for r in function.results)
    return function.with_body(tuple(body), results)


def _atom_key(atom: Atom) -> Any:
    return (type(atom.value), repr(atom.value)) if isinstance(atom, Const) else atom


def _static_key(value: Any) -> Any:
    if isinstance(value, Dim):
        return ("dim", value)
    if isinstance(value, tuple):
        return tuple(map(_static_key, value))
    if hasattr(value, "items"):
        return tuple((k, _static_key(v)) for k, v in sorted(value.items()))
    return value
