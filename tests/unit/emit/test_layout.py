"""Lines of text: comments in a column, long headers broken."""

from chainrule.emit.body import Line
from chainrule.emit.layout import layout
from chainrule.emit.text import wrapped
from chainrule.ir.program import Stage


def test_comments_line_up_and_a_stage_is_numbered_once() -> None:
    lines = [Line("a = x", 1, False), Line("bcd = a", 1, False), Line("e = a", 2, False)]
    shown = layout(lines, {1: Stage("why", ("above",))})
    assert shown == ["# above", "a = x    # (1) why", "bcd = a", "e = a    # (2)"]


def test_a_remark_that_would_make_the_line_too_long_stands_above() -> None:
    line = Line("dx += " + "y" * 70, 3, True, remark="x forks: gradients add up")
    above, code = layout([line], {})
    assert above == "# x forks: gradients add up"
    assert code == f"{line.text}  # (3)"


def test_wrapped_fills_lines() -> None:
    shown = wrapped("def f(", [f"parameter_{i}" for i in range(20)], "):")
    assert shown[0] == "def f("
    assert shown[-1] == "):"
    assert all(len(line) <= 96 for line in shown)
