"""Functions of `scipy.special` that compiled code can call: those that `cython_special` has for doubles.

Lowered text imports them under names of their own, `from scipy.special import jv as special_jv`, and
runs as plain Python. For Numba, `compiled.special` puts the C function under that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

_ALIASES: Final = {"digamma": "psi"}
_SIGNATURE: Final = re.compile(r'"double \(((?:double, )+)int __pyx_skip_dispatch\)"')


@cache
def exported() -> dict[str, tuple[str, int]]:
    """By name, the symbol that `cython_special` exports, and how many doubles it takes.

    >>> exported()["jv"]
    ('__pyx_fuse_1jv', 2)
    """
    from scipy.special import cython_special

    found: dict[str, tuple[str, int]] = {}
    for symbol, capsule in cython_special.__pyx_capi__.items():
        fits = _SIGNATURE.search(repr(capsule))
        name = re.sub(r"^__pyx_fuse_\d+(_\d+)?", "", symbol)
        # polynomials of a whole degree are other functions than those of a double, which may be NaN
        if fits and not name.startswith("eval_"):
            found[name] = (symbol, fits[1].count("double"))
    found |= {name: found[other] for name, other in _ALIASES.items()}
    return found


def call_of(op: str, count: int) -> str | None:
    """The text of a call with `count` operands, `_0`, `_1`; None where there is no such function."""
    name = op.removeprefix("special.")
    if name == op or exported().get(name, ("", 0))[1] != count:
        return None
    return f"special_{name}({', '.join(f'_{i}' for i in range(count))})"


def imports(code: str) -> Iterable[str]:
    """The lines that import what a text calls."""
    for name in sorted(set(re.findall(r"\bspecial_(\w+)\(", code)) & exported().keys()):
        yield f"from scipy.special import {name} as special_{name}"
