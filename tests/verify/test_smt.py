"""The translation to Z3 against exact evaluation, and that nothing undefined is ever proved."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ntr_spec.errors import UntraceableError
from ntr_spec.verify import smt
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.cases import substitute

X, Y = t.symbol("x"), t.symbol("y")
HALF = Fraction(1, 2)

leaves = st.sampled_from([X, Y, t.ZERO, t.ONE, t.const(-2), t.const(HALF)])


def extend(inner):
    pairs = st.tuples(inner, inner)
    condition = st.builds(lambda f, ab: f(*ab), st.sampled_from([t.lt, t.le, t.eq]), pairs)
    return st.one_of(
        st.builds(lambda f, ab: f(*ab), st.sampled_from([t.add, t.sub, t.mul, t.maximum, t.minimum, t.div]), pairs),
        st.builds(lambda f, a: f(a), st.sampled_from([t.absolute, t.sign, t.neg]), inner),
        st.builds(lambda a: t.power(t.absolute(a), HALF), inner),
        st.builds(lambda c, ab: t.where(c, *ab), condition, pairs),
    )


terms = st.recursive(leaves, extend, max_leaves=6)
numbers = st.fractions(min_value=-2, max_value=2, max_denominator=2)


@given(term=terms, x=numbers, y=numbers)
@settings(max_examples=80, deadline=None)
def test_z3_agrees_with_exact_evaluation(term, x, y):
    here = t.conjunction(t.eq(X, t.const(x)), t.eq(Y, t.const(y)))
    value = substitute(term, {X: t.const(x), Y: t.const(y)})
    if value.op == "undefined":
        from ntr_spec.verify.symbolic.ground import definedness

        assert smt.decide(t.disjunction(t.negation(here), definedness(term)), 1.0).holds is not True
    else:
        right = smt.decide(t.disjunction(t.negation(here), t.eq(term, value)), 1.0)
        off = t.add(value, t.const(Fraction(1, 1000)))
        wrong = smt.decide(t.disjunction(t.negation(here), t.eq(term, off)), 1.0)
        assume(right.holds is not None and wrong.holds is not None)  # Z3 may give up on roots of roots
        assert (right.holds, wrong.holds) == (True, False)


TRUE_FOR_ALL = {
    "triangle": t.le(t.absolute(t.add(X, Y)), t.add(t.absolute(X), t.absolute(Y))),
    "root of a square": t.eq(t.power(t.mul(X, X), HALF), t.absolute(X)),
    "means": t.le(t.mul(t.const(2), t.mul(X, Y)), t.add(t.mul(X, X), t.mul(Y, Y))),
    "guarded": t.le(t.absolute(t.where(t.eq(X, t.ZERO), t.ZERO, t.div(X, t.absolute(X)))), t.ONE),
}
FALSE_SOMEWHERE = {
    "only at zero": t.lt(t.ZERO, t.absolute(X)),
    "only on a tie": t.negation(t.eq(X, Y)),
    "only beyond a thousand": t.lt(X, t.const(1000)),
    "only at an irrational": t.negation(t.eq(t.mul(X, X), t.const(2))),
    "inverse": t.le(t.div(t.ONE, t.add(t.ONE, t.mul(X, X))), t.const(Fraction(99, 100))),
}


@pytest.mark.parametrize("name", TRUE_FOR_ALL)
def test_true_formulas_are_decided(name):
    assert smt.decide(TRUE_FOR_ALL[name], 5.0).holds is True


@pytest.mark.parametrize("name", FALSE_SOMEWHERE)
def test_false_formulas_have_counterexamples(name):
    verdict = smt.decide(FALSE_SOMEWHERE[name], 5.0)
    assert verdict.holds is False
    if name != "only at an irrational":
        assert substitute(FALSE_SOMEWHERE[name], {s: t.const(v) for s, v in verdict.counterexample.items()}) is t.FALSE


@pytest.mark.parametrize(
    "claim",
    [
        t.eq(t.div(X, X), t.ONE),
        t.eq(t.mul(t.div(t.ONE, X), X), t.ONE),
        t.le(t.ZERO, t.power(X, HALF)),
        t.le(t.ZERO, t.add(t.power(X, HALF), t.ONE)),
        t.eq(t.div(Y, t.power(X, HALF)), t.div(Y, t.power(X, HALF))),
    ],
)
def test_a_claim_about_undefined_numbers_is_not_valid_with_its_definedness(claim):
    from ntr_spec.verify.symbolic.ground import definedness

    assert smt.decide(definedness(claim), 5.0).holds is False


def test_free_variables_of_undefined_parts_exclude_no_input():
    # 1 + √x is "positive where defined"; dividing by it must not rule out x < 0.
    quotient = t.div(Y, t.add(t.ONE, t.power(X, HALF)))
    outside = t.conjunction(t.lt(X, t.ZERO), t.eq(t.mul(t.ZERO, quotient), t.ZERO))
    assert smt.decide(t.negation(outside), 5.0).holds is False
    nested = t.div(Y, t.add(t.ONE, t.div(t.ONE, t.power(t.sub(X, t.absolute(X)), HALF))))
    assert smt.decide(t.negation(t.eq(nested, t.ONE)), 5.0).holds is not True


def test_giving_up_is_not_an_answer():
    big = t.power(t.add(t.power(t.absolute(X), Fraction(7, 5)), t.power(t.absolute(Y), Fraction(7, 5))), Fraction(5, 7))
    verdict = smt.decide(t.le(t.add(X, t.mul(Y, Y)), t.add(big, t.mul(X, t.mul(X, Y)))), 5.0, steps=50)
    assert verdict.holds is None
    assert verdict.reason


def test_hopeless_exponents_are_refused():
    with pytest.raises(UntraceableError, match="exponent"):
        smt.decide(t.le(t.ONE, t.power(t.absolute(X), Fraction(1001, 1000))), 1.0)


def test_zero_test_of_constants():
    nested = t.raw("pow", (t.add(t.const(3), t.mul(t.const(2), t.power(t.const(2), HALF))),), HALF)
    zero = t.raw("add", (t.raw("add", (nested, t.const(-1))), t.raw("mul", (t.MINUS, t.power(t.const(2), HALF)))))
    assert smt.decide_zero(zero, 5.0)
    assert not smt.decide_zero(t.power(t.const(2), HALF), 5.0)
