"""Testing gradients: `check_grads` for functions, and the tools that the rules are tested with."""

from .check import check_grads

__all__ = ["check_grads"]
