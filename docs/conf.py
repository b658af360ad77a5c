"""Sphinx's configuration. Pages that follow from the code are written by :mod:`written_pages` before each build."""

from __future__ import annotations

import sys
import warnings
from importlib.metadata import version as installed_version
from pathlib import Path

# Autodoc looks at declarative mixins, which SQLAlchemy finds odd.
warnings.filterwarnings("ignore", message="Unmanaged access of declarative attribute")

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import written_pages  # noqa: E402 -- it stands beside this file

written_pages.write(HERE)

project = "Fumehood"
author = "the Fumehood maintainers"
copyright = "2026, the Fumehood maintainers"  # noqa: A001 -- Sphinx's name
version = release = installed_version("fumehood")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"Fumehood {version}"

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_class_signature = "mixed"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
suppress_warnings = ["myst.strikethrough"]
