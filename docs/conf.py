"""Sphinx configuration."""

import chainrule._version

project = "chainrule"
author = "The chainrule authors"
project_copyright = author
release = version = chainrule._version.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "pydata_sphinx_theme"
html_title = "chainrule"
