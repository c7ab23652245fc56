"""Laws about a known problem's stochastic gradients: what is added has mean 0 and the size that is said.

They look at many steps, so they are about runs. A sample mean may be off by six of its standard errors; where noise is
bounded, that happens once in 10⁷ times (Hoeffding, in the form of Pinelis 1994), and as steps are numbered, it happens
always or never.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from ntr_spec.arrays import tolerance
from ntr_spec.errors import NotDeclaredError
from ntr_spec.laws.floating import FLOAT_LAWS
from ntr_spec.laws.floatlaw import Bench, Defect, FloatLaw
from ntr_spec.laws.objectives import beside, measured
from ntr_spec.laws.pieces import entries
from ntr_spec.problems.known import Known
from ntr_spec.trees import Tree, leaves, shapes, tree_map

Array = Any

_STEPS = 400
_FEW = 4  # where σ = 0 every step must give the exact gradient
_ERRORS = 6.0


def _draws(problem: Known, bench: Bench, x: Tree) -> list[Tree]:
    """g(x; k) − ∇f(x) for the first steps, on the host."""
    p = beside(problem, x)
    steps = _FEW if measured(problem)[0].constants.sigma == 0 else _STEPS
    exact = bench.to_numpy(p.value_and_gradient(x)[1])
    return [tree_map(lambda a, b: a - b, bench.to_numpy(p.stochastic(x, step)[1]), exact) for step in range(steps)]


def _flat(draws: list[Tree]) -> Array:
    return np.stack([np.concatenate([np.ravel(leaf) for leaf in leaves(draw)]) for draw in draws])


def _slack(problem: Known, bench: Bench, x: Tree) -> float:
    """What rounding may add to an entry of ∇f(x) + n − ∇f(x)."""
    slope = bench.to_numpy(beside(problem, x).value_and_gradient(x)[1])
    return tolerance(bench.eps, entries(x)) * max(float(np.max(np.abs(leaf))) for leaf in leaves(slope))


def _unbiased(problem: Known, bench: Bench, x: Tree) -> Defect | None:
    noise = _flat(_draws(problem, bench, x))
    mean = float(np.linalg.norm(np.mean(noise, axis=0)))
    spread = math.sqrt(float(np.mean(np.sum(noise * noise, axis=1))) / len(noise))
    allowed = _ERRORS * spread + math.sqrt(entries(x)) * _slack(problem, bench, x)
    if mean <= allowed:
        return None
    return Defect(f"‖mean of g(x; k) − ∇f(x)‖₂ = {mean:.6g} <= {allowed:.6g}", f"over the steps 0, …, {len(noise) - 1}")


def _variance(problem: Known, bench: Bench, x: Tree) -> Defect | None:
    squares = np.sum(_flat(_draws(problem, bench, x)) ** 2, axis=1)
    sigma = measured(problem)[0].constants.sigma
    return _off("‖g(x; k) − ∇f(x)‖₂²", squares, sigma**2, math.sqrt(entries(x)) * _slack(problem, bench, x))


def _dual_variance(problem: Known, bench: Bench, x: Tree) -> Defect | None:
    noise = problem._noise
    draws = _draws(problem, bench, x)
    for m in measured(problem):
        try:
            wanted = noise.dual(m.norm, shapes(x)) if noise is not None else 0.0
        except NotDeclaredError:
            continue
        squares = np.asarray([float(m.norm.dual(draw)) ** 2 for draw in draws])
        slack = entries(x) * _slack(problem, bench, x) * (m.constants.rho or 1.0)
        defect = _off(f"‖g(x; k) − ∇f(x)‖_*² for {m.norm!r}", squares, wanted**2, slack)
        if defect is not None:
            return defect
    return None


def _off(name: str, squares: Array, wanted: float, slack: float) -> Defect | None:
    """Squares of sizes whose mean is not what is said; ``slack`` is what rounding may add to a size."""
    mean = float(np.mean(squares))
    error = _ERRORS * float(np.std(squares)) / math.sqrt(len(squares))
    rounding = 2 * slack * math.sqrt(max(mean, wanted)) + slack * slack + 1e-9 * wanted
    if abs(mean - wanted) <= error + rounding:
        return None
    sides = f"mean of {name} = {mean:.6g} == {wanted:.6g} ± {error + rounding:.3g}"
    return Defect(sides, f"over the steps 0, …, {len(squares) - 1}")


def _no_sigma(problem: Known) -> str | None:
    return None if measured(problem)[0].constants.sigma is not None else "σ is not known"


def _no_noise(problem: Known) -> str | None:
    return None if problem._noise is not None else "no noise is added"


_NUMPY = frozenset({"numpy"})
_CHANGES: dict[str, dict[str, Any]] = {
    "nan_propagates": {"statement": "NaN in, NaN out"},
    "input_unchanged": {},
    "deterministic": {"statement": "equal calls give equal bits; noise is a function of seed and step"},
    "dtype_and_device_kept": {},
    "no_host_sync": {},
    "silent": {},
    "faces_agree": {},
}
PROBLEM_FLOAT_LAWS: tuple[FloatLaw, ...] = (
    *(dataclasses.replace(law, **_CHANGES[law.name]) for law in FLOAT_LAWS if law.name in _CHANGES),
    FloatLaw(
        "noise_unbiased",
        "E g(x; k) = ∇f(x), to six standard errors of 400 steps",
        _unbiased,
        backends=_NUMPY,
        share=0.01,
        source="[Kovalev25], A1",
    ),
    FloatLaw(
        "noise_variance",
        "E‖g(x; k) − ∇f(x)‖₂² = σ², to six standard errors of 400 steps",
        _variance,
        _no_sigma,
        backends=_NUMPY,
        share=0.01,
        source="[Kovalev25], A1, with equality",
    ),
    FloatLaw(
        "noise_dual",
        "E‖g(x; k) − ∇f(x)‖_*² = σ_*², to six standard errors of 400 steps",
        _dual_variance,
        _no_noise,
        backends=_NUMPY,
        share=0.01,
        source="[Kovalev25], A1, in the dual norm",
    ),
)
