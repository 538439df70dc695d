"""From a program to Python that a person can read: which temporaries get a line, names, layout."""
