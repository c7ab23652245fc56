"""The checks of what is made here for one library: fused kernels, and decompositions of bad matrices."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from ntr_spec.arrays import combine, namespace_of
from ntr_spec.bench import Place
from ntr_spec.cli.card import Case
from ntr_spec.norms.apply import apply_lmo
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.move import move
from ntr_spec.norms.vector import LInf


def kernels(place: Place) -> Mapping[str, Case]:
    """Fused kernels beside the same operations one by one, on the card, bit by bit."""
    odd = [0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -3.0, 1e4, 6e-5]
    rng = np.random.default_rng(0)

    def points(dtype: str) -> tuple[Any, Any]:
        host = [np.concatenate([rng.permutation(odd), rng.standard_normal(5000)]) for _ in range(2)]
        return place.array(host[0], dtype), place.array(host[1], dtype)

    def same(dtype: str, found: Any, wanted: Any) -> str | None:
        a, b = place.host(found), place.host(wanted)
        wrong = ~((a == b) & (np.signbit(a) == np.signbit(b)) | np.isnan(a) & np.isnan(b))
        return None if not wrong.any() else f"{dtype}: {a[wrong][0]!r} is not {b[wrong][0]!r}, and {wrong.sum()} such"

    def average(dtype: str) -> str | None:
        x, y = points(dtype)
        return same(dtype, combine(0.9, x, 0.1, y), x * 0.9 + y * 0.1)

    def sign(dtype: str) -> str | None:
        xp = namespace_of(x := points(dtype)[0])
        return same(dtype, xp.sign(x), xp.where(xp.isnan(x), x, xp.astype(x > 0, x.dtype) - xp.astype(x < 0, x.dtype)))

    def step(dtype: str) -> str | None:
        x, g = points(dtype)
        xp = namespace_of(x)
        norm = PerLeaf(LInf())
        return same(dtype, move(norm, g, x, 0.99, 0.02, xp), x * 0.99 + apply_lmo(norm, g, 1.0, xp) * 0.02)

    return {
        f"{case.__name__}, {dtype}": functools.partial(_in, place, dtype, case)
        for case in (average, sign, step)
        for dtype in ("float32", "float64", "float16")
    }


def _in(place: Place, dtype: str, case: Any) -> str | None:
    with place.admitting(dtype):
        found: str | None = case(dtype)
        return found


def decompositions(place: Place) -> Mapping[str, Case]:
    """Of stacks with one bad matrix between two sound ones."""
    sound = np.array([[4.0, 1.0], [1.0, 3.0]])
    stacks = {
        "NaN": np.array([[np.nan, 0.0], [0.0, 1.0]]),
        "infinity": np.array([[1.0, np.inf], [np.inf, 1.0]]),
        "indefinite": np.array([[1.0, 2.0], [2.0, 1.0]]),
    }

    def lost_alone(name: str, bad: str, dtype: str) -> str | None:
        with place.admitting(dtype):
            x = place.array(np.stack([sound, stacks[bad], sound]), dtype)
            parts = getattr(namespace_of(x).linalg, name)(x)
            for part in parts if isinstance(parts, tuple) else (parts,):
                host = place.host(part)
                if not np.isnan(host[1]).all() or not np.isfinite(host[[0, 2]]).all():
                    return f"{name} of a sound matrix, a bad one and a sound one: {host.tolist()}"
        return None

    return {
        f"{name} of {bad}, {dtype}": functools.partial(lost_alone, name, bad, dtype)
        for name in ("svd", "svdvals", "eigh", "eigvalsh", "qr", "cholesky")
        for bad in stacks
        for dtype in ("float32", "float64")
        if bad != "indefinite" or name == "cholesky"
    }
