"""Numba's compiler without the work that our programs do not need.

They have no closures, comprehensions or array expressions, so the passes for these are left out.
Functions that only other compiled functions call (`inner`) become machine code as part of their
caller, once, and have no entries for Python.
"""

from __future__ import annotations

from typing import Any, Final, final

from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import LoweringPass, PassManager, register_pass

_LEFT_OUT: Final = frozenset({"inline_closure_likes", "nopython_rewrites"})


@final
class Kernel(CompilerBase):  # type: ignore[misc]
    """Compiles an entry."""

    def define_pipelines(self) -> list[PassManager]:
        """The only list of passes."""
        return [_passes(self.state, inner=False)]


@final
class Inner(CompilerBase):  # type: ignore[misc]
    """Compiles a function that is called by compiled functions only."""

    def define_pipelines(self) -> list[PassManager]:
        """The only list of passes."""
        state = self.state
        if state.library is None:
            state.library = _library(state)
            state.flags.no_compile = True
        return [_passes(state, inner=True)]


def _passes(state: Any, *, inner: bool) -> PassManager:
    """Numba's passes for a function, in its order, less those that have nothing to do."""
    usual = DefaultPassBuilder.define_nopython_pipeline(state)
    passes = PassManager("lean")
    for one, description in usual.passes:
        if one.name() not in _LEFT_OUT:
            passes.add_pass(one, description)
        if inner and one.name() == "native_lowering":
            passes.add_pass(_NoMachineCode, "make it known to callers")
    passes.finalize()
    return passes


def _library(state: Any) -> Any:
    """A place for code that is optimised, and turned into machine code, where it is linked to."""
    library = state.targetctx.codegen().create_library(state.func_id.func_qualname)

    def finalize() -> None:
        library._finalize_dynamic_globals()
        library._finalized = True

    library._optimize_final_module = lambda: None
    library._finalize_final_module = finalize
    return library


@register_pass(mutates_CFG=True, analysis_only=False)
class _NoMachineCode(LoweringPass):  # type: ignore[misc]
    """Stands for what Numba does when a function got its machine code."""

    _name = "chainrule_no_machine_code"

    def __init__(self) -> None:
        LoweringPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        """Tell Numba about a function that other functions can call."""
        from numba import _dynfunc

        made = state.cr
        described = made.fndesc
        name = described.qualname.split(".")[-1]
        keep = (state.library,)
        function = _dynfunc.make_function(described.lookup_module(), name, "", 0, made.env, keep)
        state.targetctx.insert_user_function(function, described, [state.library])
        state.cr = made._replace(cfunc=function)
        return True


kernel: Final[dict[str, Any]] = {"pipeline_class": Kernel}
inner: Final[dict[str, Any]] = {
    "pipeline_class": Inner,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
