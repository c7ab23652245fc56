"""Hostile matrices by name, and the judge of every certificate: singular values to more digits than any solver has.

``matrices()`` gives named matrices of every shape, ``held`` says whether a factor and its δ keep their promise. The
judge takes the matrix as the solver saw it, rounded to its dtype, and nothing from the package: float64 matrices go
through one-sided Jacobi rotations in extended precision, narrower ones through LAPACK in float64. Its only allowance is
its own error. References: Demmel and Veselić, *Jacobi's method is more accurate than QR* (1992); Higham, *Accuracy and
Stability of Numerical Algorithms*, chapter 28, for the gallery.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator

import numpy as np
import scipy.linalg

SHAPES = ((1, 1), (1, 6), (6, 1), (2, 2), (5, 3), (3, 8), (16, 16), (40, 12), (12, 50), (32, 32))
LARGE_SHAPES = ((64, 64), (160, 40), (33, 130))
SCALES = {
    "float16": (1.0, 1e-3),
    "bfloat16": (1.0, 1e30, 1e-30),
    "float32": (1.0, 1e30, 1e-30),
    "float64": (1.0, 1e300, 1e-300),
}
EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}


# ---- matrices --------------------------------------------------------------------------------------------


def orthogonal(n, rng):
    """A random orthogonal n×n matrix."""
    q, r = np.linalg.qr(rng.normal(size=(n, n)))
    return q * np.where(np.diag(r) < 0, -1.0, 1.0)


def with_singular_values(s, shape, rng):
    """U·diag(s)·Vᵀ with random U and V: rounding to float64 leaves singular values only to about 1e-16·max(s)."""
    m, n = shape
    r = min(m, n)
    return (orthogonal(m, rng)[:, :r] * np.asarray(s, dtype=float)) @ orthogonal(n, rng)[:, :r].T


def _steps(r):
    """0 … 1 in r steps, 0 if there is only one."""
    return np.arange(r) / max(1, r - 1)


def _few(r, rng):
    return np.repeat([1.0, 1e-3, 1e-7], [r - 2 * (r // 3), r // 3, r // 3]) * (1 + 1e-9 * rng.normal(size=r))


# Singular values of r directions, the largest about 1.
SPECTRA: dict[str, Callable] = {
    "orthogonal": lambda r, rng: np.ones(r),
    "near_ties": lambda r, rng: 1 - 2.0**-50 * np.arange(r),
    "near_ties_in_float32": lambda r, rng: 1 - 2.0**-22 * np.arange(r),
    "clustered": _few,
    "geometric_1e2": lambda r, rng: 10.0 ** (-2 * _steps(r)),
    "geometric_1e4": lambda r, rng: 10.0 ** (-4 * _steps(r)),
    "geometric_1e7": lambda r, rng: 10.0 ** (-7 * _steps(r)),
    "geometric_1e12": lambda r, rng: 10.0 ** (-12 * _steps(r)),
    "geometric_1e16": lambda r, rng: 10.0 ** (-16 * _steps(r)),
    "linear": lambda r, rng: 1 - _steps(r) * (1 - 1 / (r + 1)),
    "power_1": lambda r, rng: 1.0 / np.arange(1, r + 1),
    "power_3": lambda r, rng: 1.0 / np.arange(1, r + 1) ** 3,
    "half_rank": lambda r, rng: np.where(np.arange(r) < (r + 1) // 2, 1.0, 0.0),
    "half_rank_spread": lambda r, rng: np.where(np.arange(r) < (r + 1) // 2, rng.uniform(0.05, 1, size=r), 0.0),
    "rank_one": lambda r, rng: np.where(np.arange(r) < 1, 1.0, 0.0),
    "rank_two_ties": lambda r, rng: np.where(np.arange(r) < 2, 1.0, 0.0),
    "one_large": lambda r, rng: np.where(np.arange(r) < 1, 1.0, 1e-5),
    "one_huge": lambda r, rng: np.where(np.arange(r) < 1, 1.0, 1e-9),
    "one_tiny": lambda r, rng: np.where(np.arange(r) < r - 1, 1.0, 1e-10),
    "one_small": lambda r, rng: np.where(np.arange(r) < r - 1, 1.0, 1e-3),
    "low_rank_and_noise": lambda r, rng: np.where(np.arange(r) < 1 + r // 8, 1.0, 1e-2 * rng.uniform(0.5, 1, size=r)),
}


def _graded(shape, rng):
    return rng.normal(size=shape) * 10.0 ** (-8 * _steps(shape[0]))[:, None]


def _graded_both(shape, rng):
    return _graded(shape, rng) * 10.0 ** (-8 * _steps(shape[1]))


def _sparse(shape, rng):
    found = rng.normal(size=shape) * (rng.uniform(size=shape) < 0.1)
    found[0, 0] = 1.0
    return found


def _few_entries(shape, rng):
    """One entry of 1, beside entries that are subnormal after division by the largest."""
    found = np.full(shape, 1e-310)
    found[-1, -1] = 1.0
    return found


def _kahan(shape, rng):
    s, c = np.sin(1.2), np.cos(1.2)
    found = np.triu(-c * np.ones(shape), 1)
    np.fill_diagonal(found, 1.0)
    return found * (s ** np.arange(shape[0]))[:, None]


def _one_row(shape, rng):
    found = np.zeros(shape)
    found[shape[0] // 2] = rng.normal(size=shape[1])
    return found


def _equal_rows_but_one(shape, rng):
    found = np.ones(shape[0])[:, None] * rng.normal(size=shape[1])
    found[0] = rng.normal(size=shape[1])
    return found


# Matrices of any shape that are not made from their singular values.
GALLERY: dict[str, Callable] = {
    "gaussian": lambda shape, rng: rng.normal(size=shape),
    "heavy_tails": lambda shape, rng: np.clip(rng.standard_cauchy(size=shape), -1e4, 1e4),
    "signs": lambda shape, rng: rng.choice([-1.0, 1.0], size=shape),
    "ternary": lambda shape, rng: np.maximum(rng.integers(-1, 2, size=shape), np.eye(*shape)),
    "ones": lambda shape, rng: np.ones(shape),
    "identity": lambda shape, rng: np.eye(*shape),
    "permuted": lambda shape, rng: rng.permutation(np.eye(*shape)) * rng.choice([-1.0, 1.0], size=shape[1]),
    "hilbert": lambda shape, rng: 1.0 / (1 + np.add.outer(np.arange(shape[0]), np.arange(shape[1]))),
    "kahan": _kahan,
    "triangular": lambda shape, rng: np.tri(*shape),
    "graded_rows": _graded,
    "graded_both": _graded_both,
    "sparse": _sparse,
    "one_row": _one_row,
    "equal_rows_but_one": _equal_rows_but_one,
    "few_entries": _few_entries,
    "diagonal_1e12": lambda shape, rng: np.eye(*shape) * 10.0 ** (-12 * _steps(shape[1])),
    "negative": lambda shape, rng: -rng.uniform(0.5, 1.5, size=shape),
}

NAMES = (*SPECTRA, *GALLERY)


def _flat(rows, length, height):
    """Nearly equal entries, on a diagonal that keeps the rank."""
    return np.full((rows, length), height) + np.eye(rows, length)


def _repeated_columns(rows, length, distinct, seed):
    """Columns of ±1/3, each many times."""
    few = np.where(np.random.default_rng(seed).random((rows, distinct)) < 0.5, -1 / 3, 1 / 3)
    return np.repeat(few, length // distinct, axis=1)


def _centred(samples, features, seed):
    """Centred data and, in the last row, ones."""
    x = np.random.default_rng(seed).normal(size=(samples, features))
    return np.vstack([(x - x.mean(axis=0)).T, np.ones(samples)])


def sylvester(n):
    """The Hadamard matrix of side n, a power of two."""
    return np.array([[(-1) ** (i & j).bit_count() for j in range(n)] for i in range(n)], dtype=float)


# Matrices whose long sums are of one sign and of equal terms, so that their rounding errors add up.
LONG: dict[str, Callable] = {
    "flat-8x400": lambda: _flat(8, 400, 0.65),
    "flat-16x4000": lambda: _flat(16, 4000, 0.75),
    "flat-4x3604": lambda: _flat(4, 3604, 0.85),
    "flat-8x3324": lambda: _flat(8, 3324, 0.55),
    "flat-64x3000": lambda: _flat(64, 3000, 0.3),
    "flat-200x1000": lambda: _flat(200, 1000, 0.1),
    "flat-200x260": lambda: _flat(200, 260, 0.9),
    "flat-2x100000": lambda: _flat(2, 100_000, 0.7),
    "repeated-2x136920": lambda: _repeated_columns(2, 136_920, 20, 0),
    "repeated-6x50000": lambda: _repeated_columns(6, 50_000, 20, 1),
    "hadamard-320x64": lambda: np.vstack([sylvester(64)] * 5),
    "hadamard-1024x256": lambda: np.vstack([sylvester(256)] * 4) / 3,
    "triangle-1000x100": lambda: np.tri(1000, 100),
    "centred-257x1561": lambda: _centred(1561, 256, 41),
    "centred-257x1954": lambda: _centred(1954, 256, 8),
    "two_groups-100x2047": lambda: np.where(np.arange(100) < 50, -0.7, 0.7)[:, None] + np.eye(100, 2047),
    "flat-63x63": lambda: _flat(63, 63, 0.75),
}


def rounded_one_way(eps, side=240):
    """A 2·side×side matrix with VᵀV = I which rounding to machine epsilon ``eps`` makes longer in one direction.

    Its upper half has entries of one magnitude, that of Paley's Hadamard matrix, moved by a rotation until each rounds
    up or down as a matrix of rank one has its signs.
    """
    prime = side - 1
    squares = {(i * i) % prime for i in range(1, prime)}
    character = [0 if not i else (1 if i in squares else -1) for i in range(prime)]
    paley = np.eye(side)
    paley[0, 1:], paley[1:, 0] = 1, -1
    paley[1:, 1:] += [[character[(i - j) % prime] for j in range(prime)] for i in range(prime)]
    paley /= np.sqrt(side)
    shorter = 1 + 4 * 2.0**-23 + eps
    power = 2.0 ** np.floor(np.log2(1 / np.sqrt(side) / shorter))
    step = power * eps
    middle = power + (np.floor((1 / np.sqrt(side) / shorter - power) / step - 0.5) + 0.5) * step
    c = middle * shorter * np.sqrt(side)
    z = np.random.default_rng(0).choice([-1.0, 1.0], size=side)
    wanted = np.outer(np.where(paley @ z < 0, -1.0, 1.0), z)
    a = np.zeros((side, side))
    for _ in range(60):
        weight = wanted / (1 + np.exp(np.clip(30 * wanted * (paley @ a), -50, 50)))
        gradient = paley.T @ weight
        a += 0.15 * (gradient - gradient.T)
    a *= 0.06 * step / middle / np.sqrt(np.mean((paley @ a) ** 2) * side)
    rotation = scipy.linalg.expm(a)
    return np.vstack([c * paley @ rotation, np.sqrt(1 - c * c) * rotation])


def matrix(name, shape, seed=0):
    """The named matrix in float64, the same at every call."""
    rng = np.random.default_rng([seed, *shape, *name.encode()])
    if name in SPECTRA:
        return with_singular_values(SPECTRA[name](min(shape), rng), shape, rng)
    return GALLERY[name](shape, rng)


@functools.cache
def stack(shape, dtype="float64", scale=1.0, names=NAMES):
    """All of them in one float64 array, rounded to what ``dtype`` holds of ``scale`` times each, and frozen."""
    found = np.stack([matrix(name, shape) for name in names])
    found = rounded(found / np.max(np.abs(found), axis=(-2, -1), keepdims=True) * scale, dtype)
    found.setflags(write=False)
    return found


def rounded(x, dtype):
    """A float64 array of the numbers of a narrower dtype nearest to those of x."""
    if dtype == "bfloat16":
        import ml_dtypes

        dtype = ml_dtypes.bfloat16
    with np.errstate(under="ignore", over="ignore"):
        return x.astype(dtype).astype(np.float64)


def matrices(shapes=SHAPES, names=NAMES) -> Iterator[tuple[str, np.ndarray]]:
    """(name with shape, float64 matrix) for all of them."""
    for shape in shapes:
        for name in names:
            yield f"{name}-{shape[0]}x{shape[1]}", matrix(name, shape)


# ---- the judge -------------------------------------------------------------------------------------------

_WIDE = np.longdouble
_UNIT = float(np.finfo(_WIDE).eps)


def exactly(x):
    """An array of any library as float64 NumPy, which holds every narrower number exactly."""
    kind = type(x).__module__.partition(".")[0]
    if kind == "torch":
        import torch

        return x.detach().to(torch.float64).cpu().numpy()
    return np.asarray(x).astype(np.float64)


def singular_values(x, extended=True):
    """Singular values of one float64 matrix, largest first, and a bound on the relative error of their sum and maximum.

    ``extended``: to about 18 digits, by one-sided Jacobi; else by LAPACK, whose error in each value is a small multiple
    of 1e-16·σ₁.
    """
    x = np.ascontiguousarray(x, dtype=np.float64)
    return _singular_values(x.tobytes(), x.shape, extended)


@functools.lru_cache(maxsize=1 << 14)
def _singular_values(entries, shape, extended):
    x = np.frombuffer(entries).reshape(shape)
    top = np.max(np.abs(x))
    if top == 0:
        return np.zeros(min(x.shape), dtype=_WIDE), 0.0
    unit, power = _unit(x)
    unit = unit.T if x.shape[0] < x.shape[1] else unit
    r = unit.shape[1]
    if not extended:
        s = np.linalg.svd(unit, compute_uv=False).astype(_WIDE)
        return np.ldexp(s, power), 8 * (8 + np.sqrt(sum(unit.shape))) * np.sqrt(r) * 2.0**-52
    _, _, vt = np.linalg.svd(unit, full_matrices=False)
    w = _rotated(unit.astype(_WIDE) @ _orthogonal_to_the_last_digit(vt.T))
    s = np.sort(np.sqrt(np.sum(w * w, axis=0)))[::-1][:r]  # an odd one out was given a zero column
    return np.ldexp(s, power), 4 * (8 + np.sqrt(sum(unit.shape))) * np.sqrt(r) * _UNIT


def largest_singular_value(v):
    """σ₁ of one float64 matrix whose entries are about one, and a bound on its error; to about 18 digits, and fast.

    The top of VᵀV's spectrum is moved to zero, where float64 has digits to spare.
    """
    v = np.asarray(v, dtype=np.float64)
    v = (v.T if v.shape[0] < v.shape[1] else v).astype(_WIDE)
    gram = v.T @ v
    values, q = np.linalg.eigh(gram.astype(np.float64))
    top = values >= values[-1] * (1 - 1e-3)
    q = _orthogonal_to_the_last_digit(q)[:, top]
    middle = _WIDE(values[-1])
    block = q.T @ gram @ q - middle * np.eye(q.shape[1], dtype=_WIDE)
    square = middle + np.linalg.eigvalsh(block.astype(np.float64))[-1]
    return np.sqrt(max(square, _WIDE(0))), 4 * (8 + np.sqrt(sum(v.shape))) * np.sqrt(v.shape[1]) * _UNIT


def _unit(x):
    """x over a power of two that makes its entries at most 1, and that power; exact but for subnormal results."""
    power = int(np.frexp(np.max(np.abs(x)))[1])
    return np.ldexp(np.ldexp(x, -(power // 2)), -(power - power // 2)), power


def _orthogonal_to_the_last_digit(q):
    """A square float64 matrix that is orthogonal up to rounding, in extended precision: Newton–Schulz from 1e-15."""
    assert _UNIT < 2.0**-60, "the judge needs a longdouble wider than float64"
    q = q.astype(_WIDE)
    for _ in range(2):
        q = q @ ((3 * np.eye(len(q), dtype=_WIDE) - q.T @ q) / 2)
    return q


def _rotated(w):
    """Columns made orthogonal by plane rotations: one-sided Jacobi, all disjoint pairs of a round at once."""
    r = w.shape[1]
    if r == 1:
        return w
    players = r + r % 2
    if players > r:
        w = np.concatenate([w, np.zeros((w.shape[0], 1), dtype=_WIDE)], axis=1)
    # A column smaller than this adds nothing to a sum beside the largest one, so its angles do not matter.
    nothing = (_UNIT * np.sqrt(np.max(np.sum(w * w, axis=0)))) ** 2 * 1e-4
    for _ in range(30):
        worst, order = 0.0, np.arange(players)
        for _ in range(players - 1):
            p, q = order[: players // 2], order[players // 2 :][::-1]
            a, b = w[:, p], w[:, q]
            alpha, beta, gamma = np.sum(a * a, axis=0), np.sum(b * b, axis=0), np.sum(a * b, axis=0)
            active = (alpha > nothing) & (beta > nothing)
            size = np.sqrt(alpha * beta)
            active &= np.abs(gamma) > 16 * _UNIT * size
            if np.any(active):
                worst = max(worst, float(np.max(np.abs(gamma[active]) / size[active])))
                safe = np.where(active, gamma, 1)
                zeta = (beta - alpha) / (2 * safe)
                t = np.where(zeta < 0, -1, 1) / (np.abs(zeta) + np.sqrt(1 + zeta * zeta))
                t = np.where(active, t, 0)
                c = 1 / np.sqrt(1 + t * t)
                w[:, p], w[:, q] = c * (a - t * b), c * (t * a + b)
            order = np.concatenate([order[:1], order[-1:], order[1:-1]])
        if worst == 0.0:
            return w
    raise AssertionError("Jacobi rotations did not converge")


@dataclasses.dataclass(frozen=True)
class Gauge:
    """A unitarily invariant norm and its dual, as functions of the singular values in falling order."""

    name: str
    value: Callable
    dual: Callable


SPECTRAL = Gauge("spectral", lambda s: s[0], np.sum)
NUCLEAR = Gauge("nuclear", np.sum, lambda s: s[0])


def ky_fan(k):
    """The sum of the k largest; its dual is max(σ₁, Σσᵢ/k)."""
    return Gauge(f"ky_fan({k})", lambda s: np.sum(s[:k]), lambda s: max(s[0], np.sum(s) / k))


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one factor turned out to be.

    Attributes:
        size: ‖v‖.
        true_delta: 1 − ⟨x, v⟩/‖x‖_*, negative if v is beyond the ball.
        delta: what was certified.
        error: how far the judge itself may be off in the two numbers.
        fault: why the certificate does not hold, in words; empty if it does.
    """

    size: float
    true_delta: float
    delta: float
    error: float
    fault: str

    def __bool__(self) -> bool:
        return not self.fault


def judged(x, v, delta, gauge=SPECTRAL, allowance=0.0) -> Verdict:
    """Whether ‖v‖ ≤ 1 and ⟨x, v⟩ ≥ (1 − δ)‖x‖_*, for one matrix x; v points along x (it is minus the LMO).

    ``allowance`` is added to the 1 that ‖v‖ may reach: 0 unless a solver says that it is feasible up to rounding only.
    """
    wide = EPS[_dtype(x)] < 1e-12
    x, v, delta = exactly(x), exactly(v), float(exactly(delta))
    nan = float("nan")
    if x.shape != v.shape:
        return Verdict(nan, nan, delta, 0.0, f"the factor has shape {v.shape}, not {x.shape}")
    if not np.all(np.isfinite(x)):
        fine = np.all(np.isnan(v)) and np.isnan(delta)
        return Verdict(nan, nan, delta, 0.0, "" if fine else "NaN or infinity in x is not NaN in all of v and in δ")
    if not np.any(x):
        fine = not np.any(v) and delta == 0
        return Verdict(0.0, 0.0, delta, 0.0, "" if fine else f"x = 0, but max|v| = {np.max(np.abs(v))}, δ = {delta}")
    if not np.all(np.isfinite(v)):
        return Verdict(nan, nan, delta, 0.0, "x is finite and v is not")
    if not 0 <= delta <= 1:
        return Verdict(nan, nan, delta, 0.0, f"δ = {delta} is outside [0, 1]")
    s, error_s = singular_values(x, wide)
    if gauge is SPECTRAL and wide:
        size, error_t = largest_singular_value(v)
    elif gauge is SPECTRAL:
        (size, *_), error_t = singular_values(v, False)  # 1e-13 is nothing beside its own precision
    else:
        t, error_t = singular_values(v, True)
        size = gauge.value(t)
    unit, power = _unit(x)
    best = gauge.dual(np.ldexp(s, -power))
    terms = unit.astype(_WIDE) * v.astype(_WIDE)
    error = float(error_s + np.sqrt(terms.size) * _UNIT * np.sum(np.abs(terms)) / best)
    true_delta = float(1 - np.sum(terms) / best)
    fault = ""
    if size > 1 + allowance + error_t:
        fault = f"‖v‖ = 1 + {float(size - 1):.3e} > 1 + {allowance:.1e}"
    if true_delta > delta + error:
        fault += f"{', ' if fault else ''}true δ = {true_delta:.6e} > certified δ = {delta:.6e}"
    return Verdict(float(size), true_delta, delta, max(error, error_t), fault)


def held(x, v, delta, gauge=SPECTRAL, allowance=0.0) -> str:
    """Faults of a certificate for a matrix, or for a stack of them with one δ each; empty if it holds."""
    if x.ndim == 2:
        return judged(x, v, delta, gauge, allowance).fault
    faults = []
    stack = tuple(x.shape[:-2])
    if tuple(delta.shape) != stack:
        return f"δ has shape {tuple(delta.shape)}, not the stack's {stack}"
    for index in np.ndindex(*stack):
        fault = held(x[index], v[index], delta[index], gauge, allowance)
        if fault:
            faults.append(f"matrix {index}: {fault}")
    return "; ".join(faults)


def _dtype(x):
    return str(getattr(x.dtype, "name", x.dtype)).removeprefix("torch.")
