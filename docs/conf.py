"""How the site is built: ``python -m sphinx -W --keep-going docs docs/_build/html``, strictly.

Every page's cells run while it is built, and a cell that fails, or any warning, fails the build.
Nothing is fetched, neither then nor when a page is read: formulas are MathML, the search runs in
the browser. Nothing is written beside the pages either; what the package says of itself is put in
while they are read, see ``_ext/reference.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tinygrad_edu import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "tinygrad_edu"
author = "the tinygrad_edu authors"
project_copyright = author
version = release = __version__

extensions = [
    "myst_nb",               # pages in Markdown whose cells run
    "sphinx.ext.autodoc",    # the reference, from docstrings
    "sphinx.ext.napoleon",   # which are written in NumPy's manner
    "sphinx.ext.viewcode",   # and lead to the source
    "sphinx_copybutton",
    "mathml",                # formulas that need no script; this one and the next are in _ext
    "reference",             # pages that the package writes about itself
]  # fmt: skip
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
nitpicky = True
default_role = "py:obj"

myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence", "attrs_inline"]
myst_heading_anchors = 4

nb_execution_mode = "force"
nb_execution_show_tb = True  # a cell that fails is a warning, which fails the build in the end
nb_execution_timeout = 120
nb_merge_streams = True

autodoc_typehints = "none"  # what an argument is, its docstring says
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
pygments_dark_style = "monokai"  # the theme's own underlines modules as if they were links
html_title = "tinygrad_edu"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
