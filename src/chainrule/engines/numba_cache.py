"""Files for compiled modules, where Numba keeps its machine code beside them.

Numba's disk cache knows a function by its file and does not see what the function calls or reads. So
a module holds everything that its functions depend on, callees and options included, and both its
file and its name carry a hash of the text: another text is another file, and an old gradient is never
found for a new function. Files appear at once (`os.replace`) and never change, so that processes may
share a cold cache.
"""

from __future__ import annotations

import hashlib
import importlib.util
import linecache
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import platformdirs

VARIABLE: Final = "CHAINRULE_CACHE_DIR"
_STAMP: Final = 1_000_000_000  # older versions of Numba ask for the time of the file: always this


def folder() -> Path:
    """Where compiled modules are kept: `$CHAINRULE_CACHE_DIR`, or the user's cache directory."""
    own = os.environ.get(VARIABLE)
    return (
        Path(own) if own else platformdirs.user_cache_path("chainrule", appauthor=False) / "numba"
    )


def module_name(name: str, text: str) -> str:
    """A name that only this text has.

    >>> module_name("f_value_and_grad", "x = 1")
    'chainrule_f_value_and_grad_8ff436def1451285599a'
    """
    return f"chainrule_{name}_{hashlib.sha256(text.encode()).hexdigest()[:20]}"


def load(text: str, name: str) -> ModuleType | None:
    """Run a module's text from a file of the cache; None where no file can be written."""
    full = module_name(name, text)
    loaded = sys.modules.get(full)
    if loaded is not None:
        return loaded
    path = _written(text, folder() / f"{full}.py")
    if path is None:
        return None
    spec = importlib.util.spec_from_file_location(full, path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module
    try:
        # Not `exec_module`: that would trust compiled bytecode that somebody left beside the file.
        exec(compile(text, str(path), "exec"), vars(module))
    except BaseException:
        del sys.modules[full]
        raise
    return module


def load_uncached(text: str, name: str, bindings: dict[str, Any]) -> ModuleType:
    """Run a module's text without a file; its lines are there for tracebacks."""
    module = ModuleType(module_name(name, text))
    filename = f"<{module.__name__}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    vars(module).update(bindings)
    exec(compile(text, filename, "exec"), vars(module))
    return module


def _written(text: str, path: Path) -> Path | None:
    """The file with this text, written when it is not there; None where that is impossible."""
    data = text.encode()
    try:
        if path.is_file() and path.read_bytes() == data:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.utime(temporary, (_STAMP, _STAMP))
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError:
        return None
    return path
