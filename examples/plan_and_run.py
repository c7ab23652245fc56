"""A theorem as a plan: from the constants of a problem to a radius, a momentum and a number of steps that reach ε.

The problem, a bowl with ripples, is star-convex and not convex; its L, H, ρ, σ and Δ₀ are known exactly. Theorem 2 says
how to run signSGD with momentum on it; three runs then show what it reached.
"""

import numpy as np

import ntr_spec as ntr
from ntr_spec.problems import Cosine, Noisy, Separable, Sphere
from ntr_spec.theory import T2

EPS = 2.0
norm = ntr.LInf()
problem = Separable(Cosine(), target=np.zeros(3), x0=np.array([2.0, -1.0, 0.5]))
noise = Sphere(0.5)
constants = problem.constants(norm, noise)
plan = T2.plan(constants, EPS)

print(T2.statement)
shown = {name: getattr(constants, name) for name in ("L", "rho", "sigma", "delta0")}
print("constants:", ", ".join(f"{name} = {value:.4g}" for name, value in shown.items()))
print(f"plan for eps = {EPS}: radius {plan.radius:.3g}, momentum {plan.momentum:.3g}, {plan.steps} steps")
for name, term in T2.terms(constants, plan, plan.steps).items():
    print(f"  {name:<12} {term:.4f}")

method = plan.method(norm)
reached = []
for seed in range(3):
    noisy = Noisy(problem, noise, seed)
    state = method.init(noisy.x0)
    sizes = []
    for step in range(plan.steps + 1):
        state = method.update(state, noisy.stochastic(state.query, step)[1])
        sizes.append(float(norm.dual(problem.value_and_gradient(state.x)[1])))
    reached.append(min(sizes[:-1]))

bound = T2.bound(constants, plan, plan.steps)
print(f"least ‖∇f(x_k)‖_* of a run, mean of 3 runs: {np.mean(reached):.1e} <= {bound:.4f} <= {EPS}")
assert np.mean(reached) <= bound <= EPS
