"""Derivations for regularizers and methods: from the laws of their norms, of their parts, or of one entry.

* Penalties, balls and trust-region methods run with a norm that is known by its laws only
  (:mod:`ntr_spec.verify.opaque`); what is left to show is that the real norm has the laws that were used.
* Regularizers whose hooks act on every entry alone, and alike, have the laws that they have on one entry, where Z3
  decides them.
* A product has the laws of its blocks; R + Ridge those of R; Moreau's identity follows from what both are.

Only the catalogue's own classes are looked at, and each rule runs their code, or says nothing.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp

from ntr_spec.algorithms import Method, TrustRegion
from ntr_spec.laws import Law
from ntr_spec.norms.base import Norm
from ntr_spec.steps import Ball, Box, Origin, Penalty, Product, Regularizer, Ridge, Sum, Zero
from ntr_spec.steps.box import BoxSupport
from ntr_spec.steps.conjugate import Conjugate
from ntr_spec.steps.sums import Envelope
from ntr_spec.trees import Shape
from ntr_spec.verify import exact, opaque
from ntr_spec.verify.findings import Evidence, Status
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.symbolic import symbols, to_sympy
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.cases import substitute
from ntr_spec.verify.symbolic.term import Term

Subject = Regularizer | Method
Ask = Callable[[Any, str], Evidence | None]

_EVERY_N = "R^n, every n"
_LENGTHS = (2, 3)  # on which hooks are compared with what they do to one entry
_ENTRYWISE = (Zero, Origin, Ridge, Penalty, Ball, Box, BoxSupport, Sum, Envelope)


def derive(subject: Subject, law: Law, ask: Ask, has: Callable[[Norm, str], Evidence | None]) -> Evidence | None:
    """What a rule says of this law of a regularizer or a method, or None.

    Args:
        subject: the regularizer or method.
        law: the law.
        ask: evidence for the law of this name of another regularizer, in the same run.
        has: evidence that a norm has what a hypothesis of :mod:`ntr_spec.verify.opaque` says, e.g. ``holder@norm*``.
    """
    if law.missing(subject) is not None:
        return None
    if isinstance(subject, Method):
        return _in_any_norm(subject, law, has)
    for rule in (_entrywise, _of_norm, _product, _with_ridge, _moreau):
        found = rule(subject, law, has) if rule is _of_norm else rule(subject, law, ask)
        if found is not None:
            return found
    return None


def _derived(law: Law, scopes: Iterable[str], lemmas: Iterable[str]) -> Evidence:
    scope = " and ".join(dict.fromkeys(scopes)) or "every size"
    return Evidence(law.name, "lemma", Status.DERIVED, scope, lemmas=tuple(dict.fromkeys(lemmas)))


def _from(law: Law, lemma: str, known: Iterable[Evidence | None]) -> Evidence | None:
    """By a lemma from evidence, if there is all of it."""
    found = list(known)
    if any(e is None for e in found):
        return None
    present = [e for e in found if e is not None]
    return _derived(law, (e.scope for e in present), (lemma, *itertools.chain(*(e.lemmas for e in present))))


# ---- from the laws of a norm -------------------------------------------------------------------------------------


def _of_norm(R: Regularizer, law: Law, has: Callable[[Norm, str], Evidence | None]) -> Evidence | None:
    """Penalty and Ball, run with an opaque norm. Where they are sums over entries they run other code."""
    if not isinstance(R, Penalty | Ball) or R.separable:
        return None
    return _opaque("norm_ball" if isinstance(R, Ball) else "norm_penalty", R, R.norm, law, has)


def _in_any_norm(method: Method, law: Law, has: Callable[[Norm, str], Evidence | None]) -> Evidence | None:
    """A trust-region method without regularizer, run with an opaque norm."""
    if type(method) is not TrustRegion or type(method.regularizer) is not Zero:
        return None
    return _opaque("trust_region", method, method.norm, law, has)


def _opaque(
    lemma: str, subject: Any, norm: Norm, law: Law, has: Callable[[Norm, str], Evidence | None]
) -> Evidence | None:
    shapes = subject._shapes((2,))[:1]
    abstract = dataclasses.replace(subject, norm=opaque.Opaque("norm", norm))
    if not shapes or law.missing(abstract) is not None:
        return None
    needed = opaque.prove(abstract, law, shapes[0])
    return None if needed is None else _from(law, lemma, [has(norm, hypothesis) for hypothesis in sorted(needed)])


# ---- from the laws of one entry ----------------------------------------------------------------------------------


def _entrywise(R: Regularizer, law: Law, ask: Ask) -> Evidence | None:
    """Every relation of every law is a sum, or the largest, of those of single entries, if the hooks are."""
    family = [R, *(S for S in (R.conjugate, R.conjugate.conjugate) if not isinstance(S, Conjugate))]
    if not all(_may_act_alike(part) for S in family for part in _nested(S)) or not all(
        _acts_alike(S) for S in dict.fromkeys(family)
    ):
        return None
    evidence = exact.check(R, law, Settings(shapes=(1,)))
    proved = bool(evidence) and all(e.status is Status.PROVED for e in evidence)
    return _derived(law, [_EVERY_N], ["separable_sum"]) if proved else None


def _may_act_alike(R: Regularizer) -> bool:
    if not isinstance(R, _ENTRYWISE) or any(R._accepts(Shape((n,))) is not None for n in (1, *_LENGTHS)):
        return False
    return R.uniform or not isinstance(R, Penalty | Ball)


def _nested(R: Regularizer) -> Iterable[Regularizer]:
    yield R
    if isinstance(R, Sum):
        yield from _nested(R.regularizer)
    if isinstance(R, Envelope):
        yield from _nested(R.primal)


@dataclasses.dataclass(frozen=True)
class _Traced:
    """What the hooks give on n symbols: the value, the conditions of the domain, and points, entry by entry."""

    inputs: list[list[Term]]
    value: Term
    conditions: list[tuple[Term, Term]]
    points: list[list[Term]]


def _traced(R: Regularizer, n: int) -> _Traced:
    x, g, c = (symbols(name, (n,)) for name in "xgc")
    size = symbols("r", (), True)
    points = []
    if R.has_prox:
        points.append(R.prox(x, size))
    if R.has_subgradient:
        points.append(R.subgradient(x))
    if R.separable:
        points += R.box_argmin(g, c - size, c + size)
    inputs, outputs = ([p.terms.tolist() for p in row] for row in ((x, g, c), points))
    conditions = [(bound.value.term, bound.limit.term) for bound in R.constraints(x)]
    return _Traced(inputs, R(x).term, conditions, outputs)


def _acts_alike(R: Regularizer) -> bool:
    """Whether points come entry by entry, values add up, and a condition bounds the largest entry's value."""
    one = _traced(R, 1)
    for n in _LENGTHS:
        many = _traced(R, n)
        if len(one.points) != len(many.points) or len(one.conditions) != len(many.conditions):
            return False
        places: list[dict[Term, Term]] = [
            {mine[0]: theirs[i] for mine, theirs in zip(one.inputs, many.inputs, strict=True)} for i in range(n)
        ]
        if not _equal(many.value, functools.reduce(t.add, [substitute(one.value, dict(place)) for place in places])):
            return False
        for (value, limit), (largest, bound) in zip(one.conditions, many.conditions, strict=True):
            each = [to_sympy(substitute(value, dict(place))) for place in places]
            if limit is not bound or limit.op != "const" or _arguments(to_sympy(largest)) != frozenset(each):
                return False
        for point, points in zip(one.points, many.points, strict=True):
            if not all(_equal(points[i], substitute(point[0], dict(place))) for i, place in enumerate(places)):
                return False
    return True


def _equal(a: Term, b: Term) -> bool:
    return a is b or bool(sp.expand(to_sympy(a) - to_sympy(b)) == 0)


def _arguments(e: Any) -> frozenset[Any]:
    """Those numbers of which an expression a + c·max{…} or a − c·min{…} is the largest; itself, if it is neither."""
    start, multiple = e.as_coeff_Add()
    c, rest = multiple.as_coeff_Mul()
    if isinstance(rest, sp.Max if c > 0 else sp.Min):
        return frozenset(start + c * a for a in rest.args)
    return frozenset((e,))


# ---- from the laws of parts --------------------------------------------------------------------------------------


def _product(R: Regularizer, law: Law, ask: Ask) -> Evidence | None:
    """A sum of relations over the blocks; a block that the law says nothing about is finite everywhere."""
    if type(R) is not Product:
        return None
    silent = {"prox_in_domain", "domain_agrees"}
    parts = [part for part in R._parts if law.name not in silent or law.missing(part) is None]
    return _from(law, "direct_sum", [ask(part, law.name) for part in parts])


_RIDGE = {
    "convex": ("convex",),
    "prox_in_domain": ("prox_in_domain",),
    "prox_optimal": ("prox_optimal",),
    "subgradient": ("subgradient",),
}


def _with_ridge(R: Regularizer, law: Law, ask: Ask) -> Evidence | None:
    """What R + (w/2)‖·‖² has from R."""
    if type(R) is not Sum or law.name not in _RIDGE:
        return None
    return _from(law, "ridge_sum", [ask(R.regularizer, name) for name in _RIDGE[law.name]])


def _moreau(R: Regularizer, law: Law, ask: Ask) -> Evidence | None:
    """Moreau's identity: (x − p)/t is where the conjugate's prox is, for it solves the same inequality."""
    if law.name != "moreau":
        return None
    known = [ask(R, "fenchel_young"), ask(R, "prox_fenchel_young"), ask(R.conjugate, "prox_optimal")]
    for S in (R, R.conjugate):
        if not isinstance(S.domain, Zero):
            known.append(ask(S, "prox_in_domain"))
    return _from(law, "moreau_identity", known)
