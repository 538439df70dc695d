"""Functions that are made of functions: `partial`, `itemgetter`, decorators that change nothing."""

from __future__ import annotations

import ast
import functools
import operator
from typing import TYPE_CHECKING, Any, Final

from ..errors import PrimalRaises
from . import statics
from .values import Closure, Static, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_CACHED: Final = type(functools.lru_cache(lambda: None))


def uncached(fun: Any) -> Any:
    """The function behind `lru_cache`; anything else as it is."""
    return fun.__wrapped__ if isinstance(fun, _CACHED) else fun


def _written(lo: Lowerer, text: str, names: dict[str, Value], node: ast.AST) -> Closure:
    """A lambda with names of its own."""
    made = ast.parse(text, mode="eval").body
    for part in ast.walk(made):
        ast.copy_location(part, node)
    assert isinstance(made, ast.Lambda)
    frame = lo.inner()
    frame.locals |= names
    return frame.closure(made)


def partial(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`partial(f, x, k=2)`: `lambda *args, **options: f(x, *args, k=2, **options)`."""
    if not args:
        raise PrimalRaises("partial() without a function", lo.span(node))
    names: dict[str, Value] = {"<function>": args[0]}
    names |= {f"<given {i}>": value for i, value in enumerate(args[1:])}
    names |= {f"<option {key}>": value for key, value in kwargs.items()}
    made = _written(lo, "lambda *args, **options: f(*args, **options)", names, node)
    assert isinstance(made.node, ast.Lambda)
    call = made.node.body
    assert isinstance(call, ast.Call)

    def named(name: str) -> ast.expr:
        return ast.copy_location(ast.Name(name, ast.Load()), node)

    call.func = named("<function>")
    call.args = [*(named(f"<given {i}>") for i in range(len(args) - 1)), *call.args]
    first = [ast.keyword(key, named(f"<option {key}>")) for key in kwargs]
    call.keywords = [*first, *call.keywords]
    return made


def itemgetter(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`itemgetter(i)`, `itemgetter(i, j)`."""
    keys = [repr(statics.python_value(lo, a, node)) for a in args]
    items = ", ".join(f"value[{key}]" for key in keys)
    return _written(lo, f"lambda value: {items if len(keys) == 1 else f'({items})'}", {}, node)


def attrgetter(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`attrgetter("x")`."""
    names = [str(statics.static_value(lo, a, node)) for a in args]
    items = ", ".join(f"value.{name}" for name in names)
    return _written(lo, f"lambda value: {items if len(names) == 1 else f'({items})'}", {}, node)


def unchanged(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """A decorator that a function is as good without: `wraps(f)`, `lru_cache(maxsize=None)`."""
    if len(args) == 1 and isinstance(args[0], Closure):  # @cache, @lru_cache
        return args[0]
    return _written(lo, "lambda function: function", {}, node)


def decorated(lo: Lowerer, made: Value, decorators: list[ast.expr]) -> Value:
    """A nested function as its decorators leave it."""
    from .calls import call_value

    for decorator in reversed(decorators):
        maker = lo.expr(decorator)
        obj = maker.obj if isinstance(maker, Static) else None
        if getattr(obj, "__module__", "").split(".")[0] == "numba":
            continue
        made = call_value(lo, maker, [made], {}, decorator)
    return made


# The least and most positional arguments, the names of others, and the handler.
HANDLERS: Final[dict[Any, tuple[int, float, tuple[str, ...], Any]]] = {
    operator.itemgetter: (1, 99, (), itemgetter),
    operator.attrgetter: (1, 99, (), attrgetter),
    functools.wraps: (1, 1, ("assigned", "updated"), unchanged),
    functools.cache: (1, 1, (), unchanged),
    functools.lru_cache: (0, 1, ("maxsize", "typed"), unchanged),
}
