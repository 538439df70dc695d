"""The forms of pad_width, and what is inside."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Array
from chainrule.rules.padding import inside, pads
from chainrule.rules.registry import OPS, InferError, NotSupported, OpCall

FORMS = [1, (2,), (1, 2), ((1, 2),), ((3,),), ((1, 0), (0, 2)), ((1,), (2,)), {0: (1, 2)}, {-1: 3}]


@pytest.mark.parametrize("width", FORMS, ids=repr)
def test_every_form_of_pad_width(width):
    padded = np.pad(np.ones((2, 3)), width)
    assert (
        tuple(n + b + a for n, (b, a) in zip((2, 3), pads(width, 2), strict=True)) == padded.shape
    )
    assert padded[inside(width, (2, 3))].tolist() == np.ones((2, 3)).tolist()


def test_symbolic_widths_count_from_the_front():
    # [m:-p] would be empty for p = 0
    m, n, p = (Dim.of(Sym(c, ("x", 0), single=False)) for c in "mnp")
    assert inside((m, p), (n,)) == (slice(m, n + m),)
    assert inside((0, 1), (n,)) == (slice(None, -1),)


def test_what_does_not_fit():
    call = OpCall(
        (Array("float64", (Dim(2),) * 2),), {"pad_width": ((1, 1),) * 3, "mode": "constant"}
    )
    with pytest.raises(InferError):
        OPS["pad"].infer(call)


def test_other_modes_are_refused():
    call = OpCall((Array("float64", (Dim(2),)),), {"pad_width": 1, "mode": "edge"})
    with pytest.raises(NotSupported, match="mode='edge'"):
        OPS["pad"].infer(call)
