"""What the proofs about combinators share: run a combinator's code on opaque parts and keep the certificates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ntr_spec.laws import Law
from ntr_spec.trees import as_shape
from ntr_spec.verify import opaque
from ntr_spec.verify.kernel import CertificateError, Fact
from ntr_spec.verify.subjects import kind_of

PRIMAL = ("definite", "homogeneous", "subadditive", "lmo_feasible", "lmo_attains", "holder")
DUALITY = (*PRIMAL, "bidual")
PROJECTION = ("projection_feasible", "projection_optimal")
# Certificates may rest on the laws of the parts ("holder@norm"), on what a maximum is, and on a law's own condition.
HYPOTHESES = (*(f"{law}@" for law in (*DUALITY, *PROJECTION, "holder+", "absolute", "symmetric")), "maximum", "given")


def certificates(subject: Any, shape: Any, laws: Iterable[str | Law]) -> tuple[Fact, ...]:
    """Facts that prove each law of a norm, regularizer or method with opaque parts; laws by name, or a lemma's own.

    Raises:
        CertificateError: a law has no certificate.
    """
    known = {law.name: law for law in kind_of(subject).laws.values() if isinstance(law, Law)}
    found: list[Fact] = []
    for law in (known[law] if isinstance(law, str) else law for law in laws):
        facts = opaque.certificates(subject, law, as_shape(shape))
        if facts is None:
            raise CertificateError(f"{subject!r}: no certificate for {law.name} from the laws of its parts")
        found += facts
    return tuple(found)
