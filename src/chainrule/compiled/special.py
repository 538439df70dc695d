"""Functions of `scipy.special` for Numba code: the C functions that SciPy's own ufuncs call."""

from __future__ import annotations

from functools import cache
from typing import Any

import llvmlite.binding
from numba import types
from numba.extending import get_cython_function_address

from ..lowering.special import exported


@cache
def external(name: str) -> Any:
    """A function of doubles that compiled code can call.

    It is known by a symbol, not by its address, so that machine code can be kept on disk.
    """
    symbol, count = exported()[name]
    known = f"chainrule_special_{symbol}"
    address = get_cython_function_address("scipy.special.cython_special", symbol)
    llvmlite.binding.add_symbol(known, address)
    return types.ExternalFunction(known, types.float64(*[types.float64] * count))
