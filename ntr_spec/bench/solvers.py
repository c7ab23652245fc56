"""The package's own solvers, in the settings that a table shows."""

from __future__ import annotations

from collections.abc import Iterator

from ntr_spec.bench.contenders import Ours
from ntr_spec.norms import leading, polar
from ntr_spec.norms.spectral import Nuclear, Spectral


def solvers(geometry: str, library: str, dtype: str) -> tuple[Ours, ...]:
    """What is measured of a norm where nothing else is asked for.

    >>> solvers("spectral", "numpy", "float32")[0].name
    'SVD()'
    """
    if geometry == "nuclear":
        return tuple(Ours(Nuclear(leading=solver)) for solver in _leading())
    return tuple(_spectral(library, dtype))


def _spectral(library: str, dtype: str) -> Iterator[Ours]:
    for solver in (polar.SVD(), polar.NewtonSchulz()):
        yield Ours(Spectral(polar=solver))


def _leading() -> Iterator[leading.Leading]:
    yield leading.FullSVD()
    for tolerance in (1e-2, 1e-3, 1e-5):
        yield leading.Power(tolerance=tolerance)
        yield leading.Lanczos(tolerance=tolerance)


def by_name() -> dict[str, Ours]:
    """Every polar solver that is measured anywhere, by its name in the tables."""
    from ntr_spec.bench.devices import LIBRARIES
    from ntr_spec.bench.places import DTYPES

    found = (each for library in LIBRARIES for dtype in DTYPES for each in solvers("spectral", library, dtype))
    return {each.name: each for each in found}
