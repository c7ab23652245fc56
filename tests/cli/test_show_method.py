"""``ntr-spec show`` of methods: equations, settings, what is recovered, which laws speak of them."""

import dataclasses
import io
from typing import Any

import pytest
from rich.console import Console

from ntr_spec.algorithms import Convention, Method, State, TrustRegion, presets
from ntr_spec.cli.show_method import print_method, recovered
from ntr_spec.norms import L1, L2, LInf, Spectral
from ntr_spec.norms.polar import SVD, PolarExpress
from ntr_spec.steps import Ridge


def shown(method: Any) -> dict[str, list[str]]:
    """What is printed, by the name in the first column."""
    console = Console(file=io.StringIO(), width=80)
    print_method(method, console)
    lines = console.file.getvalue().splitlines()
    start = lines[0].index(repr(method)[:10])
    found: dict[str, list[str]] = {}
    for line in lines:
        name = line[:start].strip() or name  # noqa: F821 (set by an earlier line)
        found.setdefault(name, []).append(line[start:])
    return found


def test_muon():
    found = shown(presets.muon(weight_decay=0.1))
    assert found["update"] == ["m₊ = μ·m + (1 − μ)·g", "u = μ·m₊ + (1 − μ)·g", "x₊ = (1 − β)·x + η·lmo(u)"]
    assert found["at first"] == ["m = 0"]
    assert found["with"][1] == "μ = 0.95 (momentum, the weight kept)"
    assert found["lmo(u)"] == ["≈ argmin{⟨u, v⟩ : max_l ‖σ(vₗ)‖_∞/√max(1, out/in) ≤ 1}"]
    assert "recovers" not in found  # five Newton–Schulz steps are not the polar factor
    assert any("feasible=False) is approximate: its LMO need not attain" in line for line in found["without"])
    assert any("may leave the unit ball" in line for line in found["without"])


def test_a_feasible_solver_is_not_said_to_leave_the_ball():
    found = shown(presets.muon(polar=PolarExpress(6), weight_decay=0.1))
    assert "moves_at_most_radius, decay_bounds_iterates, decay_bounds_steps" in found["laws"][0]
    assert not any("leave" in line for line in found["without"])


def test_lion():
    found = shown(presets.lion())
    assert found["update"][1] == "u = b·m + (1 − b)·g"
    assert found["recovers"] == ["Lion"]
    assert found["lmo on R^2"] == ["[-sign(g1), -sign(g2)]"]


def test_the_contrast():
    found = shown(presets.orthogonal_sgdm())
    assert found["update"] == ["m₊ = μ·m + lmo(g)", "x₊ = x + η·m₊"]
    assert found["laws"] == ["descends_along_gradient, counts_steps"]
    assert "NOT a trust-region method" in found["about"][0]


def test_the_theory_with_everything():
    found = shown(TrustRegion(L2(), decay=0.1, extrapolation=True))
    assert found["update"][2] == "y₊ = x₊ + μ/(1 − μ)·(x₊ − x)"
    assert found["gradient"] == ["g is the one at y"]
    assert found["at first"] == ["m₊ = g"]
    assert found["lmo on R^2"] == ["[-g1/sqrt(g1**2 + g2**2), -g2/sqrt(g1**2 + g2**2)]"]


def test_a_regularizer():
    found = shown(TrustRegion(LInf(), regularizer=Ridge(2.0)))
    assert found["update"][1].startswith("x₊ ∈ argmin{⟨m₊, z⟩ + R(z)")
    assert found["R(z)"] == ["‖z‖₂²"]


@pytest.mark.parametrize(
    ("method", "names"),
    [
        (TrustRegion(L2()), ["normalized SGD with momentum", "[Kovalev25], Algorithm 1"]),
        (TrustRegion(LInf(), momentum=0.0, decay=0.1), ["signSGD", "[Kovalev25], Algorithm 2"]),
        (TrustRegion(L1(), extrapolation=True), ["[Kovalev25], Algorithm 3"]),
        (
            TrustRegion(Spectral(), decay=0.1, extrapolation=True, convention=Convention(nesterov=True)),
            ["Muon in exact"],
        ),
        (presets.muon(polar=SVD()), ["Muon in exact arithmetic with momentum"]),
        (presets.signum(), ["signSGD with momentum"]),
        (presets.normalized_sgd(), ["normalized SGD with momentum"]),
        (presets.orthogonal_sgdm(), []),
        (TrustRegion(LInf(), radius=0.0), []),
        (TrustRegion(LInf(), convention=Convention(start="zero", blend=0.9)), ["Lion"]),
        (TrustRegion(LInf(), convention=Convention("sum", blend=0.9)), []),
    ],
    ids=repr,
)
def test_what_is_recovered(method, names):
    found = recovered(method)
    assert len(found) == len(names)
    assert all(name.startswith(wanted) for name, wanted in zip(found, names, strict=True))


@dataclasses.dataclass(frozen=True)
class Squares(Method):
    """Nothing that equations of whole points can say."""

    def init(self, x0):
        return State(x0, x0 * 0)

    def update(self, state, gradient):
        return state._replace(x=state.x - gradient * gradient)


def test_a_users_method_without_equations_says_so():
    assert "entry by entry" in shown(Squares())["update"][0]


def test_methods_are_typed_without_defaults():
    assert repr(TrustRegion(L2(), radius=len)) == "TrustRegion(norm=L2(), radius=len)"
    assert repr(TrustRegion(L1(), convention=Convention("sum"))).endswith("convention=Convention(accumulate='sum'))")
