"""Rules for those modules of SciPy that a program uses: importing them all would take a second.

A function of such a module is known once the file here that is about it has been imported, which
happens when the function is first met. `load_all` completes the registry, for tests and the coverage
page.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

# The files here that are about a module, by the module's name.
FILES: Final[dict[str, tuple[str, ...]]] = {
    "scipy.integrate": ("scipy_integrate",),
    "scipy.interpolate": ("scipy_interpolate",),
    "scipy.ndimage": ("scipy_signal", "scipy_ndimage"),
    "scipy.signal": ("scipy_signal",),
    "scipy.spatial": ("scipy_spatial",),
    "scipy.stats": (
        "stats",
        "stats_positive",
        "stats_survival",
        "stats_discrete",
        "stats_functions",
    ),
}
_loaded: set[str] = set()


def load_for(obj: Any) -> None:
    """Import the rules for the module of SciPy that a function or an object is from."""
    homes = (getattr(obj, "__module__", None), getattr(type(obj), "__module__", None))
    for home in homes:
        parts = home.split(".") if isinstance(home, str) else []
        if parts[:1] == ["scipy"] and len(parts) > 1:
            _load(f"scipy.{parts[1]}")


def load_all() -> None:
    """Import all rules."""
    for module in FILES:
        _load(module)


def _load(module: str) -> None:
    if module in FILES and module not in _loaded:
        _loaded.add(module)
        for name in FILES[module]:
            import_module(f".{name}", __package__)
