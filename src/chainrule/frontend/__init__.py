"""From a Python function to a typed program: find the source, resolve names, lower to the IR.

Lowering and type inference are one walk: the syntax tree is interpreted over *abstract values*
(`values.py`), each of them a variable of the program, a constant, or a Python object that is known
when specialising (a module, a function, an axis, a tuple of such). What is known is computed on
the spot; what is not becomes an equation, typed at once by the operation's own inference.
"""
