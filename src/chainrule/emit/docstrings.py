"""The docstrings of standalone functions: what is computed, and the shape of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..frontend.root import Primal
from ..frontend.signature import Fixed
from ..frontend.values import Struct
from ..ir.dims import Sym
from ..ir.types import is_inexact
from .interface import result_leaves, signature_lines, type_text

_CALL: Final = 48  # a longer call is said without its arguments
_NAMES: Final = 32


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them.

    >>> listed(["x", "y", "z"])
    'x, y and z'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def forward_doc(primal: Primal, sizes: Mapping[Sym, str], kept: Sequence[str]) -> list[str]:
    """What `<f>_forward` returns. `kept` are the arrays of the caller that it passes on."""
    name = primal.source.name
    lines = [f"Return {_call(primal)}, and what {name}_backward needs.", ""]
    lines += signature_lines(primal.parameters, sizes)
    lines += [f"{path}: {text}" for path, text in _values(primal, "value", sizes)]
    if kept:
        lines += [
            "",
            f"{listed(kept)}: kept, not copied. Leave as is until {name}_backward has run.",
        ]
    return lines


def backward_doc(
    primal: Primal, wrt: Sequence[str], sizes: Mapping[Sym, str], parameters: Sequence[str]
) -> list[str]:
    """What `<f>_backward` returns, given a gradient of the value; `parameters` are its own."""
    name, (seed, saved) = primal.source.name, parameters
    gradients = _gradients(wrt, single=False)
    inexact = {p for p, leaf in result_leaves(primal.result, seed) if is_inexact(leaf.type)}
    lines = [f"Return the gradients{gradients} for a gradient {seed} of the value.", ""]
    lines += [f"{path}: {text}" for path, text in _values(primal, seed, sizes) if path in inexact]
    lines += [f"{saved}: from {name}_forward", *_gradient_lines(primal, wrt, sizes)]
    return lines


def fused_doc(primal: Primal, wrt: Sequence[str], sizes: Mapping[Sym, str]) -> list[str]:
    """What `<f>_value_and_grad` returns."""
    return [
        f"Return {_call(primal)} and its gradient{_gradients(wrt, single=True)}.",
        "",
        *signature_lines(primal.parameters, sizes),
    ]


def _gradients(wrt: Sequence[str], *, single: bool) -> str:
    """` (dx, dy)` where that is short; of one argument ` (dx,)`, or ` dx` where `single`."""
    names = ", ".join(f"d{name}" for name in wrt)
    if len(names) > _NAMES:
        return ""
    if len(wrt) == 1:
        return f" {names}" if single else f" ({names},)"
    return f" ({names})"


def _call(primal: Primal) -> str:
    """`f(x, y)`."""
    specs = primal.parameters.specs
    given = [name for name, spec in specs.items() if not isinstance(spec, Fixed)]
    text = f"{primal.source.name}({', '.join(given)})"
    return text if len(text) <= _CALL else f"the value of {primal.source.name}"


def _values(primal: Primal, path: str, sizes: Mapping[Sym, str]) -> list[tuple[str, str]]:
    return [(p, type_text(leaf.type, sizes)) for p, leaf in result_leaves(primal.result, path)]


def _gradient_lines(primal: Primal, wrt: Sequence[str], sizes: Mapping[Sym, str]) -> list[str]:
    """The shape of each gradient; a container comes back as the same container."""
    lines: list[str] = []
    for name in wrt:
        value = primal.parameters.values[name]
        if isinstance(value, Struct):
            lines.append(f"d{name}: a {value.cls.__name__} as {name} is")
        else:
            (line,) = (
                f"d{path}: {type_text(var.type, sizes)}"
                for var, path in primal.parameters.paths.items()
                if path == name
            )
            lines.append(line)
    return lines
