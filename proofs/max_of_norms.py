"""x ↦ max(a(x), b(x)) has the dual g ↦ min{a_*(g₁) + b_*(g₂) : g₁ + g₂ = g}: the code of ``Product`` on the diagonal.

The maximum of two norms is the max-product at (x, x). Let D be the minimum over splits of the product's dual. D is a
norm, ⟨g, x⟩ ≤ max(a, b)(x)·D(g), and some g of D(g) ≤ 1 attains max(a, b)(x): so max(a, b) is the dual norm of D, and D
is the dual norm of max(a, b), a norm being the dual of its dual (CITED). The minimum is attained (Weierstrass, CITED).
"""

from __future__ import annotations

import sympy as sp

from ntr_spec.arrays import dot
from ntr_spec.laws import Kind, Law, Relation
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.trees import Tree, tree_map
from ntr_spec.verify.kernel import Fact, Sign, assume, certify
from ntr_spec.verify.opaque import Opaque
from proofs import combinators, dual_norm

BELOW, ATTAINED, BIDUAL = "a minimum is below every split", "weierstrass", "fenchel_moreau"
NORM = "φ_*(a_*, b_*) is a norm"
SPLITS = (BELOW, ATTAINED, BIDUAL, NORM, dual_norm.ABOVE, "N(x) ≤ 1", "weak duality, above")
HYPOTHESES = (*SPLITS, *combinators.HYPOTHESES)
SHAPE = {"a": 2, "b": 2}


def diagonal(x: Tree) -> Tree:
    """(x, x), from the first block of a drawn point."""
    return {"a": x["a"], "b": x["a"]}


def _weak(norm: Norm, x: Tree, g: Tree) -> tuple[Relation, ...]:
    return (Relation(dot(g["a"] + g["b"], x["a"]), "<=", norm(diagonal(x)) * norm.dual(g)),)


def _attained(norm: Norm, x: Tree) -> tuple[Relation, ...]:
    split = tree_map(lambda leaf: -leaf, norm.dual.lmo(diagonal(x)))
    return (
        Relation(norm.dual(split), "<=", 1 + 0 * norm(x)),
        Relation(dot(split["a"] + split["b"], x["a"]), "==", norm(diagonal(x))),
    )


POINTS = (("x", Kind.POINT), ("g", Kind.POINT))
WEAK = Law("weak", "⟨g₁ + g₂, x⟩ ≤ N(x)·φ_*(a_*(g₁), b_*(g₂))", POINTS, _weak)
STRONG = Law("attained", "some g₁ + g₂ of φ_*(a_*(g₁), b_*(g₂)) ≤ 1 has ⟨g₁ + g₂, x⟩ = N(x)", POINTS[:1], _attained)


def split_infimum() -> tuple[Fact, ...]:
    """D is subadditive as what it is a minimum of; and D = N_*, once N is the dual norm of D and weak duality holds."""
    at_g, at_h, at_both = sp.symbols("φ_*(split_g) φ_*(split_h) φ_*(split_g+split_h)", nonnegative=True)
    D, E, S = sp.symbols("D(g) D(h) D(g+h)", nonnegative=True)
    best = [assume(size - value, ATTAINED, Sign.ZERO) for size, value in ((at_g, D), (at_h, E))]
    below, norm = assume(at_both - S, BELOW), assume(at_g + at_h - at_both, NORM)
    subadditive = certify(D + E - S, [(1, below), (1, norm), *((-1, fact) for fact in best)])

    pairing, dual, size = (sp.Symbol(name, real=True) for name in ("⟨g, x⟩", "N_*(g)", "N(x)"))
    inside, weak = assume(1 - size, "N(x) ≤ 1"), assume(size * D - pairing, "weak duality, above")
    largest = assume(pairing - dual, ATTAINED, Sign.ZERO)  # at an x of the ball that attains N_*(g)
    bidual = assume(pairing - D, BIDUAL, Sign.ZERO)  # at an x of the ball that attains D(g) = D_**(g)
    return (
        subadditive,
        certify(D - dual, [(1, weak), (D, inside), (1, largest)]),
        certify(dual - D, [(1, assume(dual - pairing, dual_norm.ABOVE)), (1, bidual)]),
    )


def duality(outer: Norm) -> tuple[Fact, ...]:
    """The facts for x ↦ φ(a(x), b(x)): with φ itself, and attainment with any absolute φ in its place."""
    parts = {"a": Opaque("a", L1()), "b": Opaque("b", LInf())}
    norm, general = Product(parts, outer), Product(parts, Opaque("outer", outer))
    found = combinators.certificates(norm, SHAPE, (WEAK,))
    found += combinators.certificates(general, SHAPE, (WEAK, STRONG))
    found += combinators.certificates(norm.dual, SHAPE, ("definite", "homogeneous", "subadditive"))
    return (*found, *split_infimum())


def proof() -> tuple[Fact, ...]:
    """φ = ℓ_∞."""
    return duality(LInf())
