"""``NewtonSchulz``: the polar factor by odd quintic polynomials with coefficients given by hand; those of peers.

Reference: Higham, *Functions of Matrices*, 8.3; Jordan et al., *Muon* (2024).
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal, final

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.sums import dots, widened
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.polar.base import Certified, Polar
from ntr_spec.norms.polar.closing import rounded
from ntr_spec.norms.polar.image import Quintic, check_interval, dip, feasible, image, lost
from ntr_spec.norms.polar.iteration import Iterate, begin_at, certify, eps_of, iteration_dtype, quiet, slack

Array = Any

_Triple = tuple[float, float, float]

MUON: _Triple = (3.4445, -4.7750, 2.0315)
"""(a, b, c) of every step of Jordan et al., *Muon* (2024)."""

DION: tuple[_Triple, ...] = (
    (4.0848, -6.8946, 2.9270),
    (3.9505, -6.3029, 2.6377),
    (3.7418, -5.5913, 2.3037),
    (2.8769, -3.1427, 1.2046),
    (2.8366, -3.0525, 1.2012),
)
"""(a, b, c) of five steps, by Jiacheng You (2025), as microsoft/dion has them."""


@final
@dataclasses.dataclass(frozen=True, repr=False)
class NewtonSchulz(Polar):
    """X ← aX + b(XXᵀ)X + c(XXᵀ)²X, a few times, from X₀ = x/‖x‖_F: every singular value σ becomes p(p(…p(σ/‖x‖_F))).

    An approximation, and with the usual coefficients not a near one: they trade accuracy for slope at zero. Five such
    steps in float64, on Gaussian matrices from 20×20 to 256×256, reach ⟨G, O⟩ of 0.84 to 0.98 times Σσᵢ with ‖O‖₂ of
    1.12 to 1.20: neither a feasible LMO nor an optimal one. Divided by the largest value of the composed polynomial on
    [0, 1] it is feasible, and has a certificate. Zero stays zero; NaN makes its whole matrix NaN.

    Args:
        steps: how many.
        coefficients: (a, b, c), or one such triple for each step.
        eps: keeps ‖x‖_F away from zero. It makes the factor depend on the scale of x: very small gradients get no
            update. Other implementations have it, so their presets do. At 0 only zero itself is treated apart.
        guard: ``"add"``: X₀ = x/(‖x‖_F + eps); ``"max"``: X₀ = x/max(‖x‖_F, eps).
        dtype: in what precision to iterate, such as ``"bfloat16"``; None: in that of x.
        feasible: False leaves the result as it is, operation by operation what others compute.

    Raises:
        InputError: an argument is out of its range; or ``feasible``, and the composed polynomial maps some σ in [0, 1]
            to less than 0, which would turn ⟨x, V⟩ against x.
        DTypeError: when run, the library of x has no such dtype.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.array([[3.0, 0.0], [0.0, -4.0]])
    >>> np.round(NewtonSchulz().factor(x, namespace_of(x)) + 0.0, 3).tolist()
    [[0.601, 0.0], [0.0, -0.931]]
    >>> np.round(NewtonSchulz(feasible=False).factor(x, namespace_of(x)) + 0.0, 3).tolist()
    [[0.723, 0.0], [0.0, -1.119]]
    >>> bool(NewtonSchulz().certified(x, namespace_of(x)).delta < 0.5)
    True
    """

    steps: int = 5
    coefficients: _Triple | tuple[_Triple, ...] = MUON
    eps: float = 0.0
    guard: Literal["add", "max"] = "add"
    dtype: Literal["bfloat16", "float16", "float32", "float64"] | None = None
    feasible: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise InputError(
                f"NewtonSchulz: expected a number of steps of at least 1, got steps={self.steps!r}; 5 is usual"
            )
        object.__setattr__(self, "coefficients", _read(self.coefficients, self.steps))
        if not isinstance(self.eps, int | float) or not 0 <= self.eps < math.inf:
            raise InputError(f"NewtonSchulz: expected a finite eps of at least 0, got eps={self.eps!r}; 0 is best")
        if self.guard not in ("add", "max"):
            raise InputError(f'NewtonSchulz: expected guard "add" or "max", got {self.guard!r}; "add" adds eps')
        if not isinstance(self.feasible, bool):
            raise InputError(f"NewtonSchulz: expected feasible as True or False, got {self.feasible!r}; True is safe")
        if self.dtype not in (None, "bfloat16", "float16", "float32", "float64"):
            raise InputError(
                f'NewtonSchulz: expected a dtype such as "bfloat16", got {self.dtype!r}; None keeps that of x'
            )
        if self.feasible and (below := dip(self._plain)):
            raise InputError(
                f"NewtonSchulz: expected coefficients that map no σ in [0, 1] to less than 0, got one to {-below:.4g}; "
                "take others, or feasible=False, which has no certificate"
            )

    @property
    def absolute(self) -> bool:
        """True with a positive eps, which is compared with ‖x‖_F as it is."""
        return self.eps > 0

    @property
    def table(self) -> tuple[_Triple, ...]:
        """(a, b, c) of every step."""
        found: Any = self.coefficients
        return found if isinstance(found[0], tuple) else (found,) * self.steps

    def steps_of(self, eps: float) -> tuple[Quintic, ...]:
        """The steps as they are taken at machine epsilon ``eps``: if ``feasible``, over their largest value."""
        return feasible(self._plain, slack(eps)) if self.feasible else self._plain

    def image(self, lower: float, upper: float = 1.0) -> tuple[float, float]:
        """(min, max) of the composed polynomial over [lower, upper], rounded outwards; exact arithmetic.

        >>> NewtonSchulz(feasible=False).image(0.0)
        (0.0, 1.202368605163213)
        >>> NewtonSchulz().image(0.0)[1] <= 1
        True
        """
        check_interval("NewtonSchulz", lower, upper)
        return image(self.steps_of(2.0**-52), lower, upper)

    def delta(self, lower: float) -> float:
        """δ for every matrix with σ_min ≥ lower·‖x‖_F, rounded up; exact arithmetic.

        >>> NewtonSchulz().delta(0.01) < 0.7
        True

        Raises:
            NotDeclaredError: ``feasible`` is False.
        """
        self._check_feasible()
        check_interval("NewtonSchulz", lower)
        return lost(self.steps_of(2.0**-52), lower)

    def factor(self, x: Array, xp: Namespace) -> Array:
        """The last iterate, in the dtype of x."""
        if not self.feasible:
            return self._as_others_do(x, xp)
        found = self._run(self._start(x, xp), xp).v
        return rounded(found, x, xp)

    def certified(self, x: Array, xp: Namespace) -> Certified:
        """The same with its δ, from ⟨x, V⟩ and ‖V‖_F alone.

        Raises:
            NotDeclaredError: ``feasible`` is False.
        """
        self._check_feasible()
        start = self._start(x, xp)
        v, delta = certify(start, self._run(start, xp), xp)
        if self.eps:  # what underflows against eps gets no update, though it is not zero
            gone = (dots(start, start, xp) == 0) & xp.any(xp.any(x != 0, axis=-1), axis=-1)
            delta = xp.where(gone, xp.ones_like(delta), delta)
        return Certified(v, delta, repr(self))

    @property
    def _plain(self) -> tuple[Quintic, ...]:
        """The steps as others take them."""
        return tuple(Quintic(*row) for row in self.table)

    def _start(self, x: Array, xp: Namespace) -> Array:
        """X₀, in the dtype of x."""
        wide = widened(x, xp)
        if self.eps:  # x may be of any size: divided by its largest entry first, so that no square overflows
            largest = xp.max(xp.abs(wide), axis=(-2, -1))
            unit = xp.maximum(largest, xp.full_like(largest, self.eps * 2.0**-60))
            wide = quiet(wide, largest, xp) / unit[..., None, None]
            size = self._guarded(xp.sqrt(dots(wide, wide, xp)), self.eps / unit, xp)
        else:
            largest = xp.sqrt(dots(wide, wide, xp))
            wide = quiet(wide, largest, xp)
            size = self._guarded(largest, 0.0, xp)
        size = xp.where(xp.isfinite(largest), size, xp.full_like(size, float("nan")))
        return xp.astype(wide / size[..., None, None], x.dtype, copy=False)

    def _run(self, start: Array, xp: Namespace) -> Iterate:
        dtype = iteration_dtype("NewtonSchulz", self.dtype, start, xp)
        return begin_at(start, self.steps_of(eps_of(start, xp, dtype)), xp, dtype)

    def _guarded(self, size: Array, eps: Array | float, xp: Namespace) -> Array:
        """‖x‖_F, kept from zero; NaN is kept."""
        if not self.eps:
            return xp.where(size == 0, xp.ones_like(size), size)
        return size + eps if self.guard == "add" else xp.where(size < eps, xp.zeros_like(size) + eps, size)

    def _as_others_do(self, x: Array, xp: Namespace) -> Array:
        """The iteration as Muon's implementations write it, rounded where they round."""
        dtype = None if self.dtype is None else iteration_dtype("NewtonSchulz", self.dtype, x, xp)
        y = x if dtype is None else xp.astype(x, dtype)
        wide = y.shape[-2] <= y.shape[-1]
        y = y if wide else xp.matrix_transpose(y)  # the smaller Gram matrix
        y = y / self._guarded(xp.sqrt(xp.sum(y * y, axis=(-2, -1), keepdims=True)), self.eps, xp)
        for a, b, c in self.table:
            gram = xp.matmul(y, xp.matrix_transpose(y))
            y = a * y + xp.matmul(b * gram + c * xp.matmul(gram, gram), y)
        y = y if wide else xp.matrix_transpose(y)
        return y if dtype is None else xp.astype(y, x.dtype)

    def _check_feasible(self) -> None:
        if not self.feasible:
            least, largest = self.image(0.0)
            longest = max(largest, -least)
            raise NotDeclaredError(
                f"NewtonSchulz: with feasible=False ‖v‖₂ may be {longest:.4g}, so there is no certificate; "
                "take feasible=True"
            )


def _read(coefficients: Any, steps: int) -> _Triple | tuple[_Triple, ...]:
    """Coefficients as a triple of floats, or a tuple of as many triples as there are steps."""
    try:
        nested = [tuple(row) if isinstance(row, tuple | list) else (row,) for row in coefficients]
        rows = [tuple(float(c) for c in row) for row in nested]
    except (TypeError, ValueError):
        rows = []
    if len(rows) == 3 and all(len(row) == 1 for row in rows):
        rows = [(rows[0][0], rows[1][0], rows[2][0])]
    elif len(rows) != steps:
        rows = []
    if not rows or not all(len(row) == 3 and all(map(math.isfinite, row)) for row in rows):
        raise InputError(
            f"NewtonSchulz: expected coefficients (a, b, c), or one such triple for each of {steps} steps, all finite, "
            f"got {coefficients!r}; polar.MUON and polar.DION are such"
        )
    table = tuple((a, b, c) for a, b, c in rows)
    return table if isinstance(coefficients[0], tuple | list) else table[0]
