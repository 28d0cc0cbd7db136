"""The documentation site: ``nox -s docs`` builds it from the Markdown of this folder, offline."""

from __future__ import annotations

from teamup_async import __version__

project = "teamup_async"
author = "teamup_async contributors"
project_copyright = author
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
suppress_warnings: list[str] = []

# --- Markdown ---------------------------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
copybutton_exclude = ".linenos, .gp, .go"

# --- how it looks -----------------------------------------------------------------------------------------

html_theme = "furo"
html_title = "teamup_async"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": True,
    "footer_icons": [],
}
