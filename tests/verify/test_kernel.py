"""The kernel accepts what is true for a stated reason and rejects everything else."""

from types import SimpleNamespace

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from ntr_spec.verify.algebra import Unit, finite
from ntr_spec.verify.kernel import (
    CertificateError,
    Fact,
    Sign,
    Sums,
    assume,
    attained,
    certify,
    convex_minimum,
    evident,
    induction,
    is_zero,
    one_of,
    powers_compare,
    powers_raise,
    substitute,
    sum_of_squares,
    times,
    total,
    vanish,
)
from ntr_spec.verify.search import find

x, y, z = sp.symbols("x y z", real=True)
a, b = sp.symbols("a b", positive=True)
rejected = pytest.raises(CertificateError)


def test_certify_checks_the_identity_the_weights_and_the_sign():
    p, q = assume(x - y, "p"), assume(y - z, "q")
    fact = certify(x - z, [(1, p), (1, q)])
    assert fact.gap == x - z
    assert fact.hypotheses == {"p", "q"}
    with rejected:
        certify(x - z, [(1, p), (2, q)])
    with rejected:
        certify(z - y, [(-1, q)])
    with rejected:
        certify(x * (x - y), [(x, p)])  # x may be negative
    with rejected:
        certify(x - z, [(1, p), (1, q)], Sign.POSITIVE)
    with rejected:
        certify(x - z, [(1, p), (1, q)], Sign.ZERO)
    with rejected:
        certify(x - z, [(y, p), (y, q)], multiplier=y)


def test_equations_take_weights_of_any_sign_and_strictness_needs_a_strict_part():
    e = assume(x - y, "e", Sign.ZERO)
    assert certify(y - x, [(-1, e)], Sign.ZERO).sign is Sign.ZERO
    assert certify(x * (y - x), [(-x, e)]).hypotheses == {"e"}
    s = assume(x, "s", Sign.POSITIVE)
    assert certify(x + a, [(1, s), (1, evident(a))], Sign.POSITIVE).sign is Sign.POSITIVE
    with rejected:
        certify(sp.S.Zero, [(0, s)], Sign.POSITIVE)


def test_evident_reads_domains_only():
    assert evident(a * b).gap == a * b
    for gap, sign in (
        (x, Sign.NONNEGATIVE),
        (x**2, Sign.POSITIVE),
        (a - b, Sign.NONNEGATIVE),
        (a, Sign.ZERO),
    ):
        with rejected:
            evident(gap, sign)


def test_sums_of_squares():
    assert sum_of_squares(x**2 - 2 * x * y + y**2 + z**2, [(1, x - y), (1, z)])
    with rejected:
        sum_of_squares(x**2 - 3 * x * y + y**2, [(1, x - y)])
    with rejected:
        sum_of_squares(-(x**2), [(-1, x)])
    with rejected:
        sum_of_squares(sp.S.NegativeOne, [(1, sp.I)])


def test_induction_needs_a_base_a_step_and_fresh_symbols():
    S, n, d = sp.symbols("S n d", real=True)
    e = sp.Symbol("e", nonnegative=True)
    start, update = {S: 0, n: 0}, {S: S + n + e, n: n + 1}
    growing = induction(n, start, update, lambda known: certify(n + 1, [(1, known), (1, evident(sp.S.One))]))
    fact = induction(S, start, update, lambda known: certify(S + n + e, [(1, known), (1, growing), (1, evident(e))]))
    assert fact.fixed == {S, n}
    with rejected:  # the base
        induction(n - 1, start, update, lambda known: certify(n, [(1, known), (1, evident(sp.S.One))]))
    with rejected:  # the step proves something else
        induction(S, start, update, lambda known: known)
    with rejected:  # the step rests on something else
        induction(S, start, update, lambda known: assume(S + n + e, "hope"))
    with rejected:  # e is not the same at every step
        induction(S - e, start, update, lambda known: certify(S + n, [(1, known), (1, growing), (1, evident(e))]))
    with rejected:  # a domain would be a second invariant
        k = sp.Symbol("k", nonnegative=True)
        induction(k, {k: 0}, {k: k - d}, lambda known: evident(k))
    with rejected:  # a fact about reachable states is not one about all states
        substitute(fact, {S: -1})


def test_a_fact_about_other_states_is_no_step():
    S, e = sp.Symbol("S", real=True), sp.Symbol("e", nonnegative=True)
    up = induction(S, {S: 0}, {S: S + e}, lambda known: certify(S + e, [(1, known), (1, evident(e))]))
    with rejected:  # S ≥ 0 was proved for sums that grow, not for these
        induction(S, {S: 0}, {S: S - e}, lambda known: certify(S - e, [(1, up), (0, known)]))


def test_equally_named_steps_over_different_domains_are_different():
    S, e, anything = sp.Symbol("S", real=True), sp.Symbol("e", nonnegative=True), sp.Symbol("e", real=True)
    up = induction(S, {S: 0}, {S: S + e}, lambda known: certify(S + e, [(1, known), (1, evident(e))]))
    with rejected:
        induction(
            S,
            {S: 0},
            {S: S + anything},
            lambda known: certify(S + anything, [(1, up), (1, assume(anything, "e"))]),
        )
    with rejected:
        induction(2 * S, {S: 0}, {S: S + anything}, lambda known: certify(2 * S, [(2, up)]))


def test_powers():
    fact = assume(a**3 - b**3, "h")
    assert powers_compare(a, b, 3, fact).gap == a - b
    assert powers_raise(a, b, 3, assume(a - b, "h")).gap == a**3 - b**3
    assert powers_compare(a, x, 2, assume(a**2 - x**2, "h")).gap == a - x
    with rejected:
        powers_compare(x, y, 2, assume(x**2 - y**2, "h"))  # x may be negative
    with rejected:
        powers_compare(a, x, 4, assume(a**4 - x**4, "h"))
    with rejected:
        powers_raise(a, x, 2, assume(a - x, "h"))
    with rejected:
        powers_compare(a, b, 2, fact)


def test_convex_minimum():
    assert convex_minimum(a**2 - 2 * a, a, sp.S.One).gap.subs(a, 3) == 4
    for function, at in ((-(a**2), 1), (a**2 - 2 * a, 2), (sp.log(a), 1)):
        with rejected:
            convex_minimum(function, a, sp.sympify(at))


def test_substitution_keeps_domains_and_hypotheses():
    fact = evident(a + b)
    assert substitute(fact, {a: b**2}).gap == b**2 + b
    for value in (x, -a, sp.S.Zero):
        with rejected:
            substitute(fact, {a: value})
    with rejected:
        substitute(assume(x - y, "h"), {x: z})


def test_formal_sums_are_linear_and_keep_signs():
    n = sp.Symbol("n", positive=True)
    sums = Sums((a, x), n)
    assert is_zero(sums.of(3 * y * a + 2) - 3 * y * sums.of(a) - 2 * n)
    assert sums.of(a).is_nonnegative
    assert sums.of(x).is_nonnegative is None
    assert total(evident(a, Sign.POSITIVE), sums).sign is Sign.NONNEGATIVE  # the set may be empty
    j = sp.Symbol("a_j", positive=True)
    assert one_of(a**2, {a: j, x: y}, sums).gap == sums.of(a**2) - j**2
    with rejected:
        one_of(x, {a: j, x: y}, sums)
    with rejected:
        one_of(a, {a: y, x: y}, sums)  # y is not in the domain of a
    with rejected:
        Sums((a,), x)


def test_equal_expressions_in_disguise():
    r = sp.Symbol("r", positive=True)
    assert is_zero(a ** (r / (1 + r)) * a ** (1 / (1 + r)) - a)
    assert is_zero((a * b) ** r - a**r * b**r)
    assert not is_zero((a + b) ** r - a**r - b**r)
    assert not is_zero(sp.sqrt(x**2) - x)


def test_search_finds_certificates_and_only_those_that_exist():
    known = [assume(x - y, "p"), assume(y - z, "q")]
    assert find(2 * x - 2 * z, known).gap == 2 * x - 2 * z
    assert find(z - x, known) is None
    assert find(x - z, known, Sign.POSITIVE) is None
    assert find(x - z, [*known, assume(x - y, "r", Sign.POSITIVE)], Sign.POSITIVE) is not None


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=4),
    st.integers(-4, 4),
    st.integers(-4, 4),
)
def test_what_search_proves_is_true(rows, p, q):
    """An independent check: a certified linear gap is nonnegative at every grid point that satisfies the facts."""
    facts = [assume(i * x + j * y, f"h{k}") for k, (i, j) in enumerate(rows)]
    found = find(p * x + q * y, facts)
    grid = [(u, v) for u in range(-6, 7) for v in range(-6, 7)]
    allowed = [(u, v) for u, v in grid if all(i * u + j * v >= 0 for i, j in rows)]
    if found is not None:
        assert all(p * u + q * v >= 0 for u, v in allowed)
    else:  # Farkas: some point tells
        assert any(p * u + q * v < 0 for u, v in allowed)


# ---- what facts remember ---------------------------------------------------------------------------------------


def parts_of(fact):
    return [(weight, part.rule) for weight, part in fact.parts]


def test_facts_remember_how_they_were_made():
    p, q = assume(x - y, "p"), assume(y - z, "q")
    fact = certify(x - z, [(2, p), (2, q)], multiplier=2)
    assert (p.rule, p.parts, p.detail["name"], p.note) == ("assume", (), "p", "")
    assert (fact.rule, parts_of(fact), fact.detail["multiplier"]) == ("certify", [(2, "assume")] * 2, 2)
    assert [part for _, part in fact.parts] == [p, q]
    assert parts_of(times(p, a)) == [(a, "assume")]
    assert evident(a).rule == "evident"
    assert sum_of_squares(x**2, [(1, x)]).detail["squares"] == ((1, x),)
    assert substitute(evident(a), {a: b}).detail["values"] == {a: b}
    S, e = sp.Symbol("S", real=True), sp.Symbol("e", nonnegative=True)
    up = induction(S, {S: 0}, {S: S + e}, lambda known: certify(S + e, [(1, known), (1, evident(e))]))
    assert (up.rule, parts_of(up)) == ("induction", [(1, "certify")])
    noted = fact.with_note("two steps")
    assert (noted.note, noted.gap, noted.hypotheses, noted.parts) == (
        "two steps", fact.gap, fact.hypotheses, fact.parts
    )  # fmt: skip
    assert fact.note == ""


def test_facts_cannot_be_changed():
    fact = assume(x, "h")
    for name, value in (("gap", x + 1), ("hypotheses", frozenset()), ("sign", Sign.ZERO), ("fixed", frozenset())):
        with rejected:
            setattr(fact, name, value)
        with rejected:
            delattr(fact, name)
    with pytest.raises(AttributeError):
        _ = fact.more


def test_sums_keep_their_place():
    """Σ(aᵢ − t)² ≥ 0 holds of sums, not of any two numbers in their place."""
    n = sp.Symbol("n", positive=True)
    sums = Sums((x,), n)
    spread = total(sum_of_squares((x - y) ** 2, [(1, x - y)]), sums)
    assert substitute(spread, {y: z}).gap.has(z)
    for symbol in spread.gap.free_symbols & set(sums.monomials().values()):
        with rejected:
            substitute(spread, {symbol: 0})


def test_sums_read_their_terms_when_asked():
    terms = [x]
    mean = Sums(lambda: terms, sp.S.One, symbol=lambda monomial: sp.Symbol(f"E[{monomial}]", real=True))
    assert mean.of(x * y) == y * mean.of(x)
    terms.append(y)
    assert mean.of(x * y) == sp.Symbol("E[x*y]", real=True)


def test_an_inner_induction_may_not_use_the_hypothesis_of_the_outer_one():
    S, T = sp.symbols("S T", real=True)
    e = sp.Symbol("e", nonnegative=True)

    def step(outer):
        with rejected:
            induction(T, {T: 0}, {T: S}, lambda inner: certify(S, [(1, outer)]))
        return certify(S + e, [(1, outer), (1, evident(e))])

    assert induction(S, {S: 0}, {S: S + e}, step)


def test_updates_are_told_apart_by_the_domains_of_their_symbols():
    S, e, anything = sp.Symbol("S", real=True), sp.Symbol("e", nonnegative=True), sp.Symbol("e", real=True)
    up = induction(S, {S: 0}, {S: S + e}, lambda known: certify(S + e, [(1, known), (1, evident(e))]))
    other = induction(S**2, {S: 0}, {S: S + anything}, lambda known: evident((S + anything) ** 2))
    assert up.hypotheses != other.hypotheses
    with rejected:  # a dummy is not identified by its name
        d = sp.Dummy("e", nonnegative=True)
        induction(S, {S: 0}, {S: S + d}, lambda known: certify(S + d, [(1, known), (1, evident(d))]))
    c = sp.Symbol("c", real=True)
    above = induction(S - c, {S: c}, {S: S + e}, lambda known: certify(S + e - c, [(1, known), (1, evident(e))]))
    with rejected:  # where the sequence starts is part of what was assumed
        substitute(above, {c: 5})


# ---- false siblings: what proved −1 ≥ 0 once ----------------------------------------------------------------------


def test_weights_and_multipliers_are_finite():
    nought = assume(x, "x = 0", Sign.ZERO)
    size = sp.Symbol("size", nonnegative=True)
    for weight in (-1 / x, sp.log(size) / x, -(x**-2), 1 / size, sp.log(size), sp.tan(x), sp.oo, x**y):
        with rejected:
            certify(weight * x, [(weight, nought)])
        with rejected:
            times(nought, weight)
    with rejected:
        certify(x, [(x / size, evident(size, Sign.NONNEGATIVE)), (0, nought)], multiplier=1)
    assert certify(-x / a, [(-1 / a, nought)])
    assert certify(x / (1 + size), [(1 / (1 + size), nought)])
    for good in (1 / a, sp.log(a), a**x, 2**x, size**a, 1 / (a + size), -1 / (-a - 1), sp.exp(-x)):
        assert finite(good)
    for bad in (1 / x, size**-a, 0**size / x, sp.nan, sp.zoo, 1 / (a - b), sp.Symbol("w", infinite=True)):
        assert not finite(bad)


def test_facts_are_about_numbers():
    for gap in (sp.oo, sp.nan, sp.zoo, x - sp.oo):
        with rejected:
            assume(gap, "h")


def test_the_names_of_inductions_are_not_to_be_taken():
    S, e = sp.Symbol("S", real=True), sp.Symbol("e", nonnegative=True)
    up = induction(S, {S: 0}, {S: S + e}, lambda known: certify(S + e, [(1, known), (1, evident(e))]))
    (reachable,) = up.hypotheses
    for name in (reachable, str(reachable), "induction hypothesis: x >= 0", "reachable: S", 5):
        with rejected:
            assume(-x, name)
    with rejected:
        induction(-S, {S: 0}, {S: S + e}, lambda h: assume(-(S + e), h.detail["name"]))
    kept = []
    with rejected:
        induction(S, {S: 0}, {S: S + e}, lambda h: kept.append(h) or h)
    with rejected:  # the same text, but the hypothesis of another induction
        induction(S, {S: 0}, {S: S + e}, lambda h: certify(S + e, [(1, kept[0]), (1, evident(e))]))


def test_substitution_keeps_every_assumption():
    K, low = sp.Symbol("K", integer=True, positive=True), sp.Symbol("z", negative=True)
    prime, some = sp.Symbol("p", prime=True), sp.Symbol("q", real=True, nonzero=True)
    odd = sp.Symbol("o", integer=True, even=False)
    u = Unit("u", positive=True)
    for symbol, value in (
        (K, sp.Rational(1, 2)), (K, 0), (low, 1), (low, x), (prime, 4), (some, 0), (some, x), (odd, 2), (a, 1 - u),
        (x, sp.Symbol("c")), (x, sp.I), (x, 1 / x),
    ):  # fmt: skip
        with rejected:
            substitute(evident(symbol - symbol + 1), {symbol: value})
    assert substitute(evident(K - 1), {K: K + 1}).gap == K
    assert substitute(evident(-low), {low: -a}).gap == a
    assert substitute(evident(a), {a: 2 - u}).gap == 2 - u
    with rejected:
        substitute(evident(u), {u: 2})
    with rejected:
        substitute(evident(1 - u), {u: 2})
    with rejected:
        substitute(evident(a), {a + b: 1})


def test_parts_are_facts():
    false = {"gap": sp.S.NegativeOne, "sign": Sign.NONNEGATIVE, "hypotheses": frozenset(), "fixed": frozenset()}
    with rejected:
        certify(-1, [(1, SimpleNamespace(**false, vocabulary=None))])
    with rejected:
        times(SimpleNamespace(**false, vocabulary=None), 1)
    with rejected:

        class _Subclass(Fact):
            pass


def test_units_are_of_two_kinds():
    for domain in ({"negative": True}, {"positive": True, "integer": True}, {}, {"positive": False}):
        with rejected:
            Unit("u", **domain)


def test_runs_are_told_apart_by_where_they_start():
    S = sp.Symbol("S", real=True)
    starts = [sp.Symbol("c", **domain) for domain in ({"real": True}, {"nonnegative": True}, {"negative": True})]
    facts = [induction((S - c) ** 2, {S: c}, {S: S}, lambda h: h) for c in (*starts, Unit("c", nonnegative=True))]
    for i, fact in enumerate(facts):
        assert all(fact.hypotheses != other.hypotheses for other in facts[:i])
    again = induction((S - starts[0]) ** 2, {S: starts[0]}, {S: S}, lambda h: h)
    assert again.hypotheses == facts[0].hypotheses
    for state in (sp.Symbol("S", integer=True), Unit("S", positive=True), sp.Dummy("S", real=True)):
        with rejected:
            induction(state**2, {state: 0}, {state: state}, lambda h: h)
    e, c = sp.Symbol("e"), sp.Symbol("c", real=True)
    with rejected:  # a step of no domain
        induction(S**2, {S: 0}, {S: S + e}, lambda h: assume((S + e) ** 2, "h"))
    with rejected:
        induction(S - c, {S: c}, {S: S + e}, lambda h: h)


def test_strictness_is_kept_by_positive_weights_only():
    s = assume(x, "s", Sign.POSITIVE)
    size = sp.Symbol("size", nonnegative=True)
    assert times(s, size).sign is Sign.NONNEGATIVE
    assert times(s, a).sign is Sign.POSITIVE
    assert times(assume(x, "e", Sign.ZERO), -1).sign is Sign.ZERO
    with rejected:
        times(s, -1)


def test_one_term_of_a_sum_is_a_term():
    n, m = sp.symbols("n m", nonnegative=True)
    size, other = sp.Symbol("size", nonnegative=True), sp.Symbol("other", nonnegative=True)
    sums, j, i = Sums((size,), n), sp.Symbol("j", nonnegative=True), sp.Symbol("i", nonnegative=True)
    whole = sums.of(size)
    at = one_of(size, {size: j}, sums)
    assert at.fixed == {j, n, whole}
    for value in (whole + 1, whole, j + 1, 2, size, n, x, a, sp.Symbol("j", positive=True)):
        with rejected:
            one_of(size, {size: value}, sums)
    for value in (whole + 1, whole, 5, i, other):
        with rejected:
            substitute(at, {j: value})
    with rejected:
        substitute(at, {n: 0})
    pair = Sums((size, other), n)
    for wrong in ({size: j}, {size: j, other: j}, {size: i, other: j, x: y}, {}):
        with rejected:
            one_of(size, wrong, pair)
    # Whichever index it is: that fact is one about every term of these sums, and of these only.
    termwise = substitute(at, {j: size})
    assert termwise.hypotheses
    assert not total(termwise, Sums((size,), n)).hypotheses
    assert total(termwise, sums).gap == n * whole - whole
    for elsewhere in (Sums((size,), m), Sums((size,), n, "other"), Sums((size, other), n)):
        assert total(termwise, elsewhere).hypotheses
    with rejected:
        substitute(termwise, {size: 5})
    with rejected:  # j is that index, for the assumption too
        substitute(certify(whole, [(1, at), (1, assume(j, "h"))]), {j: size})
    with rejected:
        substitute(one_of(size, {size: j, other: i}, pair), {j: size})


def test_different_sums_have_different_symbols():
    n, m = sp.symbols("n m", nonnegative=True)
    u = Unit("u", positive=True)
    assert Sums((u,), n).of(u) == Sums((u,), n).of(u)
    for others in (Sums((u,), m), Sums((u, a), n), Sums((u,), n, "kept")):
        assert Sums((u,), n).of(u) != others.of(u)
    bounded = total(evident(1 - u), Sums((u,), n))
    assert bounded.gap == n - Sums((u,), n).of(u)
    with rejected:  # the size of the index set is tied to the sum
        substitute(bounded, {n: 0})


def test_sums_whose_symbols_lie():
    for symbol in (
        lambda m: -1,
        lambda m: sp.Symbol("neg", negative=True),
        lambda m: sp.Symbol("neg", positive=True),
        lambda m: sp.Symbol("any"),
        lambda m: Unit("u", nonnegative=True),
        lambda m: -sp.Symbol("s", nonnegative=True),
    ):
        with rejected:
            total(evident(a), Sums((a,), 1, symbol=symbol))
    one = sp.Symbol("one", nonnegative=True)
    with rejected:  # the same for two sums
        Sums((a, b), 1, symbol=lambda m: one).of(a - b)
    with rejected:  # nothing says that this is a sum
        total(evident(a), Sums((a,), 1, symbol=lambda m: one))


def test_sums_vanish_with_positive_powers_only():
    n, size = sp.symbols("n size", nonnegative=True)
    sums = Sums((size, x), n)
    zero = assume(sums.of(size), "zero", Sign.ZERO)
    assert vanish(zero, size, x * size**2, sums).gap == sums.of(x * size**2)
    for other in (
        sp.Mul(size, 1 / size, evaluate=False), size * (size + size**2) ** -1, x, size**x, 1 / size, size + 1, size**0
    ):  # fmt: skip
        with rejected:
            vanish(zero, size, other, sums)
    for power in (1 / size, size**x, x, size * x):
        with rejected:
            vanish(assume(sums.of(power), "zero", Sign.ZERO), power, size * x, sums)
    with rejected:
        vanish(assume(sums.of(size), "at least"), size, size, sums)


def test_what_jumps_is_not_convex():
    jumps = sp.atan(1 / (a - 5)) + sp.atan(a - 5)
    for function in (
        sp.Piecewise((a**2 - 2 * a, a < 5), (a**2 - 2 * a - 100, True)),
        a**2 - 2 * a + 10 * jumps,
        a**2 - 2 * a - 10 * sp.floor(a),
        a**2 - 2 * a - sp.sign(a - 5),
        a**2 - 2 * a + a**a,
        a**2 - 2 * a + sp.exp(a**2) * 0 + sp.Max(a, 0) - a + sp.Abs(x - a),
    ):
        with rejected:
            convex_minimum(function, a, sp.S.One)
    assert convex_minimum(a - sp.log(a), a, sp.S.One)
    assert convex_minimum(sp.exp(a) - sp.E * a, a, sp.S.One)
    free = sp.Symbol("u", real=True)
    with rejected:  # the variable is not evidently > 0
        convex_minimum(free**2 - 2 * free, free, sp.S.One)
    for at in (-1, 0):  # nor is the point
        with rejected:
            convex_minimum(a**2 - 2 * at * a, a, sp.sympify(at))


def test_powers_of_what_is_not_real_or_not_positive():
    c, size = sp.Symbol("c"), sp.Symbol("size", nonnegative=True)
    with rejected:
        powers_compare(a, c, 2, assume(a**2 - c**2, "h"))
    with rejected:
        powers_raise(c, size, 2, assume(c - size, "h"))
    for exponent in (-1, 0, x):
        with rejected:
            powers_raise(a, b, exponent, assume(a - b, "h"))
        with rejected:
            powers_compare(a, b, exponent, assume(a**exponent - b**exponent, "h"))
    smallest = sp.Min(c, a)
    with rejected:
        attained(smallest, smallest, [assume(e, "h") for e in smallest.args])
    largest = sp.Max(x, y)
    assert attained(largest, largest, [assume(e, "h") for e in largest.args]).gap == largest
    with rejected:
        attained(largest, largest, [assume(e, "h") for e in largest.args[:1]])


@pytest.mark.parametrize(("target", "root", "multiplier"), [(-1, 1, sp.S.NegativeOne), (-1, 0, sp.S.Zero), (x, x, x)])
def test_multipliers_are_positive(target, root, multiplier):
    # multiplier·target = root², as certify asks; only the multiplier's sign is wrong.
    square = sum_of_squares(sp.sympify(root) ** 2, [(1, root)])
    with rejected:
        certify(target, [(1, square)], multiplier=multiplier)


def test_the_step_of_an_induction_is_about_every_step():
    S = sp.Symbol("S", real=True)
    e, c = sp.Symbol("e", nonnegative=True), sp.Symbol("c")
    # S + e ≥ 0 after S ← −e, for the e of that step: of S = −1 and another e it is false.
    with rejected:
        induction(S + e, {S: sp.S.Zero}, {S: -e}, lambda known: certify(sp.S.Zero, []))
    with rejected:
        induction(S, {S: sp.S.Zero}, {S: sp.Abs(c)}, lambda known: evident(sp.Abs(c)))
