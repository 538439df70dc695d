"""Names in emitted text that must not collide."""

import chainrule as cr


def both(x):
    return 2.0 * x, 3.0 * x


RATE = 2.0


def apply(fn, x):
    return fn(x) * RATE


def test_an_unused_result_is_called_underscore_unless_that_is_a_name():
    def plain(x):
        a, b = both(x)  # noqa: RUF059
        return a * x

    def taken(x):
        _ = x * 5.0
        a, b = both(x)  # noqa: RUF059
        return _ * a

    assert "a, _ = both(x)" in str(cr.stages(plain, 1.0))
    text = str(cr.stages(taken, 1.0))
    assert "_ = x * 5.0" in text
    assert "a, _ = " not in text


def test_a_captured_number_keeps_clear_of_arguments():
    def f(RATE):
        return apply(lambda t: t * t, RATE)

    def g(x):
        return apply(lambda t: t * t, x)

    assert "RATE * RATE * RATE_" in str(cr.stages(f, 1.0))
    assert "x * x * RATE" in str(cr.stages(g, 1.0))


def test_a_local_does_not_take_the_name_of_a_captured_number():
    def f(x):
        y = apply(lambda t: t * t, x)
        RATE = 7.0 * y
        return RATE * x

    text = str(cr.stages(f, 1.0))
    assert "RATE2 = 7.0 * y" in text
