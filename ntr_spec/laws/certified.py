"""Laws about certificates: what an LMO by an iterative solver promises instead of ⟨g, lmo(g)⟩ = −‖g‖_*.

v, δ = lmo(g, certificate=True) promises ‖v‖ ≤ 1 and ⟨g, v⟩ ≤ −(1 − δ)‖g‖_*. Both sides are judged in float64 on the
numbers that the solver saw and gave, so that a solver in float32 has nothing to hide behind. Reference: Jaggi,
*Revisiting Frank–Wolfe* (2013), for the multiplicative error.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from ntr_spec.arrays import dot, namespace_of, tolerance
from ntr_spec.errors import NotDeclaredError
from ntr_spec.laws.floatlaw import Bench, Defect, FloatLaw
from ntr_spec.laws.pieces import entries, same, scaled, text, times
from ntr_spec.norms.apply import apply_lmo
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.leading import Leading
from ntr_spec.norms.polar import Polar
from ntr_spec.trees import Tree, is_container, leaves, tree_map

if TYPE_CHECKING:
    import numpy as np

Array = Any
Solver: TypeAlias = Polar | Leading

_EPS64 = 2.0**-52
# What a radius or a combinator's scale may add to ‖v‖ when it rounds the entries of a feasible factor once more.
_SCALED = 4.0


# ---- where these laws apply, and the exact ones do not ---------------------------------------------------------------


def solvers(value: Any) -> Iterator[Solver]:
    """The solvers that a norm, or a part of it, carries.

    >>> from ntr_spec.norms import Product, L2, Spectral
    >>> list(solvers(Product({"W": Spectral(), "b": L2()})))
    [SVD()]
    """
    if isinstance(value, Solver):
        yield value
    elif is_container(value):
        for leaf in leaves(value):
            yield from solvers(leaf)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from solvers(getattr(value, field.name))
    elif isinstance(value, Norm):  # declared without a dataclass
        for part in vars(value).values():
            yield from solvers(part)


def approximate(value: Any) -> str | None:
    """Which solver inside makes an LMO approximate, as the reason why an exact law says nothing of it; or None.

    >>> from ntr_spec.norms import Spectral
    >>> from ntr_spec.norms.polar import NewtonSchulz
    >>> approximate(Spectral()), approximate(Spectral(NewtonSchulz()))
    (None, 'NewtonSchulz() is approximate: its LMO is held to its certificate (lmo_within_delta)')
    """
    found = next((solver for solver in solvers(value) if not solver.exact), None)
    return None if found is None else f"{found!r} is approximate: its LMO is held to its certificate (lmo_within_delta)"


def has_certificate(norm: Norm, g: Tree) -> bool:
    """Whether the norm's LMO is approximate and says how much, so that it is to be held to that and to nothing else."""
    if approximate(norm) is None:
        return False
    try:
        norm.lmo(g, certificate=True)
    except NotDeclaredError:
        return False
    return True


def may_leave(value: Any) -> str | None:
    """Which solver inside may give an LMO that leaves the unit ball, being neither exact nor certified; or None.

    >>> from ntr_spec.norms import Spectral
    >>> from ntr_spec.norms.polar import NewtonSchulz
    >>> may_leave(Spectral(NewtonSchulz()))
    >>> may_leave(Spectral(NewtonSchulz(feasible=False)))
    'NewtonSchulz(feasible=False) has no certificate: its LMO may leave the unit ball'
    """
    found = next((solver for solver in solvers(value) if not (solver.exact or _certifies(solver))), None)
    return None if found is None else f"{found!r} has no certificate: its LMO may leave the unit ball"


def _certifies(solver: Solver) -> bool:
    import numpy as np

    point = np.ones((1, 1))
    try:
        solver.certified(point, namespace_of(point))
    except NotDeclaredError:
        return False
    return True


def dual_by_approximation(norm: Norm) -> str | None:
    """Why ‖g‖_* is not known: it is −⟨g, lmo(g)⟩, and the LMO is approximate; or None."""
    dual = norm.dual
    if isinstance(dual, SupportFunction) and approximate(dual.primal) is not None:
        return "the dual norm is known only through an LMO that is approximate; override the property `dual`"
    return None


def _uncertified(norm: Norm) -> str | None:
    if not any(True for _ in solvers(norm)):
        return "the LMO is a closed form, held to the exact laws"
    return dual_by_approximation(norm)


def _one_by_one(norm: Norm) -> str | None:
    alone = None if norm.batched else "the norm does not say that its hooks take stacks; they are looped over"
    return _uncertified(norm) or alone


# ---- the promise -----------------------------------------------------------------------------------------------------


def _wide(bench: Bench, x: Tree) -> Tree:
    return tree_map(lambda leaf: leaf.astype("float64"), bench.to_numpy(x))


def _read(bench: Bench, delta: Array) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = bench.to_numpy(delta).astype("float64")
    return found


def _broken(norm: Norm, eps: float, g: Tree, v: Tree, delta: float) -> Defect | None:
    """What of the promise of v and δ does not hold at the finite point g ≠ 0, of machine epsilon ``eps``, or None."""
    size, best, inner = float(norm(v)), float(norm.dual(g)), float(dot(g, v))
    if not 0 <= delta <= 1:
        return Defect(f"0 <= δ = {delta:.9g} <= 1", "δ is a share of ‖g‖_*")
    if not size <= 1 + _SCALED * eps + tolerance(_EPS64, entries(g)):
        return Defect(f"‖v‖ = {size:.9g} <= 1", "v is not feasible; divide by the largest ‖v‖ that the solver can give")
    # The judge works in float64: what it loses itself is all that it forgives.
    if not inner <= -(1 - delta - tolerance(_EPS64, entries(g))) * best:
        missed = 1 + inner / best
        return Defect(
            f"⟨g, v⟩ = {inner:.9g} <= −(1 − δ)‖g‖_* = {-(1 - delta) * best:.9g}",
            f"δ = {delta:.3g} was certified, {missed:.3g} is what v falls short by",
        )
    return None


def _within_delta(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    v, certificate = norm.lmo(x, certificate=True)
    delta, first = certificate.delta, leaves(x)[0]
    if tuple(delta.shape) or delta.dtype != first.dtype:
        return Defect(f"δ is a number of dtype {first.dtype}", f"got shape {tuple(delta.shape)}, dtype {delta.dtype}")
    plain = norm.lmo(x)
    if not same(bench, plain, v):
        return Defect(f"lmo(g) = {text(bench, plain)} == {text(bench, v)}", "asking for a certificate changes the LMO")
    g = _wide(bench, x)
    if not any(leaf.any() for leaf in leaves(g)):
        return None  # the law delta_special speaks of zero
    return _broken(norm, bench.eps, g, _wide(bench, v), float(_read(bench, delta)))


def _scale_invariant(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    for c, s in scaled(bench, bench.to_numpy(x)):
        unit = bench.asarray(s)
        plain = float(_read(bench, norm.lmo(unit, certificate=True)[1].delta))
        v, certificate = norm.lmo(times(bench, c, s), certificate=True)
        delta = float(_read(bench, certificate.delta))
        at = f"c = {c!r}, s = {text(bench, unit)}"
        if not abs(delta - plain) <= tolerance(bench.eps, entries(x)):
            return Defect(f"δ(c·s) = {delta:.9g} == δ(s) = {plain:.9g}", at)
        defect = _broken(norm, bench.eps, _wide(bench, unit), _wide(bench, v), delta)
        if defect is not None:
            return dataclasses.replace(defect, note=f"{defect.note}, for v = lmo(c·s) and g = s; {at}")
    return None


def _special(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    host = bench.to_numpy(x)
    _, certificate = norm.lmo(bench.asarray(tree_map(lambda leaf: leaf * 0, host)), certificate=True)
    delta = float(_read(bench, certificate.delta))
    if delta != 0:
        return Defect(f"δ(0) = {delta:.9g} == 0", "lmo(0) = 0 is exact")
    for k, leaf in enumerate(leaves(host)):
        for index in dict.fromkeys((0, leaf.size - 1)):
            changed = tree_map(lambda one: one.copy(), host)
            leaves(changed)[k].flat[index] = math.nan
            _, certificate = norm.lmo(bench.asarray(changed), certificate=True)
            delta = float(_read(bench, certificate.delta))
            if not math.isnan(delta):
                return Defect(f"δ = {delta:.9g} is NaN", "NaN in g is lost in δ: comparisons with NaN are false")
    return None


def _of_stacks(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    """A 2×2 stack: the point, a multiple, zero, and the point with a NaN."""
    host = bench.to_numpy(x)
    points = [tree_map(lambda leaf, c=c: c * leaf, host) for c in (1.0, -3.0, 0.0, 1.0)]
    leaves(points[3])[0].flat[0] = math.nan
    stack = bench.asarray(tree_map(lambda *parts: _stacked(parts), *points))
    asking = namespace_of(leaves(stack)[0]).certifying()
    moved = bench.to_numpy(apply_lmo(norm, stack, 1.0, asking, batch=2))
    for certified in asking.certificates or ():
        shape = tuple(certified.delta.shape)
        if shape[:2] != (2, 2):
            return Defect(f"δ has shape {shape}", "a 2×2 stack has a δ for each of its points")
        deltas = _read(bench, certified.delta).reshape(4, -1).max(axis=1)
        for k in range(4):
            defect = _broken_in_stack(norm, bench, points[k], moved, float(deltas[k]), k)
            if defect is not None:
                return dataclasses.replace(defect, note=f"{defect.note}; point {k} of a 2×2 stack, {certified.solver}")
    return None


def _broken_in_stack(norm: Norm, bench: Bench, point: Tree, moved: Tree, delta: float, k: int) -> Defect | None:
    if k == 3:
        return None if math.isnan(delta) else Defect(f"δ = {delta:.9g} is NaN", "the point holds a NaN")
    g = _wide(bench, bench.asarray(point))
    if not any(leaf.any() for leaf in leaves(g)):
        return None if delta == 0 else Defect(f"δ(0) = {delta:.9g} == 0", "lmo(0) = 0 is exact")
    v = tree_map(lambda leaf, one: leaf.reshape(4, *one.shape)[k].astype("float64"), moved, point)
    return _broken(norm, bench.eps, g, v, delta)


def _stacked(parts: tuple[Array, ...]) -> Array:
    import numpy as np

    return np.stack(parts).reshape(2, 2, *parts[0].shape)


def _in_half_precision(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    """On x over its largest entry, in bfloat16 where the library has it, else in float16."""
    host = _wide(bench, x)
    largest = max(float(abs(leaf).max()) for leaf in leaves(host))
    if largest == 0:
        return None
    xp = namespace_of(leaves(x)[0])
    name, eps = ("float16", 2.0**-10) if xp.name == "numpy" else ("bfloat16", 2.0**-7)
    half = getattr(xp, name)

    def read(tree: Tree) -> Tree:
        return _wide(bench, tree_map(lambda leaf: xp.astype(leaf, xp.float32), tree))

    g = tree_map(lambda leaf: xp.astype(leaf, half), bench.asarray(tree_map(lambda leaf: leaf / largest, host)))
    v, certificate = norm.lmo(g, certificate=True)
    defect = _broken(norm, eps, read(g), read(v), float(_read(bench, certificate.delta)))
    return None if defect is None else dataclasses.replace(defect, note=f"{defect.note}, for g in {half}")


def _no_host_sync(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    def asked(point: Tree) -> list[Any]:
        v, certificate = norm.lmo(point, certificate=True)
        return [v, certificate.delta]

    read = bench.watch_host(asked, x)
    if read is not None:
        return Defect("δ stays on its device", f"values are read on the host: {read}")
    there = bench.elsewhere(x)
    mine, theirs = str(leaves(asked(there))[-1].device), str(leaves(there)[0].device)
    return None if mine == theirs else Defect(f"{mine} == {theirs}", "δ lies on another device than g")


_JAGGI = "Jaggi, Revisiting Frank–Wolfe (2013)"
CERTIFIED_LAWS: tuple[FloatLaw, ...] = (
    FloatLaw(
        "lmo_within_delta",
        "‖v‖ ≤ 1 and ⟨g, v⟩ ≤ −(1 − δ)‖g‖_* with 0 ≤ δ ≤ 1, for v = lmo(g) and the δ of its certificate",
        _within_delta,
        _uncertified,
        share=1.0,
        source=_JAGGI,
    ),
    FloatLaw(
        "delta_scale_invariant",
        "c·g has the δ of g, and it holds, from the smallest subnormal c to the largest finite",
        _scale_invariant,
        _uncertified,
        share=0.2,
        elsewhere=True,
        source=_JAGGI,
    ),
    FloatLaw(
        "delta_special",
        "δ = 0 at g = 0, exactly; δ is NaN where g holds NaN",
        _special,
        _uncertified,
        share=0.1,
        elsewhere=True,
        source=_JAGGI,
    ),
    FloatLaw(
        "delta_of_stacks",
        "in a stack each point has a δ of its own that holds, beside zeros and NaN",
        _of_stacks,
        _one_by_one,
        share=0.1,
        source=_JAGGI,
    ),
    FloatLaw(
        "delta_half_precision",
        "the same of g in bfloat16, or in float16 where a library has no other half precision",
        _in_half_precision,
        _uncertified,
        backends=frozenset({"numpy", "torch", "jax"}),
        share=0.2,
        source=_JAGGI,
    ),
    FloatLaw(
        "delta_no_host_sync",
        "δ lies on the device of g, and no certificate reads a value on the host",
        _no_host_sync,
        _uncertified,
        backends=frozenset({"strict", "torch", "jax"}),
        share=0.1,
        source="Python array API standard, 2024.12",
    ),
)
