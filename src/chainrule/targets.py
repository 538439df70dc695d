"""What the command line means: a function of a file or an expression, and values for it."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import linecache
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, final

import numpy as np

from .frontend.board import expression_function
from .frontend.signature import Leaf, parse_signature
from .frontend.source import unwrap


class UsageError(Exception):
    """What was typed does not make sense; the text says how it can."""


@final
@dataclass(frozen=True)
class Target:
    """A function, values for its arguments where they were given, and its signature as text."""

    fun: Callable[..., Any]
    values: dict[str, Any]
    signature: str | None


def find_target(text: str, at: Sequence[str], signature: str | None) -> Target:
    """The target that `FILE.py:FUNC` or an expression stands for, with its values."""
    values = parse_values(at)
    specs = parse_signature(signature) if signature is not None else {}
    for name, spec in specs.items():
        if name in values and isinstance(spec, Leaf) and spec.sizes is not None:
            values[name] = np.asarray(values[name], dtype=spec.dtype)
    place = re.fullmatch(r"(.+\.py):([^\W\d][\w.]*)", text)
    if place is not None:
        return Target(load_function(Path(place[1]), place[2]), values, signature)
    if text.endswith(".py") or ":" in text:
        raise UsageError(f"{text}: which function? Write FILE.py:FUNC, or an expression in quotes")
    arrays = {n for n, v in values.items() if isinstance(v, np.ndarray)}
    arrays |= {n for n, s in specs.items() if isinstance(s, Leaf) and s.sizes is not None}
    fun = expression_function(text, arrays)
    values = {n: float(v) if type(v) is int else v for n, v in values.items()}
    if not values and signature is None:
        signature = ", ".join(f"{name}: float" for name in inspect.signature(fun).parameters)
    return Target(fun, values, signature)


# -- files ---------------------------------------------------------------------------------------


def load_function(path: Path, name: str) -> Callable[..., Any]:
    """Import a file by its path and take a function from it."""
    module = load_module(path)
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None:
        known = [n for n, v in vars(module).items() if _defined_in(v, module)]
        there = f"it has {', '.join(known)}" if known else "it has no functions"
        raise UsageError(f"{path} has no {name}; {there}")
    if isinstance(found, type):
        raise UsageError(f"{path}:{name} is a class, not a function")
    if not callable(found):
        raise UsageError(f"{path}:{name} is not a function")
    function: Callable[..., Any] = found
    return function


def _defined_in(value: Any, module: ModuleType) -> bool:
    return inspect.isfunction(unwrap(value)) and value.__module__ == module.__name__


def load_module(path: Path) -> ModuleType:
    """Import a file by its path, with its folder on `sys.path` meanwhile."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    name = path.stem if path.stem not in sys.modules else f"_chainrule_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    linecache.checkcache(spec.origin)  # the file may have changed since it was last read
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _first_on_path(str(path.resolve().parent)):
            spec.loader.exec_module(module)
    except SyntaxError:
        del sys.modules[name]
        raise
    except Exception as error:
        del sys.modules[name]
        raise UsageError(f"{_place(error, path)}: {type(error).__name__}: {error}") from error
    return module


@contextmanager
def _first_on_path(folder: str) -> Iterator[None]:
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _place(error: Exception, path: Path) -> str:
    """The line of the file that was running when an error came up."""
    line, traceback = 0, error.__traceback__
    while traceback is not None:
        if os.path.samestat(os.stat(path), _stat(traceback.tb_frame.f_code.co_filename, path)):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return f"{path}:{line}" if line else str(path)


def _stat(name: str, path: Path) -> os.stat_result:
    try:
        return os.stat(name)
    except OSError:
        return os.stat(path.parent)


# -- values --------------------------------------------------------------------------------------


def parse_values(texts: Sequence[str]) -> dict[str, Any]:
    """Values by name from `x=3,y=-4`; lists become arrays of floats.

    >>> parse_values(["x=3,y=-4.5", "w=[[1, 2], [3, 4]]"])
    {'x': 3, 'y': -4.5, 'w': array([[1., 2.],
           [3., 4.]])}
    """
    values: dict[str, Any] = {}
    for text in texts:
        try:
            tree = ast.parse(f"f({text})", mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = None
        plain = isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.args
        if not (plain and isinstance(tree, ast.Call) and all(k.arg for k in tree.keywords)):
            raise UsageError(f"--at {text}: write x=3, or x=3,y=-4, or w=[1,2,3]")
        for keyword in tree.keywords:
            name = keyword.arg or ""
            if name in values:
                raise UsageError(f"--at gives {name} twice")
            values[name] = _value(name, keyword.value)
    return values


def _value(name: str, node: ast.expr) -> Any:
    try:
        return _arrays(name, ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        shown = ast.unparse(node)
        raise UsageError(
            f"--at {name}={shown}: a value is a number, text, a list of numbers, or a tuple"
        ) from None


def _arrays(name: str, value: Any) -> Any:
    """The value with its lists turned into arrays."""
    if isinstance(value, list):
        try:
            return np.array(value, dtype=np.float64)
        except ValueError:
            raise UsageError(f"--at {name}: a list has numbers, in rows of one length") from None
    if isinstance(value, tuple):
        return tuple(_arrays(name, item) for item in value)
    if isinstance(value, dict):
        return {key: _arrays(name, item) for key, item in value.items()}
    return value


def names_of(text: str | None) -> tuple[str, ...] | None:
    """The names in `x,y`; None where nothing was given."""
    if text is None:
        return None
    return tuple(name.strip() for name in text.split(",") if name.strip())


def arguments_of(fun: Callable[..., Any], values: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The names of a function's arguments, and of those without a value or a default.

    >>> arguments_of(lambda x, y, n=2: x, {"x": 1.0})
    (['x', 'y', 'n'], ['y'])
    """
    parameters = inspect.signature(unwrap(fun)).parameters.values()
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    named = [p for p in parameters if p.kind not in variadic]
    missing = [p.name for p in named if p.default is p.empty and p.name not in values]
    return [p.name for p in named], missing
