"""Explain a staged program: its circuit, with the value and the gradient on every wire.

`graph` holds the circuit as plain data and writes it as DOT and as Mermaid; `svg` draws it.
"""
