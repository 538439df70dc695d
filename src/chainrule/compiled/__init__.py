"""Compiled functions: programs of the pipeline behind one object, for Python and for Numba code."""
