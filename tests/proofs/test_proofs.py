"""Every lemma rechecks, every one that is not cited has a file, and false siblings are rejected by the kernel."""

import importlib
import inspect
import pathlib
import re

import pytest
import sympy as sp
from sympy.parsing.sympy_parser import (
    convert_xor,
    implicit_multiplication,
    parse_expr,
    standard_transformations,
)

import proofs
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.fibres import Mixed
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.theory import T2, THEOREMS
from ntr_spec.verify.kernel import (
    CertificateError,
    Fact,
    Sign,
    Sums,
    assume,
    certify,
    convex_minimum,
    evident,
    induction,
    powers_compare,
    substitute,
    total,
    vanish,
)
from ntr_spec.verify.lemmas import LEMMAS, lemma
from ntr_spec.verify.opaque import Opaque
from proofs import (
    combinators,
    holder_lp,
    jensen_sums,
    lagrange_identity,
    lemma_2,
    minkowski_lp,
    owl_duality,
    plan_5,
    power_mean,
    separable_sum,
    theorem_1,
    theorem_2,
    theorem_4,
)
from proofs import top_k_duality as top_k
from proofs import young as young_file
from proofs.__main__ import main
from proofs.recheck import recheck, table

PROVED = [entry.name for entry in LEMMAS if not entry.cited]
rejected = pytest.raises(CertificateError)


@pytest.mark.parametrize("name", PROVED)
def test_every_lemma_rechecks(name):
    (result,) = recheck([name])
    assert result.status == "PROVED", result.failure
    assert result.facts > 0


def test_every_lemma_is_proved_in_its_own_file_or_cited():
    folder = pathlib.Path(proofs.__file__).parent
    files = {f.stem for f in folder.glob("*.py") if "\ndef proof(" in f.read_text("utf-8")}
    assert files == set(PROVED)
    assert all(entry.source and entry.statement for entry in LEMMAS)


def test_table_counts_cited_apart(capsys):
    assert main(["young", "fenchel_moreau"]) == 0
    text = capsys.readouterr().out
    assert "1 proved by certificate, 1 cited (not proved here), 0 failed" in text


def test_an_unknown_name_is_unusable_input(capsys):
    assert main(["youngs"]) == 2
    assert "youngs" in capsys.readouterr().err


def test_a_failing_proof_sets_the_exit_status(monkeypatch, capsys):
    module = importlib.import_module("proofs.young")
    monkeypatch.setattr(module, "proof", lambda: (assume(sp.Symbol("u", real=True), "wishful thinking"),))
    assert main(["young"]) == 1
    assert "undeclared hypothesis, wishful thinking" in capsys.readouterr().out
    monkeypatch.setattr(module, "proof", tuple)
    assert "FAILED" in table(recheck(["young"]))


# ---- what is proved is what is stated -----------------------------------------------------------


def rechecked(monkeypatch, name, proof):
    """Why the lemma fails with another proof in its file."""
    monkeypatch.setattr(importlib.import_module(f"proofs.{name}"), "proof", proof)
    (result,) = recheck([name])
    return result.failure


@pytest.mark.parametrize("name", ["theorem_2", "plan_2"])
def test_what_is_true_but_not_what_is_stated_proves_nothing(name, monkeypatch):
    failure = rechecked(monkeypatch, name, lambda: (evident(sp.S.One),))
    assert ("bounds nothing" if name == "theorem_2" else "not among the facts proved") in failure


def test_one_theorem_is_no_proof_of_another(monkeypatch):
    """T4's facts are about another method than T2's, T1's about exact gradients; a T2 with a larger term is another."""
    original, larger = theorem_2.proof, T2.altered(drift=2)
    for wrong in (theorem_1.proof, theorem_4.proof):
        failure = rechecked(monkeypatch, "theorem_2", lambda wrong=wrong: wrong())
        assert "undeclared" in failure or "T2: what is proved is about another method" in failure
    assert "and what is stated" in rechecked(monkeypatch, "theorem_2", lambda: original(larger))
    assert "T2: nothing is proved from A1, A2, A3" in rechecked(monkeypatch, "theorem_2", lambda: original()[1:])


def test_every_case_of_a_plan_has_to_be_proved(monkeypatch):
    original = plan_5.proof
    facts = original()
    for k, fact in enumerate(facts):
        kept = (*facts[:k], *facts[k + 1 :])
        failure = rechecked(monkeypatch, "plan_5", lambda kept=kept: kept)
        assert "it is not among the facts proved that" in failure, fact.note


def test_assumptions_about_the_method_come_from_a_setting(monkeypatch):
    forged = assume(sp.Symbol("u", real=True), "A2: wishful thinking")
    original = theorem_1.proof
    for proof in (lambda: (forged,), lambda: (*original(), forged)):
        assert "was not issued by a Setting" in rechecked(monkeypatch, "theorem_1", proof)


@pytest.mark.parametrize(
    "line",
    [
        "def f():\n    from ntr_spec.verify.kernel import assume as a",
        "def f():\n    import ntr_spec.verify.kernel as k\n    return k.assume",
        "def f(k):\n    return getattr(k, 'assume')",
        "def f(s):\n    return s._grant",
        "def f():\n    return __import__('ntr_spec.verify.kernel')",
        "class C:\n    def f(self):\n        from ntr_spec.verify import kernel\n        return kernel.fact.MAKER",
    ],
)
def test_other_ways_to_a_hypothesis_are_seen_at_any_depth(line, monkeypatch):
    read = inspect.getsource
    monkeypatch.setattr(inspect, "getsource", lambda module: read(module) + (line if module is lemma_2 else ""))
    for name in ("lemma_2", "theorem_1"):  # which builds on it
        (result,) = recheck([name])
        assert "makes assumptions of its own" in result.failure
    monkeypatch.undo()
    assert recheck(["lemma_2"])[0].ok


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda t: t.name)
def test_the_words_of_a_theorem_are_its_terms(theorem):
    """The statement in the list of lemmas, read as a formula, is the sum that the theorem's code gives."""
    s = theorem.symbols
    name, _, rest = lemma(f"theorem_{theorem.name[1]}").statement.partition(": ")
    measured, _, rest = rest.partition(" ≤ ")
    assert name == theorem.name
    assert measured.removeprefix("E ") in theorem.statement.measure.replace("_{1≤k≤K}", "")
    letters = {"L": s.L, "H": s.H, "ρ": s.rho, "σ": s.sigma, "Δ": s.delta0, "η": s.eta, "α": s.alpha, "β": s.beta}
    letters |= {"K": s.K, "δ": s.delta, "D": s.eta / s.beta}
    formula = rest.partition(", ")[0].replace("Δ₀", "Δ").replace("−", "-").replace("²", "^2").replace("√α", "(α^(1/2))")
    formula = formula.translate(str.maketrans("[]", "()"))
    spaced = re.sub("|".join(letters), lambda found: f" {found[0]}_ ", formula)
    rules = (*standard_transformations, implicit_multiplication, convert_xor)
    read = parse_expr(spaced, {f"{letter}_": value for letter, value in letters.items()}, rules)
    stated = sp.Add(*(sp.sympify(term) for term in theorem.symbolic_terms(s.delta).values()))
    assert sp.simplify(read - stated) == 0


# Where the code is run, a fact may be 0 = 0 or a law as it stands: both sides came out alike. By hand none should be.
BY_HAND = ["ellipsoidal", "owl_duality", "polyhedral_norm", "separable_sum", "top_k_duality"]


@pytest.mark.parametrize("name", BY_HAND)
def test_no_fact_is_0_equals_0_and_none_is_its_own_assumption(name):
    for fact in importlib.import_module(f"proofs.{name}").proof():
        assert fact.gap != 0 or fact.parts
        assert fact.rule != "assume"
        if fact.rule == "certify" and len(fact.parts) == 1:
            ((_, part),) = fact.parts
            assert part.rule != "assume" or sp.expand(part.gap - fact.gap) != 0


def test_the_largest_of_entries_needs_to_be_one_of_them():
    m = separable_sum
    assert m.LARGEST in set().union(*(fact.hypotheses for fact in m.proof()))
    with rejected:
        certify(m.c - m.largest, [(1, assume(m.c - m.size, m.ONE))])


def test_the_rearrangement_inequality_is_cited_for_sorted_norms():
    (result,) = recheck(["owl_duality"])
    assert result.cites == ("rearrangement",)


def test_what_a_proof_cites_is_said(capsys):
    assert main(["unitarily_invariant", "theorem_1", "young", "weierstrass"]) == 0
    *rows, counted = capsys.readouterr().out.splitlines()
    assert rows[0].endswith("; cites von neumann trace")
    assert rows[1].endswith("; cites fundamental theorem of calculus")
    assert "; cites" not in rows[2] + rows[3]
    assert counted.startswith("3 proved by certificate (2 of them from cited facts), 1 cited (not proved here)")


# ---- false siblings: a constant changed, an assumption dropped -----------------------------------


def test_lagrange_siblings_are_rejected():
    m = lagrange_identity
    step = substitute(m.quadratic(), {m.u: m.x, m.v: m.g})
    for gap in (m.A * m.B - 2 * m.C**2, m.A * m.B - m.C**2 - 1, m.A - m.C):
        with rejected:
            induction(
                gap,
                m.START,
                m.UPDATE,
                lambda known, gap=gap: certify(gap.xreplace(m.UPDATE), [(1, known), (1, step)]),
            )
    # The quadratic form with the wrong sign of the cross term squares the wrong thing.
    wrong = m.u**2 * m.A - 2 * m.u * m.v * m.C - m.v**2 * m.B
    with rejected:
        induction(wrong, m.START, m.UPDATE, lambda known: certify(wrong.xreplace(m.UPDATE), [(1, known)]))
    # Started elsewhere, the invariant need not hold.
    with rejected:
        induction(m.A * m.B - m.C**2, {m.A: 0, m.B: 0, m.C: 1}, m.UPDATE, lambda known: known)


def test_young_siblings_are_rejected():
    m = young_file
    good = m.young()
    with rejected:  # exponents that are not conjugate
        convex_minimum(m.u ** (1 + m.p) / m.p + 1 / m.q - m.u, m.u, sp.S.One)
    with rejected:  # p < 1: not convex
        convex_minimum(2 * sp.sqrt(m.u) - m.u, m.u, sp.S.One)
    with rejected:  # ab ≤ (aᵖ + b^q)/pq
        certify((m.a**m.p + m.b**m.q) / (m.p * m.q) - m.a * m.b, [(1, good)])
    with rejected:  # negative a is outside the domain
        substitute(good, {m.a: -m.a})


def test_holder_siblings_are_rejected():
    m = holder_lp
    sums = Sums((m.a, m.b), m.n)
    summed = total(substitute(young_file.young(), {young_file.a: m.b / m.X, young_file.b: m.a / m.G}), sums)
    norm_g = assume(m.G**m.q - sums.of(m.a**m.q), "G", Sign.ZERO)
    norm_x = assume(m.X**m.p - sums.of(m.b**m.p), "X", Sign.ZERO)
    parts = [
        (m.G * m.X, summed),
        (m.G * m.X / (m.q * m.G**m.q), norm_g),
        (m.G * m.X / (m.p * m.X**m.p), norm_x),
    ]
    certify(m.G * m.X - sums.of(m.a * m.b), parts)
    for wrong in (m.G * m.X / 2, m.G**2, m.G):
        with rejected:
            certify(wrong - sums.of(m.a * m.b), parts)
    with rejected:  # without what X means
        certify(m.G * m.X - sums.of(m.a * m.b), parts[:2])
    with rejected:  # a sum does not vanish with a power of something else
        vanish(assume(sums.of(m.b**m.p), "zero", Sign.ZERO), m.b**m.p, m.a**2, sums)


def test_minkowski_siblings_are_rejected(monkeypatch):
    m = minkowski_lp
    for name, value in (("X", m.X / 2), ("Y", sp.S.Zero)):
        with monkeypatch.context() as patch, rejected:
            original = getattr(m, name)
            patch.setattr(
                m, "certify", lambda t, p, v=value, o=original, **k: certify(sp.sympify(t).subs(o, v), p, **k)
            )
            m.minkowski()


def test_power_mean_and_jensen_siblings_are_rejected():
    m = power_mean
    fact = m.power_mean()
    with rejected:  # without the factor of n
        certify(m.X - m.R, [(1, fact)])
    with rejected:  # the other way round
        certify(m.R - m.n ** (1 / m.r - 1 / m.s) * m.X, [(1, fact)])
    _, decreasing = jensen_sums.jensen()
    with rejected:
        certify(jensen_sums.S - jensen_sums.X, [(1, decreasing)])
    with rejected:  # roots of negative powers turn inequalities round
        powers_compare(m.X, m.R, -m.r, assume(m.X**-m.r - m.R**-m.r, "h"))


def test_top_k_siblings_are_rejected():
    m = top_k
    pairing = m.TOP.of((m.tau + m.d) * m.b) + m.REST.of((m.tau - m.d) * m.b)
    each, whole = assume(m.D - m.b, "each"), assume(m.k * m.D - m.TOP.of(m.b) - m.REST.of(m.b), "whole")
    top = total(certify(m.d * (m.D - m.b), [(m.d, each)]), m.TOP)
    rest = total(evident(m.d * m.b), m.REST)
    certify(m.D * m.T - pairing, [(m.tau, whole), (1, top), (1, rest)])
    with rejected:  # ‖g‖₁/k forgotten
        certify(m.D * m.T - pairing, [(1, top), (1, rest)])
    with rejected:  # ‖g‖_∞ forgotten
        certify(m.D * m.T - pairing, [(m.tau, whole), (1, rest)])
    with rejected:  # T_{k} with one entry fewer
        certify(m.D * (m.T - m.tau) - pairing, [(m.tau, whole), (1, top), (1, rest)])


def test_owl_siblings_are_rejected():
    m = owl_duality
    gap = m.D * (m.U - m.c * m.W) - (m.A - m.c * m.B)
    increasing = {**m.UPDATE, m.A: m.A + (m.c + m.d) * m.B_NEW, m.U: m.U + m.w * (m.c + m.d), m.c: m.c + m.d}
    with rejected:  # magnitudes that increase
        induction(
            gap,
            m.START,
            increasing,
            lambda known: certify(gap.subs(increasing, simultaneous=True), [(1, known), (m.d, m.partial_sums())]),
        )
    with rejected:  # partial sums above D·W
        induction(m.D * m.W - m.B, m.START, {**m.UPDATE, m.B: m.B + m.B_NEW + 2 * m.e}, lambda known: evident(m.e))


def test_ellipsoidal_siblings_are_rejected():
    from proofs import ellipsoidal as m

    form = assume(2 * m.g**2 * m.x**2 - 2 * m.g * m.x * m.C, "P is positive definite")
    for wrong in (m.x * m.g / 2 - m.C, m.x**2 - m.C):
        with rejected:
            certify(wrong, [(sp.Rational(1, 2), form)], multiplier=m.x * m.g)
    with rejected:  # a multiplier that may be zero
        certify(m.x * m.g - m.C, [(0, form)], multiplier=sp.Symbol("s", nonnegative=True))


class Halved(Norm):
    """An LMO that is not the combinator's."""

    def __init__(self, norm):
        self.norm = norm

    def _value(self, x, xp):
        return self.norm._value(x, xp)

    def _lmo(self, g, xp):
        return self.norm._lmo(g, xp) / 2

    @property
    def dual(self):
        return self.norm.dual


class TimesTwo(Halved):
    def _lmo(self, g, xp):
        return self.norm._lmo(g, xp) * 2


@pytest.mark.parametrize(
    ("norm", "shape"),
    [
        (Scaled(Opaque("norm", L1()), 3), 2),
        (Weighted(Opaque("norm", L1()), [1, 2]), 2),
        (Linear(Opaque("norm", L1()), [[1, 1], [0, 2]]), 2),
        (Reshaped(Opaque("norm", L1()), (1, 2)), 2),
        (Mixed(LInf(), Opaque("norm", L1()), axis=1), (2, 1)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_combinator_siblings_are_rejected(norm, shape):
    combinators.certificates(norm, shape, ["lmo_feasible", "lmo_attains"])
    with rejected:  # half the LMO is feasible but does not attain
        combinators.certificates(Halved(norm), shape, ["lmo_attains"])
    with rejected:  # twice the LMO is not feasible
        combinators.certificates(TimesTwo(norm), shape, ["lmo_feasible"])
    with rejected:
        combinators.certificates(TimesTwo(norm), shape, ["lmo_attains"])


def test_product_siblings_are_rejected():
    class Wrong(Norm):
        """The dual of a sum taken as a sum."""

        def __init__(self, product):
            self.product = product

        def _value(self, x, xp):
            return self.product._value(x, xp)

        def _lmo(self, g, xp):
            return self.product._lmo(g, xp)

        def _accepts(self, shape):
            return None

        @property
        def dual(self):
            return Product({"u": Opaque("u", L1()).dual, "v": Opaque("v", L1()).dual}, LInf())

    product = Product({"u": Opaque("u", L1()), "v": Opaque("v", L1())})
    for law in ("holder", "lmo_attains"):
        combinators.certificates(product, {"u": 1, "v": 1}, [law])
        with rejected:
            combinators.certificates(Wrong(product), {"u": 1, "v": 1}, [law])


def test_facts_cannot_be_forged():
    with rejected:
        Fact(sp.S.NegativeOne, Sign.NONNEGATIVE, (), object())
