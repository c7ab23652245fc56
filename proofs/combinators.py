"""What the proofs about combinators share: run a combinator's code on opaque parts and keep the certificates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ntr_spec.laws import EXACT_LAWS
from ntr_spec.norms.base import Norm
from ntr_spec.trees import as_shape
from ntr_spec.verify import opaque
from ntr_spec.verify.kernel import CertificateError, Fact

PRIMAL = ("definite", "homogeneous", "subadditive", "lmo_feasible", "lmo_attains", "holder")
DUALITY = (*PRIMAL, "bidual")
# Certificates may rest on the laws of the parts ("holder@norm"), and on what a maximum is.
HYPOTHESES = (*(f"{law}@" for law in (*DUALITY, "holder+", "absolute", "symmetric")), "maximum")


def certificates(norm: Norm, shape: Any, laws: Iterable[str]) -> tuple[Fact, ...]:
    """Facts that prove each law of a norm with opaque parts.

    Raises:
        CertificateError: a law has no certificate.
    """
    known = {law.name: law for law in EXACT_LAWS}
    found: list[Fact] = []
    for name in laws:
        facts = opaque.certificates(norm, known[name], as_shape(shape))
        if facts is None:
            raise CertificateError(f"{norm!r}: no certificate for {name} from the laws of its parts")
        found += facts
    return tuple(found)
