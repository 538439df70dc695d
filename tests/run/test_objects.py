"""Objects are read anew at each call, and what was decided by them is guarded."""

import functools
import linecache
from types import SimpleNamespace

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.check import compare


class Model:
    def __init__(self, weight=0.3):
        self.weight = weight
        self.w = np.array([1.0, 2.0])
        self.layers = [np.array([[1.0, 2.0], [3.0, 4.0]])]
        self.options = {"a": 1.5}
        self.activation = np.tanh
        self.steps = 2
        self.flag = True

    def scaled(self, x):
        return x * self.weight

    def loss(self, x):
        h = x
        for W in self.layers:
            h = self.activation(W @ h)
        value = np.sum(h * self.w) * self.options["a"]
        for i in range(self.steps):
            value = value + self.scaled(x[0]) ** i
        return value if self.flag else 2 * value


X = np.array([0.3, -0.7])


def agrees(gradient, fun, *args):
    (found,) = compare(fun, args)
    np.testing.assert_allclose(gradient, found.numeric, rtol=1e-6, atol=1e-9)


def replace_array(m):
    m.w = np.array([5.0, 1.0])


def write_array(m):
    m.w[0] = 9.0


def another_length(m):
    m.w = np.array([3.0])


def another_layer(m):
    m.layers.append(np.eye(2))


def another_item(m):
    m.layers[0] = 2 * np.eye(2)


def another_key(m):
    m.options = {"a": 4.0, "b": 1}


def another_function(m):
    m.activation = np.sin


def more_steps(m):
    m.steps = 4


def other_flag(m):
    m.flag = False


def a_method_of_its_own(m):
    m.scaled = lambda x: 100.0 * x


def a_float_for_an_array(m):
    m.w = 2.0


@pytest.mark.parametrize(
    "change",
    [replace_array, write_array, another_length, another_layer, another_item, another_key,
     another_function, more_steps, other_flag, a_method_of_its_own, a_float_for_an_array],
)  # fmt: skip
def test_a_change_of_the_object_is_seen(change):
    model = Model()
    gradient = cr.grad(model.loss)
    before = gradient(X)
    agrees(before, model.loss, X)
    change(model)
    after = gradient(X)
    agrees(after, model.loss, X)
    assert not np.allclose(before, after)


def test_a_method_that_is_replaced_in_the_class_is_seen(monkeypatch):
    model = Model()
    gradient = cr.grad(model.loss)
    gradient(X)
    monkeypatch.setattr(Model, "scaled", lambda self, x: self.weight * x * 50)
    agrees(gradient(X), model.loss, X)


def test_two_objects_of_one_class_are_apart():
    gradient = cr.grad(lambda x, a, b: a.scaled(x) + b.scaled(x) ** 2)
    one, other = Model(2.0), Model(3.0)
    assert gradient(1.0, one, other) == 2.0 + 18.0
    assert gradient(1.0, other, one) == 3.0 + 8.0
    assert gradient(1.0, one, other) == 2.0 + 18.0


class Equal(Model):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


def test_objects_that_are_equal_are_apart():
    gradient = cr.grad(lambda x, a, b: a.scaled(x) + b.scaled(x) ** 2)
    assert gradient(1.0, Equal(2.0), Equal(3.0)) == 2.0 + 18.0
    assert gradient(1.0, Equal(3.0), Equal(2.0)) == 3.0 + 8.0


class Holder:
    def __init__(self, A):
        self.A = A

    def write(self, B):
        B[0] = 5.0
        return np.sum(self.A * B)


OUTSIDE = np.ones(3)


def reads_outside(B):
    return np.sum(OUTSIDE * B)


def writes_with_a_helper(B):
    OUTSIDE = 2.0  # a name of this function's own
    B[0] = 3.0
    return reads_outside(B) * OUTSIDE


def test_an_array_that_is_reached_in_two_ways_is_not_written():
    A = np.ones(3)
    gradient = cr.grad(Holder(A).write)
    np.testing.assert_array_equal(gradient(np.ones(3)), [0.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="share memory"):
        gradient(A)
    gradient = cr.grad(writes_with_a_helper)
    np.testing.assert_array_equal(gradient(np.ones(3)), [0.0, 2.0, 2.0])
    with pytest.raises(ValueError, match="share memory"):
        gradient(OUTSIDE)


def test_a_list_from_outside_is_read_anew():
    rates = [1.0, 2.0]

    def f(x):
        return x * rates[-1]

    gradient = cr.grad(f)
    assert gradient(1.0) == 2.0
    rates[1] = 5.0
    assert gradient(1.0) == 5.0
    rates.append(7.0)
    assert gradient(1.0) == 7.0


def test_partials_and_callable_objects():
    class Scaled:
        def __init__(self):
            self.factor = 3.0

        def __call__(self, x, y=1.0):
            return self.factor * x * y

    scaled = Scaled()
    assert cr.grad(scaled)(2.0) == 3.0
    assert cr.grad(functools.partial(scaled, y=4.0))(2.0) == 12.0
    gradient = cr.grad(functools.partial(lambda a, b, x: a * x**2 + b, np.array(2.0), 1.0))
    assert gradient(3.0) == 12.0
    value, pullback = cr.vjp(scaled, 2.0)
    assert value == 6.0
    assert pullback(1.0) == (3.0,)
    assert "def __call___value_and_grad(x, y)" in str(cr.stages(scaled, 2.0, 1.0))


class Named:
    def __init__(self):
        self.value, self.dx = 2.0, 3.0

    def loss(self, x):
        return x * self.value * self.dx


def test_names_of_attributes_are_not_names_of_results():
    model = Named()
    gradient = cr.value_and_grad(model.loss)
    assert gradient(1.0) == (6.0, 6.0)
    model.value = 4.0
    assert gradient(1.0) == (12.0, 12.0)


class Private:
    def __init__(self):
        self.__rate = 3.0

    def loss(self, x):
        scaled = lambda t: t * self.__rate  # noqa: E731
        return scaled(x) + self.__rate


def test_private_names():
    assert cr.value_and_grad(Private().loss)(2.0) == (9.0, 3.0)


def test_a_cached_property_is_what_python_has_cached():
    class Cached:
        def __init__(self):
            self.a = 2.0

        @functools.cached_property
        def twice(self):
            return self.a * 2

        def loss(self, x):
            return self.twice * x + self.a * x

    model = Cached()
    gradient = cr.value_and_grad(model.loss)
    assert gradient(1.0) == (6.0, 6.0)
    model.a = 5.0
    assert gradient(1.0) == (9.0, 9.0) == (model.loss(1.0), 9.0)


def test_a_list_from_outside_is_a_list():
    rates = [1.0, 2.0]

    def f(x):
        if isinstance(rates, list) and type(rates) is list and not isinstance(rates, tuple):
            longer = rates + [3.0]
            return x * longer[2] * len(rates * 2)
        return x

    assert cr.grad(f)(1.0) == 12.0
    assert rates == [1.0, 2.0]


@pytest.mark.parametrize("change", ["xs += [x]", "xs.append(x)", "xs[0] = x", "xs.pop()"])
def test_a_list_of_an_object_is_not_changed(change):
    path = f"<change {change}>"
    text = f"def f(x):\n    xs = holder.xs\n    {change}\n    return x * holder.xs[-1]\n"
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    holder = Held([1.0, 2.0])
    namespace = {"holder": holder}
    exec(compile(text, path, "exec"), namespace)
    with pytest.raises(cr.UnsupportedError):
        cr.grad(namespace["f"])(1.0)
    assert holder.xs == [1.0, 2.0]


class Held:
    def __init__(self, xs):
        self.xs = xs


def test_a_namespace_is_an_object():
    config = SimpleNamespace(rate=2.0, inner=SimpleNamespace(w=np.ones(2)))
    gradient = cr.grad(lambda x: np.sum(x * config.inner.w) * config.rate)
    np.testing.assert_array_equal(gradient(np.ones(2)), [2.0, 2.0])
    config.rate, config.inner = 3.0, SimpleNamespace(w=np.full(2, 2.0))
    np.testing.assert_array_equal(gradient(np.ones(2)), [6.0, 6.0])
