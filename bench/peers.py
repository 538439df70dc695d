"""Writes `docs/peers.json`: which functions of NumPy autograd and JAX differentiate.

Run it where both are installed; their lists change seldom, so the file is checked in.
"""

from __future__ import annotations

import inspect
import json
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

MODULES = ("numpy", "numpy.linalg", "numpy.fft")
TARGET = Path(__file__).parents[1] / "docs" / "peers.json"


def public(module: ModuleType) -> set[str]:
    """The names of public functions."""
    return {
        name
        for name in dir(module)
        if not name.startswith("_")
        and callable(getattr(module, name))
        and not inspect.isclass(getattr(module, name))
    }


def of_autograd() -> dict[str, list[str]]:
    """Functions with a derivative rule, and those that autograd writes by such."""
    import autograd.numpy as wrapped
    import numpy as np
    from autograd.core import primitive_jvps, primitive_vjps

    rules = {*primitive_vjps, *primitive_jvps}
    found: dict[str, list[str]] = {}
    for name in MODULES:
        theirs: Any = wrapped if name == "numpy" else getattr(wrapped, name.split(".")[1])
        ours: Any = np if name == "numpy" else getattr(np, name.split(".")[1])
        names = public(theirs) & public(ours)
        found[name] = sorted(n for n in names if getattr(theirs, n) in rules)
    return found


def of_jax() -> dict[str, list[str]]:
    """Functions that exist in `jax.numpy` under NumPy's name."""
    import jax.numpy as jnp
    import numpy as np

    found: dict[str, list[str]] = {}
    for name in MODULES:
        theirs: Any = jnp if name == "numpy" else getattr(jnp, name.split(".")[1])
        ours: Any = np if name == "numpy" else getattr(np, name.split(".")[1])
        found[name] = sorted(public(theirs) & public(ours))
    return found


if __name__ == "__main__":
    lists = {"autograd": of_autograd(), "jax": of_jax()}
    versions = {name: version(name) for name in ("autograd", "jax")}
    TARGET.write_text(json.dumps({"versions": versions, **lists}, indent=1) + "\n")
