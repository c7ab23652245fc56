"""The lemmas that certificates and derivations name: statement, source, and whether proved here or cited.

A lemma that is not CITED has a file of its own name in ``proofs/``, rechecked by ``python -m proofs``.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Lemma:
    """A named statement.

    Attributes:
        name: an identifier; the proof is ``proofs/<name>.py``.
        statement: the lemma in mathematical notation.
        source: where it comes from.
        cited: True if it is taken from the source and not proved here.
    """

    name: str
    statement: str
    source: str
    cited: bool = False


LEMMAS = (
    Lemma(
        "lagrange_identity",
        "(Σgᵢ²)(Σxᵢ²) − (Σgᵢxᵢ)² = Σ_{i<j}(gᵢxⱼ − gⱼxᵢ)² ≥ 0, every n; so Σgᵢxᵢ ≤ ‖g‖₂‖x‖₂",
        "Lagrange (1773); Hardy, Littlewood and Pólya, Inequalities, 2.4",
    ),
    Lemma(
        "young",
        "ab ≤ aᵖ/p + b^q/q for a, b > 0, 1/p + 1/q = 1",
        "Hardy, Littlewood and Pólya, Inequalities, 4.8",
    ),
    Lemma(
        "holder_lp",
        "Σ|gᵢ||xᵢ| ≤ (Σ|gᵢ|^q)^{1/q}(Σ|xᵢ|ᵖ)^{1/p}, every n",
        "Hölder (1889); Hardy, Littlewood and Pólya, Inequalities, 2.8",
    ),
    Lemma(
        "minkowski_lp",
        "(Σ|xᵢ+yᵢ|ᵖ)^{1/p} ≤ (Σ|xᵢ|ᵖ)^{1/p} + (Σ|yᵢ|ᵖ)^{1/p}, every n, p > 1",
        "Minkowski (1896); Hardy, Littlewood and Pólya, Inequalities, 2.11",
    ),
    Lemma(
        "power_mean",
        "(Σ|xᵢ|ʳ)^{1/r} ≤ n^{1/r − 1/s}(Σ|xᵢ|ˢ)^{1/s} for 0 < r < s, every n",
        "Hardy, Littlewood and Pólya, Inequalities, 2.9",
    ),
    Lemma(
        "jensen_sums",
        "(Σ|xᵢ|ˢ)^{1/s} ≤ (Σ|xᵢ|ʳ)^{1/r} for 0 < r < s, every n",
        "Hardy, Littlewood and Pólya, Inequalities, 2.10",
    ),
    Lemma(
        "scaling",
        "(c‖·‖)_* = ‖·‖_*/c, LMO divided by c, projection at radius r/c, for c > 0 and any norm",
        "Rockafellar, section 15",
    ),
    Lemma(
        "change_of_variables",
        "x ↦ ‖Ax‖ has the dual g ↦ ‖A⁻ᵀg‖_* and the LMO A⁻¹lmo(A⁻ᵀg), for any norm and invertible A",
        "Rockafellar, Convex Analysis, Corollary 16.3.2",
    ),
    Lemma("reshape", "renaming entries keeps norm, dual, LMO, projection and ρ", "immediate"),
    Lemma(
        "product_norm",
        "x ↦ φ(‖x₁‖, …, ‖x_B‖), φ absolute, has the dual φ_*(‖g₁‖_*, …), LMO t_b·lmo_b(g_b), t = −lmo_φ((‖g_b‖_*))",
        "Horn and Johnson, Matrix Analysis, 5.4",
    ),
    Lemma(
        "mixed_norm",
        "x ↦ φ(‖x₁‖, …, ‖x_B‖) over slices x_b of one array, φ absolute: dual and LMO as for a product",
        "Benedek and Panzone, The space Lᵖ with mixed norm (1961)",
    ),
    Lemma(
        "top_k_duality",
        "T_k(x) = max{⟨s, x⟩ : |sᵢ| ≤ 1, Σ|sᵢ| ≤ k} = min_{τ≥0} kτ + Σ(|xᵢ| − τ)₊; the dual is max{‖g‖_∞, ‖g‖₁/k}",
        "Boyd and Vandenberghe, Convex Optimization, 5.19; Bhatia, Matrix Analysis, IV.2",
    ),
    Lemma(
        "owl_duality",
        "Σwᵢ|x|₍ᵢ₎ = Σ_k (w_k − w_{k+1})T_k(x) has the dual max_k T_k(g)/(w₁+…+w_k)",
        "Zeng and Figueiredo (2014); Hardy, Littlewood and Pólya, Inequalities, 10.2",
    ),
    Lemma(
        "ellipsoidal",
        "√(xᵀPx) has the dual √(gᵀP⁻¹g) and the LMO −P⁻¹g/√(gᵀP⁻¹g), P ≻ 0",
        "Cauchy–Schwarz for P",
    ),
    Lemma(
        "l1_projection",
        "argmin{‖y − x‖₂ : ‖y‖₁ ≤ r} = sign(x)(|x| − θ)₊, θ = max{0, max_k (Σ_{i≤k}|x|₍ᵢ₎ − r)/k}, every n",
        "Held, Wolfe and Crowder (1974); Duchi et al. (2008)",
    ),
    Lemma(
        "norm_ball",
        "R = δ(‖x‖ ≤ r): prox = projection, R* = r‖·‖_*, for any norm",
        "Bauschke and Combettes, Convex Analysis, example 13.3",
    ),
    Lemma(
        "norm_penalty",
        "R = λ‖x‖, any norm: prox_tR(x) = x − projection of x on ‖·‖_* ≤ tλ, R* = δ(‖·‖_* ≤ λ), −λ·lmo_*(x) ∈ ∂R(x)",
        "Bauschke and Combettes, Convex Analysis, examples 13.3, 16.32 and 24.20",
    ),
    Lemma(
        "ridge_sum",
        "S = R + (w/2)‖·‖₂² is convex, prox_tS(x) = prox_{tR/(1+tw)}(x/(1+tw)), s + wx ∈ ∂S(x) for s ∈ ∂R(x)",
        "Bauschke and Combettes, Convex Analysis, proposition 24.8",
    ),
    Lemma(
        "moreau_identity",
        "x = prox_tR(x) + t·prox_{R*/t}(x/t)",
        "Moreau (1965); Bauschke and Combettes, Convex Analysis, theorem 14.3",
    ),
    Lemma("direct_sum", "ΣR_b(x_b) has value, prox, conjugate and subgradients of its blocks", "immediate"),
    Lemma(
        "separable_sum",
        "relations of single entries hold for their sums, and what bounds each entry bounds the largest, every n",
        "immediate",
    ),
    Lemma(
        "trust_region",
        "x₊ = (1−β)x + η·lmo(u) minimizes ⟨u, ·⟩ over ‖y − (1−β)x‖ ≤ η and stays within its bounds, for any norm",
        "[Kovalev25], Lemma 1",
    ),
    Lemma(
        "dual_norm",
        "‖g‖_* = sup{⟨g, u⟩ : ‖u‖ ≤ 1} is a norm, ⟨g, x⟩ ≤ ‖x‖‖g‖_*, and ‖g‖_* = −⟨g, lmo(g)⟩; any norm",
        "Rockafellar, Convex Analysis, section 15",
    ),
    Lemma(
        "max_of_norms",
        "x ↦ max(a(x), b(x)) has the dual g ↦ min{a_*(g₁) + b_*(g₂) : g₁ + g₂ = g}, any norms a, b",
        "Rockafellar, Convex Analysis, Corollary 16.4.1 and section 15",
    ),
    Lemma(
        "sum_of_norms",
        "x ↦ a(x) + b(x) has the dual g ↦ min{max(a_*(g₁), b_*(g₂)) : g₁ + g₂ = g}, any norms a, b",
        "Rockafellar, Convex Analysis, Corollary 16.4.1 and section 15",
    ),
    Lemma(
        "polyhedral_norm",
        "x ↦ max|⟨aᵢ, x⟩|, the aᵢ spanning, has the dual g ↦ min{‖λ‖₁ : Σλᵢaᵢ = g}, every number of aᵢ",
        "linear programming duality; Rockafellar, Convex Analysis, section 19",
    ),
    Lemma(
        "layer_wise",
        "the LMO of max(‖x₁‖, …, ‖x_B‖) is the LMO of every block, and an update is one of every block",
        "Large et al., Scalable Optimization in the Modular Norm (2024)",
    ),
    Lemma(
        "operator_norms",
        "sup n(Xz)/‖z‖₁ = max_j n(X_{:,j}) and sup ‖Xz‖_∞/n(z) = max_i n_*(X_{i,:}), with their duals, any norm n",
        "Horn and Johnson, Matrix Analysis, 5.6; Higham, Accuracy and Stability, 6.2",
    ),
    Lemma(
        "unitarily_invariant",
        "φ(σ(X)) has the dual φ_*(σ(G)) and the LMO U·diag(lmo_φ(σ))·Vᵀ, φ a symmetric gauge",
        "von Neumann (1937); Horn and Johnson, Matrix Analysis, 7.4.7",
    ),
    Lemma(
        "ky_fan",
        "σ₁(X) + … + σ_k(X) has the dual max{σ₁(G), Σσᵢ(G)/k}, every size",
        "Bhatia, Matrix Analysis, IV.2",
    ),
    Lemma(
        "rms_operator",
        "sup ‖Xz‖_rms/‖z‖_rms = √(in/out)·σ₁(X), with the dual √(out/in)·Σσᵢ(G) and the LMO −√(out/in)·UVᵀ",
        "Bernstein and Newhouse, Modular Duality in Deep Learning (2024)",
    ),
    Lemma(
        "descent_lemma",
        "|f(y) − f(x) − ⟨∇f(x), y − x⟩| ≤ (L/2)‖y − x‖² under A2, in any norm",
        "Nesterov, Introductory Lectures on Convex Optimization, Lemma 1.2.3",
    ),
    Lemma(
        "lemma_1",
        "x₊ solves the step if, and for some s ∈ ∂R(x₊) only if, ‖x₊ − c‖ ≤ η and ⟨m + s, x₊ − c⟩ = −η‖m + s‖_*",
        "[Kovalev25], Lemma 1",
    ),
    Lemma(
        "lemma_2",
        "F(x₊) ≤ F(x) − (1−δ)η‖∇f(x₊) + s‖_* + (2−δ)η‖m − ∇f(x)‖_* + (3/2 − δ)Lη², β = 0, steps exact up to δ",
        "[Kovalev25], Lemma 2 (δ = 0)",
    ),
    Lemma(
        "lemma_3",
        "E‖m_k − ∇f(x_k)‖_* ≤ (1−α)^k ρσ + √α ρσ + Lr/α if steps are at most r; with κσ_* for dual-norm noise",
        "[Kovalev25], Lemma 3",
    ),
    Lemma(
        "lemma_3_prime",
        "with extrapolation, E‖m_k − ∇f(x_k)‖_* ≤ (1−α)^k ρσ + √α ρσ + Hr²/(2α²); with κσ_* for dual-norm noise",
        "[Kovalev25]; Cutkosky and Mehta (2020)",
    ),
    Lemma("lemma_4", "‖x₀‖ ≤ η/β ⟹ ‖x_k‖ ≤ η/β and ‖x_{k+1} − x_k‖ ≤ 2η for every k", "[Kovalev25], Lemma 4"),
    Lemma(
        "theorem_1",
        "T1: min ‖∇f(x_k) + s_k‖_* ≤ [Δ₀/(ηK) + (3/2 − δ)Lη]/(1−δ), α = 1, β = 0",
        "[Kovalev25] (δ = 0)",
    ),
    Lemma(
        "theorem_2",
        "T2: E min ‖∇f(x_k) + s_k‖_* ≤ [Δ₀/(ηK) + (2−δ)(ρσ/(αK) + √α ρσ + Lη/α) + (3/2 − δ)Lη]/(1−δ), β = 0",
        "[Kovalev25] (δ = 0)",
    ),
    Lemma(
        "theorem_3",
        "T3: E F(x_K) − F(x*) ≤ (1−β)^K Δ₀ + 2ηρσ/α + 2D√α ρσ + 4DLη/α + 4DLη, D = η/β, (1−δ)D ≥ ‖x₀‖, ‖x*‖",
        "[Kovalev25] (δ = 0)",
    ),
    Lemma(
        "theorem_4",
        "T4: E min ‖∇f(x_k) + s_k‖_* ≤ [Δ₀/(ηK) + (2−δ)(ρσ/(αK) + √α ρσ + Hη²/(2α²)) + (3/2 − δ)Lη]/(1−δ), β = 0",
        "[Kovalev25] (δ = 0)",
    ),
    Lemma(
        "theorem_5",
        "T5: E F(x_K) − F(x*) ≤ (1−β)^K (Δ₀ + 4ηρσ/α) + 2D√α ρσ + 4DHη²/α² + 4DLη, D = η/β, 2β ≤ α",
        "[Kovalev25] (δ = 0), with its first-noise term repaired",
    ),
    Lemma(
        "plan_1",
        "T1.bound ≤ ε at T1.plan: η = ε/(3L), K = ⌈max{1, 6LΔ₀/ε²}⌉; all L > 0, Δ₀ ≥ 0, every δ in [0, 1)",
        "[Kovalev25]",
    ),
    Lemma(
        "plan_2",
        "T2.bound ≤ ε at T2.plan: α = min{1, ε²/(16ρ²σ²)}, η = εα/(16L), K = ⌈max{1, 128LΔ₀/(ε²α), 16ρσ/(εα)}⌉",
        "[Kovalev25], with α taken out; its own form is proved too",
    ),
    Lemma(
        "plan_3",
        "T3.bound ≤ ε at T3.plan, with β = η/D ≤ 1 and K = ⌈max{1, (D/η)·ln(4Δ₀/ε)}⌉; ε < Δ₀, every δ in [0, 1)",
        "after [Kovalev25]",
    ),
    Lemma(
        "plan_4",
        "T4.bound ≤ ε at T4.plan: α = min{1, ε²/(16ρ²σ²)}, η = min{ε/(12L), α√(ε/(8H))}; every δ in [0, 1)",
        "after [Kovalev25]",
    ),
    Lemma(
        "plan_5",
        "T5.bound ≤ ε at T5.plan, with 2β ≤ α and K = ⌈max{1, (D/η)·ln(4(Δ₀ + 2Dρσ)/ε)}⌉; every δ in [0, 1)",
        "after [Kovalev25]",
    ),
    Lemma(
        "spectral_projection",
        "the projection on φ(σ(Y)) ≤ r is U·diag(projection of σ on φ ≤ r)·Vᵀ, φ a symmetric gauge",
        "Lewis (1995); Parikh and Boyd, Proximal Algorithms, 6.7.2",
        cited=True,
    ),
    Lemma(
        "rearrangement",
        "Σ aᵢb_{π(i)} ≤ Σ a₍ᵢ₎b₍ᵢ₎ for a, b ≥ 0 and every permutation π",
        "Hardy, Littlewood and Pólya, Inequalities, 10.2",
        cited=True,
    ),
    Lemma(
        "von_neumann_trace",
        "|⟨G, X⟩| ≤ Σσᵢ(G)σᵢ(X); so φ∘σ, φ a symmetric gauge, is a norm with dual φ_*∘σ and LMO U·diag(lmo_φ(σ))·Vᵀ",
        "von Neumann (1937); Horn and Johnson, Matrix Analysis, 7.4.1",
        cited=True,
    ),
    Lemma(
        "fenchel_moreau",
        "a norm is the dual of its dual: ‖x‖_** = ‖x‖",
        "Rockafellar, Convex Analysis, Theorem 15.1",
        cited=True,
    ),
    Lemma(
        "smoothness_by_rho",
        "L ≤ ρ²λ and H ≤ ρ³H₂ for Euclidean constants λ and H₂, any norm; L = ρ²λ if ∇²f = λI at some point",
        "[Kovalev25], A3, in its dual form ‖u‖₂ ≤ ρ‖u‖",
    ),
    Lemma(
        "star_convex_cosine",
        "φ(t) = t²/2 + a(1 − cos t) is star-convex at 0 for 0 ≤ a ≤ 3/2, tφ′(t) ≥ φ(t) for all t, given taylor_sums",
        "by Bernstein coefficients; star-convexity after Nesterov and Polyak (2006)",
    ),
    Lemma(
        "taylor_sums",
        "sin t and cos t lie above those of their Taylor sums that end in a negative term, for t ≥ 0",
        "integrating cos ≤ 1 again and again; Hardy, A Course of Pure Mathematics, 7.150",
        cited=True,
    ),
    Lemma(
        "fundamental_theorem_of_calculus",
        "f(y) − f(x) = ∫₀¹ ⟨∇f(x + t(y − x)), y − x⟩ dt, f continuously differentiable",
        "Rudin, Principles of Mathematical Analysis, 6.21",
        cited=True,
    ),
    Lemma(
        "tower_property",
        "E⟨n, u⟩ = E⟨E(n | past), u⟩ = 0 if the past determines u and E(n | past) = 0; A1 is used in this form",
        "Williams, Probability with Martingales, 9.7",
        cited=True,
    ),
    Lemma(
        "sum_rule",
        "∂(g + R) = ∂g + ∂R where the interior of dom g meets ri dom R; ∂ of a ball's indicator is its normal cone",
        "Moreau and Rockafellar; Rockafellar, Convex Analysis, Theorem 23.8",
        cited=True,
    ),
    Lemma(
        "weierstrass",
        "a continuous function attains its extremes on a compact set, such as the unit ball of a norm on R^n",
        "Weierstrass (1861); Rudin, Principles of Mathematical Analysis, 4.16",
        cited=True,
    ),
)


def lemma(name: str) -> Lemma:
    """The lemma of this name.

    Raises:
        KeyError: there is none.

    >>> lemma("young").cited, lemma("fenchel_moreau").cited
    (False, True)
    """
    return {entry.name: entry for entry in LEMMAS}[name]
