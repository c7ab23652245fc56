"""The projection on {Σ|xᵢ| ≤ r} is sign(x)·(|x| − θ)₊, θ = max{0, max_k (s₁ + … + s_k − r)/k}, s = |x| sorted; every n.

Where θ = 0 the point is inside: θ ≥ (s₁ + … + s_n − r)/n. Otherwise let *top* be the K entries with sᵢ = θ + dᵢ, d > 0,
and *rest* those with sᵢ = θ − dᵢ. The projection is d on the top and 0 on the rest, and takes away θ on the top and
sᵢ ≤ θ on the rest.

    feasible  Σd = s₁ + … + s_K − Kθ ≤ r, by θ ≥ (s₁ + … + s_K − r)/K;
    optimal   with k attaining θ: r = Σ_{i≤k}(sᵢ − θ) ≤ Σd, and r·max|x − p| ≤ rθ ≤ θΣd = ⟨x − p, p⟩.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, Sums, assume, certify, evident, total

d = sp.Symbol("d_i", nonnegative=True)
K, r, theta = sp.symbols("K r theta", positive=True)
M = sp.Symbol("max|x-p|", nonnegative=True)
TOP = Sums((d,), K, "top")
KEPT = Sums((d,), sp.Symbol("k_top", nonnegative=True), "kept")  # those of the first k entries that are in the top,
LEFT = Sums((d,), sp.Symbol("K-k_top", nonnegative=True), "left")  # the others of the top,
LOW = Sums((d,), sp.Symbol("k_rest", nonnegative=True), "low")  # and those of the first k that are not
HYPOTHESES = (
    "theta is the largest",
    "theta is attained",
    "at most theta is taken away",
    "the top in two parts",
)


def feasible() -> Fact:
    """r − Σd ≥ 0."""
    largest = assume(r + K * theta - TOP.of(theta + d), "theta is the largest")
    return certify(r - TOP.of(d), [(1, largest)])


def large() -> Fact:
    """Σd − r ≥ 0."""
    count = KEPT.of(sp.S.One) + LOW.of(sp.S.One)
    attained = assume(KEPT.of(theta + d) + LOW.of(theta - d) - count * theta - r, "theta is attained", Sign.ZERO)
    split = assume(TOP.of(d) - KEPT.of(d) - LEFT.of(d), "the top in two parts", Sign.ZERO)
    others = [total(evident(d), sums) for sums in (LEFT, LOW)]
    return certify(TOP.of(d) - r, [(1, attained), (1, split), *((1, fact) for fact in others)])


def optimal() -> Fact:
    """θΣd − r·max|x − p| ≥ 0."""
    most = assume(theta - M, "at most theta is taken away")
    return certify(theta * TOP.of(d) - r * M, [(theta, large()), (r, most)])


def proof() -> tuple[Fact, ...]:
    """Feasible and optimal."""
    return feasible(), large(), optimal()
