"""Running emitted text: a real module whose lines show up in tracebacks."""
