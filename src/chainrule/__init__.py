"""Exact gradients of ordinary NumPy code, as Python that a person can read."""

from ._version import __version__
from .api import compile, debug, derivative, grad, stop_gradient, value_and_grad, vjp, warmup
from .errors import SignatureError, UnsupportedError
from .staging import stages
from .testing.check import check_grads

__all__ = [
    "SignatureError",
    "UnsupportedError",
    "__version__",
    "check_grads",
    "compile",
    "debug",
    "derivative",
    "grad",
    "stages",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "warmup",
]
