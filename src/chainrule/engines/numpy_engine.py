"""The NumPy engine: emitted text runs as plain Python, in a namespace of its own."""

from __future__ import annotations

import hashlib
import linecache
from functools import lru_cache
from types import CodeType
from typing import Any


@lru_cache(maxsize=512)
def compiled(text: str, name: str) -> CodeType:
    """The code of emitted text; its lines are there for tracebacks and debuggers."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    filename = f"<chainrule {name} {digest}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    return compile(text, filename, "exec")


def load(text: str, name: str, bindings: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run a module's text and return its namespace, `bindings` put in first."""
    namespace: dict[str, Any] = {"__name__": f"chainrule_{name}", **(bindings or {})}
    exec(compiled(text, name), namespace)
    return namespace
