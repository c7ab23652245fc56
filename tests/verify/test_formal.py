"""The formal language against numbers: what it rewrites is true of every vector, and what it cannot know it keeps."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from ntr_spec.verify.algebra import Unit, is_zero, nonnegative, positive
from ntr_spec.verify.formal.structures import Inner, Kind, Norm
from ntr_spec.verify.formal.vectors import ZERO, Point
from ntr_spec.verify.formal.vocabulary import INDEX, Recursion, Vocabulary
from ntr_spec.verify.kernel import (
    CertificateError,
    Sign,
    Sums,
    assume,
    certify,
    equal_norms,
    every_index,
    evident,
    instance,
    one_of,
    substitute,
    total,
)

k = INDEX
a, b = Unit("a", positive=True), Unit("b", nonnegative=True)
r, K = sp.Symbol("r", real=True), sp.Symbol("K", integer=True, positive=True)
rejected = pytest.raises(CertificateError)
SIZES = {
    Kind.PRIMAL: lambda v: np.abs(v).max(),
    Kind.DUAL: lambda v: np.abs(v).sum(),
    Kind.EUCLIDEAN: np.linalg.norm,
    Kind.SMOOTH: lambda v: np.abs(v).sum() + np.linalg.norm(v),
}


@pytest.fixture
def v():
    return Vocabulary([a, b, r, K])


def worth(expression, vocabulary, vectors, numbers):
    """An expression in norms and inner products of named vectors, evaluated."""

    def vector(u):
        return sum((float(sp.sympify(c).subs(numbers)) * vectors[part.name] for c, part in u.terms), np.zeros(2, float))

    values = dict(numbers)
    for symbol in expression.free_symbols - set(numbers):
        meaning = vocabulary.meaning[symbol]
        if isinstance(meaning, Norm):
            values[symbol] = SIZES[meaning.kind](vector(meaning.of))
        else:
            assert isinstance(meaning, Inner)
            values[symbol] = float(vectors[meaning.left.name] @ vectors[meaning.right.name])
    return float(expression.subs(values))


COEFFICIENTS = st.sampled_from([sp.S.Zero, 1, -1, sp.Rational(2, 3), 1 - a, a - 1, 1 / a, a * b, (1 - a) / a, r, 1 - b])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(COEFFICIENTS, min_size=6, max_size=6),
    st.sampled_from([(1.0, 0.0, 2.0), (0.25, 0.5, -1.5), (1.0, 0.9, 0.0)]),
    st.lists(st.integers(-3, 3), min_size=6, max_size=6),
)
def test_norms_and_inner_products_of_combinations_are_worth_what_they_were(coefficients, numbers, entries):
    vocabulary = Vocabulary([a, b, r])
    points = [vocabulary.point(name) for name in ("u", "v", "w")]
    vectors = {name: np.array(entries[2 * i : 2 * i + 2], float) for i, name in enumerate(("u", "v", "w"))}
    numbers = dict(zip((a, b, r), numbers, strict=True))
    first, second = ZERO, ZERO
    plain = [np.zeros(2), np.zeros(2)]
    for i, point in enumerate(points):
        first, second = first + coefficients[i] * point, second + coefficients[i + 3] * point
        for j in (0, 1):
            plain[j] = plain[j] + float(sp.sympify(coefficients[i + 3 * j]).subs(numbers)) * vectors["uvw"[i]]
    assert worth(vocabulary.inner(first, second), vocabulary, vectors, numbers) == pytest.approx(plain[0] @ plain[1])
    for kind, size in SIZES.items():
        for u, x in ((first, plain[0]), (second, plain[1]), (first - second, plain[0] - plain[1])):
            assert worth(vocabulary.norm(u, kind), vocabulary, vectors, numbers) == pytest.approx(size(x), abs=1e-12)


def test_norms_are_homogeneous_where_signs_are_evident(v):
    x, y = v.point("x"), v.point("y")
    assert v.norm(a * (x - y)) == a * v.norm(x - y) == a * v.norm(y - x)
    assert v.norm((a - 1) * x) == (1 - a) * v.norm(x)
    assert v.norm(ZERO) == 0 == v.norm(x - x)
    assert v.norm(a * x + b * y) == a * v.norm(x + b / a * y)
    assert v.norm(r * x).is_Symbol  # r may be negative
    assert v.norm(b * x + y) != b * v.norm(x + y / b)  # b may be 0
    assert v.norm(x) != v.norm(x, Kind.DUAL)


def test_units():
    for good in (1 - a, a * (2 - a), (1 - a) ** k, 1 / (1 - b), sp.sqrt(a / (2 - a)), (1 - a) / a - (1 - a)):
        assert nonnegative(good)
    for bad in (1 - 2 * a, a - b, a - 1, r, 1 - a - b, sp.sqrt(a) - a**2 - b, 1 / (1 - a) - 2):
        assert not nonnegative(bad)
    assert positive(1 - b)
    assert positive(a)
    assert not positive(1 - a)
    assert not positive(b)


def test_sequences_are_taken_at_other_indices(v):
    x, w = v.point, v.point("w")
    v.define("p", Recursion(w, lambda j: (1 - a) * x("p", j) + a * x("x", j + 1)))
    assert x("p", 0) == w
    assert x("p", 2) == (1 - a) * ((1 - a) * w + a * x("x", 1)) + a * x("x", 2)
    assert x("p", k).terms[0][1] == Point("p", k)
    assert x("p", K).terms[0][1] == Point("p", K)
    gap = (1 - a) ** k * v.norm(x("x", k + 1) - x("x", k)) + v.inner(x("p", k), w)
    assert v.at(gap, 0) == v.norm(x("x", 1) - x("x", 0)) + v.inner(w, w)
    after = (1 - a) * (1 - a) ** k * v.norm(x("x", k + 2) - x("x", k + 1))
    after += (1 - a) * v.inner(x("p", k), w) + a * v.inner(x("x", k + 1), w)
    assert is_zero(v.at(gap, k + 1) - after)
    mean = v.mean(v.norm(x("p", k)) ** 2 * r + 1)
    assert mean == r * v.mean(v.norm(x("p", k)) ** 2) + 1
    assert is_zero(v.at(mean, 0) - r * v.mean(v.norm(w) ** 2) - 1)
    with rejected:  # it has a meaning
        v.define("x", Recursion(w, lambda j: w))
    with rejected:
        v.define("p", Recursion(w, lambda j: w))
    with rejected:  # neither constant nor known
        v.at(gap + sp.Symbol("c"), 0)


def test_names_stand_for_one_thing_and_coefficients_are_certain(v):
    x, y = v.point("x"), v.point("y")
    for random in (v.norm(x), v.mean(v.norm(x)), sp.Symbol("c")):
        for use in (v.norm, v.dual, v.gradient, lambda u: v.inner(u, y), lambda u: v.hessian(y, u)):
            with rejected:
                use(random * x)
    v.value("f", x)
    with rejected:  # a point whose name reads like a sum
        v.norm(v.point("x + y")) + v.norm(x + y)
    with rejected:  # a constant whose name reads like a value
        Vocabulary([sp.Symbol("f(x)", real=True)]).value("f", x)


def test_means_pull_out_constants_only(v):
    x, y = v.norm(v.point("x")), v.norm(v.point("y"))
    assert v.mean(a * x + r) == a * v.mean(x) + r
    assert v.mean(x * y) != v.mean(x) * v.mean(y)
    assert v.mean(v.mean(x) * y) == v.mean(x) * v.mean(y)
    assert v.mean(x).is_nonnegative
    t = v.variable
    segment = v.norm(v.point("x") + t * v.point("y"))
    assert v.integral.of(x * t) == x * v.integral.of(t)
    assert v.integral.of(segment * x) == x * v.integral.of(segment)
    whole = v.integral.of(segment)
    assert v.mean(whole * x) != whole * v.mean(x)  # an integral of something random is random
    assert v.integral.of(v.mean(segment) * t) != v.mean(segment) * v.integral.of(t)  # and a mean may depend on t


def test_false_siblings_of_inductions(v):
    with rejected:  # the hypothesis of one index, assumed of the next under its own name
        every_index(v, -k, evident(sp.S.Zero), lambda h: assume(-(k + 1), h.detail["name"], vocabulary=v))
    with rejected:
        every_index(v, -k, evident(sp.S.Zero), lambda h: assume(-(k + 1), str(h.detail["name"]), vocabulary=v))
    q = sp.Symbol("q", integer=True, nonnegative=True)
    bounded = assume(r - v.mean(v.number("q", k)), "bounded in mean", vocabulary=v)
    random = v.number("q", k)
    for index in (sp.ceiling(random) ** 2, q):  # an index that depends on the run, or on who knows what
        with rejected:
            instance(v, bounded, index)


def test_definitions_do_not_change(v):
    u, w = v.point("u"), v.point("w")
    v.define("p", Recursion(ZERO, lambda j: ZERO if j == k else u))
    assert v.point("p", 1) == v.point("p", k + 1) == v.point("p", k + 2) == ZERO
    answers = [u, w]
    v.define("q", Recursion(ZERO, lambda j: answers.pop()))
    assert v.point("q", 1) == v.point("q", 2) == w
    for name, first, step in (
        ("ahead", ZERO, lambda j: v.point("ahead", j + 1)),
        ("first", v.point("x", k), lambda j: u),
        ("random", ZERO, lambda j: v.norm(u) * w),
        ("half", ZERO, lambda j: v.point("x", j + sp.Rational(1, 2))),
    ):
        with rejected:
            v.define(name, Recursion(first, step))
        v.define(name, Recursion(ZERO, lambda j: u))  # the name is free yet


def test_sequences_begin_at_0(v):
    for index in (-1, k - 1, sp.Rational(1, 2), r, sp.Symbol("z")):
        with rejected:
            v.point("x", index)
        with rejected:
            v.number("q", index)
    assert v.point("x", K - 1)


def test_the_sums_of_a_vocabulary_are_its_own(v):
    other = Vocabulary([a, b, r, K])
    n = v.norm(v.point("n"))
    other.norm(other.point("n"))
    mine = assume(r - n, "mine", vocabulary=v)
    assert total(mine, v.expectation).gap == r - v.mean(n)
    assert total(mine, v.integral).vocabulary is v
    assert total(evident(n), v.expectation).vocabulary is v
    for sums in (
        other.expectation,
        other.integral,
        Sums((n,), 1, symbol=v.mean),
        Sums((n,), 1, "E", v.mean, v),
        Sums((n,), 1),
        Sums(lambda: (n,), 1),
    ):
        with rejected:
            total(mine, sums)
    j = sp.Symbol("j", nonnegative=True)
    for functional in (v.expectation, v.integral):  # ‖n‖ may be more than its mean
        at = {s: sp.Symbol(f"j{i}", **s._assumptions_orig) for i, s in enumerate(functional.terms)} | {n: j}
        with rejected:
            one_of(n, at, functional)


# ---- rules about sequences ------------------------------------------------------------------------------------


def growing(v):
    """x_k + k·d = y_k: two sequences, and the norm of the first is at most k."""
    step = v.point("d")
    v.define("path", Recursion(ZERO, lambda j: v.point("path", j) + step))
    length = assume(1 - v.norm(step), "short", vocabulary=v)
    norm, triangle = v.norm(v.point("path", k)), "triangle"
    added = assume(norm + v.norm(step) - v.norm(v.point("path", k + 1)), triangle, vocabulary=v)
    return k - norm, length, added


def test_every_index(v):
    gap, length, added = growing(v)
    start = evident(v.at(gap, 0))
    fact = every_index(v, gap, start, lambda h: certify(v.at(gap, k + 1), [(1, h), (1, added), (1, length)]))
    assert fact.hypotheses == {"short", "triangle"}
    assert fact.rule == "every_index"
    assert instance(v, fact, K).gap == K - v.norm(v.point("path", K))
    assert instance(v, fact, k + 1).gap == v.at(gap, k + 1)
    for index in (k - 1, r, sp.Rational(1, 2), -1):
        with rejected:
            instance(v, fact, index)
    with rejected:  # the base fails
        every_index(v, gap - 1, evident(sp.S.Zero), lambda h: h)
    with rejected:  # the step proves k, not k + 1
        every_index(v, gap, start, lambda h: h)
    with rejected:  # too small a bound
        half = gap - k / 2
        every_index(v, half, start, lambda h: certify(v.at(half, k + 1), [(1, h), (1, added), (1, length)]))
    with rejected:  # strict facts are not its business
        every_index(v, gap, start, lambda h: h, Sign.POSITIVE)
    with rejected:  # a start that rests on another induction's hypothesis
        every_index(
            v, gap, start, lambda h: every_index(v, gap, certify(v.at(gap, 0), [(1, start), (0, h)]), lambda i: i)
        )
    with rejected:  # an index is not a number to be put in
        substitute(fact, {k: 0})


def test_the_hypothesis_of_an_induction_is_of_one_index(v):
    gap = v.number("q", k)
    start = assume(v.at(gap, 0), "base", vocabulary=v)
    with rejected:
        every_index(v, gap, start, lambda h: instance(v, h, k + 1))
    # nor can it be smuggled out, or into another induction
    kept = []
    with rejected:
        every_index(v, gap, start, lambda h: kept.append(h) or h)
    (leaked,) = kept
    other = v.number("other", k)
    linked = assume(other - gap, "linked", vocabulary=v)
    with rejected:
        every_index(
            v, other, assume(v.at(other, 0), "base", vocabulary=v), lambda h: certify(v.at(other, k + 1), [(1, leaked)])
        )
    both = certify(other, [(1, linked), (1, leaked)])
    with rejected:
        every_index(v, other, instance(v, linked, 0) and both, lambda h: h)
    with rejected:
        instance(v, both, 0)


def test_what_is_tied_to_sequences_keeps_its_place(v):
    """⟨w, path_k⟩ = k·r⟨w, d⟩ for path_{k+1} = path_k + r·d: true of that r only, though nothing is assumed."""
    d, w = v.point("d"), v.point("w")
    v.define("path", Recursion(ZERO, lambda j: v.point("path", j) + r * d))
    gap = v.inner(w, v.point("path", k)) - k * r * v.inner(w, d)
    start = certify(v.at(gap, 0), [], Sign.ZERO)
    fact = every_index(v, gap, start, lambda h: certify(v.at(gap, k + 1), [(1, h)], Sign.ZERO), Sign.ZERO)
    assert not fact.hypotheses
    for symbol in (r, *fact.gap.free_symbols):
        with rejected:
            substitute(fact, {symbol: 5})
    walked = equal_norms(v, fact, "w", v.point("path", k), ZERO + k * r * d, Kind.DUAL)
    assert walked.gap == v.norm(v.point("path", k), Kind.DUAL) - v.norm(k * r * d, Kind.DUAL)
    x = v.mean(v.norm(d))
    mean = total(evident(v.norm(d)), v.expectation)
    with rejected:
        substitute(mean, {x: 1})


def test_equal_norms_needs_an_arbitrary_vector(v):
    x, y, w = v.point("x"), v.point("y"), v.point("w")
    same = assume(v.inner(w, x - y), "same", Sign.ZERO, v)
    with rejected:  # of one w only
        equal_norms(v, same, "w", x, y, Kind.DUAL)
    trivial = certify(v.inner(w, x) - v.inner(x, w), [], Sign.ZERO)
    assert equal_norms(v, trivial, "w", x, x, Kind.DUAL).gap == 0
    with rejected:  # not about these
        equal_norms(v, trivial, "w", x, y, Kind.DUAL)
    square = certify(v.inner(w, w - w), [], Sign.ZERO)
    with rejected:
        equal_norms(v, square, "w", w, w, Kind.DUAL)
    v.define("hidden", Recursion(w, lambda j: v.point("hidden", j)))
    with rejected:  # the definition of a sequence may contain w
        equal_norms(v, trivial, "w", x, x, Kind.DUAL)
    with rejected:
        equal_norms(v, evident(sp.S.Zero), "w", x, x, Kind.DUAL)


def test_facts_of_two_vocabularies_are_not_combined(v):
    """Lemma 3 of the method without extrapolation says nothing of the method with it, though its symbols look alike."""
    other = Vocabulary([a, b, r, K])
    mine = assume(v.norm(v.point("x")), "mine", vocabulary=v)
    theirs = assume(other.norm(other.point("x")), "theirs", vocabulary=other)
    assert mine.vocabulary is v
    assert certify(2 * mine.gap, [(1, mine), (1, evident(mine.gap))]).vocabulary is v
    with rejected:
        certify(mine.gap + theirs.gap, [(1, mine), (1, theirs)])
    with rejected:
        instance(other, mine, 0)
    with rejected:
        every_index(object(), r, mine, lambda h: h)


def counting(start, step, sign=Sign.NONNEGATIVE, gap=INDEX, vocabulary=None):
    """``gap`` ≥ 0 for every k, by a start and a step that are offered."""
    return every_index(vocabulary or Vocabulary([]), gap, start, step, sign)


def one_more(known):
    """k + 1 ≥ 0 from k ≥ 0."""
    return certify(INDEX + 1, [(1, known), (1, evident(sp.S.One))])


def test_an_induction_over_an_index_starts_at_zero():
    assert counting(evident(sp.S.Zero), one_more).gap == INDEX
    with rejected:  # k − 1 ≥ 0 has this step, and is false at k = 0
        counting(evident(sp.S.One), lambda known: certify(INDEX, [(1, known), (1, evident(sp.S.One))]), gap=INDEX - 1)
    with rejected:
        counting(evident(sp.S.Zero), one_more, Sign.POSITIVE)


def test_an_inner_induction_over_an_index_rests_on_its_own_hypothesis_only():
    v = Vocabulary([])

    def started_by(outer):
        return counting(certify(sp.S.Zero, [(0, outer)]), one_more, vocabulary=v)

    def stepped_by(outer):
        return counting(
            evident(sp.S.Zero), lambda known: certify(INDEX + 1, [*one_more(known).parts, (0, outer)]), vocabulary=v
        )

    for inner in (started_by, stepped_by):
        with pytest.raises(CertificateError, match="the hypothesis of another induction"):
            counting(evident(sp.S.Zero), inner, vocabulary=v)


@pytest.mark.parametrize("index", [sp.Rational(1, 2), sp.Integer(-1), sp.Symbol("r", nonnegative=True)], ids=str)
def test_what_holds_for_every_index_holds_at_whole_ones(index):
    v = Vocabulary([sp.Symbol("r", nonnegative=True)])
    fact = every_index(v, INDEX, evident(sp.S.Zero), one_more)
    assert instance(v, fact, sp.Integer(3)).gap == 3
    with pytest.raises(CertificateError, match="not evidently an integer"):
        instance(v, fact, index)
