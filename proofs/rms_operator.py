"""√(in/out)·σ₁ is the operator norm between root-mean-square norms, and √(out/in)·Σσᵢ its dual: the code.

The hooks of ``RMSOperator`` and of its dual run on diag(σ) with σᵢ = dᵢ + dᵢ₊₁ + … ≥ 0. With z in the basis of right
singular vectors ‖Xz‖₂² = Σσᵢ²zᵢ² ≤ σ₁²‖z‖₂², an equality at z = e₁. Von Neumann's inequality is CITED.
"""

from __future__ import annotations

import functools

import sympy as sp

from ntr_spec.arrays import dot
from ntr_spec.norms.base import Norm
from ntr_spec.norms.matrix import RMSOperator
from ntr_spec.verify.kernel import Fact, Sign, certify, evident, powers_compare, sum_of_squares
from ntr_spec.verify.symbolic import NAMESPACE, SymbolicArray, symbols
from proofs.unitarily_invariant import BASES, VON_NEUMANN, diagonal, holder

HYPOTHESES = (VON_NEUMANN,)
SHAPES = ((2, 3), (3, 2), (2, 2), (1, 3))


def decreasing(name: str, count: int) -> tuple[SymbolicArray, tuple[sp.Expr, ...], dict[sp.Expr, sp.Expr]]:
    """Singular values for the code, the same as expressions, and what its symbols stand for."""
    gaps = symbols(name, count)
    sums = [functools.reduce(lambda a, b: a + b, [gaps[j] for j in range(k, count)]) for k in range(count)]
    names = {s: sp.Symbol(s.name, nonnegative=True) for s in map(sp.sympify, gaps.expressions)}
    return NAMESPACE.stack(sums), tuple(sum(list(names.values())[k:]) for k in range(count)), names


def traced(array: SymbolicArray, names: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    """A number that the code computes."""
    (found,) = array.expressions.reshape(-1)
    return sp.sympify(found).xreplace(names)


def operator(value: sp.Expr, sizes: tuple[sp.Expr, ...], rows: int, columns: int) -> tuple[Fact, Fact]:
    """value·‖z‖_rms − ‖Xz‖_rms ≥ 0 for every z, and equality at z = e₁."""
    z = sp.symbols(f"z1:{columns + 1}", real=True)
    before, after = sum(e**2 for e in z) / columns, sum((s * e) ** 2 for s, e in zip(sizes, z, strict=False)) / rows
    over = [(sp.expand((sizes[0] ** 2 - s**2) / rows), e) for s, e in zip(sizes, z, strict=False)]
    rest = [(sizes[0] ** 2 / rows, e) for e in z[len(sizes) :]]
    squares = sum_of_squares(sp.expand(value**2 * before - after), [*over, *rest])
    root = powers_compare(value * sp.sqrt(before), sp.sqrt(after), sp.Integer(2), squares)
    first = {e: int(k == 0) for k, e in enumerate(z)}
    return root, certify(value**2 * before.subs(first) - after.subs(first), [], Sign.ZERO)


def duality(norm: Norm, rows: int, columns: int) -> tuple[Fact, ...]:
    """Hölder with the code's dual, and the LMO: −√(out/in)·UVᵀ has norm 1 and attains."""
    count = min(rows, columns)
    x, x_sizes, x_names = decreasing("x", count)
    g, g_sizes, g_names = decreasing("g", count)
    X, G = diagonal(x, rows, columns), diagonal(g, rows, columns)
    value, dual = traced(norm._value(X, BASES), x_names), traced(norm.dual._value(G, BASES), g_names)
    products = sp.expand(sum(a * b for a, b in zip(x_sizes, g_sizes, strict=True)))
    bound = certify(value * dual - products, [(1, evident(sp.expand(value * dual - products)))])
    positive = {s: sp.Symbol(s.name, positive=True) for s in g_names}  # of full rank, as nearly all are
    full = dict(zip(g_names.values(), positive.values(), strict=True))
    lmo = norm._lmo(G, BASES)
    return (
        holder(bound, value * dual, products),
        certify(1 - traced(norm._value(abs(lmo), BASES), positive), [], Sign.ZERO),
        certify(traced(dot(G, lmo), positive) + dual.xreplace(full), [], Sign.ZERO),
        *operator(value, x_sizes, rows, columns),
    )


def proof() -> tuple[Fact, ...]:
    """At wide, tall, square and flat shapes; how the factor depends on the shape is the code's own."""
    return tuple(fact for shape in SHAPES for fact in duality(RMSOperator(), *shape))
