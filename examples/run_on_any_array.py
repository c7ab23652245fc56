"""The verified hooks, run: one layer-wise norm, 40 steps on NumPy, torch and JAX arrays (those installed)."""

import importlib.util

import numpy as np

import ntr_spec as ntr

layers = ntr.Product({"W": ntr.Spectral(), "b": ntr.L2()})  # layer-wise Muon: the LMO of each block
rng = np.random.default_rng(0)
target = {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}


def arrays_of(library):
    if library == "numpy":
        return lambda a: np.asarray(a, dtype=np.float32)
    if library == "torch":
        import torch

        return lambda a: torch.tensor(a, dtype=torch.float32)
    import jax.numpy as jnp

    return lambda a: jnp.asarray(a, dtype="float32")


for library in ("numpy", "torch", "jax"):
    if importlib.util.find_spec(library) is None:
        print(f"{library}: not installed")
        continue
    make = arrays_of(library)
    goal = {name: make(block) for name, block in target.items()}
    x = {name: block * 0 for name, block in goal.items()}
    for _ in range(40):
        gradient = {name: x[name] - goal[name] for name in x}
        step = layers.lmo(gradient, radius=0.05)
        x = {name: x[name] + step[name] for name in x}
    left = layers({name: x[name] - goal[name] for name in x})
    print(f"{library}: distance to the target in {layers} after 40 steps: {float(left):.3f}")
