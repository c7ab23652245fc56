"""Proofs on paper: what is written is read back by SymPy's own parser and must be what the kernel proved."""

import importlib
import random
import re
import xml.etree.ElementTree as ElementTree

import pytest
import sympy as sp
from sympy.parsing.sympy_parser import implicit_multiplication, parse_expr, standard_transformations

from ntr_spec.theory import THEOREMS
from ntr_spec.verify.algebra import Unit
from ntr_spec.verify.kernel import Sign, assume, certify, evident, times
from ntr_spec.verify.lemmas import LEMMAS
from ntr_spec.verify.rendering import (
    assumptions,
    key,
    label,
    latex,
    mathml,
    paper,
    parse,
    proof_latex,
    proof_mathml,
    proof_text,
    relation,
    text,
)
from ntr_spec.verify.rendering.expressions import tree
from ntr_spec.verify.rendering.tree import Fence, Row, Scripted, Word
from ntr_spec.verify.rendering.tree import Sign as Mark

# Long, and like others that are here; docs/generate.py writes them too.
LIKE_OTHERS = {"product_norm", "mixed_norm", "sum_of_norms", "operator_norms", "change_of_variables", "plan_5"}
PROVED = [lemma.name for lemma in LEMMAS if not lemma.cited and lemma.name not in LIKE_OTHERS]


# ---- the reader: text back to SymPy, by another parser ---------------------------------------------------------------

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉʰʲᵏᵐⁿᵒᵖʳˢᵗᵘᵛˣᵀ", "0123456789+-()abcdehjkmnoprstuvxT", strict=True))


def read(written, symbols):
    """The gap that "left ≤ right" speaks of; symbols are recognised by how they are written."""
    names = {text(tree(symbol)): symbol for symbol in symbols}
    assert len(names) == len(symbols), "two symbols are written alike"
    stand = {}
    for k, name in enumerate(sorted(names, key=len, reverse=True)):
        mark = chr(0x4E00 + k)
        stand[mark] = names[name]
        written = written.replace(name, f" {mark} ") if len(name) > 1 else re.sub(re.escape(name), f" {mark} ", written)
    marks = {name: mark for mark, symbol in stand.items() for name in (text(tree(symbol)),)}

    def raised(match):
        inside = "".join(RAISED[c] for c in match[0])
        return "**(" + "".join(f" {marks[c]} " if c in marks and not c.isdigit() else c for c in inside) + ")"

    written = re.sub(f"[{''.join(RAISED)}]+", raised, written)
    written = written.replace("^{", "**{").replace("^", "**")
    written = re.sub(r"√(\(| *.)", lambda m: "sqrt(" if m[1] == "(" else f"sqrt({m[1]})", written)
    for old, new in (("−", "-"), ("·", "*"), ("⌈", " ceiling("), ("⌉", ")"), ("max{", " Max("), ("min{", " Min(")):
        written = written.replace(old, new)
    written = re.sub(r"\|([^|]*)\|", r" Abs(\1)", written).replace("{", "(").replace("}", ")")
    left, sign, right = re.split(r"(≤|<|=)", written)
    transformations = (*standard_transformations, implicit_multiplication)
    sides = [parse_expr(side.strip(), local_dict=stand, transformations=transformations) for side in (left, right)]
    return sides[1] - sides[0], {"≤": Sign.NONNEGATIVE, "<": Sign.POSITIVE, "=": Sign.ZERO}[sign]


def equal_somewhere(a, b, seed=0):
    """Whether two expressions agree at random points of their domains."""
    draw = random.Random(seed)
    for _ in range(2):
        values = {s: sp.Rational(draw.randint(1, 30), 31) for s in sorted(a.free_symbols | b.free_symbols, key=str)}
        values |= {s: sp.Integer(draw.randint(1, 4)) for s in values if s.is_integer}
        if abs(sp.N((a - b).subs(values), 30)) > 1e-20:
            return False
    return True


ROUND_TRIP = ["young", "holder_lp", "power_mean", "jensen_sums", "ridge_sum", "moreau_identity", "l1_projection"]
ROUND_TRIP += ["descent_lemma", "lemma_1", "lemma_2", "lemma_3", "lemma_4", "theorem_1"]


def check_every_line_reads_back(facts):
    """Every line is what was proved."""
    seen = 0
    below, rest = {}, list(facts)
    while rest:
        fact = rest.pop()
        if key(fact) not in below:
            below[key(fact)] = fact
            rest += [part for _, part in fact.parts]
    for fact in below.values():
        written = text(relation(fact.gap, fact.sign))
        if "∫" in written:
            continue  # SymPy reads no integrals
        gap, sign = read(written, fact.gap.free_symbols)
        assert sign is fact.sign
        assert equal_somewhere(gap, fact.gap) or (sign is Sign.ZERO and equal_somewhere(-gap, fact.gap)), written
        seen += 1
    assert seen >= 3


def test_the_reader_tells_different_gaps_apart():
    a, b = sp.symbols("a ‖b‖", nonnegative=True)
    gap, _ = read("‖b‖ ≤ 2a", {a, b})
    assert sp.expand(gap - (2 * a - b)) == 0
    assert not equal_somewhere(gap, 2 * a + b)
    assert not equal_somewhere(gap, a - b)


def check_the_conclusion_is_the_statement(theorem, facts):
    """The concluding line, read back, is the theorem's bound, term for term, and nothing else."""
    concluded = next(line for line in paper(facts).lines if line.concludes)
    gap, sign = read(text(concluded.relation), facts[0].gap.free_symbols)
    assert sign is Sign.NONNEGATIVE
    exact = {s: 0 for s in gap.free_symbols if s.name == "δ"}
    formal = {s: 0 for s in gap.free_symbols if "[" in s.name}
    bound = gap.subs(exact | formal)
    theirs = sp.Add(*theorem.symbolic_terms().values())
    same = {s: next(mine for mine in bound.free_symbols if mine.name == s.name) for s in theirs.free_symbols}
    assert equal_somewhere(bound, theirs.subs(same))
    assert not equal_somewhere(bound, theirs.subs(same) * sp.Rational(9, 10))
    left = text(concluded.relation).partition("≤")[0]
    assert ("min" in left) == (theorem.measure == "stationarity")


# ---- every lemma, every format ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROVED)
def test_every_lemma_is_written_in_every_format(name):
    facts = importlib.import_module(f"proofs.{name}").proof()
    found = paper(facts)
    assert [line.number for line in found.lines] == list(range(1, len(found.lines) + 1))
    assert found.lines[-1].concludes
    assert proof_text(facts).count("∎") == sum(line.concludes for line in found.lines)
    table = ElementTree.fromstring(proof_mathml(facts))
    assert len([row for row in table if row[0].text]) == len(found.lines)
    assert [row.get("class") is not None for row in table if row[0].text] == [line.concludes for line in found.lines]
    source = proof_latex(facts)
    assert source.count("{") - source.count(r"\{") == source.count("}") - source.count(r"\}")
    assert source.count(r"\left") - source.count(r"\leftrightarrow") == source.count(r"\right")
    if name in ROUND_TRIP:
        check_every_line_reads_back(facts)
    for theorem in THEOREMS:
        if name == f"theorem_{theorem.name[1]}":
            check_the_conclusion_is_the_statement(theorem, facts)


@pytest.mark.parametrize("lemma", LEMMAS, ids=lambda lemma: lemma.name)
def test_statements_are_written_again_as_they_are_typed(lemma):
    # Spaces apart, and signs that have two spellings, reading and writing change nothing.
    def bare(statement):
        return re.sub(r"[\s()_^{}·]", "", statement.translate(str.maketrans(_PLAIN)))

    assert bare(text(parse(lemma.statement))) == bare(lemma.statement)
    ElementTree.fromstring(mathml(parse(lemma.statement)))


_PLAIN = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx", strict=True))
_PLAIN |= {**RAISED, "−": "-", "(": "", ")": "", "⁽": "", "⁾": "", "₍": "", "₎": ""}


# ---- notation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "tex"),
    [
        ("‖∇f(x₊)−∇f(x)‖_*", r"\lVert \nabla f(x_+) - \nabla f(x)\rVert_*"),
        ("E[‖m_k − ∇f(x_k)‖_***2]", r"\mathbb{E}[\lVert m_k - \nabla f(x_k)\rVert_*^2]"),
        ("‖a‖_**b", r"\lVert a\rVert_*b"),
        ("‖x‖_** = ‖x‖", r"\lVert x\rVert_{**} = \lVert x\rVert"),
        ("‖x*‖ ≤ D", r"\lVert x^*\rVert \le D"),
        ("‖a‖*‖b‖", r"\lVert a\rVert \lVert b\rVert"),
        ("R*(s)", "R^*(s)"),
        ("|a||b|", r"\lvert a\rvert \lvert b\rvert"),
        ("Σ[a_i*b_i**(r + 1)]", r"\sum a_ib_i^{r + 1}"),
        ("((1 - α)**k)·n_0", r"(1 - \alpha)^k\cdot n_0"),
        ("√(1/2)", r"\sqrt{1/2}"),
        ("Σtop[d_i]", r"\sum_{\text{top}}d_i"),
    ],
)
def test_notation(typed, tex):
    assert re.sub(r"\s+", "", latex(parse(typed))) == re.sub(r"\s+", "", tex)


@pytest.mark.parametrize(
    "typed", ["(", "‖x", "x_", "^", "}{", "", "|a| |", "⟨", "a_{", "√", "*", "____", "x^^2", "Abs("]
)
def test_unfinished_notation_is_kept_and_never_raises(typed):
    node = parse(typed)
    ElementTree.fromstring(mathml(node))
    assert isinstance(text(node), str)
    assert isinstance(latex(node), str)


def test_markup_in_names_stays_text():
    hostile = sp.Symbol('<script>&"')
    assert ElementTree.fromstring(mathml(tree(hostile + 1))) is not None
    assert "<script>" not in mathml(tree(hostile + 1))


def test_the_parser_knows_stars_bars_and_words():
    assert parse("every norm") == Row((Word("every"), Word("norm")))
    assert parse("‖x‖_*") == Scripted(Fence("‖", parse("x"), "‖"), below=Mark("∗"))
    assert parse("a norm").items[0] == Word("a")
    assert parse("ab") == Row((parse("a"), parse("b")))


# ---- relations -------------------------------------------------------------------------------------------------------

eta, L, u, v = sp.symbols("η L ‖u‖ ‖v‖", nonnegative=True)
alpha = Unit("α", positive=True)


@pytest.mark.parametrize(
    ("gap", "sign", "written"),
    [
        (L * u - v, Sign.NONNEGATIVE, "‖v‖ ≤ L‖u‖"),
        (u - alpha * u - v, Sign.NONNEGATIVE, "‖v‖ ≤ (1 − α)‖u‖"),
        (alpha * u - u + v, Sign.NONNEGATIVE, "(1 − α)‖u‖ ≤ ‖v‖"),
        (u - 2 * alpha * u, Sign.NONNEGATIVE, "2α‖u‖ ≤ ‖u‖"),
        (u - v, Sign.ZERO, "‖v‖ = ‖u‖"),
        (u, Sign.ZERO, "‖u‖ = 0"),
        (u, Sign.POSITIVE, "0 < ‖u‖"),
        (-u, Sign.NONNEGATIVE, "‖u‖ ≤ 0"),
        (sp.S.Zero, Sign.NONNEGATIVE, "0 ≤ 0"),
        (sp.Rational(3, 2) * L * eta - u / 2, Sign.NONNEGATIVE, "‖u‖/2 ≤ (3/2)Lη"),
        (u**2 - v**2 / eta, Sign.NONNEGATIVE, "‖v‖²/η ≤ ‖u‖²"),
        ((1 - alpha) ** 2 * u - v, Sign.NONNEGATIVE, "‖v‖ ≤ (1 − α)²‖u‖"),
        (eta * (1 - alpha) / 3, Sign.NONNEGATIVE, "0 ≤ (1 − α)η/3"),
    ],
)
def test_a_gap_has_two_sides(gap, sign, written):
    assert text(relation(gap, sign)) == written


# ---- lines -----------------------------------------------------------------------------------------------------------


def test_shared_facts_stand_once_multiples_are_folded_and_known_lemmas_named():
    first = assume(u - v, "A2: x, y")
    second = times(assume(v - eta, "A3: x"), L)
    middle = certify(u - v + L * v - L * eta, [(1, first), (1, second)])
    last = certify(2 * u - 2 * v + L * v - L * eta, [(1, first), (1, middle), (0, evident(L))])
    reasons = [text(line.reason) for line in paper([last]).lines]
    assert reasons == ["[A2: x, y]", "[A3: x]", "= (1) + L·(2)", "= (1) + (3), given 0 ≤ L"]
    named = [text(line.reason) for line in paper([last], {key(middle): "Lemma 7"}).lines]
    assert named == ["[A2: x, y]", "Lemma 7", "= (1) + (2), given 0 ≤ L"]
    assert assumptions([last]) == ("A2: x, y", "A3: x")


def test_what_says_the_same_again_is_no_line():
    first = assume(u - v, "A2")
    again = certify(-(v - u), [(1, first)])
    found = paper([again])
    assert [(text(line.relation), line.concludes) for line in found.lines] == [("‖v‖ ≤ ‖u‖", True)]
    # But an induction's conclusion is not its hypothesis.
    assert label("induction hypothesis: x >= 0") == Word("induction hypothesis")


def test_repeated_maxima_are_named_once():
    bound = sp.Max(1, L / eta + 2)
    facts = [evident(k * bound) for k in range(1, 6)]
    found = paper(facts)
    assert [text(node) for node in found.definitions] == ["w₁ = max{1, L/η + 2}"]
    assert text(found.lines[-1].relation) == "0 ≤ 5w₁"
