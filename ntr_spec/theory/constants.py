"""``Constants``: what a theorem needs to know of a problem."""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any, final

from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.theory.arithmetic import Number, plain, symbolic
from ntr_spec.trees import Tree

MEANINGS = {
    "L": "the Lipschitz constant of ∇f, ‖∇f(x) − ∇f(y)‖_* ≤ L‖x − y‖",
    "H": "the Lipschitz constant of the Hessian, ‖∇f(x) − ∇f(y) − ∇²f(y)(x − y)‖_* ≤ (H/2)‖x − y‖²",
    "rho": "ρ of the norm, ‖x‖_* ≤ ρ‖x‖₂",
    "sigma": "the noise level, E‖g − ∇f‖₂² ≤ σ²",
    "delta0": "Δ₀ = F(x₀) − inf F",
    "D": "a bound on ‖x₀‖ and ‖x*‖",
    "kappa": "κ of a 2-smooth norm above the dual one",
    "sigma_dual": "the noise level in the dual norm, E‖g − ∇f‖_*² ≤ σ_*²",
}
_POSITIVE = ("L", "rho", "D", "kappa")


@final
@dataclasses.dataclass(frozen=True)
class Constants:
    """The constants of a problem in a norm; those that no theorem asks for may be left out.

    Noise enters every theorem through one number, :attr:`noise`: ρσ where it is measured in ‖·‖₂ (assumptions A1 and
    A3), or κσ_* where it is measured in the dual norm and averaging reduces it there as κ says: ‖v‖_* ≤ ‖v‖_κ and
    ‖a + n‖_κ² ≤ ‖a‖_κ² + ⟨G(a), n⟩ + κ²‖n‖_*² for some norm ‖·‖_κ and some G. It may depend less on the dimension:
    κ = √(q−1) for the dual norms ℓ_q and Schatten-q, q ≥ 2, and √(q−1)·d^{1/q} with any such q for ℓ_∞ (Pinelis 1994;
    Juditsky and Nemirovski 2008).

    Args:
        L: > 0, A2: ‖∇f(x) − ∇f(y)‖_* ≤ L‖x − y‖.
        H: ≥ 0, A4: ‖∇f(x) − ∇f(y) − ∇²f(y)(x−y)‖_* ≤ (H/2)‖x − y‖².
        rho: > 0, A3: ‖x‖_* ≤ ρ‖x‖₂; ``norm.rho(shape)`` is the tight one.
        sigma: ≥ 0, A1: E‖g(x;ξ) − ∇f(x)‖₂² ≤ σ².
        delta0: ≥ 0, Δ₀ = F(x₀) − inf F.
        D: > 0, at least ‖x₀‖ and ‖x*‖.
        kappa: ≥ 1, instead of rho.
        sigma_dual: ≥ 0, instead of sigma.

    Raises:
        InputError: a constant is not a finite number in its range, or noise is given twice.

    >>> Constants(L=1.0, rho=2.0, sigma=0.5).noise
    1.0
    """

    L: Number = None
    H: Number = None
    rho: Number = None
    sigma: Number = None
    delta0: Number = None
    D: Number = None
    kappa: Number = None
    sigma_dual: Number = None

    def __post_init__(self) -> None:
        for name in MEANINGS:
            value = getattr(self, name)
            if value is None or symbolic(value):
                continue
            least, words = _least(name)
            if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
                raise InputError(f"Constants: expected {name} to be a finite number, got {value!r}; it is {_is(name)}")
            object.__setattr__(self, name, plain(value))
            if value < least or (name in _POSITIVE and value == 0):
                raise InputError(f"Constants: expected {name} {words}, got {value!r}; it is {_is(name)}")
        if self.sigma is not None and self.sigma_dual is not None:
            raise InputError(
                "Constants: sigma and sigma_dual both measure the noise; give sigma with rho, or sigma_dual with kappa"
            )

    @property
    def dual_noise(self) -> bool:
        """Whether noise is measured in the dual norm."""
        return self.sigma_dual is not None

    @property
    def noise(self) -> Number:
        """ρσ, or κσ_*; None where one of the two is not known. No noise needs no ρ."""
        level, factor = (self.sigma_dual, self.kappa) if self.dual_noise else (self.sigma, self.rho)
        if level is None or (factor is None and level != 0):
            return None
        return 0.0 if factor is None else factor * level

    def check(self, norm: Norm, shape: Tree) -> None:
        """Raise unless ρ is valid for a norm, that is at least the tight one at this shape.

        Raises:
            InputError: ρ is smaller than sup ‖x‖_*/‖x‖₂.
            NotDeclaredError: the norm declares no ρ.

        >>> import ntr_spec as ntr
        >>> Constants(rho=1.0).check(ntr.LInf(), 4)
        Traceback (most recent call last):
        ...
        ntr_spec.errors.InputError: Constants: rho = 1.0 is below 2.0, the tight one of LInf() on shape (4,); pass \
norm.rho(shape)
        """
        tight = norm.rho(shape)
        if self.rho is not None and not symbolic(self.rho) and self.rho < tight * (1 - 1e-9):
            from ntr_spec.trees import as_shape

            raise InputError(
                f"Constants: rho = {self.rho} is below {tight}, the tight one of {norm!r} on shape {as_shape(shape)}; "
                "pass norm.rho(shape)"
            )

    def require(self, subject: str, names: tuple[str, ...]) -> None:
        """Raise unless these constants are known; ``"noise"`` stands for the two that make it.

        Raises:
            InputError: one is missing.
        """
        missing = [name for name in names if getattr(self, name) is None]
        if "noise" in missing:
            pair = ("kappa", "sigma_dual") if self.dual_noise else ("rho", "sigma")
            at = missing.index("noise")
            missing[at : at + 1] = [name for name in pair if getattr(self, name) is None]
        if missing:
            words = "; ".join(f"{name} is {_is(name)}" for name in missing)
            raise InputError(f"{subject}: needs {', '.join(missing)}, which Constants leaves out; {words}")


def _least(name: str) -> tuple[float, str]:
    if name == "kappa":
        return 1.0, "≥ 1"
    return 0.0, "> 0" if name in _POSITIVE else "≥ 0"


def _is(name: str) -> Any:
    return MEANINGS[name]
