"""Strings: known ones are computed, those with values in them become text."""

import ast

import pytest

from chainrule.frontend.lower import Lowerer
from chainrule.frontend.source import function_source
from chainrule.frontend.unit import Unit
from chainrule.frontend.values import Static, Text
from chainrule.ir.program import Var
from chainrule.ir.types import Scalar
from chainrule.rules.builder import Builder, const


def frame():
    x = Var("x", Scalar("float64", weak=True), user=True)
    names = {"x": x, "i": const(3), "name": Static("w"), "width": const(6)}
    return Lowerer(Unit(), function_source(frame), Builder(), names)


def value(text):
    return frame().expr(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f'{name}{i}'", "w3"), ("f'{i:{width}}|{i!r:>3}'", "     3|  3"), ("'w%d' % i", "w3"),
        ("'{}-{k}'.format(name, k=i)", "w-3"), ("name + str(i)", "w3"), ("name * i", "www"),
        ("name.upper()", "W"), ("repr(name)", "'w'"), ("format(i, '03d')", "003"),
        ("', '.join((name, name))", "w, w"), ("f'plain'", "plain"),
    ],
)  # fmt: skip
def test_known_strings(text, expected):
    found = value(text)
    assert isinstance(found, Static)
    assert found.obj == expected


@pytest.mark.parametrize(
    "text", ["f'{x}'", "f'{name}{x:{width}}'", "'%g' % x", "'{}'.format(x)", "'a' + str(x)"]
)
def test_text_with_values(text):
    found = value(text)
    assert isinstance(found, Text)
    assert len(found.atoms) == 1


def test_text_inside_text_twice():
    found = value('f\'{x} {f"{x}"} {f"{x}"}\'')
    assert isinstance(found, Text)
    names = [n.id for n in ast.walk(found.node) if isinstance(n, ast.Name)]
    assert sorted(names) == ["$0", "$1", "$2"]
