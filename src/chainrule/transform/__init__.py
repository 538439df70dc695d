"""Differentiation: from a program to the program of its gradient.

`reverse` walks the equations backwards and inlines the pullback of each; `accumulate` keeps the
gradient of every value, adds contributions up and un-broadcasts them; `calls` pairs a user function
with its backward function.
"""
