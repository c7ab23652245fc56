"""Settings that make products coarser than their dtype are noticed."""

import pathlib
import subprocess
import sys

import jax.numpy as jnp
import numpy as np
import pytest

from ntr_spec.arrays import namespace_of
from ntr_spec.arrays.products import product_eps

ROOT = pathlib.Path(__file__).parents[2]

# A process of its own: the settings are global, and torch refuses to mix its old names for them with its new ones.
CODE = """
import torch
from ntr_spec.arrays import namespace_of
from ntr_spec.arrays.products import product_eps
torch.manual_seed(0)
x = torch.randn(256, 256)
xp = namespace_of(x)
exact = x.double() @ x.double()
SETTING
lost = float(((x @ x).double() - exact).norm() / exact.norm())
print(product_eps(x, xp), product_eps(x.double(), xp), lost)
"""


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("pass", 2.0**-23),
        ("torch.set_float32_matmul_precision('medium')", 2.0**-7),
        ("torch.backends.fp32_precision = 'tf32'", 2.0**-10),
    ],
)
def test_settings_of_torch_are_noticed(setting, expected):
    done = subprocess.run(
        [sys.executable, "-c", CODE.replace("SETTING", setting)], capture_output=True, text=True, check=True
    )
    single, double, lost = map(float, done.stdout.split())
    assert (single, double) == (expected, 2.0**-52)
    assert lost <= 4 * expected  # what this processor's products really lose


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_elsewhere_it_is_that_of_the_dtype(dtype):
    x = np.ones((2, 2), dtype=dtype)
    assert product_eps(x, namespace_of(x)) == np.finfo(dtype).eps
    y = jnp.ones((2, 2), "bfloat16")
    assert product_eps(y, namespace_of(y)) == 2.0**-7


CERTIFICATES = """
import numpy as np, torch
from tests.gpu.solvers import SOLVERS, short
torch.set_float32_matmul_precision("medium")
rng = np.random.default_rng(0)
for shape in ((24, 24), (60, 12)):
    u, s, v = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
    for x in ((u * s) @ v, (u * np.logspace(0, -6, len(s))) @ v):
        for name, norm in SOLVERS.items():
            x = x.astype("f4")
            found, certificate = norm().lmo(torch.tensor(x), certificate=True)
            lost, beyond = short(norm(), x, found.numpy())
            assert lost <= float(certificate.delta) <= 1, (name, shape, lost, certificate)
            assert beyond <= 1e-12, (name, shape, beyond)
print("held")
"""


def test_certificates_hold_where_products_are_coarse():
    done = subprocess.run([sys.executable, "-c", CERTIFICATES], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("held\n", "")
