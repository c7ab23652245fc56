"""What takes CuPy's arrays, run on arrays that imitate them: only CuPy's names, no host reads, CuPy's faults.

See :mod:`tests.gpu.imitation` for what is imitated. The results are compared with NumPy's.
"""

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import namespace as namespace_module
from ntr_spec.arrays import namespace_of
from ntr_spec.trees import leaves, tree_map
from tests.gpu import cuda, imitation
from tests.gpu.imitation import DeviceArray, HostReadError, fetch, wrap
from tests.gpu.solvers import SOLVERS, short

pytestmark = pytest.mark.skipif(cuda.COMPILER is None, reason="no C++ compiler to run kernels' source on the host")

CATALOGUE = ntr.catalogue()


@pytest.fixture
def xp(monkeypatch):
    found = imitation.namespace()
    monkeypatch.setitem(namespace_module._KNOWN, DeviceArray, found)
    return found


def there(tree):
    return tree_map(lambda leaf: np.array(leaf).view(DeviceArray), tree)


def back(tree):
    assert all(type(leaf) is DeviceArray for leaf in leaves(tree)), [type(leaf) for leaf in leaves(tree)]
    return tree_map(fetch, tree)


def points(norm, dtype):
    rng = np.random.default_rng(0)
    shape = norm._shapes((2, 3))[-1]
    x = tree_map(lambda s: rng.normal(size=s.dims).astype(dtype), shape)
    large = tree_map(lambda leaf: (leaf * 0.1 * np.finfo(dtype).max).astype(dtype), x)
    bad = tree_map(lambda leaf: np.where(np.arange(leaf.size).reshape(leaf.shape) == 0, np.nan, leaf).astype(dtype), x)
    return {"x": x, "zero": tree_map(np.zeros_like, x), "large": large, "nan": bad}


def close(found, expected, dtype):
    for a, b in zip(leaves(found), leaves(expected), strict=True):
        assert (a.dtype, a.shape) == (np.asarray(b).dtype, np.asarray(b).shape)
        np.testing.assert_allclose(a, b, rtol=1e3 * np.finfo(dtype).eps, atol=1e2 * np.finfo(dtype).eps)


class TestTheImitation:
    def test_reads_are_refused(self, xp):
        x = there(np.array([1.0, 2.0]))
        for read in (bool, float, int, list, np.sum, lambda a: a.tolist(), lambda a: a[a > 1]):
            with pytest.raises((HostReadError, TypeError)):
                read(x[0] if read in (bool, float, int) else x)

    def test_numpy_arrays_are_not_mixed_in(self, xp):
        x = there(np.array([1.0, 2.0]))
        for wrong in (lambda: x + np.ones(2), lambda: xp.maximum(x, np.ones(2)), lambda: xp.stack([x, np.ones(2)])):
            with pytest.raises(TypeError, match="Unsupported type"):
                wrong()

    def test_other_names_are_refused(self, xp):
        with pytest.raises(AttributeError):
            xp.addmm  # noqa: B018
        with pytest.raises(AttributeError):
            there(np.ones(2)).to  # noqa: B018
        with pytest.raises(TypeError):
            xp._base.linalg.svd(there(np.ones((2, 2), np.float16)))

    def test_its_faults_are_there(self, xp):
        nan = there(np.array([np.nan]))
        assert fetch(xp._base.sign(nan)).tolist() == [0.0]
        assert np.isfinite(fetch(xp._base.linalg.svdvals(there(np.full((2, 2), np.nan))))).all()
        tiny = there(np.array([1e-40], np.float32))
        assert fetch(tiny * 1.0).tolist() == [0.0]
        with pytest.raises(ValueError, match="must have"):
            xp._base.linalg.solve(there(np.eye(2)), there(np.ones((3, 2, 1))))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "norm"), CATALOGUE, ids=[name for name, _ in CATALOGUE])
def test_norms_are_those_of_numpy(xp, name, norm, dtype):
    for kind, point in points(norm, dtype).items():
        x = there(point)
        with np.errstate(all="ignore"):
            close(back(norm(x)), norm(point), dtype)
            close(back(norm.lmo(x, 0.5)), norm.lmo(point, 0.5), dtype)
            # A ball of 1e-38 times the largest entry is lost where float32 has no subnormals: here, and on JAX.
            if norm.has_projection and (kind in ("x", "zero") or (kind, dtype) == ("large", "float64")):
                close(back(norm.project(x, 0.5)), norm.project(point, 0.5), dtype)


def test_subnormals_of_float32_divide_nothing(xp):
    # They are zero on CuPy. A divisor among them would make NaN of it.
    for norm in (ntr.L2(), ntr.Spectral(), ntr.Lp(3), ntr.Nuclear()):
        g = there(np.array([[1e-40, -1e-42], [0.0, 1e-45]], np.float32))
        assert np.isfinite(back(norm.lmo(g))).all()
        assert not back(norm.lmo(there(np.zeros((2, 2), np.float32)))).any()


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_half_precision_avoids_what_cusolver_has_not(xp, dtype):
    x = np.array([[3.0, 0.0], [0.0, -4.0]], dtype)
    for norm in (ntr.Spectral(), ntr.Nuclear()):
        close(back(norm.lmo(there(x))), norm.lmo(x), dtype)


class TestDecompositions:
    BAD = np.array([[np.nan, 0.0], [0.0, 1.0]])
    SOUND = np.array([[4.0, 1.0], [1.0, 3.0]])

    @pytest.mark.parametrize("name", ["svd", "svdvals", "eigh", "eigvalsh", "qr", "cholesky"])
    def test_garbage_for_what_is_not_finite_becomes_nan(self, xp, name):
        x = np.stack([self.SOUND, self.BAD])
        found = getattr(xp.linalg, name)(there(x))
        wanted = getattr(namespace_of(x).linalg, name)(x)
        for a, b in zip(*(p if isinstance(p, tuple) else (p,) for p in (found, wanted)), strict=True):
            assert np.isnan(back(a)[1]).all()
            np.testing.assert_allclose(back(a)[0], b[0], rtol=1e-12)

    @pytest.mark.parametrize("name", ["svd", "svdvals", "eigh", "eigvalsh"])
    def test_garbage_for_what_is_finite_becomes_nan(self, name):
        broken = imitation.namespace(broken=("svd", "svdvals", "eigh", "eigvalsh"))
        found = getattr(broken.linalg, name)(there(1e200 * self.SOUND))
        assert all(np.isnan(back(part)).all() for part in (found if isinstance(found, tuple) else (found,)))
        zero = getattr(broken.linalg, name)(there(np.zeros((2, 2))))
        assert not any(np.isnan(back(part)).any() for part in (zero if isinstance(zero, tuple) else (zero,)))

    @pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
    @pytest.mark.parametrize("bad", [[[1.0, 2.0], [2.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]], [[-1.0, 0.0], [0.0, 1.0]]])
    def test_an_unfinished_cholesky_factor_becomes_nan(self, xp, bad, scale):
        x = scale * np.stack([self.SOUND, np.array(bad)])
        found = back(xp.linalg.cholesky(there(x)))
        assert np.isnan(found[1]).all()
        np.testing.assert_allclose(found[0], np.linalg.cholesky(x[0]))

    def test_sound_ones_are_let_through(self, xp):
        rng = np.random.default_rng(0)
        for n in (1, 5, 40):
            x = rng.normal(size=(3, n, n)) * np.logspace(0, -12, n)
            gram = x @ np.swapaxes(x, -1, -2) + 1e-9 * np.eye(n)
            for dtype in ("float32", "float64"):
                for name in ("svdvals", "eigvalsh"):
                    assert np.isfinite(back(getattr(xp.linalg, name)(there(gram.astype(dtype))))).all()
                assert np.isfinite(back(xp.linalg.svdvals(there(x.astype(dtype))))).all()
            assert np.isfinite(back(xp.linalg.cholesky(there(gram)))).all()

    def test_solve_broadcasts(self, xp):
        b = np.arange(12.0).reshape(3, 2, 2)
        np.testing.assert_allclose(back(xp.linalg.solve(there(self.SOUND), there(b))), np.linalg.solve(self.SOUND, b))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5), (12, 3)])
@pytest.mark.parametrize("name", SOLVERS)
def test_certificates_hold(xp, name, shape, dtype):
    norm = SOLVERS[name]()
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    v, certificate = norm.lmo(there(x), certificate=True)
    np.testing.assert_array_equal(back(v), back(norm.lmo(there(x))))
    delta = float(back(certificate.delta))
    lost, beyond = short(norm, x, back(v))
    assert 0 <= delta <= 1
    assert lost <= delta
    assert beyond <= 1e-12
    for bad, wanted in ((0 * x, 0.0), (np.where(x == x.max(), x.dtype.type(np.nan), x), np.nan)):
        v, certificate = norm.lmo(there(bad), certificate=True)
        np.testing.assert_array_equal(back(v), np.full_like(x, wanted))
        np.testing.assert_array_equal(back(certificate.delta), wanted)


METHODS = {
    "muon": ntr.presets.muon(0.05),
    "muon exact": ntr.presets.muon(0.05, polar=ntr.polar.SVD()),
    "signum": ntr.presets.signum(0.01, weight_decay=0.1),
    "lion": ntr.presets.lion(0.01),
    "normalized_sgd": ntr.presets.normalized_sgd(0.1),
    "orthogonal_sgdm": ntr.presets.orthogonal_sgdm(0.05),
    "decay": ntr.TrustRegion(ntr.Frobenius(), radius=0.1, decay=0.01, extrapolation=True),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", METHODS)
def test_trajectories_are_those_of_numpy(xp, name, dtype):
    method, target = METHODS[name], np.random.default_rng(0).normal(size=(6, 4)).astype(dtype)
    here, away = method.init(0 * target), method.init(there(0 * target))
    for _ in range(5):
        here = method.update(here, here.query - target)
        away = method.update(away, away.query - there(target))
    for a, b in ((away.x, here.x), (away.momentum, here.momentum)):
        close(back(a), b, dtype)


def test_steps_of_sign_descent_are_one_kernel_and_have_numpys_bits(xp):
    rng = np.random.default_rng(0)
    x = {"W": rng.normal(size=(4, 3)).astype("f4"), "b": rng.normal(size=3).astype("f4")}
    method = ntr.presets.signum(0.01, weight_decay=0.1)
    here, away = method.init(x), method.init(there(x))
    for k in range(3):
        g = tree_map(lambda leaf, k=k: np.cos(leaf + k), x)
        here, away = method.update(here, g), method.update(away, there(g))
    for a, b in zip(leaves(back(away.x)), leaves(here.x), strict=True):
        np.testing.assert_array_equal(a, b)
    assert sorted(set(xp._base.kernels)) == ["ntr_combine", "ntr_step"]


def test_settings_may_be_numpys_numbers_or_arrays_of_the_device(xp):
    x, g = np.arange(3.0, dtype="f4"), np.ones(3, "f4")
    for norm in (ntr.LInf(), ntr.L2()):
        wanted = x + np.float32(0.25) * norm.lmo(g)
        for radius in (0.25, np.float64(0.25), lambda step: np.float64(0.25), there(np.array(0.25))):
            method = ntr.TrustRegion(norm, radius=radius, momentum=0.0)
            found = method.update(method.init(there(x)), there(g))
            np.testing.assert_allclose(back(found.x), wanted, rtol=1e-6)


def test_wrap_makes_scalars_arrays():
    assert wrap(np.float64(2.0)).shape == ()
