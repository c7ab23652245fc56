"""What the lemma engine says of regularizers and methods, and lookalikes that it must not believe."""

from dataclasses import dataclass
from typing import Any

import pytest

from ntr_spec.algorithms import TrustRegion
from ntr_spec.algorithms.catalogue import catalogue as methods
from ntr_spec.laws import Law
from ntr_spec.norms.base import Norm
from ntr_spec.norms.fibres import Mixed
from ntr_spec.norms.polar import NewtonSchulz
from ntr_spec.norms.spectral import Nuclear, Spectral
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.steps import Ball, Box, Origin, Penalty, Product, Regularizer, Ridge, Sum, Zero
from ntr_spec.steps.catalogue import catalogue as regularizers
from ntr_spec.trees import as_shape
from ntr_spec.verify import derive, exact, opaque, rules_regularizers
from ntr_spec.verify.findings import Status
from ntr_spec.verify.lemmas import LEMMAS
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.subjects import kind_of

SETTINGS = Settings(timeout=60.0)


def laws(subject):
    """Those that apply."""
    found = (law for law in kind_of(subject).laws.values() if isinstance(law, Law))
    return {law.name: law for law in found if law.missing(subject) is None}


def check(subject, name):
    return derive.check(subject, laws(subject)[name], SETTINGS)


def derived(subject):
    """Names of the laws that are derived."""
    return {name for name in laws(subject) if check(subject, name)}


@pytest.mark.parametrize("name", [name for name, _ in regularizers() if name != "Box"])
def test_every_law_of_these_is_derived(name):
    R = dict(regularizers())[name]
    for law in laws(R):
        (evidence,) = check(R, law)
        assert evidence.status is Status.DERIVED
        assert evidence.scope
        assert set(evidence.lemmas) <= {lemma.name for lemma in LEMMAS}
        assert evidence.lemmas, law


GROUPS = Mixed(LInf(), L2(), axis=0)  # its ball is a product of balls


@pytest.mark.parametrize(
    "R",
    [
        *(make(norm, 0.25) for make in (Ball, Penalty) for norm in (L1(), L2(), LInf(), Nuclear(), Spectral())),
        Ball(GROUPS, 3.0),
        Penalty(GROUPS.dual, 3.0),
        Penalty(L2(), 2.0) + Ridge(1.0),
        Product({"W": Penalty(Nuclear(), 0.5) + Ridge(2.0), "b": [Ball(L2(), 1.0), Box(0)]}),
    ],
    ids=repr,
)
def test_what_follows_from_norms_and_parts(R):
    for law in {"convex", "prox_in_domain", "prox_optimal", "subgradient"} & set(laws(R)):
        assert check(R, law), law


def test_scopes_say_where_the_parts_are_settled():
    assert check(Ball(L2(), 2.0), "prox_optimal")[0].scope == "R^n, every n"
    assert check(Penalty(Nuclear(), 2.0), "prox_optimal")[0].scope == "every m×n"
    assert check(Penalty(Nuclear(), 2.0), "prox_optimal")[0].lemmas == (
        "norm_penalty",
        "von_neumann_trace",
        "spectral_projection",
    )


FOLLOWS = {
    "convex": {"homogeneous@norm", "subadditive@norm"},
    "prox_in_domain": {"projection_feasible@norm"},
    "prox_optimal": {"holder@norm", "projection_optimal@norm"},
    "fenchel_young": {"holder@norm"},
}


@pytest.mark.parametrize("name", FOLLOWS)
def test_a_ball_needs_these_laws_of_its_norm(name):
    R = Ball(opaque.Opaque("norm", L2()), 2.0)
    assert opaque.prove(R, laws(R)[name], as_shape(2)) == FOLLOWS[name]


def test_a_penalty_needs_these_laws_of_its_dual_norm():
    R = Penalty(opaque.Opaque("norm", L2()), 2.0)
    found = opaque.prove(R, laws(R)["prox_optimal"], as_shape(2))
    assert found == {"holder@norm", "projection_feasible@norm*", "projection_optimal@norm*"}
    assert opaque.prove(R, laws(R)["subgradient"], as_shape(2)) == {"bidual@norm", "holder+@norm"}


# ---- what must not be derived --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WrongProjection(Norm):
    """ℓ₂ that projects on a ball of twice the radius."""

    def _value(self, x: Any, xp: Any) -> Any:
        return L2()._value(x, xp)

    def _lmo(self, g: Any, xp: Any) -> Any:
        return L2()._lmo(g, xp)

    def _project(self, x: Any, radius: Any, xp: Any) -> Any:
        return L2()._project(x, 2 * radius, xp)

    @property
    def dual(self) -> Norm:
        return self


@dataclass(frozen=True)
class WrongDual(WrongProjection):
    """ℓ₂ with another norm for the dual of its dual."""

    def _project(self, x: Any, radius: Any, xp: Any) -> Any:
        return L2()._project(x, radius, xp)

    @property
    def dual(self) -> Norm:
        return L1()


@dataclass(frozen=True)
class Steep(Norm):
    """2‖x‖₂ with the LMO of ‖x‖₂: not feasible."""

    def _value(self, x: Any, xp: Any) -> Any:
        return 2 * L2()._value(x, xp)

    def _lmo(self, g: Any, xp: Any) -> Any:
        return L2()._lmo(g, xp)


def test_a_wrong_norm_gives_no_laws_away():
    # The opaque proof succeeds for any norm; the real one has not the laws that it used.
    assert not derived(Ball(WrongProjection(), 2.0)) & {"prox_in_domain", "prox_fenchel_young", "moreau"}
    assert not derived(Penalty(WrongProjection(), 2.0)) & {"prox_optimal", "prox_fenchel_young", "moreau"}
    assert not derived(Ball(WrongDual(), 2.0))
    assert not derived(TrustRegion(Steep(), 0.5)) & {"moves_at_most_radius", "step_minimizes", "decay_bounds_steps"}


@dataclass(frozen=True)
class LookalikePenalty(Regularizer):
    """λ‖x‖₁ that claims to be what it is not: its prox leaves every entry alone."""

    def _value(self, x: Any, xp: Any) -> Any:
        return xp.sum(xp.abs(x))

    def _prox(self, x: Any, step: Any, xp: Any) -> Any:
        return x


def test_a_users_regularizer_is_not_believed():
    assert not derived(LookalikePenalty())
    # Of its domain it says nothing, so there is nothing to leave.
    assert derived(Product({"a": Ridge(1.0), "b": LookalikePenalty()})) <= {"prox_in_domain", "domain_agrees"}
    assert not derived(Sum(LookalikePenalty(), 1.0))


@pytest.mark.parametrize(
    ("cls", "hook", "wrong", "law"),
    [
        (Ball, "_prox", lambda self, x, step, xp: x, "prox_in_domain"),
        (Ball, "_prox", lambda self, x, step, xp: x * 0, "prox_optimal"),
        (Penalty, "_subgradient", lambda self, x, xp: self.weight * self.norm.dual.lmo(x), "subgradient"),
        (Penalty, "_value", lambda self, x, xp: self.norm(x) * (-self.weight), "convex"),
        (Penalty, "_value", lambda self, x, xp: self.norm(x) * (self.weight / 2), "fenchel_young"),
    ],
)
def test_a_mistake_in_the_code_is_not_derived(monkeypatch, cls, hook, wrong, law):
    monkeypatch.setattr(cls, hook, wrong)
    derive._KNOWN.clear()
    assert not check(cls(L2(), 2.0), law)
    derive._KNOWN.clear()


@pytest.mark.parametrize(
    ("R", "hook", "wrong"),
    [
        # Right on one entry, wrong on more of them.
        (Ridge(1.0), "_prox", lambda self, x, step, xp: x / (1 + step * x.shape[0])),
        (Ridge(1.0), "_prox", lambda self, x, step, xp: x[::-1] / (1 + step * self.weight)),
        (Ridge(1.0), "_value", lambda self, x, xp: xp.max(x * x) / 2),
        (Zero(), "_value", lambda self, x, xp: xp.sum(x) - x[0]),
        (Origin(), "_prox", lambda self, x, step, xp: x - x[0]),
    ],
)
def test_hooks_that_mix_entries_are_not_taken_for_sums(monkeypatch, R, hook, wrong):
    monkeypatch.setattr(type(R), hook, wrong)
    assert not rules_regularizers._acts_alike(R)


def test_a_wrong_entry_is_not_a_wrong_sum(monkeypatch):
    # Entry by entry, and alike, but not the prox: the proof on one entry fails.
    monkeypatch.setattr(Ridge, "_prox", lambda self, x, step, xp: x / (1 + 2 * step * self.weight))
    derive._KNOWN.clear()
    R = Ridge(1.0)
    assert rules_regularizers._acts_alike(R)
    assert not check(R, "prox_optimal")
    (evidence,) = exact.check(R, laws(R)["prox_optimal"], Settings(shapes=(1,)))
    assert evidence.status is Status.REFUTED
    derive._KNOWN.clear()


def test_sides_that_differ_from_entry_to_entry_are_not_alike():
    assert not derived(Box(0, [1, 2, 3]))


# ---- methods -------------------------------------------------------------------------------------------------------

ANY_NORM = {"momentum_accumulates", "step_optimal", "step_minimizes", "moves_at_most_radius", "decay_bounds_steps"}


@pytest.mark.parametrize("name", [name for name, _ in methods() if "composite" not in name])
def test_laws_in_any_norm_are_derived(name):
    method = dict(methods())[name]
    assert derived(method) >= ANY_NORM & set(laws(method))


def test_approximate_steps_and_regularizers_are_not_derived():
    assert not derived(TrustRegion(Spectral(polar=NewtonSchulz()), 0.5)) & {"moves_at_most_radius", "step_optimal"}
    assert not derived(TrustRegion(LInf(), 0.5, regularizer=Penalty(L1(), 0.1)))
