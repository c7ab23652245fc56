"""``ShapeScaled``: a norm of a layer's weight, divided by a factor that depends on the weight's shape.

Optimizers that go by layer give each weight a step whose length grows with its fans: √(out/in), √max(1, out/in) and
the like. That is one norm, n(X)/s(shape), whose LMO is s·lmo_n. Convolution kernels count as the matrix of their
linear map on one patch: outputs against all the rest. References: Jordan et al., *Muon* (2024); Liu et al., *Muon is
Scalable for LLM Training* (2025); Pethick et al., *Training Deep Learning Models with Norm-Constrained LMOs* (2025).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, Literal, final

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.errors import InputError
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from ntr_spec.norms.base import Norm, SupportFunction, check_norm
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.notation import factor as written
from ntr_spec.norms.spectral import Spectral
from ntr_spec.trees import Shape, Tree

Array = Any

Scale = Literal["1", "out", "out/in", "max(1, out/in)", "max(out, in)", "1/in", "1/in²", "out/in²", "conv"]
"""s² as a function of the shape; ``"conv"``: (out/channels)/volume², where in = channels·volume."""

# How s is written, and s² from the counts of outputs, input channels and a kernel's volume.
_SCALES: dict[str, tuple[str, Callable[[int, int, int], float]]] = {
    "1": ("1", lambda out, channels, volume: 1.0),
    "out": ("√out", lambda out, channels, volume: float(out)),
    "out/in": ("√(out/in)", lambda out, channels, volume: out / (channels * volume)),
    "max(1, out/in)": ("√max(1, out/in)", lambda out, channels, volume: max(1.0, out / (channels * volume))),
    "max(out, in)": ("√max(out, in)", lambda out, channels, volume: float(max(out, channels * volume))),
    "1/in": ("√(1/in)", lambda out, channels, volume: 1 / (channels * volume)),
    "1/in²": ("(1/in)", lambda out, channels, volume: 1 / (channels * volume) ** 2),
    "out/in²": ("(√out/in)", lambda out, channels, volume: out / (channels * volume) ** 2),
    "conv": ("(√(out/channels)/volume)", lambda out, channels, volume: out / (channels * volume**2)),
}


@final
@dataclasses.dataclass(frozen=True, repr=False)
class ShapeScaled(Norm):
    """n(X)/s with s = factor·√square(shape). Dual: s·n_*(G). LMO: s·lmo_n(G). ρ = s·ρ_n. Projection: n's, on s·radius.

    X is a weight with its outputs along ``out_axis``; all other axes are inputs. A weight of more than two axes is
    given to n as a matrix, out×in (in×out if outputs come last); vectors and matrices as they are.

    Args:
        norm: n, on matrices, or on vectors for biases.
        square: s² up to the factor, by name: ``"out/in"`` (with Spectral: RMSOperator), ``"max(1, out/in)"`` (Muon),
            ``"max(out, in)"`` (Moonlight, with factor 0.2) and so on; see :data:`Scale`.
        factor: a positive number.
        out_axis: 0 as in torch, −1 as in JAX.
        inverse: multiply by s in place of dividing; the dual is such a norm.

    Raises:
        InputError: an argument is not one of these; a point does not fit n.

    >>> import numpy as np
    >>> from ntr_spec import Spectral
    >>> norm = ShapeScaled(Spectral(), "max(1, out/in)")
    >>> g = np.array([[3.0], [0.0], [-4.0], [0.0]])
    >>> round(float(norm(g)), 6), (np.round(norm.lmo(g).ravel(), 6) + 0.0).tolist(), round(float(norm.dual(g)), 6)
    (2.5, [-1.2, 0.0, 1.6, 0.0], 10.0)
    """

    norm: Norm
    square: Scale = "1"
    factor: float = 1.0
    out_axis: Literal[0, -1] = 0
    inverse: bool = False

    def __post_init__(self) -> None:
        check_norm("ShapeScaled", self.norm)
        if self.square not in _SCALES:
            known = ", ".join(f'"{name}"' for name in _SCALES)
            raise InputError(f"ShapeScaled: expected a square among {known}, got {self.square!r}; s is its root")
        size = self.factor
        if isinstance(size, bool) or not isinstance(size, int | float) or not 1e-100 <= size <= 1e100:
            raise InputError(f"ShapeScaled: expected a factor between 1e-100 and 1e100, got {size!r}; 1 leaves s alone")
        if isinstance(self.out_axis, bool) or self.out_axis not in (0, -1):
            raise InputError(f"ShapeScaled: expected out_axis 0 or -1, got {self.out_axis!r}; transpose the weight")

    @property
    def scale_free(self) -> bool:
        """True with a polar solver that is to see the point as it came, faults included."""
        return isinstance(self.norm, Spectral) and self.norm.scale_free

    @property
    def takes_half(self) -> bool:
        """That of the norm."""
        return self.norm.takes_half

    def scale(self, shape: Shape | tuple[int, ...]) -> float:
        """s for a shape, as a float."""
        dims = shape.dims if isinstance(shape, Shape) else shape
        return self.factor * math.sqrt(self._square(dims))

    def _square(self, dims: tuple[int, ...]) -> float:
        rest = dims[1:] if self.out_axis == 0 else dims[-2::-1]
        channels = rest[0] if rest else 1
        return _SCALES[self.square][1](dims[self.out_axis], channels, math.prod(rest[1:]))

    def _scale(self, like: Array, dims: tuple[int, ...], xp: Namespace) -> Array:
        """s in the dtype of ``like``; exact on symbols, hence not :meth:`scale`."""
        factor, square = (
            xp.asarray(v, dtype=like.dtype, device=device_of(like)) for v in (float(self.factor), self._square(dims))
        )
        return factor * xp.sqrt(square)

    def _dims(self, dims: tuple[int, ...]) -> tuple[int, ...]:
        """The shape that n sees."""
        if len(dims) <= 2:
            return dims
        out = dims[self.out_axis]
        rest = math.prod(dims) // out
        return (out, rest) if self.out_axis == 0 else (rest, out)

    def _inside(self, x: Array, xp: Namespace) -> Array:
        return x if x.ndim <= 2 else xp.reshape(x, self._dims(tuple(x.shape)))

    def _value(self, x: Array, xp: Namespace) -> Array:
        value = apply_value(self.norm, self._inside(x, xp), xp, scaled=True)
        s = self._scale(x, tuple(x.shape), xp)
        return value * s if self.inverse else value / s

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        v = xp.reshape(apply_lmo(self.norm, self._inside(g, xp), 1.0, xp, scaled=True), g.shape)
        s = self._scale(g, tuple(g.shape), xp)
        return v / s if self.inverse else v * s

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        s = self._scale(x, tuple(x.shape), xp)
        radius = radius / s if self.inverse else radius * s
        return xp.reshape(apply_project(self.norm, self._inside(x, xp), radius, xp), x.shape)

    @property
    def has_projection(self) -> bool:
        """Whether the norm has one."""
        return self.norm.has_projection

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        rho = self.norm._rho(Shape(self._dims(shape.dims)), xp)
        s = self._scale(rho, shape.dims, xp)
        return rho / s if self.inverse else rho * s

    @property
    def has_rho(self) -> bool:
        """Whether the norm has one."""
        return self.norm.has_rho

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        if not shape.dims:
            return "a weight of at least one axis"
        if shape.ndim < 2 and self.norm.event_rank == 2:
            return "a weight of at least 2 axes; give biases a norm of their own with Product"
        return self.norm._accepts(Shape(self._dims(shape.dims)))

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        plain = tuple(s for s in self.norm._shapes(dims) if isinstance(s, Shape))
        if self.norm.event_rank != 2:
            return plain
        kernel = (2, 1, 3) if self.out_axis == 0 else (3, 1, 2)
        return (*plain, Shape(kernel)) if self._accepts(Shape(kernel)) is None else plain

    @property
    def dual(self) -> Norm:
        """The dual norm, scaled the other way."""
        dual = self.norm.dual
        if isinstance(dual, SupportFunction):
            return SupportFunction(self)
        return ShapeScaled(dual, self.square, self.factor, self.out_axis, not self.inverse)

    @property
    def claims(self) -> frozenset[Claim]:
        """Those of the norm, but for unitary invariance: a point of more axes is no matrix."""
        return self.norm.claims - {Claim.UNITARILY_INVARIANT}

    def _notation(self, x: str) -> str:
        if self.square == "1" and self.factor == 1:
            return self.norm._notation(x)
        root = _SCALES[self.square][0]
        s = root if self.factor == 1 else written(self.factor) + (f"·{root}" if self.square != "1" else "")
        return f"{s}·{self.norm._notation(x)}" if self.inverse else f"{self.norm._notation(x)}/{_grouped(s)}"


def _grouped(s: str) -> str:
    """Parentheses around a product below a fraction bar."""
    return f"({s})" if "·" in s else s
