"""Norms with every solver, and what a certificate is judged by."""

import numpy as np

import ntr_spec as ntr

SOLVERS = {
    "SVD": lambda: ntr.Spectral(),
    "GramEigh": lambda: ntr.Spectral(polar=ntr.polar.GramEigh()),
    "NewtonSchulz": lambda: ntr.Spectral(polar=ntr.polar.NewtonSchulz()),
    "PolarExpress": lambda: ntr.Spectral(polar=ntr.polar.PolarExpress()),
    "QDWH": lambda: ntr.Spectral(polar=ntr.polar.QDWH()),
    "Auto": lambda: ntr.Spectral(polar=ntr.polar.Auto(tolerance=1e-3)),
    "FullSVD": lambda: ntr.Nuclear(leading=ntr.leading.FullSVD()),
    "Power": lambda: ntr.Nuclear(leading=ntr.leading.Power()),
    "Lanczos": lambda: ntr.Nuclear(leading=ntr.leading.Lanczos()),
}
"""By name: called when a test runs, so that one solver's fault is one test's."""


def short(norm, x, v):
    """How far v falls short of a feasible LMO at x, in float64."""
    x, v = x.astype(float), v.astype(float)
    sigma = np.linalg.svd(x, compute_uv=False)
    spectral = isinstance(norm, ntr.Spectral)
    best = sigma.sum(axis=-1) if spectral else sigma[..., 0]
    size = np.linalg.svd(v, compute_uv=False)
    size = size[..., 0] if spectral else size.sum(axis=-1)
    return np.max(1 + np.sum(x * v, axis=(-2, -1)) / best), np.max(size) - 1
