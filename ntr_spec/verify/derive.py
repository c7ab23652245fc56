"""The lemma engine: what holds for every n by certificate, and what follows by lemmas from a norm's parts.

First the hooks are traced at generic length (:mod:`ntr_spec.verify.generic`); a certificate makes the law
PROVED. Else, for the catalogue's own classes, a rule may derive it: combinators from their parts (their
code runs on opaque parts, :mod:`ntr_spec.verify.opaque`), unitarily invariant norms from their gauge,
sorted and ellipsoidal norms from their lemmas. What a derivation needs of a part is settled here, in the
same run, by the same rules; a claim alone is worth nothing. Regularizers and methods follow from their norms' laws,
or from their parts' (:mod:`ntr_spec.verify.rules_regularizers`).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

from ntr_spec.algorithms import Method
from ntr_spec.errors import NtrError
from ntr_spec.laws import EXACT_LAWS, Law, Quantifier
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.fibres import Mixed, Stacked
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import LInf
from ntr_spec.steps import Ball, Penalty, Regularizer
from ntr_spec.trees import Tree
from ntr_spec.verify import generic, opaque, rules, rules_regularizers
from ntr_spec.verify.findings import Evidence, Status
from ntr_spec.verify.kernel import CertificateError
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.subjects import kind_of

_LAWS: Mapping[str, Law] = {law.name: law for law in EXACT_LAWS}
_EVERY_N = "R^n, every n"
_COMPARABLE = frozenset({"builtins", "fractions", "ntr_spec", "optree"})  # packages whose ``==`` is to be relied on
# A memo, not a registry: evidence is a pure function of norm, law and settings.
_KNOWN: dict[Any, tuple[Evidence, ...]] = {}


def check(subject: Norm | Regularizer | Method, law: Law, settings: Settings) -> tuple[Evidence, ...]:
    """PROVED or DERIVED evidence for one law of one subject, or nothing."""
    key = _key(subject, law, settings)
    if key is not None and key in _KNOWN:
        return _KNOWN[key]
    start = time.perf_counter()
    if isinstance(subject, Norm):
        found = generic.check(subject, law, settings) or _derived(subject, law, settings)
    else:
        found = _of_norms(subject, law, settings)
    seconds = time.perf_counter() - start
    evidence = tuple(dataclasses.replace(e, seconds=seconds) for e in found)
    if key is not None:
        _KNOWN[key] = evidence
    return evidence


def _key(subject: Any, law: Law, settings: Settings) -> Any:
    try:
        key = (_content(subject), law.name, settings)
        hash(key)
    except TypeError:  # a user's norm need not be hashable
        return None
    return key


def _content(value: Any) -> Any:
    """All that a norm is made of. Its own ``==`` may overlook a field, and 0.0 == −0.0."""
    if isinstance(value, Norm | Regularizer | Method):
        slots = (name for base in type(value).__mro__ for name in getattr(base, "__slots__", ()))
        held = {name: getattr(value, name) for name in slots if hasattr(value, name)} | getattr(value, "__dict__", {})
        return type(value), tuple((name, _content(part)) for name, part in held.items())
    if type(value) is tuple:
        return tuple, tuple(map(_content, value))
    if type(value).__module__.partition(".")[0] not in _COMPARABLE:
        raise TypeError(f"{type(value).__name__} may compare as it likes")
    return type(value), repr(value) if type(value) is float else value


def _alike(a: Norm, b: Norm) -> bool:
    try:
        return bool(_content(a) == _content(b))
    except TypeError:
        return False


def settled(norm: Norm, name: str, settings: Settings) -> Evidence | None:
    """Positive evidence for the law of this name, found in this run, or None."""
    return next(iter(check(norm, _LAWS[name], settings)), None)


def _derived(norm: Norm, law: Law, settings: Settings) -> tuple[Evidence, ...]:
    def ask(part: Norm, name: str) -> Evidence | None:
        return settled(part, name, settings)

    try:
        found = rules.derive(norm, law, ask) or _by_dual(norm, law, settings) or _combined(norm, law, settings)
    except (NtrError, CertificateError, ArithmeticError):
        return ()
    return () if found is None else (found,)


def _of_norms(subject: Regularizer | Method, law: Law, settings: Settings) -> tuple[Evidence, ...]:
    def ask(part: Regularizer, name: str) -> Evidence | None:
        law = kind_of(part).laws[name]
        return next(iter(check(part, law, settings)), None) if isinstance(law, Law) else None

    def has(norm: Norm, hypothesis: str) -> Evidence | None:
        # The dual of an opaque norm's dual is that norm.
        return _part_has({"norm": norm}, hypothesis, settings) if _alike(norm.dual.dual, norm) else None

    try:
        if isinstance(subject, Penalty | Ball) and not _alike(subject.norm.dual.dual, subject.norm):
            return ()  # nor is the conjugate's conjugate known to be the regularizer
        found = rules_regularizers.derive(subject, law, ask, has)
    except (NtrError, CertificateError, ArithmeticError):
        return ()
    return () if found is None else (found,)


# ---- combinators ---------------------------------------------------------------------------------


def _combined(norm: Norm, law: Law, settings: Settings) -> Evidence | None:
    """A combinator's law from those of its parts."""
    parts = _parts(norm)
    if parts is None or law.quantifier is not Quantifier.FOR_ALL:
        return None
    lemma, abstract, real = parts
    lemmas, scopes = [lemma], []
    for shape in _shapes(norm):
        needed = opaque.prove(abstract, law, shape)
        if needed is None:
            return None
        for hypothesis in sorted(needed):
            evidence = _part_has(real, hypothesis, settings)
            if evidence is None:
                return None
            lemmas += evidence.lemmas
            scopes.append(evidence.scope)
    return Evidence(law.name, "lemma", Status.DERIVED, _scope(norm, scopes), lemmas=tuple(dict.fromkeys(lemmas)))


def _part_has(real: Mapping[str, Norm], hypothesis: str, settings: Settings) -> Evidence | None:
    name, part = hypothesis.split("@")
    norm = real[part.removesuffix("*")]
    if name == "holder+":  # Hölder at −g, the norm being even
        even = settled(norm, "homogeneous", settings)
        return None if even is None else settled(norm, "holder", settings)
    return settled(norm.dual if part.endswith("*") else norm, name, settings)


def _shapes(norm: Norm) -> tuple[Tree, ...]:
    """Where a combinator's code is run: its parts are opaque, so the smallest shape with two of everything will do."""
    return tuple(norm._shapes((2,)))[:1]


def _scope(norm: Norm, scopes: list[str]) -> str:
    if isinstance(norm, Weighted | Linear):
        return str(" or ".join(_space(shape) for shape in norm._shapes((2, 3))))
    limited = dict.fromkeys(s for s in scopes if "every" not in s)
    found = _parts(norm)
    if found is not None and any(part.event_rank is None and _parts(part) is None for part in found[2].values()):
        # Such hooks see the array as it comes, whatever its rank, and were traced on vectors only.
        limited["vectors"] = None
    return "every size" + (f", parts on {', '.join(limited)}" if limited else "")


def _space(shape: Tree) -> str:
    return f"R^{'×'.join(map(str, shape.dims))}"


def _parts(norm: Norm) -> tuple[str, Norm, dict[str, Norm]] | None:
    """Lemma, the combinator over opaque parts, and the real parts. The catalogue's own classes only."""
    if type(norm) in (Scaled, Weighted, Linear, Reshaped):
        assert isinstance(norm, Scaled | Weighted | Linear | Reshaped)
        lemma = {Scaled: "scaling", Reshaped: "reshape"}.get(type(norm), "change_of_variables")
        return lemma, dataclasses.replace(norm, norm=opaque.Opaque("norm", norm.norm)), {"norm": norm.norm}
    if type(norm) is Stacked:
        outer, real = _outer(norm.outer)
        inner = opaque.Opaque("norm", norm.norm)
        return "product_norm", dataclasses.replace(norm, norm=inner, outer=outer), {**real, "norm": norm.norm}
    if type(norm) is PerLeaf:
        outer, real = _outer(norm.outer)
        leaf = opaque.Opaque("leaf", norm.norm)
        return "product_norm", dataclasses.replace(norm, norm=leaf, outer=outer), {**real, "leaf": norm.norm}
    if type(norm) is Mixed:
        outer, real = _outer(norm.outer)
        inner = opaque.Opaque("inner", norm.inner)
        return (
            "mixed_norm",
            dataclasses.replace(norm, inner=inner, outer=outer),
            {**real, "inner": norm.inner},
        )
    if type(norm) is Product:
        outer, real = _outer(norm.outer)
        names = {f"block{k}": part for k, part in enumerate(norm._parts)}
        blocks = norm._join([opaque.Opaque(name, part) for name, part in names.items()])
        return "product_norm", Product(blocks, outer), {**real, **names}
    return None


def _outer(outer: Norm) -> tuple[Norm, dict[str, Norm]]:
    """ℓ_∞ stays what it is, for combinators treat it apart; any other outer norm becomes opaque."""
    if type(outer) is LInf:
        return outer, {}
    return opaque.Opaque("outer", outer), {"outer": outer}


def _by_dual(norm: Norm, law: Law, settings: Settings) -> Evidence | None:
    """The bidual law says that the dual norm's LMO is feasible and attains, if the dual of the dual is the norm."""
    if law.name != "bidual" or not _alike(norm.dual.dual, norm):
        return None
    feasible, attains = (settled(norm.dual, name, settings) for name in ("lmo_feasible", "lmo_attains"))
    if feasible is None or attains is None:
        return None
    lemmas = tuple(dict.fromkeys(feasible.lemmas + attains.lemmas))
    return Evidence(law.name, "lemma", Status.DERIVED, feasible.scope, lemmas=lemmas)
