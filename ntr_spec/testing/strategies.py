"""Hypothesis strategies: points on which norms break, gradients at any scale, norms and regularizers of the catalogue.

Points shrink to small shapes and plain entries; norms shrink to the first and simplest of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ntr_spec import norms as catalogue
from ntr_spec import steps
from ntr_spec.errors import InputError
from ntr_spec.norms import Claim, Norm
from ntr_spec.norms.claims import closure
from ntr_spec.steps import Regularizer
from ntr_spec.trees import Shape, Tree, as_shape, tree_map
from ntr_spec.verify.backends import backend as backend_named
from ntr_spec.verify.drawing import point, styles
from ntr_spec.verify.subjects import check_shape

Draw = Callable[[st.SearchStrategy[Any]], Any]

_SIZES = (1, 2, 3, 5)


def points(subject: Any, shape: Any = None, dtype: str = "float64", backend: str = "numpy") -> st.SearchStrategy[Tree]:
    """Points of a subject's space: zeros, ties, sparsity, mixed magnitudes, rank deficiency, any memory layout.

    Args:
        subject: the norm, regularizer, method or problem.
        shape: their shape; None draws among shapes that it accepts.
        dtype: ``"float64"`` or ``"float32"``.
        backend: the array library, among ``numpy strict torch jax cupy``.

    Raises:
        InputError: the shape is outside that space, or the backend is not usable.
    """
    return _points(subject, shape, dtype, backend, (0,))


def gradients(
    subject: Any, shape: Any = None, dtype: str = "float64", backend: str = "numpy"
) -> st.SearchStrategy[Tree]:
    """Points as :func:`points` draws them, at scales from 2⁻⁶⁰ to 2⁶⁰: gradients come in all sizes."""
    return _points(subject, shape, dtype, backend, (0, -20, 20, -60, 60))


def _points(subject: Any, shape: Any, dtype: str, backend: str, powers: tuple[int, ...]) -> st.SearchStrategy[Tree]:
    library = backend_named(backend)
    if dtype not in library.dtypes:
        raise InputError(f"points: {backend} has no {dtype} here; choose among {', '.join(library.dtypes)}")
    if shape is None:
        shapes = subject._shapes(_SIZES)
    else:
        shapes = (as_shape(shape),)
        check_shape(subject, "points", shapes[0])

    def make(one: Tree, style: int, seed: int, power: int, layout: str) -> Tree:
        drawn = point(one, style, np.random.default_rng(seed))
        return tree_map(lambda leaf: library.asarray(leaf * 2.0**power, dtype, layout), drawn)

    return st.builds(
        make,
        st.sampled_from(shapes),
        st.integers(0, max(styles(s) for s in shapes) - 1),
        st.integers(0, 2**16),
        st.sampled_from(powers),
        st.sampled_from(library.layouts),
    )


def norms(max_depth: int = 3) -> st.SearchStrategy[Norm]:
    """Norms of the catalogue, and combinators of them up to ``max_depth`` deep: on vectors, matrices, stacks, pytrees.

    All of them are right: a law that is refuted for one is a fault in this package.
    """
    return st.composite(_norm)(max_depth)


def regularizers(max_depth: int = 2) -> st.SearchStrategy[Regularizer]:
    """Regularizers: penalties and balls of :func:`norms`, boxes, ridges, sums with them, and one for every block.

    All of them are right: a law that is refuted for one is a fault in this package.

    Args:
        max_depth: how many combinators deep the norms are.
    """
    return st.composite(_regularizer)(max_depth)


def _regularizer(draw: Draw, max_depth: int) -> Regularizer:
    if draw(st.integers(0, 3)) == 3:
        names = draw(st.sampled_from((("a",), ("a", "b"))))
        return steps.Product({name: _one_regularizer(draw, max_depth) for name in names})
    return _one_regularizer(draw, max_depth)


def _one_regularizer(draw: Draw, max_depth: int) -> Regularizer:
    weight = draw(st.sampled_from((1.0, 0.5, 3.0)))
    kind = draw(st.sampled_from(("penalty", "ball", "box", "ridge", "zero", "origin")))
    if kind in ("penalty", "ball"):
        norm = draw(norms_on(draw(st.sampled_from((2, 3, (2, 2), (3, 2)))), max_depth))
        found: Regularizer = (steps.Penalty if kind == "penalty" else steps.Ball)(norm, weight)
    elif kind == "box":
        found = steps.Box(draw(st.sampled_from((None, 0, -1))), draw(st.sampled_from((None, 1, 0.5))))
    else:
        found = {"ridge": steps.Ridge(weight), "zero": steps.Zero(), "origin": steps.Origin()}[kind]
    if draw(st.booleans()):
        found = found + steps.Ridge(draw(st.sampled_from((1.0, 2.0))))
    return found.conjugate if draw(st.booleans()) else found


def _norm(draw: Draw, max_depth: int) -> Norm:
    kind = draw(st.sampled_from(("vector", "matrix", "stack", "product")))
    if kind == "product" and max_depth > 0:
        blocks = {name: draw(norms(max_depth - 1)) for name in draw(st.sampled_from((("a",), ("a", "b"))))}
        return catalogue.Product(blocks, outer=draw(_outer(len(blocks))))
    if kind == "stack" and max_depth > 0:
        count = draw(st.integers(1, 3))
        return catalogue.Stacked(draw(norms_on(_matrix_shape(draw), max_depth - 1)), outer=draw(_outer(count)))
    if kind == "vector":
        return _norm_on(draw, Shape((draw(st.integers(1, 4)),)), max_depth)
    return _norm_on(draw, Shape(_matrix_shape(draw)), max_depth)


def norms_on(shape: Any, max_depth: int = 3) -> st.SearchStrategy[Norm]:
    """Norms that accept vectors or matrices of one shape.

    Args:
        shape: an int, or a tuple of one or two of them.
        max_depth: how many combinators deep.
    """
    return st.composite(_norm_on)(as_shape(shape), max_depth)


def _norm_on(draw: Draw, one: Shape, max_depth: int) -> Norm:
    options = ["atom"]
    if max_depth > 0:
        options += ["scaled", "weighted", "reshaped", "linear" if one.ndim == 1 else "mixed"]
    kind = draw(st.sampled_from(options))
    if kind == "atom":
        as_vector = one.ndim == 1 or draw(st.booleans())
        atom: Norm = draw(_vector_atom(one.size) if as_vector else _matrix_atom(one))
        return atom
    if kind == "scaled":
        return catalogue.Scaled(draw(norms_on(one.dims, max_depth - 1)), draw(st.sampled_from((2.0, 0.1, 3.0))))
    if kind == "weighted":
        w = np.reshape(draw(_weights(one.size)), one.dims)
        return catalogue.Weighted(draw(norms_on(one.dims, max_depth - 1)), w.tolist(), inverse=draw(st.booleans()))
    if kind == "reshaped":
        other = (one.size, 1) if one.ndim == 1 else (one.size,)
        return catalogue.Reshaped(draw(norms_on(other, max_depth - 1)), other)
    if kind == "linear":
        A = np.eye(one.size) + draw(st.sampled_from((1.0, -0.5))) * np.eye(one.size, k=1)
        return catalogue.Linear(draw(norms_on(one.dims, max_depth - 1)), A.tolist(), inverse=draw(st.booleans()))
    axis = draw(st.integers(0, 1))
    inner = draw(norms_on((one.dims[axis],), max_depth - 1))
    return catalogue.Mixed(draw(_outer(one.dims[1 - axis])), inner, axis)


def _matrix_shape(draw: Draw) -> tuple[int, int]:
    return draw(st.integers(1, 3)), draw(st.integers(1, 3))


def _weights(count: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.sampled_from((1.0, 2.0, 0.5, 3.0)), min_size=count, max_size=count)


def _vector_atom(size: int) -> st.SearchStrategy[Norm]:
    ordered = _weights(size).map(lambda w: sorted(w, reverse=True))
    count = st.integers(1, size)
    P = np.diag(np.arange(1.0, size + 1)) + np.ones((size, size))
    return st.one_of(
        st.sampled_from((catalogue.L1(), catalogue.L2(), catalogue.LInf())),
        st.builds(catalogue.Lp, st.sampled_from((3, 1.5, 4))),
        st.builds(catalogue.TopK, count),
        st.builds(catalogue.TopKDual, count),
        st.builds(catalogue.OWL, ordered),
        st.builds(catalogue.OWLDual, ordered),
        st.booleans().map(lambda inverse: catalogue.Ellipsoidal(P.tolist(), inverse=inverse)),
    )


def _matrix_atom(shape: Shape) -> st.SearchStrategy[Norm]:
    rank = st.integers(1, min(shape.dims))
    return st.one_of(
        st.sampled_from((catalogue.Spectral(), catalogue.Nuclear(), catalogue.Frobenius())),
        st.sampled_from((catalogue.RMSOperator(), catalogue.RMSOperatorDual(), catalogue.Schatten(3))),
        st.builds(catalogue.KyFan, rank),
        rank.map(lambda k: catalogue.SingularValueNorm(catalogue.TopKDual(k))),
    )


def _outer(size: int) -> st.SearchStrategy[Norm]:
    """Norms that may stand outside others: they must be monotone."""
    return norms_on((size,), 1).filter(lambda norm: Claim.ABSOLUTE in closure(norm.claims))
