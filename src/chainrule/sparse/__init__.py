"""Sparse Jacobians and Hessians: the pattern, a colouring of it, and few sweeps for all entries."""
