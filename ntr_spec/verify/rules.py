"""Derivations for single classes of the catalogue: unitarily invariant, sorted and ellipsoidal norms.

Each rule first ties its lemma to the code: the class is the catalogue's own, and its hooks agree with the
lemma's objects where they are run. Otherwise it says nothing.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import sympy as sp

from ntr_spec.arrays import namespace_of, simplest_rational
from ntr_spec.laws import Law
from ntr_spec.norms.base import Norm
from ntr_spec.norms.ellipsoid import Ellipsoidal
from ntr_spec.norms.leading import FullSVD
from ntr_spec.norms.matrix import Frobenius, RMSOperator, RMSOperatorDual
from ntr_spec.norms.polar import SVD
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.norms.sorted import OWL, OWLDual, TopK, TopKDual
from ntr_spec.norms.spectral import KyFan, Nuclear, Schatten, SingularValueNorm, Spectral, UnitarilyInvariant
from ntr_spec.norms.transforms import Reshaped, Scaled
from ntr_spec.norms.vector import L1, L2
from ntr_spec.trees import Shape
from ntr_spec.verify.findings import Evidence, Status
from ntr_spec.verify.symbolic import NAMESPACE, constants, symbols, to_sympy

Ask = Callable[[Norm, str], Evidence | None]
Expr = Any

_AXIOMS = ("definite", "homogeneous", "subadditive")
_DUALITY = ("lmo_feasible", "lmo_attains", "holder", "bidual")
_EVERY_N = "R^n, every n"
_RHO = ("rho_holds", "rho_attained")
_BY_LMO = ("lmo_feasible", "lmo_attains", "rho_attained")
_PROJECTION = ("projection_feasible", "projection_optimal")


def derive(norm: Norm, law: Law, ask: Ask) -> Evidence | None:
    """What a rule for this class says of this law, or None."""
    for rule in (_unitarily_invariant, _by_shape, _frobenius, _l1_projection, _sorted, _ellipsoidal, _same_rho):
        found = rule(norm, law, ask)
        if found is not None:
            return found
    return None


def _evidence(law: Law, scope: str, lemmas: Iterable[str]) -> Evidence:
    return Evidence(law.name, "lemma", Status.DERIVED, scope, lemmas=tuple(dict.fromkeys(lemmas)))


# ---- unitarily invariant norms -------------------------------------------------------------------

_SHARED = (Spectral, Nuclear, Schatten, KyFan, SingularValueNorm)


def _shared_hooks(norm: Norm) -> bool:
    """Whether a norm is one of the catalogue's, run by the lemma's hooks (or by solvers that are exact)."""
    if type(norm) not in _SHARED or type(norm)._value is not UnitarilyInvariant._value:
        return False
    if isinstance(norm, Spectral):
        return norm.polar == SVD()
    if isinstance(norm, Nuclear):
        return norm.leading == FullSVD()
    if isinstance(norm, KyFan):
        return norm.polar == SVD() and norm.leading == FullSVD()
    return type(norm)._lmo is UnitarilyInvariant._lmo


def _shared_but_for_solvers(norm: Norm) -> bool:
    """Whether a norm's hooks are the lemma's, its LMO perhaps with solvers that are approximate."""
    plain = {Spectral: Spectral(), Nuclear: Nuclear(), KyFan: KyFan(1)}.get(type(norm), norm)
    return _shared_hooks(plain)


def _unitarily_invariant(norm: Norm, law: Law, ask: Ask) -> Evidence | None:
    if not isinstance(norm, UnitarilyInvariant) or not _shared_but_for_solvers(norm):
        return None
    if law.name == "unitarily_invariant":
        return _evidence(law, "every m×n", ("von_neumann_trace",))
    if law.name not in (*_AXIOMS, *_DUALITY, *_RHO, *_PROJECTION):
        return None
    if law.name in _PROJECTION and type(norm)._project is not UnitarilyInvariant._project:
        return None
    dual = norm.dual
    if not isinstance(dual, UnitarilyInvariant) or not _shared_hooks(dual) or dual.gauge != norm.gauge.dual:
        return None
    if law.name in _BY_LMO and not _shared_hooks(norm):
        return None
    found = [ask(norm.gauge, name) for name in ("absolute", "symmetric", law.name)]
    known = [e for e in found if e is not None]
    if len(known) < len(found):
        return None
    scope = "every m×n" if "every" in known[-1].scope else f"m×n, gauge on {known[-1].scope}"
    lemma = "spectral_projection" if law.name in _PROJECTION else "von_neumann_trace"
    return _evidence(law, scope, (lemma, *itertools.chain.from_iterable(e.lemmas for e in known)))


def _by_shape(norm: Norm, law: Law, ask: Ask) -> Evidence | None:
    """RMSOperator, its dual and ShapeScaled: on each shape a multiple of a norm already settled."""
    base: Norm
    lemmas: tuple[str, ...] = ("scaling",)
    if type(norm) is RMSOperator and norm.polar == SVD():
        base = Spectral()
    elif type(norm) is RMSOperatorDual and norm.leading == FullSVD():
        base = Nuclear()
    elif type(norm) is ShapeScaled:
        base, lemmas = norm.norm, ("scaling", "reshape")
    else:
        return None
    if law.name not in (*_AXIOMS, *_DUALITY, *_RHO, "unitarily_invariant") or not _is_multiple(norm, base):
        return None
    evidence = ask(base, law.name)
    return None if evidence is None else _evidence(law, evidence.scope, (*lemmas, *evidence.lemmas))


def _is_multiple(norm: Norm, base: Norm) -> bool:
    """Values c·base, LMOs base/c, ρ/c, with c a positive function of the shape, on drawn points."""
    source = np.random.default_rng(0)
    for shape in norm._shapes((1, 2, 3, 5)):
        x = source.standard_normal(shape.dims)
        flat = x.reshape(norm._dims(shape.dims)) if isinstance(norm, ShapeScaled) else x
        c = norm(flat[..., ::-1].reshape(x.shape)) / base(flat[..., ::-1])  # at another point of this shape
        same = (
            c > 0,
            np.isclose(norm(x), c * base(flat), rtol=1e-12),
            np.isclose(norm.dual(x), base.dual(flat) / c, rtol=1e-12),
            np.allclose(norm.lmo(x).reshape(flat.shape), base.lmo(flat) / c, rtol=1e-10, atol=1e-12),
            not norm.has_rho or np.isclose(norm.rho(shape), base.rho(flat.shape) / c, rtol=1e-12),
        )
        if not all(same):
            return False
    return True


# ---- Frobenius -----------------------------------------------------------------------------------


def _frobenius(norm: Norm, law: Law, ask: Ask) -> Evidence | None:
    """ℓ₂ of the entries: the traced hooks are those of L2 on the flattened matrix."""
    if type(norm) is not Frobenius or law.name == "unitarily_invariant":
        return None
    for shape in ((1, 2), (2, 2), (2, 3)):
        x = symbols("x", shape)
        flat = NAMESPACE.reshape(x, (-1,))
        lmo = norm.lmo(x).terms.reshape(-1).tolist(), L2().lmo(flat).terms.tolist()
        if norm(x).term is not L2()(flat).term or any(a is not b for a, b in zip(*lmo, strict=True)):
            return None
    evidence = ask(L2(), law.name)
    if evidence is None:
        return None
    scope = "every m×n" if "every" in evidence.scope else evidence.scope.replace("R^n, n", "m×n, m·n")
    return _evidence(law, scope, ("reshape", *evidence.lemmas))


# ---- ℓ₁ -------------------------------------------------------------------------------------------


def _l1_projection(norm: Norm, law: Law, ask: Ask) -> Evidence | None:
    """Soft thresholding at the lemma's θ, checked where the code is run."""
    if type(norm) is not L1 or law.name not in _PROJECTION:
        return None
    points = itertools.chain.from_iterable(_grid(n) for n in (1, 2, 3, 5))
    agrees = all(_thresholds(norm, x, r) for x, r in itertools.product(points, (0.5, 1.0, 2.5, 20.0)))
    return _evidence(law, _EVERY_N, ("l1_projection",)) if agrees else None


def _thresholds(norm: Norm, point: list[float], radius: float) -> bool:
    size = sorted((abs(e) for e in point), reverse=True)
    theta = max(0.0, *((total - radius) / k for k, total in enumerate(itertools.accumulate(size), 1)))
    plain = [math.copysign(max(abs(e) - theta, 0.0), e) for e in point]
    return bool(np.allclose(norm.project(np.array(point), radius), plain, rtol=1e-12, atol=1e-12))


# ---- sorted norms --------------------------------------------------------------------------------


def _sorted(norm: Norm, law: Law, ask: Ask) -> Evidence | None:
    lemmas: tuple[str, ...]
    if type(norm) in (TopK, TopKDual):
        assert isinstance(norm, TopK | TopKDual)
        lemmas, scope, least = ("top_k_duality",), f"R^n, every n ≥ {norm.k}", (norm.k, norm.k + 1)
    elif type(norm) in (OWL, OWLDual):
        assert isinstance(norm, OWL | OWLDual)
        n = norm.w.shape[0]
        lemmas, scope, least = ("owl_duality", "rearrangement"), f"R^{n}", (n, n)
    else:
        return None
    if law.name not in (*_AXIOMS, *_DUALITY, "absolute", "symmetric"):
        return None
    if not all(_agrees(norm, x) for n in dict.fromkeys(least) for x in _grid(n)):
        return None
    return _evidence(law, scope, lemmas)


def _grid(n: int) -> Iterable[list[float]]:
    """Points with ties and zeros."""
    source = random.Random(0)
    if n <= 3:
        return [list(p) for p in itertools.product((-2.0, -1.0, 0.0, 1.0), repeat=n)]
    return [[float(source.randint(-2, 2)) for _ in range(n)] for _ in range(64)]


def _agrees(norm: Norm, point: list[float]) -> bool:
    """Value, dual and LMO are those of the lemma at a point, computed the plain way."""
    x = np.array(point)
    value, dual = _formulas(norm, point)
    v = norm.lmo(x)
    feasible, _ = _formulas(norm, [float(e) for e in v])
    close = (abs(float(norm(x)) - value), abs(float(norm.dual(x)) - dual), abs(float(x @ v) + dual))
    return max(close) <= 1e-12 * (1 + dual + value) and feasible <= 1 + 1e-12


def _formulas(norm: Norm, point: list[float]) -> tuple[float, float]:
    """Norm and dual norm by the lemma."""
    size = sorted((abs(e) for e in point), reverse=True)
    if isinstance(norm, TopK | TopKDual):
        pair = (sum(size[: norm.k]), max(size[0], sum(size) / norm.k))
        return pair if isinstance(norm, TopK) else pair[::-1]
    assert isinstance(norm, OWL | OWLDual)
    w = norm.w.host.tolist()
    ordered = sum(a * b for a, b in zip(w, size, strict=True))
    steps = max(s / t for s, t in zip(itertools.accumulate(size), itertools.accumulate(w), strict=True))
    return (ordered, steps) if isinstance(norm, OWL) else (steps, ordered)


# ---- ellipsoidal norms ---------------------------------------------------------------------------


def _ellipsoidal(norm: Norm, law: Law, ask: Ask) -> Evidence | None:
    if type(norm) is not Ellipsoidal or law.name not in (*_AXIOMS, *_DUALITY, "euclidean"):
        return None
    host = norm.P.host
    P = sp.Matrix(*host.shape, lambda i, j: sp.Rational(simplest_rational(float(host[i, j]))))
    if P != P.T or not all(P[:k, :k].det() > 0 for k in range(1, P.rows + 1)):
        return None
    M = P.inv() if norm.inverse else P
    if not _is_ellipsoid(norm, M) or not _is_ellipsoid(norm.dual, M.inv()):
        return None
    return _evidence(law, f"R^{P.rows}", ("ellipsoidal",))


def _is_ellipsoid(norm: Norm, M: Any) -> bool:
    """The traced hooks are √(xᵀMx) and −M⁻¹g/√(gᵀM⁻¹g), and the LMO of 0 is 0."""
    x = symbols("x", M.rows)
    column = sp.Matrix(x.expressions.tolist())
    value = to_sympy(norm(x).term)
    if value.as_base_exp()[1] != sp.Rational(1, 2) or sp.expand(value**2 - (column.T * M * column)[0]) != 0:
        return False
    steep = M.inv() * column
    size = sp.sqrt((column.T * steep)[0])
    lmo = [to_sympy(entry, away_from_zero=True) for entry in norm.lmo(x).terms.reshape(-1)]
    zero = norm.lmo(constants(np.zeros(M.rows))).expressions.tolist()
    return all(e == 0 for e in zero) and all(sp.simplify(v * size + s) == 0 for v, s in zip(lmo, steep, strict=True))


# ---- the constant ρ of multiples and reshapes ----------------------------------------------------


def _same_rho(norm: Norm, law: Law, ask: Ask) -> Evidence | None:
    """ρ of c·n is that of n over c, and reshaping keeps it."""
    if law.name not in _RHO or type(norm) not in (Scaled, Reshaped):
        return None
    assert isinstance(norm, Scaled | Reshaped)
    xp = namespace_of(symbols("x", 1))
    for shape in norm._shapes((1, 2, 3, 5)):
        inner, c = shape, sp.S.One
        if isinstance(norm, Reshaped):
            inner = Shape(norm._resolved(shape.size) or ())
        else:
            c = sp.Rational(simplest_rational(norm.c))
        outside, inside = (to_sympy(n._rho(s, xp).term) for n, s in ((norm, shape), (norm.norm, inner)))
        if sp.simplify(outside * c - inside) != 0:
            return None
    evidence = ask(norm.norm, law.name)
    lemma = "scaling" if isinstance(norm, Scaled) else "reshape"
    return None if evidence is None else _evidence(law, evidence.scope, (lemma, *evidence.lemmas))
