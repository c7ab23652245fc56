"""A griffe extension: doctests in docstrings become code blocks, and Sphinx roles become plain code.

Docstrings are written for ``help()`` and ``doctest``; this is what the site needs on top.
"""

import re
from typing import Any

import griffe

_DOCTEST = re.compile(r"(?:^>>> .*\n?(?:^(?!>>> )\S.*\n?|^\.\.\..*\n?)*)+", re.M)
_ROLE = re.compile(r":(?:func|class|mod|meth|data):`~?([^`]*)`")


class Doctests(griffe.Extension):
    """Rewrites docstrings as they are loaded."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Fence the doctests of one object."""
        if obj.docstring is None:
            return
        text = _ROLE.sub(r"`\1`", obj.docstring.value)
        obj.docstring.value = _DOCTEST.sub(lambda block: f"```pycon\n{block.group(0).rstrip()}\n```\n", text)
