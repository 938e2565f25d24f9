"""The site that was built, for the tests that look at it.

Building it takes minutes and needs Sphinx, so no test builds it. Build it, then say where it is::

    python -m sphinx -W --keep-going docs docs/_build/html
    TINYGRAD_EDU_SITE=docs/_build/html python -m pytest tests/docs
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
SITE = "TINYGRAD_EDU_SITE"

sys.path.insert(0, str(DOCS))  # so that tests import what the site is built with


@pytest.fixture(scope="session")
def site() -> Path:
    if SITE not in os.environ:
        pytest.skip(f"there is no built site: {SITE} does not say where it is")
    folder = Path(os.environ[SITE]).resolve()
    assert (folder / "index.html").is_file(), f"{folder} holds no site"
    return folder
