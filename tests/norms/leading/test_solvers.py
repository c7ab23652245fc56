"""Solvers for leading pairs against LAPACK: what they promise, what they say of it, and hostile matrices."""

import math
import pathlib
import subprocess
import sys

import array_api_strict
import jax
import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.leading import FullSVD, Lanczos, Leading, Power, power
from tests.norms import spectra
from tests.norms.spectra import NUCLEAR, judged

SOLVERS = [FullSVD(), Power(), Power(1e-9), Lanczos(), Lanczos(1e-9), Lanczos(0.05, steps=2)]
every_solver = pytest.mark.parametrize("solver", SOLVERS, ids=repr)
HARD = ("gaussian", "orthogonal", "near_ties", "geometric_1e12", "rank_two_ties", "one_large", "ones", "few_entries")
SECOND = array_api_strict.Device("device1")


def second(x):
    """An array that nobody may read: it stands for one on a GPU."""
    return array_api_strict.asarray(x, device=SECOND)


def host(a):
    """What an array holds, for the judge."""
    if isinstance(a, type(second(0.0))):
        a = a.to_device(array_api_strict.Device("CPU_DEVICE"))
    return np.asarray(a)


def certified(solver, x):
    return solver.certified(x, namespace_of(x))


def divided(name, shape):
    """A matrix as solvers see it: its largest entry is 1."""
    x = spectra.matrix(name, shape)
    return x / np.max(np.abs(x))


def point(found, like):
    xp = namespace_of(like)
    return xp.astype(found.left[:, None] * found.right[None, :], like.dtype)


@every_solver
@pytest.mark.parametrize("shape", [(1, 1), (6, 1), (5, 3), (12, 50), (40, 40)])
def test_the_certificate_holds_and_reaches_the_tolerance(solver, shape):
    for name in HARD:
        x = divided(name, shape)
        found = certified(solver, x)
        verdict = judged(x, point(found, x), found.delta, NUCLEAR)
        assert verdict, (name, verdict.fault)
        assert found.delta <= getattr(solver, "tolerance", 1e-12), name
        assert found.upper * (1 + 1e-12) >= np.linalg.norm(x, 2)


@every_solver
def test_single_precision_reaches_what_rounding_leaves(solver):
    for name in HARD:
        x = divided(name, (33, 20)).astype("float32")
        found = certified(solver, x)
        assert found.left.dtype == found.right.dtype == found.delta.dtype == np.float32
        assert judged(x, point(found, x), found.delta, NUCLEAR)
        assert found.delta <= max(getattr(solver, "tolerance", 0), 1e-5)


@every_solver
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_single(solver, dtype):
    x = torch.tensor(divided("gaussian", (24, 9))).to(getattr(torch, dtype))
    found = certified(solver, x)
    assert found.left.dtype == found.delta.dtype == torch.float32
    assert judged(x, point(found, x), found.delta, NUCLEAR)
    norm = ntr.Nuclear(leading=solver)
    assert norm.lmo(x).dtype == x.dtype


@every_solver
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_rounding_every_entry_to_half_precision_leaves_the_pair_feasible(solver, dtype):
    """Errors of r² entries that know nothing of each other add about √r·eps/4 to ‖uvᵀ‖_*, which is a sum of r."""
    rng, eps = np.random.default_rng(0), torch.finfo(getattr(torch, dtype)).eps
    for _ in range(3):
        x = torch.tensor(np.outer(rng.normal(size=128), rng.normal(size=128)) / 10).to(getattr(torch, dtype))
        found = certified(solver, x)
        before = np.outer(spectra.exactly(found.left), spectra.exactly(found.right))
        after = spectra.exactly(point(found, x))
        sizes = [float(np.linalg.norm(v, "nuc")) for v in (before, after)]
        assert sizes[0] + eps < sizes[1] < 1


@every_solver
def test_a_certificate_changes_no_bit(solver):
    x = divided("gaussian", (30, 11))
    for pair, found in ((solver.pair(x, namespace_of(x)), certified(solver, x)),):
        np.testing.assert_array_equal(pair[0], found.left)
        np.testing.assert_array_equal(pair[1], found.right)
    before = x.copy()
    certified(solver, x)
    np.testing.assert_array_equal(x, before)


@every_solver
def test_a_transposed_matrix_has_the_pair_the_other_way_round(solver):
    x = divided("gaussian", (30, 11))
    tall, wide = certified(solver, x), certified(solver, np.ascontiguousarray(x.T))
    np.testing.assert_allclose(abs(tall.left @ wide.right), abs(tall.left @ tall.left), rtol=1e-3)
    assert tall.delta == pytest.approx(wide.delta, abs=1e-3)


@every_solver
@pytest.mark.parametrize("library", ["numpy", "torch", "strict"])
def test_stacks_with_zero_nan_and_infinity(solver, library):
    """Every matrix as if it were alone; what is not finite shows in its own result only, and nothing warns."""
    names = ("gaussian", "orthogonal", "ones", "gaussian", "kahan")
    given = np.stack([[divided(name, (7, 5)) for name in names]] * 2).astype("float32")
    given[0, 4], given[1, 0, 0, 0], given[0, 3, 1, 1] = 0, np.nan, np.inf
    found = certified(solver, {"numpy": np.asarray, "torch": torch.tensor, "strict": second}[library](given))
    if library == "strict":
        assert found.delta.device == found.left.device == SECOND
    v = host(found.left)[..., :, None] * host(found.right)[..., None, :]
    for index in np.ndindex(2, 5):
        verdict = judged(given[index], v[index], host(found.delta)[index], NUCLEAR)
        assert verdict, (index, verdict.fault)
    for index in ((1, 0), (0, 3)):
        assert np.all(np.isnan(host(found.left)[index]))
        assert np.all(np.isnan(host(found.right)[index]))


@pytest.mark.parametrize("solver", [FullSVD(), Power(0.1), Lanczos(0.1)], ids=repr)
def test_jax_compiles_and_nothing_is_read(solver):
    x = np.stack([divided("gaussian", (9, 6)), np.zeros((9, 6)), np.full((9, 6), np.nan)]).astype("float32")

    def run(z):
        found = solver.certified(z, namespace_of(jax.numpy.ones(1)))
        return found.left, found.right, found.delta

    shapes = jax.eval_shape(run, x)
    assert [s.shape for s in shapes] == [(3, 9), (3, 6), (3,)]
    left, right, delta = (np.asarray(a) for a in jax.jit(run)(jax.numpy.asarray(x)))
    for k in range(3):
        verdict = judged(x[k], np.outer(left[k], right[k]).astype("float32"), delta[k], NUCLEAR)
        assert verdict, verdict.fault
    meta = certified(solver, torch.empty((2, 9, 6), device="meta"))
    assert (meta.left.shape, meta.right.shape, meta.delta.shape) == ((2, 9), (2, 6), (2,))


COARSE = """
import numpy as np, torch
import ntr_spec as ntr
from tests.gpu.solvers import short
torch.set_float32_matmul_precision("medium")
rng = np.random.default_rng(0)
for shape in ((24, 24), (200, 200), (300, 60)):
    noise = rng.normal(size=shape)
    for x in (noise, 1 + 0.1 * noise, np.eye(*shape) + 1e-3 * noise):
        for solver in (ntr.leading.FullSVD(), ntr.leading.Power(1e-6), ntr.leading.Lanczos(1e-6)):
            norm, x = ntr.Nuclear(leading=solver), x.astype("f4")
            v, certificate = norm.lmo(torch.tensor(x), certificate=True)
            lost, beyond = short(norm, x, v.numpy())
            assert lost <= float(certificate.delta) <= 1, (solver, shape, lost, certificate)
            assert beyond <= 1e-12, (solver, shape, beyond)
print("held")
"""


def test_where_products_are_coarse_delta_is_larger():
    """bfloat16 inside float32 products, which a user may set; on processors without such units nothing is coarse."""
    root = pathlib.Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", COARSE], capture_output=True, text=True, cwd=root)
    assert (done.stdout, done.stderr) == ("held\n", "")


# ---- Power -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tolerance", [0.3, 1e-2, 1e-5])
@pytest.mark.parametrize("name", ["orthogonal", "near_ties", "gaussian", "linear"])
def test_a_fixed_number_of_squarings_is_enough_for_every_matrix(tolerance, name):
    """Where nothing is read, the count alone has to do; the bound rests on moments and the largest diagonal entry."""
    assert host(certified(Power(tolerance), second(divided(name, (40, 24)))).delta) <= tolerance + 1e-12


def test_squarings_count_what_the_bound_needs():
    for r, tolerance in [(2, 0.5), (1024, 1e-3), (4096, 1e-6)]:
        s = Power(tolerance).squarings(r)
        assert 1 - r ** (-3 / (4 * 2.0**s)) <= tolerance
        assert s == 0 or 3 * math.log(r) / (4 * 2.0 ** (s - 1)) > tolerance
    assert Power().squarings(1) == 0


def test_power_stops_early_only_where_it_may(monkeypatch):
    counted, plain = [], power.squared
    monkeypatch.setattr(power, "squared", lambda b, xp: counted.append(1) or plain(b, xp))
    x = divided("one_large", (20, 20))
    certified(Power(), x)
    assert len(counted) <= 2
    counted.clear()
    certified(Power(), second(x))
    assert len(counted) == Power().squarings(20)


# ---- Lanczos ---------------------------------------------------------------------------------------------


def test_lanczos_gives_way_for_the_matrices_that_it_cannot_certify():
    hard, easy = divided("linear", (60, 60)), divided("rank_one", (60, 60))
    solver = Lanczos(1e-6, steps=3)
    found = certified(solver, np.stack([easy, hard, easy]))
    assert found.fallback == "Lanczos: 3 steps did not certify δ ≤ 1e-06"
    assert (found.solver, found.also) == ("Lanczos(tolerance=1e-06, steps=3)", ("Power(tolerance=1e-06)",))
    assert np.all(found.delta <= 1e-6)
    alone = certified(solver, easy)
    assert alone.fallback == ""
    np.testing.assert_allclose(np.abs(found.left[0] @ alone.left), 1, rtol=1e-12)
    single = certified(solver, hard)
    assert (single.solver, single.fallback) == ("Power(tolerance=1e-06)", found.fallback)
    np.testing.assert_allclose(np.outer(found.left[1], found.right[1]), np.outer(single.left, single.right), atol=1e-12)


def test_lanczos_raises_where_falling_back_is_forbidden():
    strict = Lanczos(1e-6, steps=3, fallback=False)
    with pytest.raises(ntr.InputError, match=r"Lanczos: 3 steps did not certify δ ≤ 1e-06; allow more steps"):
        ntr.Nuclear(leading=strict).lmo(divided("linear", (60, 60)))
    with pytest.raises(ntr.InputError, match=r"a larger tolerance, or fallback=True"):
        strict.pair(torch.tensor(np.stack([divided("linear", (60, 60))] * 2)), namespace_of(torch.ones(1)))


def test_lanczos_leaves_devices_to_power():
    x = divided("linear", (60, 60))
    found = certified(Lanczos(1e-6, steps=3, fallback=False), second(x))
    assert (found.solver, found.fallback) == (
        "Power(tolerance=1e-06)",
        "Lanczos: values cannot be read here without waiting for a device",
    )
    assert judged(x, np.outer(host(found.left), host(found.right)), host(found.delta), NUCLEAR)


def test_krylov_vectors_stay_orthonormal_and_stop_where_the_space_is_invariant():
    a = np.diag([1.0, 1.0, 0.5, 0.5, 0.5, 0.25]) / 2
    krylov = Lanczos(steps=6)._krylov(a, namespace_of(a))
    for _ in range(6):
        krylov.extend()
    basis = krylov._basis
    np.testing.assert_allclose(basis @ basis.T, np.diag([1, 1, 1, 0, 0, 0]), atol=1e-12)
    q, error = krylov.ritz()
    assert q @ a @ q == pytest.approx(0.5, rel=1e-12)
    assert error < 1e-12


# ---- arguments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "arguments", "message"),
    [
        (Power, {"tolerance": 0}, "0 < tolerance < 1"),
        (Power, {"tolerance": 1.0}, "0 < tolerance < 1"),
        (Power, {"tolerance": np.nan}, "0 < tolerance < 1"),
        (Power, {"tolerance": "small"}, "0 < tolerance < 1"),
        (Lanczos, {"tolerance": -1e-3}, "0 < tolerance < 1"),
        (Lanczos, {"steps": 0}, "number of steps of at least 1"),
        (Lanczos, {"steps": 2.5}, "number of steps of at least 1"),
        (Lanczos, {"fallback": None}, "fallback=True or False"),
    ],
)
def test_bad_arguments(cls, arguments, message):
    with pytest.raises(ntr.InputError, match=f"^{cls.__name__}: expected.*{message}"):
        cls(**arguments)


def test_a_solver_without_a_certificate_says_so():
    class Plain(Leading):
        def pair(self, x, xp):
            return FullSVD().pair(x, xp)

    norm = ntr.Nuclear(leading=Plain())
    assert norm.lmo(np.eye(2)).shape == (2, 2)
    with pytest.raises(ntr.NotDeclaredError, match=r"Plain\(\): no certificate is declared.*Power\(\)"):
        norm.lmo(np.eye(2), certificate=True)


def test_solvers_are_values():
    assert (repr(Power()), repr(Lanczos(1e-5))) == ("Power()", "Lanczos(tolerance=1e-05)")
    assert Power(1e-2) == Power(0.01)
    assert hash(Lanczos(steps=5)) == hash(Lanczos(steps=5))
    assert FullSVD().exact
    assert not Power().exact
    assert not Lanczos().exact
