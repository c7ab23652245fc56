"""Laws at every n: proved for the ℓ_p norms, and never claimed for a norm that breaks them."""

from dataclasses import dataclass

import numpy as np
import pytest
import sympy as sp

from ntr_spec.laws import EXACT_LAWS
from ntr_spec.norms.base import Norm
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.vector import L1, L2, LInf, Lp
from ntr_spec.verify import generic
from ntr_spec.verify.findings import Status
from ntr_spec.verify.generic.array import Scalar, Vector
from ntr_spec.verify.generic.pattern import initial
from ntr_spec.verify.generic.trace import Trace, paths
from ntr_spec.verify.settings import Settings

LAWS = {law.name: law for law in EXACT_LAWS}
SETTINGS = Settings(timeout=60.0)
EVERY_N = [
    "definite",
    "homogeneous",
    "subadditive",
    "lmo_feasible",
    "lmo_attains",
    "holder",
    "bidual",
    "absolute",
    "symmetric",
]


def check(norm, law):
    return generic.check(norm, LAWS[law], SETTINGS)


@pytest.mark.parametrize("law", EVERY_N)
@pytest.mark.parametrize("norm", [L1(), L2(), LInf(), Lp(3)], ids=str)
def test_lp_norms_are_proved_for_every_n(norm, law):
    (evidence,) = check(norm, law)
    assert (evidence.status, evidence.engine, evidence.scope) == (Status.PROVED, "kernel", "R^n, every n")


def test_the_lemmas_used_are_named():
    assert check(L2(), "holder")[0].lemmas == ("lagrange_identity",)
    assert check(Lp(1.5), "holder")[0].lemmas == ("holder_lp",)
    assert check(Lp(1.5), "subadditive")[0].lemmas == ("minkowski_lp",)
    assert check(L1(), "holder")[0].lemmas == ()


@pytest.mark.parametrize("law", ["rho_holds", "rho_attained"])
@pytest.mark.parametrize("norm", [L1(), L2(), LInf(), Lp(3), Lp(1.5)], ids=str)
def test_rho_is_proved_only_where_the_code_was_asked(norm, law):
    (evidence,) = check(norm, law)
    assert evidence.scope == "R^n, n ≤ 8"


@pytest.mark.parametrize("norm", [L2(), LInf()], ids=str)
@pytest.mark.parametrize("law", ["projection_feasible", "projection_optimal"])
def test_projections(norm, law):
    assert check(norm, law)[0].scope == "R^n, every n"


# ---- wrong norms: what fails is not claimed ------------------------------------------------------


@dataclass(frozen=True)
class Base(Norm):
    """ℓ_∞ with ℓ₁ as its dual, to be broken."""

    def _value(self, x, xp):
        return xp.max(xp.abs(x))

    def _lmo(self, g, xp):
        return -xp.sign(g)

    @property
    def dual(self):
        return L1()


class WrongSign(Base):
    def _lmo(self, g, xp):
        return xp.sign(g)


class WrongDual(Base):
    @property
    def dual(self):
        return L2()


class TooLarge(Base):
    def _lmo(self, g, xp):
        return -1.0625 * xp.sign(g)


class TooSmall(Base):
    def _lmo(self, g, xp):
        return -0.9375 * xp.sign(g)


class OneAtZero(Base):
    """Wrong only at zero entries, where it is 2."""

    def _lmo(self, g, xp):
        return xp.where(g == 0, 2 * xp.ones_like(g), -xp.sign(g))


class AllTies(Norm):
    """ℓ₁ whose LMO takes every largest entry: infeasible on ties only."""

    def _value(self, x, xp):
        return xp.sum(xp.abs(x))

    def _lmo(self, g, xp):
        size = xp.abs(g)
        return xp.where(size == xp.max(size), -xp.sign(g), xp.zeros_like(g))

    @property
    def dual(self):
        return LInf()


class Seminorm(Norm):
    """|Σxᵢ|."""

    def _value(self, x, xp):
        return xp.abs(xp.sum(x))

    def _lmo(self, g, xp):
        return -xp.sign(g)


class Squared(Norm):
    """Not homogeneous."""

    def _value(self, x, xp):
        return xp.sum(x * x)

    def _lmo(self, g, xp):
        return -g


class HalfPower(Norm):
    """(Σ√|xᵢ|)²: not subadditive."""

    def _value(self, x, xp):
        return xp.sum(xp.abs(x) ** 0.5) ** 2

    def _lmo(self, g, xp):
        return -xp.sign(g)


class OneSided(Norm):
    """max(x): not a norm."""

    def _value(self, x, xp):
        return xp.max(x)

    def _lmo(self, g, xp):
        return -xp.sign(g)

    @property
    def claims(self):
        return frozenset({Claim.ABSOLUTE})


@dataclass(frozen=True)
class WrongExponent(Norm):
    """ℓ₃ whose LMO uses another exponent."""

    shift: float = 0.25

    def _value(self, x, xp):
        return xp.sum(xp.abs(x) ** 3) ** (1 / 3)

    def _lmo(self, g, xp):
        size = xp.sum(xp.abs(g) ** 1.5) ** (1 / 1.5)
        share = xp.abs(g) / xp.where(size == 0, xp.ones_like(size), size)
        return -xp.sign(g) * share ** (0.5 + self.shift)

    @property
    def dual(self):
        return Lp(1.5)


class NotConjugate(WrongExponent):
    @property
    def dual(self):
        return Lp(2.5)


class Large(Base):
    """Wrong for n ≥ 5 only."""

    def _value(self, x, xp):
        return xp.max(xp.abs(x)) * (2.0 if x.shape[0] >= 5 else 1.0)


class Many(Base):
    """Wrong for n ≥ 2 only, the one look at n that is allowed."""

    def _lmo(self, g, xp):
        return -xp.sign(g) if g.shape[0] < 2 else xp.sign(g)


class Alone(Base):
    """Wrong for n = 1 only."""

    def _lmo(self, g, xp):
        return -xp.sign(g) if g.shape[0] > 1 else xp.sign(g)


class Positional(Base):
    """Forgets the first entry."""

    def _value(self, x, xp):
        return xp.max(xp.abs(x[1:]))


class WrongRho(Base):
    def _rho(self, shape, xp):
        return xp.asarray(2.0)


class LooseRho(Base):
    def _rho(self, shape, xp):
        return xp.asarray(float(shape.size))


class NoGuard(Norm):
    """ℓ₂ that divides by zero at zero."""

    def _value(self, x, xp):
        return xp.sqrt(xp.sum(x * x))

    def _lmo(self, g, xp):
        return -g / xp.sqrt(xp.sum(g * g))

    @property
    def dual(self):
        return L2()


class FarProjection(Base):
    """Feasible, not nearest."""

    def _project(self, x, radius, xp):
        return xp.minimum(xp.maximum(x / 2, -radius), radius)


class LongProjection(Base):
    def _project(self, x, radius, xp):
        return xp.minimum(xp.maximum(x, -2 * radius), 2 * radius)


class Raises(Base):
    def _lmo(self, g, xp):
        raise ValueError("no")


WRONG = [
    (WrongSign(), ["lmo_attains"]),
    (WrongDual(), ["lmo_attains", "holder"]),
    (TooLarge(), ["lmo_feasible", "lmo_attains"]),
    (TooSmall(), ["lmo_attains"]),
    (OneAtZero(), ["lmo_feasible"]),
    (AllTies(), ["lmo_feasible", "lmo_attains"]),
    (Seminorm(), ["definite"]),
    (Squared(), ["homogeneous", "subadditive"]),
    (HalfPower(), ["subadditive"]),
    (OneSided(), ["definite", "homogeneous", "absolute"]),
    (WrongExponent(), ["lmo_feasible", "lmo_attains"]),
    (WrongExponent(-0.25), ["lmo_feasible", "lmo_attains"]),
    (NotConjugate(0.0), ["holder", "lmo_attains"]),
    (Large(), ["lmo_feasible", "holder"]),
    (Many(), ["lmo_attains"]),
    (Alone(), ["lmo_attains"]),
    (Positional(), ["definite", "holder"]),
    (WrongRho(), ["rho_holds", "rho_attained"]),
    (LooseRho(), ["rho_attained"]),
    (NoGuard(), ["lmo_feasible", "lmo_attains"]),
    (FarProjection(), ["projection_optimal"]),
    (LongProjection(), ["projection_feasible"]),
    (Raises(), ["lmo_feasible", "lmo_attains"]),
]


@pytest.mark.parametrize(
    ("norm", "law"),
    [(n, law) for n, laws in WRONG for law in laws],
    ids=lambda v: getattr(v, "__class__", type(v)).__name__ if isinstance(v, Norm) else v,
)
def test_what_fails_is_not_claimed(norm, law):
    assert generic.check(norm, LAWS[law], Settings(timeout=3.0)) == ()


@pytest.mark.parametrize("law", ["lmo_feasible", "lmo_attains", "holder", "definite"])
def test_the_unbroken_one_is_proved(law):
    assert check(Base(), law)[0].status is Status.PROVED


@dataclass(frozen=True)
class OwnNorm(Norm):
    """A user's norm outside the catalogue: ‖x‖₁ + ‖x‖₂."""

    def _value(self, x, xp):
        return xp.sum(xp.abs(x)) + xp.sqrt(xp.sum(x * x))

    def _lmo(self, g, xp):
        return -xp.sign(g)


@pytest.mark.parametrize("law", ["definite", "homogeneous", "subadditive"])
def test_a_users_norm_benefits(law):
    (evidence,) = check(OwnNorm(), law)
    assert evidence.scope == "R^n, every n"


def test_a_looked_at_length_is_proved_apart():
    class Looks(Base):
        def _lmo(self, g, xp):
            return -xp.sign(g) if g.shape[0] > 1 else -xp.sign(g) * 1

    assert check(Looks(), "lmo_attains")[0].scope == "R^n, every n"


@pytest.mark.parametrize(
    "look",
    [
        lambda n: {4: -1.0}.get(n, 1.0),
        lambda n: -1.0 if n in {4, 7} else 1.0,
        lambda n: {"4": -1.0}.get(str(n), 1.0),
        lambda n: {"4": -1.0}.get(f"{n}", 1.0),
        lambda n: -1.0 if isinstance(n, int) and n in (4, 7) else 1.0,
    ],
)
def test_a_length_looked_up_in_a_table_is_not_every_length(look):
    class Looks(Base):
        def _lmo(self, g, xp):
            return -xp.sign(g) * look(g.shape[0])

    assert check(Looks(), "lmo_attains") == ()


# ---- the formal arrays agree with numbers --------------------------------------------------------


def numbers(pattern_symbols, source):
    return {s: sp.Rational(int(source.integers(1, 9)), 4) for s in pattern_symbols}


@pytest.mark.parametrize(
    "function",
    [
        lambda x, xp: xp.abs(x) - xp.sign(x) * x,
        lambda x, xp: xp.where(x > 0, x, -2 * x),
        lambda x, xp: xp.maximum(x, -3 * x) * xp.abs(x) ** 3,
        lambda x, xp: x * x / xp.where(x == 0, xp.ones_like(x), xp.abs(x)),
        lambda x, xp: xp.clip(x, 0.0, None) ** 0.5,
    ],
)
def test_entries_agree_with_numpy(function):
    """The naive twin: on each pattern, numbers put into the formal entry equal NumPy's."""
    source = np.random.default_rng(1)

    def run(trace):
        from ntr_spec.verify.generic.namespace import NAMESPACE

        x = Vector({p: p.values["x"] for p in trace.patterns}, 5)
        return x, function(x, NAMESPACE)

    seen = 0
    for trace, (x, y) in paths(initial(["x"]), sp.Integer(5), run):
        for pattern in trace.patterns:
            values = numbers(pattern.symbols, source)
            given = float(sp.sympify(x.values[pattern]).subs(values))
            expected = function(np.array([given]), np)[0]
            assert float(sp.sympify(y.values[pattern]).subs(values)) == pytest.approx(expected, rel=1e-12)
            seen += 1
    assert seen >= 3


def test_paths_cover_every_sign():
    def run(trace):
        s = Scalar(sp.Symbol("s", real=True))
        return trace.sign(s.value)

    assert sorted(sign for _, sign in paths(initial([]), sp.Integer(1), run)) == [-1, 0, 1]
    assert isinstance(next(iter(paths(initial(["x"]), sp.Integer(1), lambda t: t)))[0], Trace)
