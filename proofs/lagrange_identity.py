"""Lagrange's identity and Cauchy–Schwarz for every n, by induction on n.

Let A = Σgᵢ², B = Σxᵢ², C = Σgᵢxᵢ and D = Σ_{i<j}(gᵢxⱼ − gⱼxᵢ)². Appending one entry (g, x) sends (A, B, C) to (A + g²,
B + x², C + gx) and D to D + P(x, g), where P(u, v) = u²A − 2uvC + v²B = Σ(u gᵢ − v xᵢ)². First P ≥ 0 for all u, v;
then AB − C² = D in both directions, and AB − C² ≥ 0. Cauchy–Schwarz is its square root.
"""

import sympy as sp

from ntr_spec.verify.kernel import (
    Fact,
    Sign,
    assume,
    certify,
    induction,
    powers_compare,
    substitute,
    sum_of_squares,
)

A, B, C, D, g, x, u, v = sp.symbols("A B C D g x u v", real=True)
START = {A: 0, B: 0, C: 0}
UPDATE = {A: A + g**2, B: B + x**2, C: C + g * x}
DOUBLE = g**2 * B - 2 * g * x * C + x**2 * A  # what the double sum D grows by: Σⱼ(gⱼx − g xⱼ)²
HYPOTHESES = ("reachable", "square roots")


def quadratic() -> Fact:
    """P(u, v) ≥ 0 for all real u, v."""
    form = u**2 * A - 2 * u * v * C + v**2 * B
    square = sum_of_squares((u * g - v * x) ** 2, [(1, u * g - v * x)])
    return induction(form, START, UPDATE, lambda known: certify(form.xreplace(UPDATE), [(1, known), (1, square)]))


def identity(sign: int) -> Fact:
    """±(AB − C² − D) ≥ 0."""
    gap = sign * (A * B - C**2 - D)
    update = {**UPDATE, D: D + DOUBLE}
    return induction(gap, {**START, D: 0}, update, lambda known: certify(gap.xreplace(update), [(1, known)]))


def gram() -> Fact:
    """AB − C² ≥ 0."""
    gap = A * B - C**2
    step = substitute(quadratic(), {u: x, v: g})
    return induction(gap, START, UPDATE, lambda known: certify(gap.xreplace(UPDATE), [(1, known), (1, step)]))


def proof() -> tuple[Fact, ...]:
    """The identity, its consequence, and C ≤ ‖g‖₂‖x‖₂ where ‖g‖₂² = A and ‖x‖₂² = B."""
    root_a, root_b = sp.symbols("|g| |x|", nonnegative=True)
    square_a = assume(root_a**2 - A, "square roots", Sign.ZERO)
    square_b = assume(root_b**2 - B, "square roots", Sign.ZERO)
    squares = certify((root_a * root_b) ** 2 - C**2, [(1, gram()), (root_b**2, square_a), (A, square_b)])
    return quadratic(), identity(1), identity(-1), gram(), powers_compare(root_a * root_b, C, 2, squares)
