"""Fused kernels: what array code they come from, that NVRTC compiles them, that their source computes what NumPy does.

None of this is a run on a GPU. The source is CuPy's own; it is compiled for each architecture, and its body is run on
the host as C++. What it does on a card is for ``pytest -m gpu``.
"""

import dataclasses
import re
from typing import ClassVar

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import combine, namespace_of
from ntr_spec.arrays.entries import NotEntrywiseError
from ntr_spec.arrays.fused import COMBINE, SIGN, read
from ntr_spec.norms.apply import apply_lmo
from ntr_spec.norms.move import move, step_kernels
from tests.gpu import cuda


def every_operation(xp, x, y):
    """All that the entry-wise language has, in one expression."""
    small = xp.where(xp.isnan(x), 0.0, xp.minimum(x, y)) - xp.maximum(-x, 0.5 * y)
    bound = xp.where(x <= y, xp.abs(x) / 3.0, xp.where(x > 2.0, 1.0 - y, y / 7.0))
    rest = xp.where(x < y, 2.0, xp.where(x >= 3.0, 1.5, xp.where(x == y, 0.25, xp.sign(y))))
    return small * bound + rest + (1.0 / (2.0 + xp.abs(y)))


EVERYTHING = read("everything", every_operation, ("x", "y"))
STEP = step_kernels(ntr.LInf(), np.ones(1))[0]
KERNELS = {kernel.name: kernel for kernel in (COMBINE, SIGN, STEP, EVERYTHING)}
NUMBERS = {"ntr_combine": ("a", "b"), "ntr_step": ("shrink", "radius")}
DTYPES = ("float16", "float32", "float64")

needs_compiler = pytest.mark.skipif(cuda.COMPILER is None, reason="no C++ compiler to run kernels' source on the host")


def hostile(dtype, seed=0):
    rng = np.random.default_rng(seed)
    info = np.finfo(dtype)
    odd = [
        0.0,
        -0.0,
        np.nan,
        -np.nan,
        np.inf,
        -np.inf,
        info.max,
        info.min,
        info.tiny,
        info.smallest_subnormal,
        1.0,
        3.0,
    ]
    found = np.concatenate([np.array(odd, dtype), rng.normal(size=500).astype(dtype) * rng.choice([1, 1e-3, 1e3], 500)])
    return rng.permutation(found.astype(dtype))


def same_bits(a, b):
    """Equal bits, except that any NaN is as good as another."""
    assert (a.dtype, a.shape) == (b.dtype, b.shape)
    either = np.isnan(a) & np.isnan(b)
    return bool(np.all(either | (a.view(f"u{a.itemsize}") == b.view(f"u{b.itemsize}"))))


@needs_compiler
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
class TestTheSourceRunOnTheHost:
    def test_combine_has_the_bits_of_numpy(self, dtype):
        x, y = hostile(dtype), hostile(dtype, 1)
        for a, b in ((0.9, 0.1), (1.0, -0.02), (0.0, 1.0), (-3.7, 1e4)):
            assert same_bits(cuda.on_host(COMBINE, a, x, b, y), combine(a, x, b, y))

    def test_combine_takes_0d_arrays(self, dtype):
        x, y, a = hostile(dtype), hostile(dtype, 1), np.array(0.3, dtype)
        assert same_bits(cuda.on_host(COMBINE, a, x, 1 - a, y), combine(a, x, 1 - a, y))

    def test_sign_has_the_bits_of_numpy(self, dtype):
        x = hostile(dtype)
        assert same_bits(cuda.on_host(SIGN, x), np.sign(x))

    def test_the_step_of_sign_descent_is_the_hook(self, dtype):
        x, g = hostile(dtype), hostile(dtype, 1)
        for norm in (ntr.LInf(), ntr.PerLeaf(ntr.LInf())):
            (kernel,) = step_kernels(norm, g)
            wanted = combine(0.99, x, 0.02, apply_lmo(norm, g, 1.0, namespace_of(g)))
            assert same_bits(cuda.on_host(kernel, 0.99, x, 0.02, g), wanted)

    def test_every_operation_of_the_language(self, dtype):
        x, y = hostile(dtype), hostile(dtype, 1)
        y[:40] = x[:40]
        assert same_bits(cuda.on_host(EVERYTHING, x, y), every_operation(np, x, y))

    def test_shapes_broadcast(self, dtype):
        x, y = hostile(dtype)[:12].reshape(3, 4), hostile(dtype)[:4]
        assert same_bits(cuda.on_host(EVERYTHING, x, y), every_operation(np, x, y))


@dataclasses.dataclass(frozen=True)
class Mine(ntr.Norm):
    """The ℓ∞ norm, written in another way."""

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True
    scale_free: ClassVar[bool] = True

    def _value(self, x, xp):
        return xp.max(xp.abs(x), axis=-1)

    def _lmo(self, g, xp):
        return xp.where(g == 0, 0.0, xp.where(g < 0, 1.0, -1.0))

    @property
    def claims(self):
        return ntr.LInf().claims


class TestWhatIsAStepEntryByEntry:
    def test_of_the_catalogue(self):
        found = {name for name, norm in ntr.catalogue() if step_kernels(norm, np.ones(3)) is not None}
        assert {"LInf"} <= found <= {"LInf", "PerLeaf"}

    def test_a_norm_of_a_user(self):
        (kernel,) = step_kernels(Mine(), np.ones(3))
        assert "== T(0.0)" in kernel.operation
        if cuda.COMPILER:
            x, g = np.array([1.0, 2.0, 3.0]), np.array([0.0, -2.0, 5.0])
            assert cuda.on_host(kernel, 0.5, x, 0.25, g).tolist() == [0.5, 1.25, 1.25]

    def test_trees_have_a_kernel_per_array(self):
        g = {"b": np.ones(2), "W": [np.ones((2, 2)), np.ones(3)]}
        assert step_kernels(ntr.PerLeaf(ntr.LInf()), g) == (STEP,) * 3
        blocks = ntr.Product({"b": Mine(), "W": [ntr.LInf(), ntr.LInf()]})
        (mine,) = step_kernels(Mine(), g["b"])
        # In the order of optree's leaves: by name.
        assert step_kernels(blocks, g) == (STEP, STEP, mine)

    def test_leaves_that_meet_have_none(self):
        g = {"a": np.ones(2), "b": np.ones(2)}
        assert step_kernels(ntr.PerLeaf(ntr.LInf(), outer=ntr.L2()), g) is None
        assert step_kernels(ntr.Product({"a": ntr.LInf(), "b": ntr.L2()}), g) is None

        @dataclasses.dataclass(frozen=True)
        class Crossed(ntr.Norm):
            """Wrong on purpose: each block's LMO is made of the other block."""

            scale_free: ClassVar[bool] = True

            def _accepts(self, shape):
                return None

            def _value(self, x, xp):
                return xp.max(xp.abs(x["a"]))

            def _lmo(self, g, xp):
                return {"a": -xp.sign(g["b"]), "b": -xp.sign(g["a"])}

        assert step_kernels(Crossed(), g) is None

    def test_a_norm_that_cannot_be_hashed_has_none(self):
        @dataclasses.dataclass
        class Mutable(ntr.Norm):
            scale_free: ClassVar[bool] = True

            def _value(self, x, xp):
                return xp.max(xp.abs(x))

            def _lmo(self, g, xp):
                return -xp.sign(g)

        assert step_kernels(Mutable(), np.ones(2)) is None

    @pytest.mark.parametrize(
        "function",
        [
            lambda xp, x: xp.sum(x),
            lambda xp, x: x.shape[0] * x,
            lambda xp, x: x if x > 0 else -x,
            lambda xp, x: x[0],
            lambda xp, x: x * np.ones(2),
            lambda xp, x: x * float("nan"),
            lambda xp, x: xp.maximum(1.0, 2.0) * x,
            lambda xp, x: xp.where(x > 0, x, float("inf")),
        ],
    )
    def test_what_is_not_done_entry_by_entry_is_refused(self, function):
        with pytest.raises((NotEntrywiseError, TypeError)):
            read("wrong", function, ("x",))

    def test_move_is_combine_on_every_other_library(self):
        x, g = np.arange(6.0).reshape(2, 3), -np.arange(6.0).reshape(2, 3)
        for norm in (ntr.LInf(), ntr.Frobenius(), ntr.Spectral()):
            wanted = combine(0.9, x, 0.1, norm.lmo(g))
            assert (move(norm, g, x, 0.9, 0.1, namespace_of(x)) == wanted).all()


class TestNVRTC:
    @pytest.fixture(autouse=True)
    def _cupy(self):
        pytest.importorskip("cupy", reason="CuPy is not installed: kernels are not compiled")

    @pytest.mark.parametrize("architecture", cuda.ARCHITECTURES)
    @pytest.mark.parametrize("name", KERNELS)
    def test_it_compiles_every_kernel(self, name, architecture):
        numbers = NUMBERS.get(name, ())
        for dtype in DTYPES:
            assert cuda.compiled(cuda.source(KERNELS[name], dtype, numbers), architecture)[:4] == b"\x7fELF"

    @pytest.mark.parametrize("name", KERNELS)
    def test_it_compiles_them_for_0d_coefficients_and_strided_arrays(self, name):
        text = cuda.source(KERNELS[name], "float16", contiguous=False, axes=3)
        assert cuda.compiled(text, "90")[:4] == b"\x7fELF"

    def test_arrays_decide_the_type_and_numbers_follow(self):
        import cupy
        from cupy._core._kernel import _decide_params_type as decide

        made = cupy.ElementwiseKernel(COMBINE.parameters, "T out", COMBINE.operation, COMBINE.name)
        for kind in (np.float16, np.float32, np.float64):
            for coefficient in (None, kind):  # a Python number; a 0-d array
                given = (coefficient, kind, coefficient, kind)
                assert decide(made.in_params, made.out_params, given, ())[:2] == ((kind,) * 4, (kind,))
        with pytest.raises(TypeError, match="Type is mismatched"):
            decide(made.in_params, made.out_params, (None, np.float32, None, np.float64), ())

    def test_what_is_wrong_does_not_compile(self):
        wrong = dataclasses.replace(SIGN, operation="out = y;")
        with pytest.raises(AssertionError, match='identifier "y" is undefined'):
            cuda.compiled(cuda.source(wrong, "float32"), "90")

    @pytest.mark.parametrize(("name", "loads"), [("ntr_combine", 2), ("ntr_sign", 1), ("ntr_step", 2)])
    def test_one_pass_over_memory_and_no_contraction(self, name, loads):
        ptx = cuda.compiled(cuda.source(KERNELS[name], "float32", NUMBERS.get(name, ())), "90", ptx=True)
        assert len(re.findall(r"ld\.global\S*\.f32", ptx)) == loads
        assert len(re.findall(r"st\.global\S*\.f32", ptx)) == 1
        assert not re.search(r"\bfma\.", ptx)

    def test_float32_loses_its_subnormals_as_the_namespace_says(self):
        ptx = cuda.compiled(cuda.source(COMBINE, "float32", ("a", "b")), "90", ptx=True)
        assert re.findall(r"(mul|add)\.\S*f32", ptx)
        assert set(re.findall(r"(?:mul|add)\.(\S*)f32", ptx)) == {"rn.ftz."}
        double = cuda.compiled(cuda.source(COMBINE, "float64", ("a", "b")), "90", ptx=True)
        assert "ftz" not in double
        import array_api_compat.cupy as base

        from ntr_spec.arrays.namespace import Namespace

        limits = Namespace(base).limits
        assert limits(base.float32).smallest == 2.0**-126
        assert limits(base.float64).smallest == 2.0**-1074
