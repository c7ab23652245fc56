"""Lemmas 1 to 4 and 3', T1 to T5: what is concluded, from exactly which assumptions, and no constant less; and whether
every fact on the way holds on runs of the code itself."""

import importlib

import pytest
import sympy as sp

import ntr_spec as ntr
from ntr_spec.algorithms import State
from ntr_spec.arrays import combine
from ntr_spec.norms.apply import apply_lmo
from ntr_spec.theory import T1, T2, T3, T4, T5
from ntr_spec.verify.formal.assumptions import ASSUMPTIONS, STANDING, SYMBOLS
from ntr_spec.verify.formal.setting import Setting, names
from ntr_spec.verify.formal.structures import Mean
from ntr_spec.verify.formal.vectors import ZERO
from ntr_spec.verify.formal.vocabulary import INDEX, Recursion
from ntr_spec.verify.kernel import CertificateError, Sign, assume, certify
from proofs import descent_lemma, gap, lemma_1, lemma_2, lemma_3, lemma_3_prime, lemma_4, stationarity
from proofs.recheck import recheck
from tests.proofs.interpretation import Lazy, World

THEOREMS = (T1, T2, T3, T4, T5)
rejected = pytest.raises(CertificateError)
s = SYMBOLS

DESCENT = {"Hölder", "R convex", "integral", "fundamental theorem of calculus", "step", "triangle inequality", "Δ₀"}
RESTS_ON = {
    "T1": {"A2", "minimum", *DESCENT},
    "T2": {"A1", "A2", "A3", "‖·‖₂", "minimum", *DESCENT},
    "T3": {"A1", "A2", "A3", "A5", "‖·‖₂", "D", *DESCENT},
    "T4": {"A1", "A2", "A3", "A4", "‖·‖₂", "minimum", *DESCENT},
    "T5": {"A1", "A2", "A3", "A4", "A5", "‖·‖₂", "D", "2β ≤ α", *DESCENT},
}
# The bounds, retyped; noise is ρσ or κσ_*.
K, slack, lag, curve = s.K, 1 - s.delta, 2 - s.delta, (sp.Rational(3, 2) - s.delta) * s.L * s.eta
D = s.eta / s.beta
BOUNDS = {
    "T1": lambda noise: (s.delta0 / (s.eta * K) + curve) / slack,
    "T2": lambda noise: (
        (
            s.delta0 / (s.eta * K)
            + lag * (noise / (s.alpha * K) + sp.sqrt(s.alpha) * noise + s.L * s.eta / s.alpha)
            + curve
        )
        / slack
    ),
    "T3": lambda noise: (
        (1 - s.beta) ** K * s.delta0
        + 2 * s.eta * noise / s.alpha
        + 2 * D * sp.sqrt(s.alpha) * noise
        + 4 * D * s.L * s.eta / s.alpha
        + 4 * D * s.L * s.eta
    ),
    "T4": lambda noise: (
        (
            s.delta0 / (s.eta * K)
            + lag * (noise / (s.alpha * K) + sp.sqrt(s.alpha) * noise + s.H * s.eta**2 / (2 * s.alpha**2))
            + curve
        )
        / slack
    ),
    "T5": lambda noise: (
        (1 - s.beta) ** K * (s.delta0 + 4 * s.eta * noise / s.alpha)
        + 2 * D * sp.sqrt(s.alpha) * noise
        + 4 * D * s.H * s.eta**2 / s.alpha**2
        + 4 * D * s.L * s.eta
    ),
}
MEASURES = {"stationarity": {"E[min_K]"}, "gap": {"E[f(x_K)]", "E[R(x_K)]", "E[f(x*)]", "E[R(x*)]"}}


def module(theorem):
    return importlib.import_module(f"proofs.theorem_{theorem.name[1]}")


@pytest.fixture(scope="module")
def proved():
    return {theorem.name: module(theorem).proof() for theorem in THEOREMS}


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda t: t.name)
def test_the_theorem_is_the_bound_of_the_code_and_rests_on_nothing_else(theorem, proved):
    facts = proved[theorem.name]
    assert len(facts) == (1 if theorem is T1 else 2)
    for fact, noise in zip(facts, (s.rho * s.sigma, s.kappa * s.sigma_dual), strict=False):
        assert fact.sign is Sign.NONNEGATIVE
        measure = {symbol: value for symbol in fact.gap.free_symbols if (value := fact.vocabulary.meaning.get(symbol))}
        assert {symbol.name for symbol in measure} == MEASURES[theorem.measure]
        assert all(isinstance(value, Mean) for value in measure.values())
        assert sp.simplify(fact.gap.xreplace(dict.fromkeys(measure, 0)) - BOUNDS[theorem.name](noise)) == 0
        expected = RESTS_ON[theorem.name]
        assert names(fact) == (expected if noise == s.rho * s.sigma else (expected - {"A1", "A3", "‖·‖₂"}) | {"A1*"})
        assert not any("induction" in hypothesis or "reachable" in hypothesis for hypothesis in fact.hypotheses)
    (checked,) = recheck([f"theorem_{theorem.name[1]}"])
    assert checked.status == "PROVED", checked.failure


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda t: t.name)
def test_a_larger_constant_is_proved_and_a_smaller_one_is_not(theorem, monkeypatch):
    first = module(theorem).proof()[0]
    # The proof up to the last step does not depend on the theorem: only that step is run again.
    sharp = theorem.symbolic_terms()
    assert all(term in sharp for term in theorem.fading)
    whole = module(theorem)
    kept = {}
    within = stationarity.within

    def recorded(setting, of, found, terms, measure):
        kept.update(setting=setting, found=found, terms=terms, measure=measure)
        return within(setting, of, found, terms, measure)

    for place in (stationarity, gap):
        monkeypatch.setattr(place, "within", recorded)
    granted = theorem.assumptions
    assert sp.expand(whole.proof(granted=granted)[0].gap - first.gap) == 0
    for term in sharp:
        for factor in (sp.Rational(999, 1000), 0.5, 0):
            with rejected:
                within(kept["setting"], theorem.altered(**{term: factor}), *list(kept.values())[1:])
        larger = within(kept["setting"], theorem.altered(**{term: sp.Rational(3, 2)}), *list(kept.values())[1:])
        assert sp.expand(larger.gap - first.gap) != 0
    with rejected:
        whole.proof(theorem.altered(**{next(iter(sharp)): sp.Rational(1, 2)}), granted)


@pytest.mark.parametrize(
    ("theorem", "name"),
    [(theorem, name) for theorem in THEOREMS for name in sorted(RESTS_ON[theorem.name])],
    ids=lambda value: getattr(value, "name", value),
)
def test_no_assumption_can_be_dropped(theorem, name):
    granted = [other for other in theorem.assumptions if other != name]
    with pytest.raises(CertificateError, match="was not granted") as raised:
        module(theorem).proof(granted=granted, withheld=[name] if name in STANDING else [])
    assert f"Setting: {name} is needed" in str(raised.value)


def test_without_extrapolation_the_hessians_do_not_cancel():
    setting = Setting(["A1", "A3", "A4"], extrapolation=False)
    with rejected:
        lemma_3_prime.momentum_error(setting, setting.step_length(), setting.method.radius)
    with rejected:  # and with decay a step may be longer than η
        setting = Setting(["A1", "A2", "A3"], decay=True)
        lemma_3.momentum_error(setting, setting.step_length(), setting.method.radius)


def test_decayed_steps_do_not_satisfy_lemma_2():
    with rejected:
        lemma_2.descent(Setting(["A2"], decay=True))


def test_lemmas_conclude_what_they_say():
    setting = Setting(["A2"])
    v, k = setting.vocabulary, INDEX
    F, error = setting.objective, v.dual(setting.error())
    said = F(setting.x()) - F(setting.x(k + 1)) - slack * s.eta * setting.stationarity() + lag * s.eta * error
    assert sp.expand(lemma_2.descent(setting).gap - said - curve * s.eta) == 0
    for file, noise in ((lemma_3, s.rho * s.sigma), (lemma_3_prime, s.rho * s.sigma)):
        fact = file.proof()[0]
        drift = s.L * s.eta / s.alpha if file is lemma_3 else s.H * s.eta**2 / (2 * s.alpha**2)
        size = fact.vocabulary.mean(fact.vocabulary.dual(setting.error()))
        assert sp.expand(fact.gap - (1 - s.alpha) ** k * noise - sp.sqrt(s.alpha) * noise - drift + size) == 0
    bounded, short = lemma_4.proof()
    v = bounded.vocabulary
    assert bounded.gap == s.eta / s.beta - v.norm(v.point("x", k))
    assert short.gap == 2 * s.eta - v.norm(v.point("x", k + 1) - v.point("x", k))


@pytest.mark.parametrize("file", [descent_lemma, lemma_2, lemma_4], ids=lambda f: f.__name__)
def test_lemmas_with_smaller_constants_do_not_follow_from_the_same_facts(file):
    for fact in file.proof():
        if fact.rule == "certify":
            certify(fact.gap, fact.parts, multiplier=fact.detail["multiplier"])
            for less in (s.L * s.eta**2 / 1000, s.eta / 1000):
                with rejected:
                    certify(fact.gap - less, fact.parts, multiplier=fact.detail["multiplier"])


# ---- on runs of the code --------------------------------------------------------------------------------------


LINF = ntr.LInf()


@pytest.mark.parametrize(
    ("name", "which", "world"),
    [
        ("T1", 0, {"norm": LINF, "alpha": 1.0, "sigma": 0.0, "weight": 0.1}),
        ("T2", 0, {"norm": LINF, "alpha": 0.4, "weight": 0.1, "delta": 0.3}),
        ("T2", 1, {"norm": LINF, "alpha": 0.3, "steps": 2}),
        ("T3", 0, {"norm": LINF, "alpha": 0.5, "beta": 0.06, "steps": 2}),
        ("T4", 0, {"norm": LINF, "alpha": 0.4, "weight": 0.1, "extrapolation": True, "steps": 2}),
        ("T4", 1, {"norm": Lazy(), "alpha": 0.4, "extrapolation": True, "steps": 2, "delta": 0.2}),
        ("T5", 1, {"norm": Lazy(), "alpha": 0.5, "beta": 0.03, "extrapolation": True, "steps": 2, "delta": 0.2}),
    ],
)
def test_every_fact_of_the_proof_holds_on_runs_of_the_code(name, which, world, proved):
    assert World(**world).check(proved[name][which]) > 30


def test_no_weight_of_a_proof_can_be_changed(proved):
    """Each weighted sum on the way to T5, with one weight a little off, or one part left out."""
    pending, seen = [proved["T5"][0]], {}
    while pending:
        fact = pending.pop()
        if id(fact) not in seen:
            seen[id(fact)] = fact
            pending += [part for _, part in fact.parts]
    sums = [fact for fact in seen.values() if fact.rule == "certify" and len(fact.parts) > 1]
    assert len(sums) > 25
    for fact in sums:
        for i, (weight, part) in enumerate(fact.parts):
            for other in (weight * sp.Rational(1001, 1000), 0):
                parts = [*fact.parts[:i], (other, part), *fact.parts[i + 1 :]]
                if part.gap != 0:
                    with rejected:
                        certify(fact.gap, parts, fact.sign, fact.detail["multiplier"])


def test_an_inexact_step_needs_its_delta(proved):
    """The same proof, read with δ = 0 on steps that are exact up to 1/5 only."""
    lazy = {"norm": Lazy(), "alpha": 0.4, "extrapolation": True, "steps": 2}
    with pytest.raises(AssertionError, match="is worth"):
        World(**lazy, delta=0.1).check(proved["T4"][1])


def test_the_reading_sees_a_wrong_fact(proved):
    world = World(LINF, alpha=1.0, sigma=0.0, weight=0.1)
    (fact,) = proved["T1"]
    v, k = fact.vocabulary, INDEX
    wrong = [
        v.norm(v.point("x", k + 1) - v.point("x", k)) - 2 * s.eta,
        v.dual(v.gradient(v.point("x", k))) - 10,
        v.value("f", v.point("x", k + 1)) - v.value("f", v.point("x", k)),
    ]
    for one in wrong:
        with pytest.raises(AssertionError, match="is worth"):
            world.check(assume(one, "wrong", vocabulary=v))


# ---- the setting ----------------------------------------------------------------------------------------------


def test_noise_is_independent_of_the_past_only():
    setting = Setting(["A1"])
    v, k = setting.vocabulary, INDEX
    lemma_3.define_parts(setting)
    for known in (v.point("M", k), setting.x(), setting.m(), setting.minimizer, setting.gradient(setting.x(0))):
        assert setting.unbiased(known).sign is Sign.ZERO
    v.define("ahead", Recursion(setting.n(1), lambda j: setting.n(j + 2)))
    v.define("other", Recursion(v.point("w"), lambda j: v.point("other", j)))
    v.define("spy", Recursion(ZERO, lambda j: v.point("spied", j)))
    v.define("late", Recursion(ZERO, lambda j: v.point("late", j) + setting.x(j + 3)))
    for unknown in (
        v.point("spy", k),
        v.point("late", k),
        setting.n(k + 1),
        setting.m(k + 1),
        setting.x(k + 2),
        setting.gradient(setting.x(k + 2)),
        v.point("ahead", k),
        v.point("other", k),
        v.point("w"),
        v.point("never heard of", k),
        v.hessian(setting.x(), setting.n(k + 1)),
    ):
        with rejected:
            setting.unbiased(unknown)
    with rejected:  # n_0 is drawn first
        setting.unbiased(setting.x(0), 0)


def test_the_normal_cone_is_asked_about_points_that_are_known_to_be_in_the_ball():
    s = Setting()
    v, center, eta = s.vocabulary, s.method.center(INDEX), s.method.radius
    best, _, unit = s.attained(s.m() + s.s())
    z, far = center + eta * best, center + 2 * eta * best
    inside = certify(eta - v.norm(z - center), [(eta, unit)])
    assert s.normal_to_ball(z, inside).sign is Sign.NONNEGATIVE
    hoped = assume(eta - v.norm(far - center), "hope", vocabulary=v)
    for point, fact in ((far, inside), (far, hoped), (far, s.in_ball(far)), (s.x(), inside)):
        with pytest.raises(CertificateError, match=r"does not say that .* is in the ball"):
            s.normal_to_ball(point, fact)


def test_one_name_is_of_one_instance():
    s = Setting(["A2"])
    assert s.smooth(s.x(), s.x(0)).gap == s.smooth(s.x(), s.x(0)).gap
    s.method._numbers[sp.Symbol("η")] = 2 * SYMBOLS.eta  # a step of another length under the same name
    s.step_length()
    s.method._numbers[sp.Symbol("η")] = SYMBOLS.eta
    with pytest.raises(CertificateError, match="would name two facts"):
        s.step_length()


def test_assumptions_are_named_and_stated():
    with pytest.raises(CertificateError, match="no assumption 'A9'"):
        Setting(["A9"])
    with pytest.raises(CertificateError, match="A2 is needed and was not granted: ‖∇f"):
        descent_lemma.bound(Setting(), *(Setting().vocabulary.point(name) for name in ("x", "z")), 1)
    assert all(ASSUMPTIONS.values())
    for file in (descent_lemma, lemma_1, lemma_2, lemma_3, lemma_3_prime, lemma_4, *map(module, THEOREMS)):
        used = set().union(*(names(fact) for fact in file.proof())) if not hasattr(file, "stationarity") else None
        assert set(file.HYPOTHESES) <= set(ASSUMPTIONS)
        if used is not None:
            assert used == set(file.HYPOTHESES), file.__name__


def test_the_method_is_read_off_the_code():
    setting = Setting(decay=True, extrapolation=True)
    v, k = setting.vocabulary, INDEX
    x, new = setting.x(), setting.x(k + 1)
    ahead = new + (1 - s.alpha) / s.alpha * (new - x)
    assert v.point("y", k + 1) == ahead
    assert setting.m(k + 1) == (1 - s.alpha) * setting.m() + s.alpha * (v.gradient(ahead) + setting.n(k + 1))
    assert setting.m(0) == v.gradient(setting.x(0)) + setting.n(0)
    assert setting.method.center(k) == (1 - s.beta) * x
    assert setting.method.radius == s.eta
    assert setting.method.plain_step(k) == (1 - s.beta) * x + s.eta * v.image("lmo", setting.m())
    plain = Setting(momentum=False, noisy=False)
    assert plain.m(k + 1) == plain.gradient(plain.x(k + 1))
    assert plain.method.center(k) == plain.x()


def test_the_theorems_are_about_the_code(monkeypatch):
    """Change the code, and what was proved of it is no longer proved."""

    def swapped(self, state, gradient, kept, xp):
        momentum = combine(1.0 - kept, state.momentum, kept, gradient)
        return momentum, momentum

    def longer(self, direction, x, radius, shrink, xp):
        return combine(shrink, x, 2 * radius, apply_lmo(self.norm, direction, 1.0, xp))

    granted = {theorem.name: theorem.assumptions for theorem in THEOREMS}
    with monkeypatch.context() as patched:
        patched.setattr(ntr.TrustRegion, "_accumulate", swapped)
        for theorem in (T2, T3, T4, T5):
            with rejected:
                module(theorem).proof(granted=granted[theorem.name])
    with monkeypatch.context() as patched:
        patched.setattr(ntr.TrustRegion, "_step", longer)
        for theorem in THEOREMS:
            with rejected:
                module(theorem).proof(granted=granted[theorem.name])
    update = ntr.TrustRegion.update
    with monkeypatch.context() as patched:
        patched.setattr(ntr.TrustRegion, "update", lambda *a: update(*a)._replace(ahead=update(*a).x))
        for theorem in (T4, T5):
            with rejected:
                module(theorem).proof(granted=granted[theorem.name])


ACCUMULATE, AT, STEP = ntr.TrustRegion._accumulate, ntr.TrustRegion._at, ntr.TrustRegion._step
INIT, UPDATE = ntr.TrustRegion.init, ntr.TrustRegion.update


def swapped_at_integers(self, state, gradient, kept, xp):
    if not isinstance(state.step, int):
        return ACCUMULATE(self, state, gradient, kept, xp)
    old, new = (0.0, 1.0) if state.step == 0 else (1.0 - kept, kept)
    return (combine(old, state.momentum, new, gradient),) * 2


def doubled_at_first(self, name, step, xp):
    return AT(self, name, step, xp) * (2 if isinstance(step, int) and step == 0 and name == "radius" else 1)


def wrong_subproblem(direction=1, center=1, radius=1):
    """``_step``, solving a wrong subproblem where R ≠ 0."""

    def step(self, m, x, eta, shrink, xp):
        if not self.composite:
            return STEP(self, m, x, eta, shrink, xp)
        return STEP(self, m * direction, x * center, eta * radius, shrink, xp)

    return step


def doubled_late(self, name, step, xp):
    return AT(self, name, step, xp) * (2 if isinstance(step, int) and step >= 3 and name == "radius" else 1)


def uncounted(self, state, gradient):
    return UPDATE(self, state, gradient)._replace(step=state.step)


def ahead_at_first(self, x0):
    state = INIT(self, x0)
    return state if state.ahead is None else state._replace(ahead=x0 * 2)


ALL, AVERAGED, AHEAD = THEOREMS, (T2, T3, T4, T5), (T4, T5)
CHANGES = {
    "weights swapped at integers": (ntr.TrustRegion, "_accumulate", swapped_at_integers, AVERAGED),
    "first step twice as long": (ntr.TrustRegion, "_at", doubled_at_first, ALL),
    "steps twice as long from the fourth on": (ntr.TrustRegion, "_at", doubled_late, ALL),
    "steps not counted": (ntr.TrustRegion, "update", uncounted, ALL),
    "subproblem along another direction": (ntr.TrustRegion, "_step", wrong_subproblem(direction=2), ALL),
    "subproblem about another centre": (ntr.TrustRegion, "_step", wrong_subproblem(center=2), ALL),
    "subproblem in another ball": (ntr.TrustRegion, "_step", wrong_subproblem(radius=2), ALL),
    "first gradient elsewhere": (ntr.TrustRegion, "init", ahead_at_first, AHEAD),
    "gradients at x": (State, "query", property(lambda state: state.x), AHEAD),
    "gradients elsewhere": (State, "query", property(lambda state: state.x * 2), ALL),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_code_that_few_runs_would_see_is_seen(change, monkeypatch):
    where, name, changed, theorems = CHANGES[change]
    monkeypatch.setattr(where, name, changed)
    for theorem in theorems:
        with rejected:
            module(theorem).proof(granted=theorem.assumptions)


@pytest.mark.parametrize("number", range(1, 5))
def test_lemma_1_on_runs_of_the_code(number):
    assert World(LINF, alpha=0.4, beta=0.06, weight=0.1).check(lemma_1.proof()[number]) > 1


def test_proofs_make_no_assumptions_of_their_own(monkeypatch):
    monkeypatch.setattr(lemma_4, "assume", assume, raising=False)
    (result,) = recheck(["lemma_4"])
    assert "assumptions of its own" in result.failure
    (above,) = recheck(["theorem_3"])  # which builds on it
    assert "assumptions of its own" in above.failure
