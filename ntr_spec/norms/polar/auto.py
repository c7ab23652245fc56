"""``Auto``: the polar factor to an accuracy that is asked for, by whichever solver is fastest for it.

Which solver comes first is looked up in what was measured (``ntr-spec bench --choices`` writes ``choices.json``); where
the table says nothing, it is the fewest steps that suit a Gaussian matrix. Whether it was enough is not
guessed: its certificate says so, and the iteration goes on, or another solver is asked, where it was not.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, final

from ntr_spec.arrays import Namespace, free_to_read
from ntr_spec.errors import InputError
from ntr_spec.norms.polar.base import Certified, Polar
from ntr_spec.norms.polar.choices import chosen
from ntr_spec.norms.polar.gram_side import certify_gram
from ntr_spec.norms.polar.image import Quintic, image
from ntr_spec.norms.polar.iteration import certify, eps_of, further, iteration_dtype
from ntr_spec.norms.polar.polar_express import PolarExpress, balanced, optimal_steps
from ntr_spec.norms.polar.svd import SVD

Array = Any

_MOST = 40  # steps; at 1e-12, the least interval, 22 are enough


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Auto(Polar):
    """A polar factor with δ ≤ tolerance, by the fastest solver for the library, dtype and shape.

    Where reading a value is free (NumPy, torch on the CPU) the certificate is read. Where δ is too large, a polynomial
    iteration goes on from where it stands, at last until no singular value can matter; what the dtype does not let it
    reach is left to ``SVD``, and only for those matrices of a stack that need it. ``certificate.fallbacks`` tells.

    Elsewhere (JAX, CuPy, CUDA) nothing is read: there is one schedule, long enough for every matrix in exact
    arithmetic, and δ, which rounding may make larger than the tolerance, is reported.

    Args:
        tolerance: in (0, 1).
        fallback: False forbids another solver than the first, with the steps that it goes on for.

    Raises:
        InputError: the tolerance is out of its range; when run, δ is larger and falling back is forbidden.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.array([[3.0, 0.0], [0.0, -4.0]])
    >>> found = Auto(1e-6).certified(x, namespace_of(x))
    >>> np.round(found.factor, 5).tolist(), bool(found.delta <= 1e-6)
    ([[1.0, 0.0], [0.0, -1.0]], True)
    """

    tolerance: float = 1e-3
    fallback: bool = True

    def __post_init__(self) -> None:
        given = self.tolerance
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < 1:
            raise InputError(f"Auto: expected 0 < tolerance < 1, got tolerance={given!r}; 1e-3 suits training")

    def factor(self, x: Array, xp: Namespace) -> Array:
        """The factor; certified on the way where that is free."""
        if free_to_read(x, xp):
            return self.certified(x, xp).factor
        return self._schedule(x, xp).factor(x, xp)

    def certified(self, x: Array, xp: Namespace) -> Certified:
        """The factor and its certificate."""
        if not free_to_read(x, xp):
            return self._schedule(x, xp).certified(x, xp)
        first = self._first(x, xp)
        found = self._going_on(first, x, xp) if isinstance(first, PolarExpress) else first.certified(x, xp)
        bad = found.delta > self.tolerance  # NaN is no reason to go on
        if not bool(xp.any(bad)):
            return found
        worst = float(xp.max(xp.where(bad, found.delta, xp.zeros_like(found.delta))))
        if not self.fallback:
            raise InputError(
                f"Auto: δ = {worst:.2g} after {found.solver}, more than tolerance={self.tolerance!r}; "
                "allow a larger one, or fallback=True"
            )
        if isinstance(first, SVD):
            return dataclasses.replace(found, fallback=f"{first!r} leaves δ = {worst:.2g} in this dtype")
        return _replaced(found, bad, SVD().certified(x[bad] if bad.ndim else x, xp), f"δ was {worst:.2g}", xp)

    def _first(self, x: Array, xp: Namespace) -> Polar:
        """What was fastest for such matrices, or the fewest steps that suit a Gaussian matrix of this shape."""
        known = chosen(x, self.tolerance, xp)
        if known is not None:
            return known
        eps = eps_of(x, xp, iteration_dtype("Auto", None, x, xp))
        if self.tolerance < 64 * eps:
            return SVD() if eps < 1e-6 else PolarExpress(_fewest(self.tolerance, 2.0**-23), dtype="float32")
        return PolarExpress(_fewest(self.tolerance, eps))

    def _going_on(self, solver: PolarExpress, x: Array, xp: Namespace) -> Certified:
        """The iteration, and further steps until δ is small enough or every singular value that matters is near 1."""
        short = solver.gram_run(x, xp)
        if short is not None:
            delta = certify_gram(x, short, xp)
            if not bool(xp.any(delta > self.tolerance)):
                return Certified(short.v, delta, repr(solver))
        iterate = solver.run(x, xp)
        v, delta = certify(x, iterate, xp)
        said = "" if short is None else "the iteration on X itself, as the Gram matrix hid too much"
        eps = eps_of(x, xp, iterate.v.dtype)
        for lower in self._lowers(x):
            if not bool(xp.any(delta > self.tolerance)):
                break
            least, _ = image(iterate.steps, lower)
            more = _closing(least, self.tolerance / 4, eps)
            if more:
                said = f"{len(iterate.steps) + len(more)} steps, as δ was {float(xp.max(delta)):.2g}"
                iterate = further(iterate, more, xp)
                v, delta = _better(v, delta, *certify(x, iterate, xp), xp)
        return Certified(v, delta, repr(solver), said)

    def _lowers(self, x: Array) -> tuple[float, ...]:
        """Which singular values to bring close to 1, less and less likely ones, at last all that can matter."""
        last = max(1e-12, self.tolerance / (4 * min(x.shape[-2:])))
        return (last**0.5, last**0.75, last)

    def _schedule(self, x: Array, xp: Namespace) -> Polar:
        """The shortest iteration after which δ ≤ tolerance for every matrix, in exact arithmetic.

        With ‖X‖₈ = 1, hence Σσ ≥ 1: singular values below ℓ weigh rℓ at most.
        """
        eps = eps_of(x, xp, iteration_dtype("Auto", None, x, xp))
        wide = "float32" if eps > 1e-6 and self.tolerance < 64 * eps else None
        lower = self._lowers(x)[-1]
        for steps in range(1, _MOST):
            solver = PolarExpress(steps, lower, wide)  # type: ignore[arg-type]
            unit = 2.0**-23 if wide else eps
            if 1.0 - image(solver.table(unit), lower)[0] <= max(self.tolerance / 2, 64 * unit):
                break
        return solver


@functools.lru_cache(maxsize=256)
def _fewest(tolerance: float, eps: float) -> int:
    """Steps after which singular values that are spread evenly leave δ well below the tolerance."""
    steps = 1
    while steps < _MOST and 1.5 * balanced(steps, eps) ** 2 > tolerance / 2:
        steps += 1
    return steps


@functools.lru_cache(maxsize=256)
def _closing(low: float, loss: float, eps: float) -> tuple[Quintic, ...]:
    """The fewest steps that bring [low, 1] to within ``loss`` of 1, as far as rounding lets them."""
    if low >= 1.0 - loss:
        return ()
    best: tuple[Quintic, ...] = ()
    closest = 0.0
    for count in range(1, _MOST):
        found = optimal_steps(count, min(max(low, 1e-12), 1 - 1e-6), eps)
        least, _ = image(found, low)
        if least > closest:
            best, closest = found, least
        if least >= 1.0 - loss or least <= closest - 1e-3:
            break
    return best


def _better(v: Array, delta: Array, other: Array, its: Array, xp: Namespace) -> tuple[Array, Array]:
    """For each matrix the factor of the smaller δ: of those that were done, further steps only add rounding."""
    if not delta.ndim:
        return (other, its) if bool(its < delta) else (v, delta)
    better = its < delta
    return xp.where(better[..., None, None], other, v), xp.where(better, its, delta)


def _replaced(found: Certified, bad: Array, other: Certified, why: str, xp: Namespace) -> Certified:
    """``found`` with other matrices where ``bad``; only for arrays that can be written to."""
    said = f"{other.solver}, as {why}"
    if not bad.ndim:
        return dataclasses.replace(other, fallback=said)
    factor, delta = xp.asarray(found.factor, copy=True), xp.asarray(found.delta, copy=True)
    factor[bad] = other.factor
    delta[bad] = other.delta
    return Certified(factor, delta, found.solver, said, (other.solver,))
