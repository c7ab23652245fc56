"""One script, unchanged on NumPy, torch and JAX arrays: the same network, the same batches, the same path.

python examples/same_script_any_array.py
"""

import importlib.util
import os

import numpy as np

import ntr_spec as ntr
from ntr_spec.problems import digits_network
from ntr_spec.trees import leaves

STEPS = 40
os.environ["JAX_ENABLE_X64"] = "1"  # JAX has no float64 otherwise

# The gradient of the last matrix has rank 9 of 10 (class probabilities add up to 1), so its polar factor is decided by
# rounding in one direction, differently in every library: its rows are normalized instead.
ROWS = ntr.Mixed(ntr.LInf(), ntr.L2(), axis=1)
LAYERS = ntr.Product({"W1": ntr.Spectral(), "b1": ntr.L2(), "W2": ROWS, "b2": ntr.L2()})


def train(problem):
    """Nothing here knows whose arrays these are."""
    method = ntr.TrustRegion(LAYERS, radius=0.05, momentum=0.9, extrapolation=True)
    result = ntr.minimize(problem.stochastic, problem.x0, method, STEPS, with_value=True, by_step=True)
    return result.x, problem.objective(result.x), problem.metrics(result.x)["test accuracy"]


if __name__ == "__main__":
    reference = None
    for library in ("numpy", "torch", "jax"):
        if importlib.util.find_spec(library) is None:
            print(f"{library}: not installed")
            continue
        x, value, accuracy = train(digits_network().to(library, "float64"))
        entries = np.concatenate([np.asarray(leaf).ravel() for leaf in leaves(x)])
        reference = entries if reference is None else reference
        apart = float(np.abs(entries - reference).max())
        print(f"{library:6} loss {value:.6f}  test accuracy {accuracy:.3f}  largest difference from NumPy {apart:.1e}")
        assert apart < 1e-7
