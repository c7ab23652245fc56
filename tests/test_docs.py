"""Every Python block of README and docs runs, top to bottom, each page in its own namespace."""

import pathlib

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

ROOT = pathlib.Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "pages").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_blocks_run(page, tmp_path, monkeypatch):
    document = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()], path=str(page.parent)).parse(page)
    monkeypatch.chdir(tmp_path)
    for example in document.examples():
        example.evaluate()


def test_pages_with_code_are_really_found():
    documents = [Sybil(parsers=[PythonCodeBlockParser()], path=str(p.parent)).parse(p) for p in PAGES]
    assert sum(len(list(d.examples())) for d in documents) >= 5
