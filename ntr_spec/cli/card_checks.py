"""The checks for a card: laws, steps beside NumPy's, solvers and their certificates, reads, memory; the list of all.

Each is written for any :class:`ntr_spec.bench.Place`, so that it can be tried where there is no card.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ntr_spec.algorithms import TrustRegion, presets
from ntr_spec.algorithms.method import Method
from ntr_spec.bench import Place, growth
from ntr_spec.bench.contenders import Ours
from ntr_spec.bench.judge import Judge
from ntr_spec.bench.matrices import SPECTRA, matrices
from ntr_spec.bench.solvers import solvers
from ntr_spec.cli.card import Case, Check, Skipped
from ntr_spec.cli.card_arrays import decompositions, kernels
from ntr_spec.norms import polar
from ntr_spec.norms.base import Norm
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.norms.matrix import Frobenius
from ntr_spec.norms.spectral import Nuclear, Spectral
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.steps import Ball, Penalty
from ntr_spec.trees import Tree, leaves, tree_map
from ntr_spec.verify.findings import Status
from ntr_spec.verify.property import check as test_law
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.subjects import KINDS, SubjectKind

EXAMPLES = 30
"""Points drawn for each law."""

SHAPES = ((6, 4), (64, 64), (96, 32), (3, 16, 16))
CALLS = 1000
"""Over which memory must not grow."""
GROWTH = 1 << 20
"""Bytes that caches may take in the meantime."""


def _laws(place: Place) -> Mapping[str, Case]:
    def held(kind: SubjectKind, subject: Any) -> str | None:
        settings = Settings(backends=(place.library,), max_examples=EXAMPLES, timeout=120.0)
        wrong = []
        with place.admitting("float64"), _default_device(place):
            for law in kind.laws.values():
                if law.missing(subject) is None:
                    found = test_law(subject, law, settings)
                    wrong += [f"{e.law}: {e.witness or e.reason}" for e in found if e.status not in _FINE]
        return "; ".join(wrong) or None

    return {
        f"{kind.name} {name}": functools.partial(held, kind, subject)
        for kind in KINDS
        for name, subject in kind.catalogue()
    }


_FINE = (Status.TESTED, Status.SKIPPED)


@contextlib.contextmanager
def _default_device(place: Place) -> Iterator[None]:
    """New arrays of torch lie on the place's device; the other libraries put them on their card anyway."""
    if place.library != "torch":
        yield
        return
    import torch

    before = torch.get_default_device()
    torch.set_default_device(place.device)
    try:
        yield
    finally:
        torch.set_default_device(before)


METHODS: Mapping[str, Method] = {
    "muon": presets.muon(0.05),
    "muon exact": presets.muon(0.05, polar=polar.SVD()),
    "signum": presets.signum(0.01, weight_decay=0.1),
    "lion": presets.lion(0.01),
    "normalized_sgd": presets.normalized_sgd(0.1),
    "orthogonal_sgdm": presets.orthogonal_sgdm(0.05),
    "decay, extrapolation": TrustRegion(Frobenius(), radius=0.1, decay=0.01, extrapolation=True),
    "polar express": TrustRegion(Spectral(polar=polar.PolarExpress()), radius=0.05),
    "sparse": TrustRegion(LInf(), radius=0.05, regularizer=Penalty(L1(), 0.1)),
    "low rank": TrustRegion(Frobenius(), radius=0.1, regularizer=Ball(Nuclear(), 2.0)),
    "split": TrustRegion(Spectral(), radius=0.1, regularizer=Penalty(L1(), 0.1)),
}


def _trajectories(place: Place) -> Mapping[str, Case]:
    def alike(method: Method, dtype: str) -> str | None:
        target = np.random.default_rng(0).standard_normal((6, 4)).astype(dtype)
        with place.admitting(dtype):
            there, here = _run(method, place.array(target, dtype)), _run(method, target)
            far = float(np.max(np.abs(place.host(there) - here)))
        allowed = 2e-3 if dtype == "float32" else 1e-8
        return None if far <= allowed else f"{far:.2g} away from NumPy's after {_STEPS} steps; {allowed:g} is allowed"

    return {
        f"{name}, {dtype}": functools.partial(alike, method, dtype)
        for name, method in METHODS.items()
        for dtype in ("float32", "float64")
    }


_STEPS = 10


def _run(method: Method, target: Any) -> Any:
    state = method.init(0 * target)
    for _ in range(_STEPS):
        state = method.update(state, state.query - target)
    return state.x


def _certificates(place: Place) -> Mapping[str, Case]:
    def held(ours: Ours, geometry: str, dtype: str, spectrum: str, shape: tuple[int, ...], scale: float) -> str | None:
        with place.admitting(dtype):
            x = place.array(scale * matrices(spectrum, shape), dtype)
            prepared = ours.prepared(x, place)
            answer = prepared.answer(prepared.call())
            delta = float(place.host(answer.delta))
            truth = Judge(geometry, place.host(x) / scale)(place.host(answer.v))
        if truth.held(delta):
            return None
        return f"certified δ = {delta:.3g}, but ‖v‖ − 1 = {truth.size - 1:.3g} and δ = {truth.delta:.3g}"

    return {
        f"{geometry} {ours.name}, {dtype}, {spectrum}, {'×'.join(map(str, shape))}, {scale:g}": functools.partial(
            held, ours, geometry, dtype, spectrum, shape, scale
        )
        for geometry in ("spectral", "nuclear")
        for dtype in ("float32", "float64")
        for ours in solvers(geometry, place.library, dtype)
        for spectrum in SPECTRA
        for shape in SHAPES
        for scale in (1.0, 1e-30, 1e30)
    }


def _bad_input(place: Place) -> Mapping[str, Case]:
    def kept(norm: Norm, dtype: str) -> str | None:
        with place.admitting(dtype):
            sound = np.random.default_rng(0).standard_normal((5, 4))
            for name, host, wanted in (("zero", 0 * sound, 0.0), ("NaN", np.where(sound > 1, np.nan, sound), np.nan)):
                v, certificate = norm.lmo(place.array(host, dtype), certificate=True)
                delta = place.host(certificate.delta)
                for what, found in (("lmo", place.host(v)), ("δ", delta)):
                    if not np.array_equal(found, np.full_like(found, wanted), equal_nan=True):
                        return f"{what} of {name} is {found.tolist()}"
        return None

    return {
        f"{ours.name}, {dtype}": functools.partial(kept, ours.norm, dtype)
        for dtype in ("float32", "float64")
        for geometry in ("spectral", "nuclear")
        for ours in solvers(geometry, place.library, dtype)
    }


def _reads(place: Place) -> Mapping[str, Case]:
    def none(norm: Norm, certificate: bool) -> str | None:
        shape = norm._shapes((4, 3))[0]
        with place.admitting("float32"):
            rng = np.random.default_rng(0)
            x: Tree = tree_map(lambda s: place.array(rng.standard_normal(s.dims), "float32"), shape)
            call = functools.partial(norm.lmo, x, certificate=True) if certificate else functools.partial(norm.lmo, x)
            call()  # kernels are compiled and handles made
            with _forbidden_reads(place):
                call()
        return None  # a read raises

    norms = [*catalogue(), *((each.name, each.norm) for each in solvers("spectral", place.library, "float32"))]
    norms += [(each.name, each.norm) for each in solvers("nuclear", place.library, "float32")]
    return {
        f"{name}{', certified' if certificate else ''}": functools.partial(none, norm, certificate)
        for name, norm in norms
        for certificate in (False, True)
    }


@contextlib.contextmanager
def _forbidden_reads(place: Place) -> Iterator[None]:
    """While this lasts, a read of a value from the card raises, as far as the library can tell."""
    if place.kind != "cuda":
        raise Skipped(f"{place} is no card")
    if place.library == "torch":
        import torch

        torch.cuda.set_sync_debug_mode("error")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode("default")
    elif place.library == "jax":
        import jax

        with jax.transfer_guard_device_to_host("disallow"):
            yield
    else:
        cupyx = importlib.import_module("cupyx")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # CuPy says that it may miss some
            with cupyx.allow_synchronize(False):
                yield


def _memory(place: Place) -> Mapping[str, Case]:
    def kept(call: Any) -> str | None:
        found = growth(call, CALLS, place.wait, place.allocated)
        grown = max(found.traced, found.device or 0)
        return None if grown <= GROWTH else f"grew by {grown} bytes over {CALLS} calls"

    def lmo(norm: Norm) -> str | None:
        x = place.array(matrices("gaussian", (64, 32)), "float32")
        return kept(lambda: norm.lmo(x, certificate=True)[0])

    def update() -> str | None:
        method, state = METHODS["signum"], None
        x = place.array(matrices("gaussian", (64, 32)), "float32")
        state = method.init(x)
        return kept(lambda: leaves(method.update(state, x).x)[0])

    norms = {"PolarExpress": Spectral(polar=polar.PolarExpress()), "SVD": Spectral()}
    return {**{name: functools.partial(lmo, norm) for name, norm in norms.items()}, "signum": update}


CHECKS: tuple[Check, ...] = (
    Check("laws", "do all laws hold of the catalogue's norms, regularizers, methods and problems?", _laws),
    Check("trajectories", "are ten steps of every method those of NumPy?", _trajectories),
    Check("certificates", "is every δ honoured, over spectra, shapes, dtypes and scales?", _certificates),
    Check("bad-input", "does zero give zero, and NaN give NaN, with δ 0 and NaN?", _bad_input),
    Check("reads", "does no LMO read a value on the host?", _reads),
    Check("kernels", "have fused kernels the bits of the operations that they fuse?", kernels),
    Check("decompositions", "is a bad matrix of a stack lost, and it alone?", decompositions),
    Check("memory", "does memory stay as it is over a thousand calls?", _memory),
)
"""What a card is asked."""
