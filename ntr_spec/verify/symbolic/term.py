"""Terms: what a hook computes when it runs on symbols, as a shared graph over the rationals.

SymPy's own ``Max``, ``Min`` and ``Piecewise`` simplify on construction, which is slow, and its arithmetic cancels
(x/x becomes 1), which hides a division by zero that the running code would meet. A :class:`Term` therefore
does no algebra: constructors fold constants and use identities that hold, definedness included, for every input,
nothing more. Equal terms are one object, so that whatever is computed from a term is computed once. :mod:`.reading`
turns terms into SymPy expressions.

Three facts are kept with each term: ``ground`` (no symbol in it), ``total`` (defined for every input: no
division, no root of something that may be negative) and ``nonneg``/``positive`` (known sign, wherever defined).
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

REAL_OPS = frozenset({"const", "symbol", "add", "mul", "div", "pow", "abs", "sign", "max", "min", "where", "undefined"})
BOOLEAN_OPS = frozenset({"true", "false", "lt", "le", "eq", "not", "and", "or"})
_MOST_LEAVES = 32  # comparisons are pushed into a choice among at most this many constants


class Term:
    """One node. Build it with the functions below, never directly."""

    __slots__ = (
        "__weakref__",
        "args",
        "ground",
        "leaves",
        "nonneg",
        "op",
        "positive",
        "serial",
        "total",
        "value",
    )

    op: str
    args: tuple[Term, ...]
    value: Any
    ground: bool
    total: bool
    nonneg: bool
    positive: bool
    leaves: frozenset[Fraction] | None
    serial: int

    def __repr__(self) -> str:
        if self.op in ("const", "symbol"):
            return str(self.value)
        inner = ", ".join(map(repr, self.args))
        return f"{self.op}({inner}{f'; {self.value}' if self.value is not None else ''})"


# A memo, not a registry: equal terms are the same object for as long as anyone holds them.
_KNOWN: weakref.WeakValueDictionary[tuple[Any, ...], Term] = weakref.WeakValueDictionary()
_SERIAL = itertools.count()


def raw(
    op: str,
    args: tuple[Term, ...] = (),
    value: Any = None,
    partial: bool = False,
    nonneg: bool = False,
    positive: bool = False,
) -> Term:
    """The node itself, with nothing folded; only the constructors below and normal forms call this."""
    key = (op, value, args)
    found = _KNOWN.get(key)
    if found is not None:
        return found
    term = Term()
    term.op, term.args, term.value = op, args, value
    term.ground = op != "symbol" and all(a.ground for a in args)
    term.total = not partial and all(a.total for a in args)
    term.nonneg, term.positive = nonneg or positive, positive
    term.leaves = _leaves_of(term)
    term.serial = next(_SERIAL)
    _KNOWN[key] = term
    return term


def _leaves_of(term: Term) -> frozenset[Fraction] | None:
    """Constants among which the value of a term is, or None if they are not few: an index has them."""
    if term.op == "const":
        return frozenset({term.value})
    if term.op not in ("where", "add", "mul", "max", "min"):
        return None
    left, right = term.args[-2].leaves, term.args[-1].leaves
    if left is None or right is None:
        return None
    if term.op == "add":
        found = frozenset(a + b for a in left for b in right)
    elif term.op == "mul":
        found = frozenset(a * b for a in left for b in right)
    else:
        found = left | right
    return found if len(found) <= _MOST_LEAVES else None


TRUE = raw("true")
FALSE = raw("false")


# ---- numbers ------------------------------------------------------------------------------------------------


def const(value: Fraction | int) -> Term:
    """A rational number."""
    value = Fraction(value)
    return raw("const", (), value, nonneg=value >= 0, positive=value > 0)


ZERO, ONE, MINUS = const(0), const(1), const(-1)


def symbol(name: str, positive: bool = False) -> Term:
    """A real variable; with ``positive``, one that ranges over the positive reals."""
    return raw("symbol", (), name if not positive else _Positive(name), positive=positive)


class _Positive(str):
    """The name of a positive variable; a different variable from a real one of the same name."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Positive) and str.__eq__(self, other)

    def __hash__(self) -> int:
        return hash(("positive", str(self)))


def undefined(why: str) -> Term:
    """A real number that is not one, such as 1/0."""
    return raw("undefined", (), why, partial=True)


def _undefined_among(args: Iterable[Term]) -> Term | None:
    return next((a for a in args if a.op == "undefined"), None)


def add(a: Term, b: Term) -> Term:
    """a + b."""
    if bad := _undefined_among((a, b)):
        return bad
    if a.op == "const" and b.op == "const":
        return const(a.value + b.value)
    if a is ZERO:
        return b
    if b is ZERO:
        return a
    if a is neg(b) and a.total:
        return ZERO
    if a.ground and b.ground:
        return _canonical("add", a, b)
    first, second = (a, b) if a.serial <= b.serial else (b, a)
    return raw("add", (first, second), nonneg=a.nonneg and b.nonneg, positive=_sum_positive(a, b))


def _sum_positive(a: Term, b: Term) -> bool:
    return (a.positive and b.nonneg) or (a.nonneg and b.positive)


def neg(a: Term) -> Term:
    """−a."""
    return mul(MINUS, a)


def _canonical(op: str, *args: Term, value: Any = None) -> Term:
    """An operation on constants, in the normal form of radicals that SymPy gives them."""
    from ntr_spec.verify.symbolic.radicals import canonical

    return canonical(op, args, value)


def sub(a: Term, b: Term) -> Term:
    """a − b."""
    return add(a, neg(b))


def mul(a: Term, b: Term) -> Term:
    """a·b."""
    if bad := _undefined_among((a, b)):
        return bad
    if b.op == "const":
        a, b = b, a
    if a.op == "const":
        if b.op == "const":
            return const(a.value * b.value)
        if a is ONE:
            return b
        if a is ZERO and b.total:
            return ZERO
        if b.ground:
            return _canonical("mul", a, b)
        if b.op == "mul" and b.args[0].op == "const":
            return mul(const(a.value * b.args[0].value), b.args[1])
        return raw("mul", (a, b), nonneg=a.nonneg and b.nonneg, positive=a.positive and b.positive)
    if a.ground and b.ground:
        return _canonical("mul", a, b)
    if a is b:
        return power(a, Fraction(2))
    for left, right in ((a, b), (b, a)):
        if left.op == "mul" and left.args[0].op == "const":
            return mul(left.args[0], mul(left.args[1], right))
    first, second = (a, b) if a.serial <= b.serial else (b, a)
    return raw("mul", (first, second), nonneg=a.nonneg and b.nonneg, positive=a.positive and b.positive)


def div(a: Term, b: Term) -> Term:
    """a/b; undefined where b = 0."""
    if bad := _undefined_among((a, b)):
        return bad
    if b.ground and sign(b) is ZERO:
        return undefined("division by zero")
    if b.op == "const":
        return mul(const(1 / b.value), a)
    if a.ground and b.ground:
        return _canonical("div", a, b)
    safe = b.positive or b.ground
    return raw("div", (a, b), partial=not safe, nonneg=a.nonneg and b.nonneg, positive=a.positive and b.positive)


def power(a: Term, exponent: Fraction) -> Term:
    """a^exponent; as in floating point, undefined for a < 0 unless the exponent is an integer, and 0⁰ = 1."""
    if a.op == "undefined":
        return a
    if exponent == 1:
        return a
    if exponent == 0:
        return ONE if a.total else add(ONE, mul(ZERO, a))
    if exponent < 0:
        return div(ONE, power(a, -exponent))
    whole = exponent.denominator == 1
    if a.ground and not whole:
        if a is ZERO:
            return ZERO
        if sign(a) is MINUS:
            return undefined("root of a negative number")
        if sign(a) is ZERO:
            return ZERO
    if a.op == "const":
        if whole:
            return const(a.value**exponent.numerator)
        root = _exact_root(a.value, exponent.denominator)
        if root is not None:
            return const(root**exponent.numerator)
    if a.ground:
        return _canonical("pow", a, value=exponent)
    if a.op == "pow" and a.args[0].nonneg:
        return power(a.args[0], a.value * exponent)
    if a.op == "pow" and not whole and a.value.denominator == 1 and a.value.numerator % 2 == 0:
        return power(absolute(a.args[0]), a.value * exponent)  # √(x²) = |x|
    even = whole and exponent.numerator % 2 == 0
    if even and a.op == "abs":
        return power(a.args[0], exponent)
    fine = whole or a.nonneg
    return raw("pow", (a,), exponent, partial=not fine, nonneg=even or not whole or a.nonneg, positive=a.positive)


def _exact_root(value: Fraction, n: int) -> Fraction | None:
    """The rational n-th root of a positive rational, if there is one."""
    top, bottom = _integer_root(value.numerator, n), _integer_root(value.denominator, n)
    return Fraction(top, bottom) if top is not None and bottom is not None else None


def _integer_root(value: int, n: int) -> int | None:
    if n >= value.bit_length():  # 2ⁿ is larger; n may be astronomic
        return value if value <= 1 else None
    low, high = 0, 1 << (value.bit_length() // n + 1)
    while low < high:
        middle = (low + high + 1) // 2
        if middle**n <= value:
            low = middle
        else:
            high = middle - 1
    return low if low**n == value else None


def absolute(a: Term) -> Term:
    """|a|."""
    if a.op == "undefined" or a.nonneg:
        return a
    if a.op == "const":
        return const(abs(a.value))
    if a.op == "mul" and a.args[0].op == "const":
        return mul(const(abs(a.args[0].value)), absolute(a.args[1]))
    if a.ground:
        return neg(a) if sign(a) is MINUS else a
    return raw("abs", (a,), nonneg=True)


def sign(a: Term) -> Term:
    """sign(a), with sign(0) = 0."""
    if a.op == "undefined":
        return a
    if a.op == "const":
        return const((a.value > 0) - (a.value < 0))
    if a.op == "mul" and a.args[0].op == "const" and a.args[0] is not ZERO:
        return mul(sign(a.args[0]), sign(a.args[1]))
    if a.positive and a.total:
        return ONE
    if a.ground:
        from ntr_spec.verify.symbolic.ground import sign_of

        return const(sign_of(a))
    return raw("sign", (a,), nonneg=a.nonneg, positive=a.positive)


def maximum(a: Term, b: Term) -> Term:
    """max(a, b)."""
    return _extreme("max", a, b)


def minimum(a: Term, b: Term) -> Term:
    """min(a, b)."""
    return _extreme("min", a, b)


def _extreme(op: str, a: Term, b: Term) -> Term:
    if bad := _undefined_among((a, b)):
        return bad
    if a is b:
        return a
    if a.ground and b.ground:
        return a if (le(b, a) is TRUE) == (op == "max") else b
    first, second = (a, b) if a.serial <= b.serial else (b, a)
    one_is_enough = op == "max"
    nonneg = (a.nonneg or b.nonneg) if one_is_enough else (a.nonneg and b.nonneg)
    positive = (a.positive or b.positive) if one_is_enough else (a.positive and b.positive)
    return raw(op, (first, second), nonneg=nonneg, positive=positive)


def where(condition: Term, a: Term, b: Term) -> Term:
    """a if the condition holds, else b. The branch not taken need not be defined."""
    if condition is TRUE:
        return a
    if condition is FALSE:
        return b
    if condition.op == "undefined":
        return condition
    if a is b and condition.total:
        return a
    if condition.op == "not":
        condition, a, b = condition.args[0], b, a
    return raw("where", (condition, a, b), nonneg=a.nonneg and b.nonneg, positive=a.positive and b.positive)


# ---- truth values ------------------------------------------------------------------------------------------


def truth(value: bool) -> Term:
    """A constant truth value."""
    return TRUE if value else FALSE


def lt(a: Term, b: Term) -> Term:
    """a < b."""
    return _compare("lt", a, b)


def le(a: Term, b: Term) -> Term:
    """a ≤ b."""
    return _compare("le", a, b)


def eq(a: Term, b: Term) -> Term:
    """a = b, for numbers."""
    return _compare("eq", a, b)


def _compare(op: str, a: Term, b: Term) -> Term:
    if bad := _undefined_among((a, b)):
        return bad
    if a is b and a.total:
        return truth(op != "lt")
    if a.ground and b.ground:
        difference = sign(sub(a, b))
        if difference.op == "undefined":
            return difference
        return truth({"lt": difference is MINUS, "le": difference is not ONE, "eq": difference is ZERO}[op])
    if a.total and b.total:
        known = _known_sign(op, a, b)
        if known is not None:
            return known
    for this in (a, b):
        if this.op == "where" and this.leaves is not None and a.leaves is not None and b.leaves is not None:
            c, yes, no = this.args
            sides = [(yes, b), (no, b)] if this is a else [(a, yes), (a, no)]
            return choose(c, _compare(op, *sides[0]), _compare(op, *sides[1]))
    if op == "eq" and a.serial > b.serial:
        a, b = b, a
    return raw(op, (a, b))


def _known_sign(op: str, a: Term, b: Term) -> Term | None:
    """A comparison with zero that the recorded signs settle; both sides are total."""
    if b is ZERO:
        if op == "lt" and a.nonneg:
            return FALSE
        if op in ("le", "eq") and a.positive:
            return FALSE
    if a is ZERO:
        if op == "le" and b.nonneg:
            return TRUE
        if op == "lt" and b.positive:
            return TRUE
        if op == "eq" and b.positive:
            return FALSE
    return None


def negation(a: Term) -> Term:
    """not a."""
    if a is TRUE or a is FALSE:
        return truth(a is FALSE)
    if a.op == "undefined":
        return a
    return a.args[0] if a.op == "not" else raw("not", (a,))


def conjunction(*terms: Term) -> Term:
    """All of them."""
    return _junction("and", TRUE, FALSE, terms)


def disjunction(*terms: Term) -> Term:
    """At least one of them."""
    return _junction("or", FALSE, TRUE, terms)


def _junction(op: str, neutral: Term, absorbing: Term, terms: Iterable[Term]) -> Term:
    parts: dict[Term, None] = {}
    for term in terms:
        for part in term.args if term.op == op else (term,):
            if part is not neutral:
                parts[part] = None
    if bad := _undefined_among(parts):
        return bad
    if absorbing in parts and all(p.total for p in parts):
        return absorbing
    if any(negation(p) in parts and p.total for p in parts):
        return absorbing if all(p.total for p in parts) else raw(op, tuple(parts))
    if not parts:
        return neutral
    return next(iter(parts)) if len(parts) == 1 else raw(op, tuple(parts))


def choose(condition: Term, a: Term, b: Term) -> Term:
    """The truth value a if the condition holds, else b."""
    if a is b and condition.total:
        return a
    if condition is TRUE:
        return a
    if condition is FALSE:
        return b
    return disjunction(conjunction(condition, a), conjunction(negation(condition), b))


def exclusive(a: Term, b: Term) -> Term:
    """Exactly one of a and b."""
    return choose(a, negation(b), b)


def same_truth(a: Term, b: Term) -> Term:
    """Both or none of a and b."""
    return choose(a, b, negation(b))


def number_of(a: Term) -> Term:
    """1 where a holds, else 0; numbers are returned as they are."""
    return where(a, ONE, ZERO) if is_boolean(a) else a


def is_boolean(a: Term) -> bool:
    """Whether a term is a truth value."""
    return a.op in BOOLEAN_OPS
