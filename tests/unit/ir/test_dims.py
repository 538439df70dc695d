"""Sizes: when an axis may have length 1, since that decides broadcasting."""

import pytest

from chainrule.ir.dims import Dim, Sym, in_block, unify

N, M = Sym("n", (object(), 0), single=False), Sym("m", (object(), 1), single=False)
ONE = Sym("k", (object(), None), single=True)


@pytest.mark.parametrize(
    ("dim", "expected"),
    [
        (Dim(1), True), (Dim(0), False), (Dim(3), False),
        (Dim.of(N), False), (Dim.of(N) + M, False), (Dim.of(N) * 2, False), (Dim.of(N) + 2, False),
        (Dim.of(N) + 1, True), (Dim.of(N) - 1, True), (Dim.of(N) - M, True),
        (Dim.of(ONE), True), (Dim.of(ONE) + 2, True), (Dim.of(ONE) * 2 + Dim.of(N) * 3, True),
    ],
)  # fmt: skip
def test_maybe_one(dim, expected):
    assert dim.maybe_one is expected


@pytest.mark.parametrize(
    ("dim", "least"),
    [(Dim(3), 3), (Dim(0), 0), (Dim.of(N) - 1, 1), (Dim.of(N) * 2 + M, 6), (Dim.of(N) - M, 0),
     (Dim.of(ONE) + 2, 0), (Dim.of(N) - 5, 0)],
)  # fmt: skip
def test_least(dim, least):
    assert dim.least == least


def test_what_a_block_finds_out_holds_in_the_block():
    n, m = Sym("n", None, single=False), Sym("m", None, single=True)
    with in_block():
        inner = Sym("k", None, single=True)
        assert unify(Dim.of(n), Dim.of(m))
        assert unify(Dim.of(inner), Dim.of(n))
        assert Dim.of(n) == Dim.of(m)
    assert Dim.of(n) != Dim.of(m)
    assert Dim.of(m).maybe_one
    assert Dim.of(inner) == Dim.of(n)
