"""Names of stages: short, free, and never a gradient's."""

import keyword

from chainrule.frontend.board_names import Names


def test_the_role_comes_first_then_the_proposed_name_then_letters() -> None:
    names = Names(["x", "y"])
    assert names.take("num", "xpy") == "num"
    assert names.take("num", "xpy") == "xpy"
    assert [names.take("num", "xpy") for _ in range(3)] == ["a", "b", "c"]


def test_letters_do_not_run_out() -> None:
    names = Names([])
    taken = [names.take("", "") for _ in range(100)]
    assert len(set(taken)) == 100
    assert not any(name.startswith("t") for name in taken)


def test_a_name_is_no_keyword_no_builtin_and_no_gradient() -> None:
    names = Names(["x", "dy"])
    assert not names.free("if")
    assert not names.free("abs")
    assert not names.free("dx")  # the gradient of x
    assert not names.free("y")  # its gradient would be called dy
    assert not any(keyword.iskeyword(names.take("", word)) for word in ("is", "in", "or", "as"))


def test_products_of_sums_and_letters_are_not_spelled_out() -> None:
    names = Names(["x", "y", "z"])
    assert names.of("+", "x", "y") == "xpy"
    assert names.of("*", "xpy", "z") == ""
    letter = names.take("", "")
    assert names.of("+", letter, "x") == ""
    assert names.of("exp", letter) == "expa"
