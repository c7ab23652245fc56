"""The lemma engine on the catalogue, and on lookalikes that it must not believe."""

from dataclasses import dataclass, field

import pytest

from ntr_spec.laws import EXACT_LAWS
from ntr_spec.laws.certified import approximate
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.ellipsoid import Ellipsoidal
from ntr_spec.norms.fibres import Mixed, Stacked
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.sorted import OWL, TopK, TopKDual
from ntr_spec.norms.spectral import SingularValueNorm, Spectral
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.verify import derive, rules
from ntr_spec.verify.findings import Status
from ntr_spec.verify.lemmas import LEMMAS
from ntr_spec.verify.settings import Settings
from tests.mutants import MUTANTS, Reach

LAWS = {law.name: law for law in EXACT_LAWS}
SETTINGS = Settings(timeout=60.0)
DUALITY = ("lmo_feasible", "lmo_attains", "holder", "bidual")
CORE = ("definite", "homogeneous", "subadditive", *DUALITY)
NORMS = dict(catalogue())


def check(norm, law):
    return derive.check(norm, LAWS[law], SETTINGS)


@pytest.mark.parametrize("name", NORMS)
def test_axioms_and_duality_of_the_catalogue_are_settled(name):
    norm = NORMS[name]
    for law in CORE:
        # That an iteration is feasible is in its solver (ball arithmetic); what it makes of matrices is tested.
        if LAWS[law].missing(norm) is None and (law != "lmo_feasible" or approximate(norm) is None):
            (evidence,) = check(norm, law)
            assert evidence.status in (Status.PROVED, Status.DERIVED), law
            assert evidence.scope, law


def test_derivations_name_lemmas_that_exist():
    known = {lemma.name for lemma in LEMMAS}
    for norm in (
        NORMS["KyFan"],
        NORMS["Product sum"],
        NORMS["RMSOperator"],
        NORMS["Mixed group"],
        OWL([2, 1]),
    ):
        for law in CORE:
            (evidence,) = check(norm, law)
            assert evidence.lemmas
            assert set(evidence.lemmas) <= known


def test_scopes_say_no_more_than_was_shown():
    assert check(Ellipsoidal([[2, 1], [1, 3]]), "holder")[0].scope == "R^2"
    assert check(OWL([2, 1, 1]), "holder")[0].scope == "R^3"
    assert check(TopK(3), "holder")[0].scope == "R^n, every n ≥ 3"
    assert check(Weighted(L1(), [1, 2]), "holder")[0].scope == "R^2"
    assert check(Spectral(), "holder")[0].scope == "every m×n"
    assert "n ≤" in check(Spectral(), "rho_holds")[0].scope


def test_three_levels_deep():
    norm = Scaled(Product({"a": Stacked(Spectral()), "b": Weighted(L1(), [1, 2])}, outer=L2()), 3)
    for law in ("lmo_feasible", "lmo_attains", "holder"):
        (evidence,) = check(norm, law)
        assert {"scaling", "product_norm", "von_neumann_trace", "change_of_variables"} <= set(evidence.lemmas)


# ---- what must not be believed -------------------------------------------------------------------


@dataclass(frozen=True)
class Uphill(Norm):
    """ℓ_∞ with the LMO pointing uphill; it claims everything."""

    def _value(self, x, xp):
        return xp.max(xp.abs(x))

    def _lmo(self, g, xp):
        return xp.sign(g)

    @property
    def dual(self):
        return L1()

    @property
    def claims(self):
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC})


@dataclass(frozen=True)
class Rotated(Norm):
    """√(x₁² + x₁x₂ + x₂²): a norm, not absolute, whatever it claims."""

    def _inner(self):
        return Ellipsoidal([[1, 0.5], [0.5, 1]])

    def _value(self, x, xp):
        return self._inner()._value(x, xp)

    def _lmo(self, g, xp):
        return self._inner()._lmo(g, xp)

    @property
    def dual(self):
        return RotatedDual()

    @property
    def claims(self):
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC})


@dataclass(frozen=True)
class RotatedDual(Rotated):
    def _inner(self):
        return Ellipsoidal([[1, 0.5], [0.5, 1]], inverse=True)

    @property
    def dual(self):
        return Rotated()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda n: n,
        lambda n: Scaled(n, 2),
        lambda n: Weighted(n, [1, 2]),
        lambda n: Linear(n, [[1, 1], [0, 2]]),
        lambda n: Reshaped(n, (2,)),
        lambda n: Stacked(n),
        lambda n: Mixed(L1(), n, axis=1),
        lambda n: Mixed(n, L1(), axis=1),
        lambda n: Product({"a": L1(), "b": n}),
        lambda n: Product({"a": L1(), "b": L2()}, outer=n),
        lambda n: SingularValueNorm(n),
        lambda n: Scaled(Product({"a": Stacked(n)}), 2),
    ],
)
def test_a_wrong_part_spoils_attainment(wrap):
    assert check(wrap(Uphill()), "lmo_attains") == ()


@pytest.mark.parametrize("law", ["subadditive", "lmo_feasible", "lmo_attains"])
@pytest.mark.parametrize(
    "norm",
    [
        Product({"a": L1(), "b": L2()}, outer=Rotated()),
        Stacked(L1(), outer=Rotated()),
        Mixed(Rotated(), L2(), axis=1),
    ],
    ids=lambda norm: type(norm).__name__,
)
def test_an_outer_norm_must_be_absolute_in_fact(norm, law):
    assert check(norm, law) == ()


@pytest.mark.parametrize("law", CORE)
def test_a_gauge_must_be_absolute_in_fact(law):
    assert check(SingularValueNorm(Rotated()), law) == ()


@dataclass(frozen=True)
class LooksLikeTopK(Norm):
    """A lookalike, wrong for n ≥ 5: no rule may know it by its fields or its name."""

    k: int = 2

    def _value(self, x, xp):
        kept = xp.sort(xp.abs(x), descending=True)[: self.k + (1 if x.shape[0] >= 5 else 0)]
        return xp.sum(kept)

    def _lmo(self, g, xp):
        return TopK(self.k)._lmo(g, xp)

    @property
    def dual(self):
        return TopKDual(self.k)


LooksLikeTopK.__name__ = LooksLikeTopK.__qualname__ = "TopK"


@pytest.mark.parametrize("law", CORE)
def test_lookalikes_are_not_taken_for_the_catalogue(law):
    assert check(LooksLikeTopK(), law) == ()


@pytest.mark.parametrize(
    ("norm", "hook", "replacement"),
    [
        (TopK(2), "_value", lambda self, x, xp: xp.sum(xp.abs(x), axis=-1)),
        (TopK(2), "_lmo", lambda self, g, xp: -xp.sign(g)),
        (OWL([2, 1]), "_lmo", lambda self, g, xp: -xp.sign(g) / 2.0),
        (Ellipsoidal([[2, 1], [1, 3]]), "_value", lambda self, x, xp: xp.sqrt(2 * xp.sum(x * x, axis=-1))),
        (Ellipsoidal([[2, 1], [1, 3]]), "_lmo", lambda self, g, xp: -g),
    ],
)
def test_rules_are_tied_to_the_hooks(monkeypatch, norm, hook, replacement):
    def ask(part, law):
        raise AssertionError("these rules ask nothing")

    assert rules.derive(norm, LAWS["holder"], ask) is not None
    monkeypatch.setattr(type(norm), hook, replacement)
    assert rules.derive(norm, LAWS["holder"], ask) is None


def test_another_spectral_hook_is_not_the_lemmas(monkeypatch):
    evidence = check(NORMS["Nuclear"], "holder")[0]

    def ask(part, law):
        return evidence

    assert rules.derive(NORMS["Schatten"], LAWS["holder"], ask) is not None
    monkeypatch.setattr(type(NORMS["Schatten"]), "_lmo", lambda self, g, xp: -g)
    assert rules.derive(NORMS["Schatten"], LAWS["holder"], ask) is None


def test_a_broken_combinator_is_not_believed(monkeypatch):
    from ntr_spec.verify import opaque

    monkeypatch.setattr(Scaled, "_lmo", lambda self, g, xp: self.norm._lmo(g, xp))
    abstract = Scaled(opaque.Opaque("norm", L1()), 3)
    assert opaque.prove(abstract, LAWS["lmo_feasible"], LInf()._shapes((2,))[0]) is None
    assert opaque.prove(abstract, LAWS["holder"], LInf()._shapes((2,))[0]) == {"holder@norm"}


# max xᵢ − min xᵢ is subadditive over the reals; what the table means is that its floats cancel.
ONLY_IN_FLOATS = {("Range", "subadditive")}
FALSE = [
    (mutant.norm, law)
    for mutant in MUTANTS
    if mutant.reach is not Reach.FLOATS
    for law in sorted(mutant.false & set(LAWS))
    if LAWS[law].missing(mutant.norm) is None and (mutant.name, law) not in ONLY_IN_FLOATS
]


@pytest.mark.parametrize(("norm", "law"), FALSE, ids=lambda value: value if isinstance(value, str) else repr(value))
def test_no_law_that_a_mutant_breaks_is_claimed(norm, law):
    assert derive.check(norm, LAWS[law], Settings(timeout=3.0)) == ()


def test_a_hook_that_is_not_homogeneous_does_not_run_as_written():
    """‖x‖₂² is divided by the scale on floats, so what holds of the plain square says nothing about what runs."""

    @dataclass(frozen=True)
    class SquaredLength(Norm):
        def _value(self, x, xp):
            return xp.sum(x * x)

        def _lmo(self, g, xp):
            return L2()._lmo(g, xp)

        @property
        def dual(self):
            return L2()

    assert check(SquaredLength(), "lmo_feasible") == ()


def test_norms_that_only_compare_equal_are_told_apart():
    @dataclass(frozen=True)
    class Stretched(Norm):
        factor: float = field(compare=False)

        def _value(self, x, xp):
            return xp.max(xp.abs(x))

        def _lmo(self, g, xp):
            return -self.factor * xp.sign(g)

        @property
        def dual(self):
            return L1()

    assert check(Stretched(1.0), "lmo_feasible")[0].status is Status.PROVED
    assert check(Stretched(2.0), "lmo_feasible") == ()


def test_norms_that_cannot_be_hashed_are_checked_all_the_same():
    @dataclass
    class Plain(Norm):
        weights: list

        def _value(self, x, xp):
            return xp.max(xp.abs(x))

        def _lmo(self, g, xp):
            return -xp.sign(g)

    assert check(Plain([1]), "definite")[0].status is Status.PROVED


@dataclass(frozen=True)
class AnyRank(Norm):
    """A norm on vectors, and none on matrices; its hooks see arrays as they come."""

    def _value(self, x, xp):
        size = xp.max(xp.abs(x))
        return size - xp.min(xp.abs(x)) if x.ndim > 1 else size

    def _lmo(self, g, xp):
        return -xp.sign(g)

    @property
    def dual(self):
        return L1()


@pytest.mark.parametrize("norm", [Stacked(AnyRank()), Product({"a": AnyRank()})], ids=repr)
def test_parts_that_were_traced_on_vectors_only_are_said_to_be(norm):
    (evidence,) = check(norm, "definite")
    assert "vectors" in evidence.scope
