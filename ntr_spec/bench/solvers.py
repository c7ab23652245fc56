"""The package's own solvers, in the settings that a table shows."""

from __future__ import annotations

from collections.abc import Iterator

from ntr_spec.bench.contenders import Ours
from ntr_spec.bench.devices import LIBRARIES
from ntr_spec.bench.places import DTYPES
from ntr_spec.norms import leading, polar
from ntr_spec.norms.spectral import Nuclear, Spectral

STEPS = range(2, 10)
"""Of PolarExpress; more gain nothing where rounding is that of float32."""
FURTHER = range(10, 13)
"""In float64 too."""
COARSE = range(2, 5)
"""Where the iteration is in bfloat16, whose rounding is all that is left after four."""
NARROW = ((2, 0.2), (3, 0.22), (4, 0.2), (4, 0.1))
"""Steps and lower where small singular values are not to be expected: of long matrices."""
TOLERANCES = (1e-1, 1e-2, 1e-3, 1e-5)
"""Of solvers that take one."""


def solvers(geometry: str, library: str, dtype: str) -> tuple[Ours, ...]:
    """What is measured of a norm where nothing else is asked for.

    >>> solvers("spectral", "numpy", "float32")[0].name
    'SVD()'
    """
    return tuple(_leading() if geometry == "nuclear" else _polar(library, dtype))


def by_name() -> dict[str, Ours]:
    """Every polar solver that is measured anywhere, by its name in the tables.

    >>> by_name()["SVD()"].norm
    Spectral()
    """
    found = (each for library in LIBRARIES for dtype in DTYPES for each in solvers("spectral", library, dtype))
    return {each.name: each for each in found}


def _polar(library: str, dtype: str) -> Iterator[Ours]:
    for solver in (polar.SVD(), polar.GramEigh(), polar.QDWH()):
        yield Ours(Spectral(polar=solver))
    yield Ours(Spectral(polar=polar.NewtonSchulz()), "NewtonSchulz(MUON)")
    yield Ours(Spectral(polar=polar.NewtonSchulz(coefficients=polar.DION)), "NewtonSchulz(DION)")
    for steps in (*STEPS, *(FURTHER if dtype == "float64" else ())):
        yield Ours(Spectral(polar=polar.PolarExpress(steps)), f"PolarExpress(steps={steps})")
    for steps, lower in NARROW:
        yield Ours(Spectral(polar=polar.PolarExpress(steps, lower, gram=False)), f"PolarExpress({steps}, {lower:g})")
    if library in ("torch", "jax") and dtype == "float32":
        for steps in COARSE:
            yield Ours(Spectral(polar=polar.PolarExpress(steps, dtype="bfloat16")))
    for tolerance in (*TOLERANCES, *((1e-10,) if dtype == "float64" else ())):
        yield Ours(Spectral(polar=polar.Auto(tolerance)), f"Auto({tolerance:g})")


def _leading() -> Iterator[Ours]:
    yield Ours(Nuclear(leading=leading.FullSVD()))
    for tolerance in TOLERANCES[1:]:
        yield Ours(Nuclear(leading=leading.Power(tolerance)), f"Power({tolerance:g})")
        yield Ours(Nuclear(leading=leading.Lanczos(tolerance)), f"Lanczos({tolerance:g})")
