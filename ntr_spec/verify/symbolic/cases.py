"""Splitting a formula by the conditions of its choices, so that each part is free of them and folds further."""

from __future__ import annotations

from collections.abc import Callable

from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.term import Term

_BUILD: dict[str, Callable[..., Term]] = {
    "add": t.add,
    "mul": t.mul,
    "div": t.div,
    "abs": t.absolute,
    "sign": t.sign,
    "max": t.maximum,
    "min": t.minimum,
    "where": t.where,
    "lt": t.lt,
    "le": t.le,
    "eq": t.eq,
    "not": t.negation,
    "and": t.conjunction,
    "or": t.disjunction,
}


def substitute(term: Term, replacements: dict[Term, Term]) -> Term:
    """The term with every occurrence of some of its parts replaced by equals."""
    found = replacements.get(term)
    if found is None:
        if not term.args:
            return term
        args = [substitute(a, replacements) for a in term.args]
        found = t.power(args[0], term.value) if term.op == "pow" else _BUILD[term.op](*args)
        replacements[term] = found
    return found


def split(formula: Term, depth: int) -> list[Term]:
    """Formulas that hold together if and only if this one does, one for each way up to ``depth`` conditions can go."""
    condition = _first_condition(formula) if depth else None
    if condition is None:
        return [formula]
    parts = []
    for value, excluded in ((t.TRUE, t.negation(condition)), (t.FALSE, condition)):
        part = substitute(formula, {condition: value})
        if part.op == "undefined":  # by way of a branch that the condition excludes
            return [formula]
        parts += [t.disjunction(excluded, p) for p in split(part, depth - 1)]
    return [p for p in parts if p is not t.TRUE]


def _first_condition(formula: Term) -> Term | None:
    """The condition of the innermost choice, if it is defined everywhere."""
    seen: set[Term] = set()
    stack = [formula]
    choices = []
    while stack:
        term = stack.pop()
        if term in seen:
            continue
        seen.add(term)
        if term.op == "where" and term.args[0].total:
            choices.append(term.args[0])
        stack.extend(term.args)
    return min(choices, key=lambda c: c.serial, default=None)


def contains(term: Term, wanted: Callable[[Term], bool]) -> bool:
    """Whether a term has such a part."""
    seen: set[Term] = set()
    stack = [term]
    while stack:
        part = stack.pop()
        if wanted(part):
            return True
        if part not in seen:
            seen.add(part)
            stack.extend(part.args)
    return False


def count_symbols(term: Term) -> int:
    """How many variables occur in a term."""
    found: set[Term] = set()
    contains(term, lambda part: part.op == "symbol" and bool(found.add(part)))  # type: ignore[func-returns-value]
    return len(found)


def has_high_root(term: Term) -> bool:
    """Whether a cube root or a higher one occurs."""
    return contains(term, lambda part: part.op == "pow" and part.value.denominator > 2)
