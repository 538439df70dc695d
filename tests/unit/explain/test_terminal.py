"""The table that `chainrule show` prints."""

import io

import pytest
from rich.console import Console

import chainrule as cr
from chainrule.explain.terminal import Row, Table, table


def f(x, y):
    xy = x * y  # the product
    f = xy + x
    return f


def test_forward_with_values_then_backward_with_gradients() -> None:
    shown = table(cr.stages(f, 2.0, 3.0), cr.stages(f, 2.0, 3.0).explain(2, 3)).plain()
    assert shown.splitlines() == [
        "f(x, y) at x = 2, y = 3",
        "",
        "forward          value",
        "(1)  xy = x * y  6         the product",
        "(2)  f = xy + x  8",
        "",
        "backward         gradient",
        "(2)  dx = 1.0    1",
        "(1)  dx += y     4         x forks: gradients add up",
        "     dy = x      2",
        "",
        "f = 8.0",
        "dx = 4.0",
        "dy = 2.0",
    ]


def test_without_values() -> None:
    shown = table(cr.stages(f, 2.0, 3.0)).plain()
    assert shown.startswith(
        "f(x, y) for x: float, y: float\n\nforward\n(1)  xy = x * y  the product\n"
    )


def test_decimal_points_are_in_one_column() -> None:
    rows = tuple(Row("", "c", value, "") for value in ("0.5", "-12.25", "3", "1e-05"))
    lines = Table("t", rows, (), ()).plain().splitlines()[3:7]
    assert [line[5:] for line in lines] == ["  0.5", "-12.25", "  3", "  1e-05"]


def test_a_long_statement_has_its_value_on_a_line_of_its_own() -> None:
    rows = (Row("(1)", "a = " + "b" * 60, "1.5", "long"), Row("(2)", "c = a", "2.5", ""))
    lines = Table("t", rows, (), ()).plain().splitlines()
    assert lines[3:6] == [
        "(1)  a = " + "b" * 60,
        " " * 67 + "1.5       long",
        "(2)  c = a" + " " * 57 + "2.5",
    ]


@pytest.mark.parametrize("values", [True, False])
def test_colours_change_no_letter(values: bool) -> None:
    staged = cr.stages(f, 2.0, 3.0)
    shown = table(staged, staged.explain(2.0, 3.0) if values else None)
    plain = [line.rstrip() for line in shown.styled().plain.splitlines()]
    assert plain == shown.plain().splitlines()
    out = io.StringIO()
    Console(file=out, force_terminal=True, width=200, color_system="standard").print(shown.styled())
    assert "\x1b[" in out.getvalue()
