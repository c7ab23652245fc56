"""What may be assumed, by name; instances of it are handed out by :mod:`ntr_spec.verify.formal.setting`."""

from __future__ import annotations

from types import SimpleNamespace

import sympy as sp

from ntr_spec.verify.algebra import Unit

ASSUMPTIONS = {
    "A1": "E⟨n_k, u⟩ = 0 for u known before n_k is drawn, E‖n_k‖₂² ≤ σ², n_k = g_k − ∇f(y_k)",
    "A1*": (
        "E⟨n_k, u⟩ = 0 for u known before n_k is drawn, E‖n_k‖_*² ≤ σ_*²; "
        "‖v‖_* ≤ ‖v‖_κ and ‖a + n‖_κ² ≤ ‖a‖_κ² + ⟨G(a), n⟩ + κ²‖n‖_*² for some norm ‖·‖_κ and some G"
    ),
    "A2": "‖∇f(x) − ∇f(y)‖_* ≤ L‖x − y‖",
    "A3": "‖v‖_* ≤ ρ‖v‖₂",
    "A4": "‖∇f(x) − ∇f(y) − ∇²f(y)(x − y)‖_* ≤ (H/2)‖x − y‖²",
    "A5": "f(βx* + (1−β)x) ≤ βf(x*) + (1−β)f(x)",
    "triangle inequality": "‖u + v‖ ≤ ‖u‖ + ‖v‖, for the norm and its dual",
    "Hölder": "⟨g, v⟩ ≤ ‖g‖_*‖v‖",
    "lmo": "⟨g, lmo(g)⟩ ≤ −(1−δ)‖g‖_* and ‖lmo(g)‖ ≤ 1; δ = 0 is the LMO itself",
    "‖·‖₂": "‖v‖₂² = ⟨v, v⟩",
    "R convex": "R(z) ≥ R(x_k) + ⟨s_k, z − x_k⟩; R((1−β)x + βz) ≤ (1−β)R(x) + βR(z)",
    "step": "‖x_{k+1} − c_k‖ ≤ η and ⟨m_k + s_{k+1}, x_{k+1} − c_k⟩ ≤ −(1−δ)η‖m_k + s_{k+1}‖_*",
    "in the ball": "‖z − c_k‖ ≤ η",
    "Δ₀": "Δ₀ ≥ F(x₀) − F(x) for every x of the run and for x*",
    "D": "‖x₀‖ ≤ D, ‖x*‖ ≤ D ≤ (1−δ)η/β",
    "minimum": "min_{k+1} ≤ min_k and min_{k+1} ≤ ‖∇f(x_{k+1}) + s_{k+1}‖_*",
    "2β ≤ α": "2β ≤ α",
    "integral": "∫₀¹ t dt = 1/2",
    "fundamental theorem of calculus": "f(y) − f(x) = ∫₀¹ ⟨∇f(x + t(y − x)), y − x⟩ dt (CITED)",
    "sum rule": "at a minimizer of ⟨m, ·⟩ + R over a ball that meets ri dom R, −(m + s) is normal to the ball (CITED)",
}
"""Every assumption and what it says. [Kovalev25]'s are A1 to A5; the others are its setting, or cited."""

STANDING = frozenset(ASSUMPTIONS) - {"A1", "A1*", "A2", "A3", "A4", "A5"}
"""What is always granted: what norms, R, the step, the constants and the parameters are, and what is cited."""

_nonnegative = {name: sp.Symbol(letter, nonnegative=True) for name, letter in {
    "L": "L", "H": "H", "rho": "ρ", "sigma": "σ", "kappa": "κ", "sigma_dual": "σ_*", "delta0": "Δ₀", "D": "D",
}.items()}  # fmt: skip
SYMBOLS = SimpleNamespace(
    **_nonnegative,
    eta=sp.Symbol("η", positive=True),
    alpha=Unit("α", positive=True),
    beta=Unit("β", positive=True),
    delta=Unit("δ", nonnegative=True),
    K=sp.Symbol("K", integer=True, positive=True),
    t=sp.Symbol("t", nonnegative=True),
)
"""The constants: L H ρ σ κ σ_* Δ₀ D ≥ 0, η > 0, α and β in (0, 1], δ in [0, 1), K ≥ 1 an integer, t in [0, 1]."""
