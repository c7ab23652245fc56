"""No certificate is ever exceeded: every solver on every hostile matrix, judged with more digits than it has.

A certificate that does not hold fails here whatever it misses by: the judge (:mod:`tests.norms.spectra`) allows for its
own error only. Solvers are met where users meet them, inside a norm, so that what is judged is the LMO.
"""

import functools

import jax
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.apply import apply_lmo
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.trees import Shape
from tests.norms import spectra
from tests.norms.spectra import GALLERY, NAMES, NUCLEAR, SCALES, SHAPES, SPECTRAL, exactly, held, ky_fan

POLAR = {
    "SVD": ntr.polar.SVD(),
    "SVD, coarse": ntr.polar.SVD(cutoff=0.1),
    "GramEigh": ntr.polar.GramEigh(),
    "QDWH": ntr.polar.QDWH(),
    "NewtonSchulz": ntr.polar.NewtonSchulz(),
    "NewtonSchulz, Dion": ntr.polar.NewtonSchulz(coefficients=ntr.polar.DION),
    "NewtonSchulz, cubic": ntr.polar.NewtonSchulz(steps=8, coefficients=(1.5, -0.5, 0.0)),
    "PolarExpress": ntr.polar.PolarExpress(),
    "PolarExpress, one step": ntr.polar.PolarExpress(steps=1, lower=0.3),
    "PolarExpress, long": ntr.polar.PolarExpress(steps=16, lower=1e-7),
    "PolarExpress, too long": ntr.polar.PolarExpress(steps=12, lower=1e-2),
    "Auto": ntr.polar.Auto(),
    "Auto 1e-2": ntr.polar.Auto(1e-2),
    "Auto 1e-6": ntr.polar.Auto(1e-6),
}
LEADING = {
    "FullSVD": ntr.leading.FullSVD(),
    "Power": ntr.leading.Power(),
    "Power 1e-6": ntr.leading.Power(1e-6),
    "Power 0.3": ntr.leading.Power(0.3),
    "Lanczos": ntr.leading.Lanczos(),
    "Lanczos 1e-6": ntr.leading.Lanczos(1e-6),
    "Lanczos, 3 steps": ntr.leading.Lanczos(0.1, steps=3),
}
CASES = {name: (ntr.Spectral(polar=solver), SPECTRAL) for name, solver in POLAR.items()}
CASES |= {name: (ntr.Nuclear(leading=solver), NUCLEAR) for name, solver in LEADING.items()}
CASES["KyFan"] = (ntr.KyFan(2, polar=ntr.polar.PolarExpress(), leading=ntr.leading.Power()), ky_fan(2))
CASES["KyFan, coarse"] = (
    ntr.KyFan(2, polar=ntr.polar.PolarExpress(2), leading=ntr.leading.Lanczos(0.2, steps=2)),
    ky_fan(2),
)
every_solver = pytest.mark.parametrize("name", CASES)


def answer(norm, x):
    """−lmo(x) for each matrix of a stack, and the δ of each."""
    xp = namespace_of(x).certifying()
    v = apply_lmo(norm, x, 1.0, xp, batch=x.ndim - 2)
    return -v, functools.reduce(xp.maximum, [one.delta for one in xp.certificates])


def array(library, x, dtype):
    """The matrices as an array of a library."""
    if library == "numpy":
        return x.astype(dtype)
    if library == "torch":
        return torch.tensor(x).to(getattr(torch, dtype))
    return jax.numpy.asarray(x, dtype=dtype)


def hostile(shape, dtype, scale=1.0, names=NAMES):
    """The named matrices, then zero, one with a NaN and one with an infinity."""
    found = spectra.stack(shape, dtype, scale, names)
    more = np.stack([0 * found[0], found[0], found[1]])
    more[1, 0, 0], more[2, -1, -1] = np.nan, np.inf
    return np.concatenate([found, more]), (*names, "zero", "nan", "infinity")


def faults(norm, gauge, library, dtype, shape, scale=1.0, names=NAMES):
    """Certificates that do not hold, by matrix."""
    if norm._accepts(Shape(shape)) is not None:
        return {}
    host, names = hostile(shape, dtype, scale, names)
    x = array(library, host, dtype)
    v, delta = jax.jit(functools.partial(answer, norm))(x) if library == "jax" else answer(norm, x)
    found = {name: held(x[k], v[k], delta[k], gauge) for k, name in enumerate(names)}
    return {f"{name} {shape} ×{scale}": fault for name, fault in found.items() if fault}


@every_solver
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numpy(name, dtype):
    norm, gauge = CASES[name]
    found = {}
    for shape in SHAPES[:8] if dtype == "float32" else SHAPES[2:7]:
        found |= faults(norm, gauge, "numpy", dtype, shape)
    assert not found


@every_solver
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_numpy_at_every_scale(name, dtype):
    norm, gauge = CASES[name]
    found = {}
    for scale in SCALES[dtype]:
        found |= faults(norm, gauge, "numpy", dtype, (5, 3), scale)
    assert not found


@every_solver
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_torch(name, dtype):
    norm, gauge = CASES[name]
    assert not faults(norm, gauge, "torch", dtype, (12, 50), names=tuple(GALLERY))
    assert not faults(norm, gauge, "torch", dtype, (5, 3))


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("QDWH", "float32"), ("PolarExpress", "bfloat16"), ("Power", "float32"), ("GramEigh", "float32")],
)
def test_jax_compiled(name, dtype):
    norm, gauge = CASES[name]
    assert not faults(norm, gauge, "jax", dtype, (5, 3))


@pytest.mark.parametrize("steps", [1, 3, 5, 7])
def test_iterations_in_bfloat16_of_matrices_in_float32(steps):
    norm = ntr.Spectral(polar=ntr.polar.PolarExpress(steps, dtype="bfloat16"))
    for shape in [(5, 3), (16, 16)]:
        assert not faults(norm, SPECTRAL, "torch", "float32", shape)


# ---- spectra that nobody named ---------------------------------------------------------------------------

values = st.one_of(
    st.sampled_from([0.0, 1.0, 1.0 - 2.0**-20, 0.5, 2.0**-12, 2.0**-26, 1e-12]),
    st.floats(-14, 0).map(lambda e: 10.0**e),
)


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(POLAR)),
    st.sampled_from(["float32", "float64"]),
    st.lists(values, min_size=1, max_size=12),
    st.integers(0, 6),
    st.integers(0, 99),
    st.integers(-30, 30),
)
def test_drawn_spectra(name, dtype, s, extra, seed, exponent):
    norm, gauge = CASES[name]
    rng = np.random.default_rng(seed)
    x = spectra.with_singular_values(s, (len(s), len(s) + extra), rng)[[0] * 2] * 10.0**exponent
    x[1] = x[1][::-1] * rng.choice([-1.0, 1.0], size=x.shape[-1])
    x = x.astype(dtype)
    v, delta = answer(norm, x)
    assert not held(x, v, delta, gauge)


# ---- one number for one LMO ------------------------------------------------------------------------------


@every_solver
def test_the_certificate_of_an_lmo_is_that_of_its_solver(name):
    norm, gauge = CASES[name]
    x = spectra.matrix("low_rank_and_noise", (9, 5)).astype(np.float32)
    v, certificate = norm.lmo(x, certificate=True)
    assert certificate.delta.dtype == np.float32
    assert certificate.delta.shape == ()
    assert not held(x, -v, certificate.delta, gauge)
    np.testing.assert_array_equal(v, norm.lmo(x))
    assert certificate.solvers


@pytest.mark.parametrize(("name", "norm"), catalogue(), ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_closed_forms_lose_no_more_than_they_say(name, norm, dtype):
    """⟨g, v⟩ of a float32 LMO against the dual norm of the same numbers in float64; of float64, to its rounding."""
    from ntr_spec.trees import leaves, tree_map

    rng = np.random.default_rng(0)
    for shape in norm._shapes((1, 3, 8)):
        for _ in range(20):
            g = tree_map(lambda one: rng.normal(size=one.dims).astype(dtype), shape)
            v, certificate = norm.lmo(g, certificate=True)
            best = float(norm.dual(tree_map(exactly, g)))
            inner = sum(float(np.sum(exactly(a) * exactly(b))) for a, b in zip(leaves(g), leaves(v), strict=True))
            assert 0 <= certificate.delta <= 1e-4
            assert -inner >= (1 - float(certificate.delta)) * best * (1 - 1e-15)
