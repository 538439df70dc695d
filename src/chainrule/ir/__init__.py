"""The typed intermediate representation: what a program is, how it prints, when it is well formed.

A program is a `Function`: flat parameters, a body of equations in execution order, and results.
Every equation (`Eqn`) applies one operation to named values and constants and names what comes
out. It is in static single assignment form: a `Var` is defined once, by a parameter or by one
equation, and never changes; the user's `x = x + 1` makes a second `Var` with the same *hint* `x`,
and only `emit` decides which Python name a value gets. Each equation carries the number of the
user's statement (its *stage*) and that statement's place in the file (its *span*).

Arrays are values too: an operation never changes its operand. An array write is an equation whose
result is the written array; whether it happens in place is a decision of `plan` and `emit`, taken
from liveness. Control flow is carried by equations whose `static` holds blocks (a tuple of
equations with block parameters and results), so that a block is the same thing at every depth.

Types say what is known before the program runs: kind, dtype, rank, and for each axis a `Dim`,
a linear expression in sizes that are known only when it runs. The one question that the compiler
asks about sizes is "can this axis have length 1?", since that is what decides broadcasting.

This package imports none of its siblings.
"""
