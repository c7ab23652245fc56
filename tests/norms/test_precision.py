"""The page on precision: what it says that each solver certifies in each precision is so, and not stale by tenfold."""

import pathlib

import pytest

from docs import measure_precision

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "pages" / "precision.md"
ROWS = {
    cells[0]: dict(zip(measure_precision.DTYPES, cells[1:], strict=True))
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if (cells := [cell.strip() for cell in line.strip("|").split("|")])[0] in measure_precision.SOLVERS
}


def test_the_page_has_every_solver():
    assert list(ROWS) == list(measure_precision.SOLVERS)


@pytest.mark.parametrize("name", measure_precision.SOLVERS)
@pytest.mark.parametrize("dtype", measure_precision.DTYPES)
def test_what_is_said_is_certified(name, dtype):
    for said, x in zip(ROWS[name][dtype].split(" / "), measure_precision.matrices().values(), strict=True):
        delta = measure_precision.certified(measure_precision.SOLVERS[name], x, dtype)
        assert 0.1 * float(said) <= delta <= float(said)


def test_rounding_up():
    assert [measure_precision.rounded_up(x) for x in (2.1e-6, 7.6e-3, 0.95)] == ["3e-06", "2e-02", "1e+00"]
