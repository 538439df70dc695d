"""From programs to loops over scalars that Numba compiles; see `function` and `values`."""
