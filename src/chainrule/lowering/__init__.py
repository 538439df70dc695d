"""From programs to loops over scalars that Numba compiles; see `function` and `values`."""

from .module import LoweredModule, lowered_module

__all__ = ["LoweredModule", "lowered_module"]
