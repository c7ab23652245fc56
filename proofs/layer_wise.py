"""The LMO of a max-product is the LMO of every block, and so is the method's step: the code of ``Product``.

With φ = ℓ_∞ the ball is the product of the blocks' balls and ⟨m, x⟩ is a sum over blocks. So one update with
max(‖x₁‖, …, ‖x_B‖) is one update of every block on its own: layer-wise Muon and Scion.
"""

from __future__ import annotations

from collections.abc import Iterable

from ntr_spec.algorithms import TrustRegion
from ntr_spec.laws import Kind, Law, Relation
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.trees import Tree
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from proofs.combinators import HYPOTHESES, certificates

__all__ = ["HYPOTHESES", "blocks", "proof"]

SHAPE = {"u": 2, "v": 2}


def _equal(a: Tree, b: Tree) -> Iterable[Relation]:
    return (Relation(a[k], "==", b[k]) for k in range(2))


def _lmo(norm: Product, g: Tree) -> tuple[Relation, ...]:
    whole = norm.lmo(g)
    return tuple(r for name, part in norm.blocks.items() for r in _equal(whole[name], part.lmo(g[name])))


def _step(norm: Product, x: Tree, g: Tree, m: Tree) -> tuple[Relation, ...]:
    """Two updates, so that the momentum is that of the blocks too."""

    def run(part: Norm, start: Tree, gradients: tuple[Tree, Tree]) -> Tree:
        method = TrustRegion(part, 0.5, 0.9, 0.1)
        state = method.init(start)
        for gradient in gradients:
            state = method.update(state, gradient)
        return state.x

    whole = run(norm, x, (g, m))
    alone = {name: run(part, x[name], (g[name], m[name])) for name, part in norm.blocks.items()}
    return tuple(r for name in norm.blocks for r in _equal(whole[name], alone[name]))


POINT = Kind.POINT
LMO = Law("layer_wise_lmo", "lmo(g)_b = lmo_b(g_b)", (("g", POINT),), _lmo)
STEP = Law("layer_wise_step", "an update is one of every block", (("x", POINT), ("g", POINT), ("m", POINT)), _step)


def blocks(outer: Norm) -> Product:
    """Two blocks of unknown norms."""
    return Product({"u": Opaque("u", L1()), "v": Opaque("v", L2())}, outer)


def proof() -> tuple[Fact, ...]:
    """The LMO, and two updates with momentum and decay."""
    return certificates(blocks(LInf()), SHAPE, (LMO, STEP))
