"""Norms of norms: ``Mixed`` over the fibres of an array, ``Stacked`` over its slices, ``Product`` over a pytree's blocks.

All three are N(x) = φ(t), t_b = n_b(x_b) over blocks b, for an absolute norm φ. Then N_*(g) = φ_*(d), d_b = n_b*(g_b), and lmo(g)_b =
t_b·lmo_b(g_b) with t = −lmo_φ(d): see :mod:`proofs`. With φ = ℓ_∞ the blocks do not meet, and each is minimised alone.
References: Bourbaki, *Topological Vector Spaces*, IV; Bernstein and Newhouse (2024) for layers.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.claims import Claim, closure
from ntr_spec.norms.spectral import Frobenius
from ntr_spec.norms.vector import L2, LInf
from ntr_spec.trees import Shape, Tree

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Stacked(Norm):
    """φ(n(x₁), …, n(x_k)) over the slices of the first axis. Dual: Stacked(n.dual, φ.dual). ρ = ρ_φ·ρ_n.

    LMO: that of each slice, times −lmo_φ of the slices' dual norms; with φ = ℓ_∞ the slices' own LMOs.

    Args:
        norm: n, on the slices.
        outer: φ, a norm on vectors that claims to be absolute.

    Raises:
        InputError: φ does not claim to be absolute; a point has fewer than 2 axes or its slices do not fit n.

    >>> import numpy as np
    >>> x = np.array([[3.0, -4.0], [1.0, 0.0]])
    >>> float(Stacked(L2())(x)), Stacked(L2()).lmo(x).tolist()
    (5.0, [[-0.6, 0.8], [-1.0, -0.0]])
    """

    norm: Norm
    outer: Norm = LInf()

    def __post_init__(self) -> None:
        _check_outer("Stacked", self.outer)

    @property
    def event_rank(self) -> int | None:
        """One axis more than a matrix norm's; not known for norms that flatten their points."""
        rank = self.norm.event_rank
        return None if rank is None or rank == 1 else rank + 1

    @property
    def batched(self) -> bool:
        """Whether the rank of one point is known."""
        return self.event_rank is not None

    @property
    def scale_free(self) -> bool:
        """True where the slices do not meet: each is scaled on its own."""
        return isinstance(self.outer, LInf)

    def _batch(self, x: Array) -> int:
        return 0 if self.event_rank is None else x.ndim - self.event_rank

    def _value(self, x: Array, xp: Namespace) -> Array:
        return _stack_value(self.outer, self.norm, x, self._batch(x), xp)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return _stack_lmo(self.outer, self.norm, g, self._batch(g), xp)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        return _stack_project(self.outer, self.norm, x, radius, self._batch(x), xp)

    @property
    def has_projection(self) -> bool:
        """With φ = ℓ_∞ where n has one; with Euclidean n where φ has one."""
        return _can_project(self.outer, (self.norm,))

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return self.outer._rho(Shape(shape.dims[:1]), xp) * self.norm._rho(Shape(shape.dims[1:]), xp)

    @property
    def has_rho(self) -> bool:
        """Whether both norms have one."""
        return self.outer.has_rho and self.norm.has_rho

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        if shape.ndim < 2:
            return "at least 2 axes, the first counting slices"
        expected = self.outer._accepts(Shape(shape.dims[:1]))
        if expected is not None:
            return f"an array whose first axis has {expected}"
        expected = self.norm._accepts(Shape(shape.dims[1:]))
        return None if expected is None else f"slices each of which is {expected}"

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        slices = [s for s in self.norm._shapes(dims) if isinstance(s, Shape)]
        counts = itertools.cycle(s.size for s in self.outer._shapes(dims))
        return tuple(Shape((count, *s.dims)) for count, s in zip(counts, slices, strict=False))

    @property
    def dual(self) -> Norm:
        """The dual norms of slices and outer."""
        inner, outer = self.norm.dual, self.outer.dual
        if isinstance(inner, SupportFunction) or isinstance(outer, SupportFunction):
            return SupportFunction(self)
        return Stacked(inner, outer)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, polyhedral, strictly convex or Euclidean where both norms are."""
        return _common_claims((self.norm, self.outer))

    def _notation(self, x: str) -> str:
        return _over(self.outer, self.norm._notation(f"{x}ᵢ"), "i")


@final
@dataclasses.dataclass(frozen=True)
class Mixed(Norm):
    """φ over what remains of n along an axis: ‖X‖ = φ((n(fibre))). Dual: Mixed(φ.dual, n.dual, axis). ρ = ρ_φ·ρ_n.

    ``Mixed(L1(), L2(), axis=1)`` adds the ℓ₂ norms of a matrix's rows (group lasso); ``Mixed(LInf(), L1(), axis=1)`` is the
    operator norm ℓ_∞ → ℓ_∞. LMO: that of each fibre, times −lmo_φ of the fibres' dual norms.

    Args:
        outer: φ, a norm on vectors that claims to be absolute.
        inner: n, a norm on vectors.
        axis: along which n is taken; negative counts from the end.

    Raises:
        InputError: φ does not claim to be absolute; a point has fewer than 2 axes or does not fit.

    Source: Benedek and Panzone, *The space L^p with mixed norm* (1961).

    >>> import numpy as np
    >>> from ntr_spec import L1
    >>> x = np.array([[3.0, -4.0], [1.0, 0.0]])
    >>> norm = Mixed(L1(), L2(), axis=1)
    >>> float(norm(x)), float(norm.dual(x)), norm.lmo(x).tolist()
    (6.0, 5.0, [[-0.6, 0.8], [0.0, 0.0]])
    """

    outer: Norm
    inner: Norm
    axis: int

    def __post_init__(self) -> None:
        _check_outer("Mixed", self.outer)
        if isinstance(self.axis, bool) or not isinstance(self.axis, int):
            raise InputError(
                f"Mixed: expected one axis, an integer, got axis={self.axis!r}; nest Mixed for several"
            )

    @property
    def scale_free(self) -> bool:
        """True where the fibres do not meet: each is scaled on its own."""
        return isinstance(self.outer, LInf)

    def _fibres(self, x: Array, xp: Namespace) -> Array:
        """One fibre per row."""
        moved = xp.moveaxis(x, self.axis, -1)
        return xp.reshape(moved, (-1, moved.shape[-1]))

    def _array(self, fibres: Array, like: Array, xp: Namespace) -> Array:
        """Undo ``_fibres``."""
        dims = list(like.shape)
        length = dims.pop(self.axis)
        return xp.moveaxis(xp.reshape(fibres, (*dims, length)), -1, self.axis)

    def _value(self, x: Array, xp: Namespace) -> Array:
        return _stack_value(self.outer, self.inner, self._fibres(x, xp), 0, xp)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return self._array(_stack_lmo(self.outer, self.inner, self._fibres(g, xp), 0, xp), g, xp)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        return self._array(_stack_project(self.outer, self.inner, self._fibres(x, xp), radius, 0, xp), x, xp)

    @property
    def has_projection(self) -> bool:
        """With φ = ℓ_∞ where n has one; with n = ℓ₂ where φ has one (group soft thresholding)."""
        return _can_project(self.outer, (self.inner,))

    def _split(self, shape: Shape) -> tuple[Shape, Shape]:
        """Shapes of what φ and n see."""
        length = shape.dims[self.axis]
        return Shape((shape.size // length,)), Shape((length,))

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        outer, inner = self._split(shape)
        return self.outer._rho(outer, xp) * self.inner._rho(inner, xp)

    @property
    def has_rho(self) -> bool:
        """Whether both norms have one."""
        return self.outer.has_rho and self.inner.has_rho

    @property
    def _least_rank(self) -> int:
        return max(2, self.axis + 1, -self.axis)

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        if shape.ndim < self._least_rank:
            return f"at least {self._least_rank} axes"
        outer, inner = self._split(shape)
        expected = self.inner._accepts(inner)
        if expected is not None:
            return f"an array whose axis {self.axis} has {expected}"
        expected = self.outer._accepts(outer)
        return None if expected is None else f"an array that has, apart from axis {self.axis}, {expected}"

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        found = []
        for outer in self.outer._shapes(dims):
            for inner in self.inner._shapes(dims):
                sizes = [1] * self._least_rank
                sizes[self.axis] = inner.size
                sizes[next(i for i in range(len(sizes)) if i != self.axis % len(sizes))] = outer.size
                found.append(Shape(tuple(sizes)))
        return tuple(found)

    @property
    def dual(self) -> Norm:
        """The dual norms of fibres and outer."""
        inner, outer = self.inner.dual, self.outer.dual
        if isinstance(inner, SupportFunction) or isinstance(outer, SupportFunction):
            return SupportFunction(self)
        return Mixed(outer, inner, self.axis)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, polyhedral, strictly convex or Euclidean where both norms are."""
        return _common_claims((self.inner, self.outer))

    def _notation(self, x: str) -> str:
        fibre, index = {1: ("ᵢ,:", "i"), -1: ("ᵢ,:", "i"), 0: (":,ⱼ", "j"), -2: (":,ⱼ", "j")}.get(
            self.axis, (f"|axis {self.axis}", "i")
        )
        return _over(self.outer, self.inner._notation(f"{x}{fibre}"), index)


@final
class Product(Norm):
    """φ over the norms of a pytree's blocks. Dual: Product of the duals, φ.dual outside. The points are such pytrees.

    With φ = ℓ_∞ the LMO is every block's own LMO: layer-wise Muon, Scion and their kin. Otherwise block b gets t_b·lmo_b(g_b),
    t = −lmo_φ(d), d_b = −⟨g_b, lmo_b(g_b)⟩. ρ is the weighted constant of φ at the blocks' ρ. Projection with φ = ℓ_∞ where all
    blocks have one, and with Euclidean blocks where φ has one.

    Args:
        blocks: a pytree (dict, list or tuple, nested or not) of norms; it is copied.
        outer: φ, a norm on vectors that claims to be absolute.

    Raises:
        InputError: φ does not claim to be absolute, there is no block, or one is no norm; a point has another structure.

    Source: Large et al., *Scalable Optimization in the Modular Norm* (2024); [Kovalev25], section 2.

    >>> import numpy as np
    >>> from ntr_spec import L1
    >>> norm = Product({"W": L2(), "b": L1()})
    >>> x = {"W": np.array([[3.0, -4.0]]), "b": np.array([1.0, 2.0])}
    >>> float(norm(x)), {name: v.tolist() for name, v in norm.lmo(x).items()}
    (5.0, {'W': [[-0.6, 0.8]], 'b': [-0.0, -1.0]})
    """

    __slots__ = ("_parts", "_structure", "outer")

    outer: Norm
    _parts: tuple[Norm, ...]
    _structure: Any

    def __init__(self, blocks: Tree, outer: Norm = LInf()) -> None:  # noqa: B008 (norms are immutable)
        import optree

        _check_outer("Product", outer)
        parts, structure = optree.tree_flatten(blocks)
        if not parts or isinstance(blocks, Norm):
            raise InputError(
                f"Product: expected a dict, list or tuple of norms, got {blocks!r}; give at least one block"
            )
        for part in parts:
            if not isinstance(part, Norm):
                raise InputError(
                    f"Product: expected a norm for every block, got {part!r}; pass an instance such as L2()"
                )
        object.__setattr__(self, "_parts", tuple(parts))
        object.__setattr__(self, "_structure", structure)
        object.__setattr__(self, "outer", outer)

    @property
    def blocks(self) -> Tree:
        """The norms, in a fresh pytree."""
        import optree

        return optree.tree_unflatten(self._structure, self._parts)

    @property
    def scale_free(self) -> bool:
        """True where the blocks do not meet: each is scaled on its own."""
        return isinstance(self.outer, LInf)

    def _split(self, x: Tree) -> list[Tree]:
        """One subtree per block."""
        found: list[Tree] = self._structure.flatten_up_to(x)
        return found

    def _join(self, parts: list[Tree]) -> Tree:
        import optree

        return optree.tree_unflatten(self._structure, parts)

    def _value(self, x: Tree, xp: Namespace) -> Array:
        values = [apply_value(n, b, xp) for n, b in zip(self._parts, self._split(x), strict=True)]
        return apply_value(self.outer, xp.stack(_alike(values, xp)), xp)

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        blocks = self._split(g)
        v = [apply_lmo(n, b, 1.0, xp) for n, b in zip(self._parts, blocks, strict=True)]
        if isinstance(self.outer, LInf):
            return self._join(v)
        from ntr_spec.arrays import dot

        slopes = xp.stack(_alike([-dot(b, p) for b, p in zip(blocks, v, strict=True)], xp))
        t = -apply_lmo(self.outer, slopes, 1.0, xp)
        return self._join([_times(p, t[i]) for i, p in enumerate(v)])

    def _project(self, x: Tree, radius: Array, xp: Namespace) -> Tree:
        blocks = self._split(x)
        if isinstance(self.outer, LInf):
            return self._join(
                [apply_project(n, b, radius, xp) for n, b in zip(self._parts, blocks, strict=True)]
            )
        _check_project("Product", self.outer, self._parts)
        sizes = xp.stack(
            _alike([apply_value(n, b, xp) for n, b in zip(self._parts, blocks, strict=True)], xp)
        )
        kept = apply_project(self.outer, sizes, radius, xp) / xp.where(sizes == 0, xp.ones_like(sizes), sizes)
        return self._join([_times(b, kept[i]) for i, b in enumerate(blocks)])

    @property
    def has_projection(self) -> bool:
        """With φ = ℓ_∞ where all blocks have one; with Euclidean blocks where φ has one."""
        return _can_project(self.outer, self._parts)

    def _rho(self, shape: Tree, xp: Namespace) -> Array:
        constants = [n._rho(s, xp) for n, s in zip(self._parts, self._split(shape), strict=True)]
        return self.outer._rho_weighted(xp.stack(constants), xp)

    @property
    def has_rho(self) -> bool:
        """Whether all blocks have one and φ has a weighted one."""
        return self.outer.has_weighted_rho and all(part.has_rho for part in self._parts)

    def _accepts(self, shape: Tree) -> str | None:
        try:
            found = self._split(shape)
        except ValueError:
            return self._mismatch(shape)
        for path, part, block in zip(self._structure.paths(), self._parts, found, strict=True):
            expected = part._accepts(block)
            if expected is not None:
                return f"block {_name(path)} to be {expected}"
        return self.outer._accepts(Shape((len(self._parts),)))

    def _mismatch(self, shape: Tree) -> str:
        """What blocks are expected, and which are missing or too many."""
        import optree

        wanted = self._structure.paths()
        given = optree.tree_paths(shape)
        missing = [_name(p) for p in wanted if not any(q[: len(p)] == p for q in given)]
        extra = [_name(q) for q in given if not any(q[: len(p)] == p for p in wanted)]
        text = f"a pytree of blocks {', '.join(_name(p) for p in wanted)} as in {self.blocks!r}"
        notes = [
            f"{word} {', '.join(names)}"
            for word, names in (("missing", missing), ("unknown", extra))
            if names
        ]
        return text + (f" ({'; '.join(notes)})" if notes else "")

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        choices = [part._shapes(dims) for part in self._parts]
        count = max(len(dims), 1)
        # Walk through each block's shapes at its own pace.
        return tuple(self._join([c[k * len(c) // count] for c in choices]) for k in range(count))

    @property
    def dual(self) -> Norm:
        """The dual norms of blocks and outer."""
        outer, duals = self.outer.dual, [part.dual for part in self._parts]
        if any(isinstance(d, SupportFunction) for d in (outer, *duals)):
            return SupportFunction(self)
        return Product(self._join(duals), outer)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, polyhedral, strictly convex or Euclidean where all norms are."""
        return _common_claims((self.outer, *self._parts))

    def _notation(self, x: str) -> str:
        names = [_name(path) if x == "x" else f"{x}.{_name(path)}" for path in self._structure.paths()]
        parts = ", ".join(part._notation(name) for part, name in zip(self._parts, names, strict=True))
        return f"max({parts})" if isinstance(self.outer, LInf) else self.outer._notation(f"({parts})")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Product) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.outer, self._parts))

    def _key(self) -> tuple[Any, ...]:
        return (self._structure, self._parts, self.outer)

    def __repr__(self) -> str:
        return f"Product(blocks={self.blocks!r}, outer={self.outer!r})"

    def __reduce__(self) -> tuple[type[Product], tuple[Tree, Norm]]:
        return (Product, (self.blocks, self.outer))

    def __setattr__(self, name: str, value: object) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


# ---- stacks of blocks, one per slice of an axis -----------------------------------------------------------


def _stack_value(outer: Norm, inner: Norm, x: Array, batch: int, xp: Namespace) -> Array:
    return apply_value(outer, apply_value(inner, x, xp, batch + 1), xp, batch)


def _stack_lmo(outer: Norm, inner: Norm, g: Array, batch: int, xp: Namespace) -> Array:
    v = apply_lmo(inner, g, 1.0, xp, batch + 1)
    if isinstance(outer, LInf):
        return v
    slopes = -xp.sum(g * v, axis=tuple(range(batch + 1, g.ndim)))
    t = -apply_lmo(outer, slopes, 1.0, xp, batch)
    return v * xp.reshape(t, tuple(t.shape) + (1,) * (g.ndim - t.ndim))


def _stack_project(outer: Norm, inner: Norm, x: Array, radius: Array, batch: int, xp: Namespace) -> Array:
    if radius.ndim:  # (stack…, 1, …): one number per point
        radius = xp.reshape(radius, tuple(radius.shape[:batch]))
    if isinstance(outer, LInf):
        if radius.ndim:
            radius = xp.broadcast_to(radius[..., None], x.shape[: batch + 1])
        return apply_project(inner, x, radius, xp, batch + 1)
    _check_project("Stacked or Mixed", outer, (inner,))
    sizes = apply_value(inner, x, xp, batch + 1)
    kept = apply_project(outer, sizes, radius, xp, batch) / xp.where(sizes == 0, xp.ones_like(sizes), sizes)
    return x * xp.reshape(kept, tuple(kept.shape) + (1,) * (x.ndim - kept.ndim))


def _alike(values: list[Array], xp: Namespace) -> list[Array]:
    """The same 0-d values in one dtype, the widest; blocks may be of several."""
    dtypes = {v.dtype for v in values}
    if len(dtypes) == 1:
        return values
    wide = xp.result_type(*values)
    return [xp.astype(v, wide) for v in values]


def _times(tree: Tree, factor: Array) -> Tree:
    from ntr_spec.trees import tree_map

    return tree_map(lambda leaf: leaf * factor, tree)


# ---- what outer and inner norms must be ------------------------------------------------------------------


def _check_outer(subject: str, outer: Norm) -> None:
    if not isinstance(outer, Norm) or Claim.ABSOLUTE not in closure(outer.claims):
        raise InputError(
            f"{subject}: expected an outer norm that claims to be ABSOLUTE, got {outer!r}; "
            "take an ℓ_p norm, or add Claim.ABSOLUTE to its claims if it holds"
        )


def _can_project(outer: Norm, inner: tuple[Norm, ...]) -> bool:
    if isinstance(outer, LInf):
        return all(n.has_projection for n in inner)
    return outer.has_projection and all(isinstance(n, L2 | Frobenius) for n in inner)


def _check_project(subject: str, outer: Norm, inner: tuple[Norm, ...]) -> None:
    if not _can_project(outer, inner):
        raise NotDeclaredError(
            f"{subject}.project: no projection is known for {outer!r} over {', '.join(map(repr, inner))}; "
            "it is for LInf over norms with one, and for outer norms with one over L2 or Frobenius"
        )


def _common_claims(norms: tuple[Norm, ...]) -> frozenset[Claim]:
    """A norm of norms is absolute, polyhedral, strictly convex or Euclidean if all its norms are."""
    kept = frozenset({Claim.ABSOLUTE, Claim.POLYHEDRAL, Claim.STRICTLY_CONVEX, Claim.EUCLIDEAN})
    for norm in norms:
        kept &= closure(norm.claims)
    return kept


def _name(path: tuple[Any, ...]) -> str:
    return ".".join(str(key) for key in path)


def _over(outer: Norm, part: str, index: str) -> str:
    """φ over indexed parts, as a maximum where φ is ℓ_∞."""
    return f"max_{index} {part}" if isinstance(outer, LInf) else outer._notation(f"({part})_{index}")
