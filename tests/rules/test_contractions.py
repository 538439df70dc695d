"""einsum and tensordot: labels of length 1, diagonals, errors."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array, Scalar
from chainrule.rules import contractions
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall
from chainrule.testing.numeric import numeric_vjp


def gradient(subscripts, k, *operands, dy):
    result = contractions.einsum_operands(dy, operands, k, subscripts, False)
    return unbroadcast(result, np.shape(operands[k]))


def unbroadcast(values, shape):
    assert values.ndim == len(shape)
    axes = tuple(i for i, n in enumerate(shape) if n == 1)
    return np.sum(values, axis=axes, keepdims=True) if axes else values


@pytest.mark.parametrize(
    "subscripts", ["ij,ij->", "ij,ij->i", "ij,ij->j", "ij,ij->ij", "ij,ij,ij->"]
)
@pytest.mark.parametrize(
    "shapes", [((3, 4), (1, 4)), ((3, 1), (3, 4)), ((1, 4), (3, 1)), ((1, 1), (3, 4))]
)
def test_labels_of_length_one_broadcast(subscripts, shapes):
    rng = np.random.default_rng(0)
    shapes = (*shapes, (1, 1))[: subscripts.count(",") + 1]
    operands = tuple(rng.uniform(1, 2, shape) for shape in shapes)

    def f(*operands):
        return np.einsum(subscripts, *operands)

    dy = rng.uniform(1, 2, np.shape(f(*operands)))
    for k in range(len(operands)):
        expected = numeric_vjp(f, operands, k, dy)
        np.testing.assert_allclose(gradient(subscripts, k, *operands, dy=dy), expected, rtol=1e-8)


def test_sizes_that_may_be_one_or_equal():
    # What the compiler hands over when neither size is known, as for two masked vectors.
    m, n = ((Dim.of(Sym(name, None, True)),) for name in "mn")
    three = ((Dim.of(Sym("k", None, False)),), (Dim(3),))
    assert contractions.widened_labels(("i", "i"), "", 0, (m, n)) == "i"
    assert contractions.widened_labels(("i", "i"), "", 0, (m, m)) == ""
    assert contractions.widened_labels(("i", "i"), "i", 0, (m, n)) == ""
    assert contractions.widened_labels(("i", "i"), "", 0, three) == ""
    assert contractions.widened_labels(("i", "i"), "", 0, (three[0], m)) == "i"
    assert contractions.widened_labels(("i", "i"), "", 0, ((1,), (4,))) == ""
    assert contractions.widened_labels(("i", "i"), "", 1, ((1,), (4,))) == "i"


def test_beside_a_diagonal_the_gradient_is_exactly_zero():
    np.testing.assert_array_equal(
        gradient("ii", 0, np.zeros((2, 2)), dy=np.float64(np.inf)), [[np.inf, 0], [0, np.inf]]
    )


def test_gradient_of_a_matrix_product_reads_like_one():
    terms, result = contractions.spelled_out("ij,jk->ik", (2, 2))
    assert contractions.adjoint_subscripts(terms, result, 0, "") == "ik,jk->ij"
    assert contractions.adjoint_subscripts(terms, result, 1, "") == "ij,ik->jk"


@pytest.mark.parametrize(
    ("subscripts", "ranks", "expected"),
    [
        ("ij,jk", (2, 2), (("ij", "jk"), "ik")),
        ("ba", (2,), (("ba",), "ab")),
        ("bA,Ac", (2, 2), (("bA", "Ac"), "bc")),
        ("i i", (2,), (("ii",), "")),
        ("...", (3,), (("abc",), "abc")),
        ("...a,...", (3, 1), (("bca", "c"), "bca")),
        ("i...->...i", (1,), (("i",), "i")),
        ("->", (0,), (("",), "")),
    ],
)
def test_subscripts_as_numpy_reads_them(subscripts, ranks, expected):
    assert contractions.spelled_out(subscripts, ranks) == expected
    operands = [np.random.default_rng(0).normal(size=(2,) * rank) for rank in ranks]
    explicit = f"{','.join(expected[0])}->{expected[1]}"
    np.testing.assert_array_equal(np.einsum(subscripts, *operands), np.einsum(explicit, *operands))


@pytest.mark.parametrize(
    ("subscripts", "ranks"),
    [
        ("ij", (1,)),
        ("i", (2,)),
        ("i,j", (1,)),
        ("i...->i", (2,)),
        ("i->ii", (1,)),
        ("i->j", (1,)),
        ("i.j", (2,)),
        ("i1", (2,)),
    ],
)
def test_subscripts_that_numpy_rejects(subscripts, ranks):
    with pytest.raises(ValueError):  # noqa: PT011
        np.einsum(subscripts, *(np.ones((2,) * rank) for rank in ranks))
    with pytest.raises(InferError):
        contractions.spelled_out(subscripts, ranks)


def infer(name, *types, **options):
    return OPS[name].infer(OpCall(types, options, "np"))


def test_einsum_types():
    matrix = Array("float32", (Dim(3), Dim(4)))
    assert infer("einsum", matrix, subscripts="ij->") == Scalar("float32")
    with pytest.raises(InferError, match="repeated index"):
        infer("einsum", matrix, subscripts="ii")
    with pytest.raises(InferError, match="broadcast"):
        infer("einsum", matrix, Array("float32", (Dim(5),)), subscripts="ij,j")
    with pytest.raises(NotSupported, match="as a string"):
        infer("einsum", matrix, subscripts=(0, 1))
    with pytest.raises(NotSupported, match="dtype="):
        infer("einsum", matrix, subscripts="ij", dtype="float64")


def test_tensordot_returns_an_array_of_rank_zero():
    vector = Array("float64", (Dim(3),))
    assert infer("tensordot", vector, vector, axes=1) == Array("float64", ())
    assert isinstance(np.tensordot(np.ones(3), np.ones(3), 1), np.ndarray)


@pytest.mark.parametrize("axes", [3, ((0,), (0, 1)), ((0,), (5,)), ((0, 0), (0, 0)), ((0,),)])
def test_axes_that_tensordot_rejects(axes):
    matrix = Array("float64", (Dim(3), Dim(3)))
    with pytest.raises(InferError):
        infer("tensordot", matrix, matrix, axes=axes)
