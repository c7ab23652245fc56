"""Lemma 3: the momentum's error. Under A1 to A3, and ‖x_{k+1} − x_k‖ ≤ r for every k, without extrapolation,

    E‖m_k − ∇f(x_k)‖_* ≤ (1−α)^k ρσ + √α ρσ + Lr/α.

m_k − ∇f(x_k) = (1−α)^k n_0 + M_k + S_k, by induction, with M_0 = S_0 = 0 and

    M_{k+1} = (1−α)M_k + αn_{k+1},    S_{k+1} = (1−α)(S_k + ∇f(x_k)) + α∇f(y_{k+1}) − ∇f(x_{k+1}).

*Noise*: E‖M_k‖₂² ≤ α/(2−α)·σ² by induction, as E⟨n_{k+1}, M_k⟩ = 0; A3 turns it into the dual norm, and
(E‖M‖)² ≤ E‖M‖² as E(‖M‖ − E‖M‖)² ≥ 0. *Lag*: ‖S_k‖_* ≤ (1−α)/α·Lr by induction.

The same for noise measured in the dual norm (A1*), with κσ_* for ρσ: ‖a + n‖_κ² ≤ ‖a‖_κ² + ⟨G(a), n⟩ + κ²‖n‖_*² takes
the place of ‖a + n‖₂² = ‖a‖₂² + 2⟨a, n⟩ + ‖n‖₂², and ‖·‖_* ≤ ‖·‖_κ that of A3. The norm ‖·‖_κ need not be the dual
norm: ℓ_∞, which is not smooth, has ℓ_q with κ² = (q−1)d^{2/q} (Juditsky and Nemirovski 2008).
"""

import sympy as sp

from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.structures import Kind
from ntr_spec.verify.formal.vectors import ZERO, Vector
from ntr_spec.verify.formal.vocabulary import INDEX, Recursion
from ntr_spec.verify.kernel import (
    Expr,
    Fact,
    Sign,
    certify,
    equal_norms,
    every_index,
    evident,
    powers_compare,
    sum_of_squares,
)

k = INDEX
HYPOTHESES = ("A1", "A1*", "A2", "A3", "triangle inequality", "‖·‖₂", "step")
L = SYMBOLS.L


def noise_size(s: Setting) -> Expr:
    """ρσ, or κσ_* where noise is measured in the dual norm."""
    return SYMBOLS.kappa * SYMBOLS.sigma_dual if s.dual_noise else SYMBOLS.rho * SYMBOLS.sigma


def define_parts(s: Setting) -> None:
    """Define M and S."""
    v, a = s.vocabulary, s.alpha
    v.define("M", Recursion(ZERO, lambda j: (1 - a) * v.point("M", j) + a * s.n(j + 1)))
    v.define("S", Recursion(ZERO, lambda j: (1 - a) * (v.point("S", j) + s.gradient(s.x(j))) + _turn(s, j)))


def _turn(s: Setting, j: Expr) -> Vector:
    ahead: Vector = s.alpha * s.gradient(s.vocabulary.point("y", j + 1))
    return ahead - s.gradient(s.x(j + 1))


def parts(s: Setting) -> tuple[Vector, Vector, Vector]:
    """(1−α)^k n_0, M_k and S_k."""
    return s.n(sp.S.Zero) * (1 - s.alpha) ** k, s.vocabulary.point("M", k), s.vocabulary.point("S", k)


def decomposition(s: Setting) -> Fact:
    """‖m_k − ∇f(x_k)‖_* − ‖(1−α)^k n_0 + M_k + S_k‖_* = 0."""
    v, w = s.vocabulary, s.vocabulary.point("w")
    first, noise, lag = parts(s)
    both = v.inner(w, s.error() - (first + noise + lag))
    start = certify(v.at(both, 0), [], Sign.ZERO)
    known = every_index(v, both, start, lambda h: certify(v.at(both, k + 1), [(1 - s.alpha, h)], Sign.ZERO), Sign.ZERO)
    equal = equal_norms(v, known, "w", s.error(), first + noise + lag, Kind.DUAL)
    return equal.with_note("the error of the momentum in three parts")


def error_in_parts(s: Setting) -> Fact:
    """(1−α)^k‖n_0‖_* + ‖M_k‖_* + ‖S_k‖_* − ‖m_k − ∇f(x_k)‖_* ≥ 0."""
    first, noise, lag = parts(s)
    sizes = [s.vocabulary.dual(part) for part in (first, noise, lag)]
    facts = [
        (-1, decomposition(s)),
        (1, s.triangle(first, noise, Kind.DUAL)),
        (1, s.triangle(first + noise, lag, Kind.DUAL)),
    ]
    return certify(sum(sizes) - s.vocabulary.dual(s.error()), facts)


# ---- noise ----------------------------------------------------------------------------------------------


def mean_from_square(s: Setting, size: Expr, bound: Expr, square: Fact) -> Fact:
    """bound − E size ≥ 0 from bound² − E size² ≥ 0: E(size − E size)² ≥ 0."""
    mean = s.vocabulary.mean(size)
    spread = s.expect(sum_of_squares((size - mean) ** 2, [(1, size - mean)]))
    return powers_compare(bound, mean, 2, certify(bound**2 - mean**2, [(1, square), (1, spread)]))


def first_noise(s: Setting) -> Fact:
    """ρσ − E‖n_0‖_* ≥ 0."""
    v, n, size = s.vocabulary, s.n(sp.S.Zero), noise_size(s)
    if s.dual_noise:
        slope, smooth = s.dual_smooth(ZERO, n)
        facts = [(1, s.expect(smooth)), (-1, s.unbiased(slope, 0)), (SYMBOLS.kappa**2, s.variance(0))]
        return _into_dual(s, n, size, certify(size**2 - v.mean(v.norm(n, Kind.SMOOTH) ** 2), facts))
    return _into_dual(s, n, SYMBOLS.sigma, s.variance(0))


def kept_noise(s: Setting) -> Fact:
    """√α ρσ − E‖M_k‖_* ≥ 0."""
    v, a, size = s.vocabulary, s.alpha, noise_size(s)
    noise = v.point("M", k)
    exact = sp.sqrt(a / (2 - a))
    sharp = _into_dual(s, noise, exact * (size if s.dual_noise else SYMBOLS.sigma), kept_square(s))
    # √α ≥ √(α/(2−α)), for α ≥ α/(2−α)
    larger = powers_compare(sp.sqrt(a), exact, 2, evident(a - a / (2 - a)))
    return certify(sp.sqrt(a) * size - v.mean(v.dual(noise)), [(1, sharp), (size, larger)])


def kept_square(s: Setting) -> Fact:
    """α/(2−α)·σ² − E‖M_k‖₂² ≥ 0; for noise in the dual norm α/(2−α)·κ²σ_*² − E‖M_k‖_κ² ≥ 0."""
    v, a = s.vocabulary, s.alpha
    noise, new = v.point("M", k), s.n(k + 1)
    square = v.mean(v.norm(noise, Kind.SMOOTH) ** 2 if s.dual_noise else v.inner(noise, noise))
    scale = noise_size(s) if s.dual_noise else SYMBOLS.sigma
    gap = a / (2 - a) * scale**2 - square
    known = s.variance(k + 1)
    if s.dual_noise:
        slope, smooth = s.dual_smooth((1 - a) * noise, a * new)
        added = [(1, s.expect(smooth)), (-a, s.unbiased(slope)), (a**2 * SYMBOLS.kappa**2, known)]
    else:
        added = [(-2 * a * (1 - a), s.unbiased(noise)), (a**2, known)]
    after = v.at(gap, k + 1)
    return every_index(v, gap, evident(v.at(gap, 0)), lambda h: certify(after, [((1 - a) ** 2, h), *added]))


def _into_dual(s: Setting, u: Vector, bound: Expr, square: Fact) -> Fact:
    """ρ·bound − E‖u‖_* ≥ 0 from bound² − E⟨u, u⟩ ≥ 0, by A3; bound − E‖u‖_* ≥ 0 from bound² − E‖u‖_κ² ≥ 0, by A1*."""
    v, rho = s.vocabulary, SYMBOLS.rho
    if s.dual_noise:
        mean = mean_from_square(s, v.norm(u, Kind.SMOOTH), bound, square)
        return certify(bound - v.mean(v.dual(u)), [(1, s.expect(s.smooth_above(u))), (1, mean)])
    length = v.norm(u, Kind.EUCLIDEAN)
    same = s.expect(s.euclidean(u))
    squares = certify(bound**2 - v.mean(length**2), [(1, square), (-1, same)])
    mean = mean_from_square(s, length, bound, squares)
    return certify(rho * bound - v.mean(v.dual(u)), [(1, s.expect(s.equivalent(u))), (rho, mean)])


# ---- lag ------------------------------------------------------------------------------------------------


def lag(s: Setting, short: Fact, r: Expr) -> Fact:
    """(1−α)/α·Lr − ‖S_k‖_* ≥ 0, given r − ‖x_{k+1} − x_k‖ ≥ 0 for every k."""
    v, a = s.vocabulary, s.alpha
    size = v.point("S", k)
    gap = (1 - a) / a * L * r - v.dual(size)
    turn = s.gradient(s.x()) - s.gradient(s.x(k + 1))
    added = [
        (1 - a, s.triangle(size, turn, Kind.DUAL)),
        (1 - a, s.smooth(s.x(), s.x(k + 1))),
        ((1 - a) * L, short),
    ]
    after = v.at(gap, k + 1)
    return every_index(v, gap, evident(v.at(gap, 0)), lambda h: certify(after, [(1 - a, h), *added]))


def error(s: Setting, lagging: Fact, drift: Expr) -> Fact:
    """(1−α)^k ρσ + √α ρσ + drift − E‖m_k − ∇f(x_k)‖_* ≥ 0, given that the lag of S_k is at most drift."""
    v, a, size = s.vocabulary, s.alpha, noise_size(s)
    target = (1 - a) ** k * size + sp.sqrt(a) * size + drift - v.mean(v.dual(s.error()))
    facts = [
        (1, s.expect(error_in_parts(s))),
        ((1 - a) ** k, first_noise(s)),
        (1, kept_noise(s)),
        (1, s.expect(lagging)),
    ]
    return certify(target, facts).with_note("the error of the momentum")


def momentum_error(s: Setting, short: Fact, r: Expr) -> Fact:
    """(1−α)^k ρσ + √α ρσ + Lr/α − E‖m_k − ∇f(x_k)‖_* ≥ 0, given r − ‖x_{k+1} − x_k‖ ≥ 0 for every k."""
    define_parts(s)
    sharp = lag(s, short, r)
    drift = L * r / s.alpha
    size = s.vocabulary.dual(s.vocabulary.point("S", k))
    return error(s, certify(drift - size, [(1, sharp), (1, evident(L * r))]), drift)


def proof() -> tuple[Fact, ...]:
    """For both measures of noise; without decay steps are no longer than r = η."""
    found = []
    for noise in (("A1", "A3"), ("A1*",)):
        s = Setting([*noise, "A2"])
        found.append(momentum_error(s, s.step_length(), s.method.radius))
    return tuple(found)
