"""Docstrings and return statements of emitted functions."""

import ast

import pytest

from chainrule.emit.function import docstring, returned


@pytest.mark.parametrize("lines", [["a"], ["a\\b", "", 'say """no"""'], ['ends with "']])
def test_a_docstring_is_python(lines: list[str]) -> None:
    text = "\n".join(docstring(lines))
    assert isinstance(ast.literal_eval(text), str)


@pytest.mark.parametrize(
    "shown", ["f", "f, dx", "(dx,)", "(dx, dy)", "f, (dx, dy)", "f, ()", "a[0], (b,)"]
)
def test_a_short_return_is_one_line(shown: str) -> None:
    (line,) = returned(shown)
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(line.removeprefix("return ")))


@pytest.mark.parametrize("shape", ["({})", "value, ({})", "{{'a': h}}, ({})"])
def test_a_long_return_is_broken(shape: str) -> None:
    shown = shape.format(", ".join(f"gradient_{i}" for i in range(20)))
    lines = returned(shown)
    assert len(lines) > 2
    joined = "\n".join(lines).removeprefix("return ")
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(joined))
    assert all(len(line) <= 96 for line in lines)
