"""Witnesses are real: what an engine prints, typed back in and evaluated by plain Python, violates the law.

The declarations are repeated in ``tests/wrong/naive.py`` on lists of fractions, without arrays and without the package.
"""

from __future__ import annotations

import ast
import itertools
import re
from fractions import Fraction
from typing import Any

import pytest

from ntr_spec.laws import EXACT_LAWS, Kind
from ntr_spec.verify import Status, Witness
from tests.mutants import MUTANTS
from tests.verify.verdicts import BY_NAME, LAWS, evidence
from tests.wrong import naive

# The naive evaluation does not repeat laws about curvature and about a supremum.
_EXACT = {law.name for law in EXACT_LAWS} - {"polyhedral", "rho_attained"}
_CASES = [
    (mutant.name, law)
    for mutant in MUTANTS
    if mutant.name in naive.TWINS
    for law in sorted((mutant.kills | mutant.exact) & _EXACT)
]


def typed_in(text: str) -> Any:
    """The text of a point as nested lists of Fractions."""
    quoted = re.sub(r"-?\d[\d.]*(?:e[+-]?\d+)?(?:/\d+)?", lambda found: f'"{found.group()}"', text)

    def number(node: Any) -> Any:
        return [number(part) for part in node] if isinstance(node, list) else Fraction(node)

    return number(ast.literal_eval(quoted))


def test_reading_a_witness() -> None:
    assert typed_in("[[1, -1/2], [0, 3]]") == [[1, Fraction(-1, 2)], [0, 3]]
    assert typed_in("[0.5, -2.0, 1e-06]") == [Fraction(1, 2), -2, Fraction(1, 10**6)]
    assert typed_in("-3/2") == Fraction(-3, 2)


def _witnesses(name: str, law: str, engine: str) -> list[Witness]:
    found = [e.witness for e in evidence(name, law, engine) if e.status is Status.REFUTED]
    assert None not in found, "a refutation without a witness"
    return [witness for witness in found if witness is not None]


@pytest.mark.parametrize(("name", "law"), _CASES)
def test_exact_witnesses_are_small_rationals_that_violate_the_law(name: str, law: str) -> None:
    witnesses = _witnesses(name, law, "exact")
    assert bool(witnesses) >= (law in BY_NAME[name].exact)
    for witness in witnesses:
        assert witness.context == "exact arithmetic"
        at = {variable: typed_in(text) for variable, text in witness.inputs.items()}
        assert list(at) == [variable for variable, _ in LAWS[law].variables]
        for entry in naive.flat(list(at.values())):
            assert abs(entry.numerator) <= 8 >= entry.denominator, witness
        assert naive.violation(naive.TWINS[name], law, at) > 1e-12, witness


@pytest.mark.parametrize(("name", "law"), _CASES)
def test_witnesses_of_drawn_examples_violate_the_law(name: str, law: str) -> None:
    for witness in _witnesses(name, law, "property"):
        assert re.match(r"(numpy|strict|torch|jax) float(32|64), shape ", witness.context)
        at = {variable: typed_in(text) for variable, text in witness.inputs.items()}
        assert naive.violation(naive.TWINS[name], law, at) > 1e-9, witness


_GRID = [Fraction(v) for v in ("0", "1", "-1", "2")]
_SCALARS = [Fraction(v) for v in ("-2", "-1", "0", "1/2", "3")]
_RADII = [Fraction(v) for v in ("1/2", "1", "3")]


def _grid(kind: Kind, dims: tuple[int, ...]) -> list[Any]:
    if kind is Kind.SCALAR:
        return _SCALARS
    if kind is Kind.POSITIVE:
        return _RADII
    size = 1
    for d in dims:
        size *= d
    points = list(itertools.product(_GRID, repeat=min(size, 3)))
    blank: Any = [0] * dims[0] if len(dims) == 1 else [[0] * dims[1] for _ in range(dims[0])]
    return [naive.like(blank, [*point, *[Fraction(1)] * (size - len(point))]) for point in points]


@pytest.mark.parametrize("name", sorted(naive.TWINS))
def test_what_is_proved_holds_on_a_grid(name: str) -> None:
    """Soundness by brute force: where a law of a wrong norm is called PROVED, no point of a grid violates it."""
    mutant = BY_NAME[name]
    for law in sorted(_EXACT & (mutant.kills | mutant.also)):
        for found in evidence(name, law, "exact"):
            if found.status is not Status.PROVED:
                continue
            for dims in re.findall(r"R\^\{?(\d+)(?:×(\d+))?", found.scope):
                shape = tuple(int(d) for d in dims if d)
                pools = [_grid(kind, shape) for _, kind in LAWS[law].variables]
                names = [variable for variable, _ in LAWS[law].variables]
                for values in itertools.islice(itertools.product(*pools), 0, None, 1 if len(pools) < 2 else 7):
                    assert naive.violation(naive.TWINS[name], law, dict(zip(names, values, strict=True))) <= 1e-9
