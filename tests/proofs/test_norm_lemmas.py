"""Norm lemmas: false siblings are rejected by the kernel, and statements agree with linear programs and SVDs."""

import numpy as np
import pytest
import scipy.optimize
import sympy as sp

from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.fibres import Mixed
from ntr_spec.norms.matrix import RMSOperator
from ntr_spec.norms.sorted import TopK
from ntr_spec.norms.spectral import KyFan, SingularValueNorm, Spectral
from ntr_spec.norms.vector import L1, L2, LInf, Lp
from ntr_spec.verify.kernel import CertificateError, Sign, Sums, assume, certify, total
from ntr_spec.verify.opaque import Opaque
from proofs import (
    combinators,
    dual_norm,
    ky_fan,
    layer_wise,
    max_of_norms,
    operator_norms,
    polyhedral_norm,
    rms_operator,
    unitarily_invariant,
)

rejected = pytest.raises(CertificateError)


class Altered(Norm):
    """A product or a gauge of singular values with another dual, or another LMO."""

    def __init__(self, norm, dual=None, factor=1):
        self.norm, self._dual, self.factor = norm, dual, factor

    def _value(self, x, xp):
        return self.norm._value(x, xp)

    def _lmo(self, g, xp):
        return self.norm._lmo(g, xp) * self.factor

    def _accepts(self, shape):
        return None

    @property
    def dual(self):
        return self.norm.dual if self._dual is None else self._dual


# ---- false siblings ------------------------------------------------------------------------------


def test_dual_norm_siblings_are_rejected():
    m = dual_norm
    inside = m.above(m.N, m.g, m.x / m.X)
    certify(m.X * m.N - m.g * m.x, [(m.X, inside)])
    for wrong in (m.X * m.N / 2, m.N, m.X**2):
        with rejected:
            certify(wrong - m.g * m.x, [(m.X, inside)])
    with rejected:  # ‖g + h‖_* ≤ ‖g‖_*, the point that attains the left being in the ball
        certify(m.N - m.T, [(1, m.above(m.N, m.g, m.u)), (1, m.attained(m.T, m.g + m.h))])


@pytest.mark.parametrize(("outer", "wrong"), [(LInf(), LInf()), (L1(), L1())])
def test_max_and_sum_of_norms_siblings_are_rejected(outer, wrong):
    parts = {"a": Opaque("a", L1()), "b": Opaque("b", LInf())}
    norm = Product(parts, outer)
    combinators.certificates(norm, max_of_norms.SHAPE, [max_of_norms.WEAK])
    dual = Product({name: part.dual for name, part in parts.items()}, wrong)
    law = max_of_norms.WEAK if isinstance(outer, LInf) else max_of_norms.STRONG
    with rejected:  # the maximum of the duals under a maximum is too small; their sum under a sum is not attained
        combinators.certificates(Altered(norm, dual), max_of_norms.SHAPE, [law])


def test_layer_wise_needs_the_maximum_outside():
    combinators.certificates(layer_wise.blocks(LInf()), layer_wise.SHAPE, [layer_wise.LMO, layer_wise.STEP])
    for law in (layer_wise.LMO, layer_wise.STEP):
        with rejected:
            combinators.certificates(layer_wise.blocks(L1()), layer_wise.SHAPE, [law])


def test_operator_norm_siblings_are_rejected():
    inner = Opaque("inner", L2())
    with rejected:  # the largest row for the largest column
        combinators.certificates(Mixed(LInf(), inner, axis=1), (2, 2), operator_norms.COLUMNS[:1])
    with rejected:  # the norm of a row for its dual norm
        combinators.certificates(RowsOfNorm(inner), (2, 2), operator_norms.ROWS[:1])
    with rejected:  # the sum of the columns' norms is too much
        combinators.certificates(Mixed(L1(), inner, axis=0), (2, 2), operator_norms.COLUMNS[1:])


class RowsOfNorm(Norm):
    """max_i n(X_i) where n also measures the operator's argument."""

    def __init__(self, inner):
        self.inner = inner.dual
        self.norm = Mixed(LInf(), inner, axis=1)

    def _value(self, x, xp):
        return self.norm._value(x, xp)

    def _lmo(self, g, xp):
        return self.norm._lmo(g, xp)


def test_unitarily_invariant_siblings_are_rejected():
    m = unitarily_invariant
    gauge = Opaque("gauge", TopK(1))
    norm = SingularValueNorm(gauge)
    feasible, attains, holder = m.LAWS
    with rejected:
        combinators.certificates(Altered(norm, factor=0.5), 2, [attains])
    with rejected:
        combinators.certificates(Altered(norm, factor=2), 2, [feasible])
    with rejected:  # φ for φ_*
        combinators.certificates(Altered(norm, norm), 2, [holder])
    with rejected:  # without von Neumann's inequality
        certify(sp.Symbol("n", real=True) - sp.Symbol("⟨G, X⟩", real=True), [])


def test_ky_fan_siblings_are_rejected(monkeypatch):
    for k, wrong in ((2, 3), (3, 2)):
        with rejected:
            certify(ky_fan.traced(KyFan(k).dual) - ky_fan.traced(KyFan(wrong).dual), [], Sign.ZERO)
    monkeypatch.setattr(KyFan, "gauge", property(lambda self: TopK(self.k + 1)))
    for proof in (ky_fan.values, ky_fan.every_size):
        with rejected:
            proof(2)


def test_rms_operator_siblings_are_rejected():
    rms_operator.duality(RMSOperator(), 2, 3)
    with rejected:  # the factor forgotten
        rms_operator.duality(Spectral(), 2, 3)
    with rejected:  # itself for its dual
        rms_operator.duality(Altered(RMSOperator(), RMSOperator()), 2, 3)


def test_polyhedral_norm_siblings_are_rejected():
    m = polyhedral_norm
    termwise = certify(
        m.N * m.size - m.part, [(m.size, assume(m.N - m.slope, "largest")), (1, assume(m.size * m.slope - m.part, "m"))]
    )
    whole = assume(m.SUMS.of(m.part) - m.pairing, "split", Sign.ZERO)
    parts = [(1, total(termwise, m.SUMS)), (1, whole)]
    certify(m.N * m.SUMS.of(m.size) - m.pairing, parts)
    for wrong in (m.N * m.SUMS.of(m.size) / 2, m.N, m.SUMS.of(m.size)):
        with rejected:
            certify(wrong - m.pairing, parts)
    with rejected:  # λ that does not sum to g
        certify(m.N * m.SUMS.of(m.size) - m.pairing, parts[:1])
    with rejected:  # the largest |⟨aᵢ, x⟩| over fewer i
        total(termwise, Sums((m.size,), sp.Symbol("n", positive=True)))
        certify(m.N * m.size - m.part, [(1, assume(m.size * m.slope - m.part, "m"))])


# ---- independent oracles -------------------------------------------------------------------------


def program(c, a_ub, b_ub, a_eq=None, b_eq=None):
    """The least ⟨c, v⟩, v of any sign."""
    found = scipy.optimize.linprog(c, a_ub, b_ub, a_eq, b_eq, bounds=(None, None), method="highs")
    assert found.status == 0
    return found.fun


def rows_of(norm, n):
    """aᵢ with norm(x) = max ⟨aᵢ, x⟩, for ℓ₁ and ℓ_∞."""
    return np.array(list(np.ndindex(*(2,) * n))) * 2.0 - 1 if norm == "l1" else np.vstack([np.eye(n), -np.eye(n)])


@pytest.mark.parametrize("seed", range(5))
def test_polyhedral_duality_is_that_of_a_linear_program(seed):
    source = np.random.default_rng(seed)
    a, g = source.integers(-3, 4, (5, 3)).astype(float), source.integers(-4, 5, 3).astype(float)
    a[:3] += 5 * np.eye(3)  # spanning
    largest = -program(-g, np.vstack([a, -a]), np.ones(10))
    # min Σt over λ and t with −t ≤ λ ≤ t, Aᵀλ = g.
    bounds = np.block([[np.eye(5), -np.eye(5)], [-np.eye(5), -np.eye(5)]])
    least = program(np.r_[np.zeros(5), np.ones(5)], bounds, np.zeros(10), np.hstack([a.T, np.zeros((3, 5))]), g)
    assert largest == pytest.approx(least, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("combine", ["max", "sum"])
def test_infimum_over_splits_is_the_dual_of_a_linear_program(combine, seed):
    """A = ‖·‖₁ and b = 2‖·‖_∞ on R³, whose duals are ‖·‖_∞ and ‖·‖₁/2."""
    g = np.random.default_rng(seed).standard_normal(3)
    a, b = rows_of("l1", 3), 2 * rows_of("linf", 3)
    zeros, ones = np.zeros, np.ones
    if combine == "max":
        largest = -program(-g, np.vstack([a, b]), ones(14))
    else:  # a(x) ≤ s, b(x) ≤ t, s + t ≤ 1
        rows = [np.c_[a, -ones(8), zeros(8)], np.c_[b, zeros(6), -ones(6)], [[0, 0, 0, 1, 1]]]
        largest = -program(np.r_[-g, 0, 0], np.vstack(rows), np.r_[zeros(14), 1])
    # Over g₁ and s ≥ ‖g₁‖_∞, t ≥ ‖g − g₁‖₁/2: the least s + t, or the least r ≥ s, t.
    a_star, b_star = rows_of("linf", 3), rows_of("l1", 3) / 2
    if combine == "max":
        rows = [np.c_[a_star, -ones(6), zeros(6)], np.c_[-b_star, zeros(8), -ones(8)]]
        least = program(np.r_[zeros(3), 1, 1], np.vstack(rows), np.r_[zeros(6), -b_star @ g])
    else:
        rows = [np.c_[a_star, -ones(6)], np.c_[-b_star, -ones(8)]]
        least = program(np.r_[zeros(3), 1], np.vstack(rows), np.r_[zeros(6), -b_star @ g])
    assert largest == pytest.approx(least, rel=1e-9)


def test_operator_and_rms_norms_are_suprema():
    source = np.random.default_rng(0)
    x = source.standard_normal((3, 4))
    z = source.standard_normal((4, 4000))
    for p in (1.5, 3.0):
        column, row = Mixed(LInf(), Lp(p), axis=0), Mixed(LInf(), Lp(p).dual, axis=1)
        sizes = np.linalg.norm(x @ z, p, axis=0) / np.linalg.norm(z, 1, axis=0)
        assert np.max(sizes) <= column(x)
        assert column(x) == pytest.approx(max(np.linalg.norm(x[:, j], p) for j in range(4)))
        sizes = np.linalg.norm(x @ z, np.inf, axis=0) / np.linalg.norm(z, p, axis=0)
        assert 0.7 * row(x) <= np.max(sizes) <= row(x)
    rms = np.sqrt(np.mean((x @ z) ** 2, axis=0)) / np.sqrt(np.mean(z**2, axis=0))
    assert 0.9 * RMSOperator()(x) <= np.max(rms) <= RMSOperator()(x)


def test_ky_fan_dual_is_the_largest_pairing():
    source = np.random.default_rng(1)
    g = source.standard_normal((3, 4))
    u, _, vh = np.linalg.svd(g, full_matrices=False)
    for k in (1, 2, 3):
        vertices = [-u[:, :1] @ vh[:1], -u @ vh / k]  # of the ball of the k-norm, in g's own bases
        assert KyFan(k).dual(g) == pytest.approx(max(-np.sum(g * v) for v in vertices))
        assert all(KyFan(k)(v) <= 1 + 1e-12 for v in vertices)
