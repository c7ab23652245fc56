"""The printed equations are the code: evaluated at numbers, they give what ``update`` gives."""

import dataclasses
import itertools
import numbers
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp

from ntr_spec.algorithms import Convention, Method, State, TrustRegion, presets
from ntr_spec.algorithms.contrast import MomentumAfterLMO
from ntr_spec.errors import UntraceableError
from ntr_spec.norms import L1, L2, LInf, Nuclear, Spectral
from ntr_spec.norms.polar import SVD
from ntr_spec.steps import Ridge, trust_region_step
from ntr_spec.verify.equations import Equations, equations
from ntr_spec.verify.equations.vector import Scalar

CONVENTIONS = [
    Convention(),
    Convention(nesterov=True),
    Convention(start="zero"),
    Convention(start="zero", nesterov=True),
    Convention(accumulate="sum"),
    Convention(accumulate="sum", nesterov=True),
    Convention(accumulate="sum", start="zero", nesterov=True),
    Convention(start="zero", bias_correction=True),
    Convention(start="zero", nesterov=True, bias_correction=True),
    Convention(blend=0.7),
    Convention(start="zero", blend=lambda step: 0.5 + 0.1 * step),
]
NORMS = [(L1(), 3), (L2(), 4), (LInf(), (2, 3)), (Spectral(), (3, 2)), (Nuclear(), (2, 2))]


def evaluated(lines: Any, values: dict[str, Any], functions: dict[str, Any]) -> dict[str, Any]:
    """The right sides, line after line, with numbers for every symbol."""
    values = dict(values)
    for line in lines:
        names = sorted(str(symbol) for symbol in line.expression.free_symbols)
        call = sp.lambdify([sp.Symbol(n) for n in names], sp.sympify(_plain(line.expression)), [functions, "numpy"])
        values[line.name] = call(*(values[n] for n in names))
    return values


def _plain(expression: Any) -> Any:
    """The count of steps as a symbol without assumptions."""
    return expression.subs(sp.Symbol("k", integer=True, positive=True), sp.Symbol("k"))


def followed(method: Any, found: Equations, x: Any, gradients: list[Any]) -> list[dict[str, Any]]:
    """The trajectory that the equations give."""
    functions = {
        "lmo": lambda u: method.norm.lmo(u),
        "argmin": lambda u, c, r: trust_region_step(method.norm, u, c, float(r), method.regularizer).point,
    }
    values: dict[str, Any] = {"x": x, "m": np.zeros_like(x)}
    path = []
    for k, g in enumerate(gradients):
        values |= {"g": g, "k": k}
        for setting in found.settings:
            values[str(setting.symbol)] = setting.value(k) if callable(setting.value) else setting.value
        first = {line.name: line for line in found.first} if k == 0 else {}
        values = evaluated([first.get(line.name, line) for line in found.update], values, functions)
        values["x"], values["m"] = values["x₊"], values["m₊"]
        path.append(dict(values))
    return path


def check(method: Any, shape: Any, seed: int = 0, steps: int = 5) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    gradients = [rng.standard_normal(shape) for _ in range(steps)]
    path = followed(method, equations(method), x, gradients)
    state = method.init(x)
    for values, g in zip(path, gradients, strict=True):
        state = method.update(state, g)
        np.testing.assert_allclose(values["x₊"], state.x, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(values["m₊"], state.momentum, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(values.get("y₊", values["x₊"]), state.query, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("convention", CONVENTIONS, ids=range(len(CONVENTIONS)))
@pytest.mark.parametrize("decay", [0.0, 0.3], ids=["plain", "decay"])
def test_the_equations_give_the_trajectory(convention, decay):
    rng = np.random.default_rng(7)
    for norm, shape in NORMS:
        radius, momentum = rng.uniform(0.01, 2.0), rng.uniform(0.1, 0.99)
        check(TrustRegion(norm, radius, momentum, decay, convention=convention), shape)
        if convention.accumulate == "average":
            check(TrustRegion(norm, radius, momentum, decay, extrapolation=True, convention=convention), shape)


@pytest.mark.parametrize(
    "method",
    [
        *(presets.muon(0.1, weight_decay=0.3, flavour=flavour) for flavour in presets.FLAVOURS),
        presets.muon(0.1, nesterov=False, flavour="optax", polar=SVD()),
        presets.signum(0.1, weight_decay=0.5),
        presets.lion(0.1, weight_decay=0.5),
        presets.normalized_sgd(0.1, per_tensor=True),
        presets.scion(presets.layers.spectral(), 0.1, constrained=True),
        presets.scion(presets.layers.sign(), lambda k: 0.1 / (k + 1), weight_decay=0.1),
        presets.orthogonal_sgdm(0.1, weight_decay=0.5),
        MomentumAfterLMO(LInf(), 0.1, accumulate="average"),
    ],
    ids=lambda method: repr(method)[:60],
)
def test_the_equations_of_presets_give_their_trajectories(method):
    check(method, (4, 3), steps=8)


def test_the_contrast_shows_its_wrong_order():
    found = equations(presets.orthogonal_sgdm(weight_decay=0.1))
    assert [line.text for line in found.update] == ["m₊ = μ·m + lmo(g)", "x₊ = (1 − β)·x + η·m₊"]


def test_schedules_stand_for_themselves():
    method = TrustRegion(L2(), lambda k: 1 / (k + 1), lambda k: 0.5 + 0.1 * k, lambda k: 0.1 / (k + 1), True)
    found = equations(method)
    assert [str(s.symbol) for s in found.settings] == ["η_k", "μ_k", "β_k"]
    check(method, 3)


def test_without_momentum_nothing_is_kept():
    found = equations(TrustRegion(LInf(), momentum=0.0))
    assert [line.text for line in found.update] == ["m₊ = g", "x₊ = x + η·lmo(m₊)"]
    assert found.first == found.start == ()
    check(TrustRegion(LInf(), momentum=0.0, extrapolation=True), 3)


def test_a_regularizer_makes_the_step_a_subproblem():
    method = TrustRegion(L2(), 0.3, 0.8, 0.1, regularizer=Ridge(2.0))
    assert equations(method).update[1].text == "x₊ ∈ argmin{⟨m₊, z⟩ + R(z) : ‖z − (1 − β)·x‖ ≤ η}"
    check(method, 3)


@pytest.mark.parametrize(
    ("convention", "lines"),
    [
        (Convention(nesterov=True), ["m₊ = μ·m + (1 − μ)·g", "u = μ·m₊ + (1 − μ)·g", "x₊ = x + η·lmo(u)"]),
        (Convention("sum", "zero", nesterov=True), ["m₊ = μ·m + g", "u = μ·m₊ + g", "x₊ = x + η·lmo(u)"]),
        (Convention(start="zero", blend=0.9), ["m₊ = μ·m + (1 − μ)·g", "u = b·m + (1 − b)·g", "x₊ = x + η·lmo(u)"]),
        (
            Convention(start="zero", bias_correction=True),
            ["m₊ = μ·m + (1 − μ)·g", "u = m₊/(1 − μᵏ⁺¹)", "x₊ = x + η·lmo(u)"],
        ),
        (
            Convention(start="zero", nesterov=True, bias_correction=True),
            ["m₊ = μ·m + (1 − μ)·g", "u = μ/(1 − μᵏ⁺²)·m₊ + (1 − μ)/(1 − μᵏ⁺¹)·g", "x₊ = x + η·lmo(u)"],
        ),
    ],
)
def test_conventions_read_as_they_are_documented(convention, lines):
    assert [line.text for line in equations(TrustRegion(LInf(), convention=convention)).update] == lines


def test_the_first_update_is_told_apart_only_where_it_differs():
    for convention in CONVENTIONS:
        found = equations(TrustRegion(LInf(), convention=convention))
        assert [line.text for line in found.first] == (["m₊ = g"] if convention.start == "gradient" else [])
        assert [line.text for line in found.start] == (["m = 0"] if convention.start == "zero" else [])


def test_latex_of_the_theory():
    found = equations(TrustRegion(LInf(), decay=0.1, extrapolation=True))
    assert [line.latex for line in found.update] == [
        r"m_{k+1} = \mu\,m_k + (1 - \mu)\,g_k",
        r"x_{k+1} = (1 - \beta)\,x_k + \eta\,\operatorname{lmo}(m_{k+1})",
        r"y_{k+1} = x_{k+1} + \frac{\mu}{1 - \mu}\,(x_{k+1} - x_k)",
    ]


def test_every_equation_is_well_formed_in_mathml():
    methods = [TrustRegion(LInf(), decay=0.1, convention=c) for c in CONVENTIONS]
    methods += [TrustRegion(LInf(), extrapolation=True), TrustRegion(LInf(), regularizer=Ridge(1.0))]
    for line in itertools.chain.from_iterable(equations(method).update for method in methods):
        text = "".join(ElementTree.fromstring(f"<math>{line.mathml}</math>").itertext())
        # The same letters in the same order as in the text, but for fractions, indices and dots.
        assert text.count("μ") == line.text.count("μ")
        assert text.count("η") == line.text.count("η")


class Elementwise(Method):
    """What no equation of whole points can say."""

    def init(self, x0):
        return State(x0, x0 * 0)

    def update(self, state, gradient):
        return state._replace(x=state.x - gradient * gradient)


def test_what_cannot_be_said_is_refused():
    with pytest.raises(UntraceableError, match="a method that is a dataclass"):
        equations(Elementwise())
    with pytest.raises(UntraceableError, match="entry by entry"):
        equations(dataclasses.dataclass(frozen=True)(type("Sign", (Elementwise,), {}))())


def test_symbols_refuse_to_be_numbers():
    with pytest.raises(UntraceableError, match="value of a symbol"):
        float(Scalar(sp.Symbol("η")))
    with pytest.raises(UntraceableError, match="branches on whether"):
        _ = Scalar(sp.Symbol("η")) == 0


def test_a_wrong_update_reads_differently():
    class Wrong(TrustRegion):  # type: ignore[misc]
        def _step(self, direction, x, radius, shrink, xp):
            return super()._step(direction, x, radius, shrink, xp) * shrink  # decay after the step too

    right, wrong = (equations(cls(LInf(), decay=0.1)).update[1].text for cls in (TrustRegion, Wrong))
    assert right == "x₊ = (1 − β)·x + η·lmo(m₊)"
    assert wrong == "x₊ = (1 − β)·((1 − β)·x + η·lmo(m₊))"


PATHS = [
    TrustRegion(LInf(), decay=0.1, extrapolation=True),
    TrustRegion(LInf(), decay=0.1, regularizer=Ridge(1.0)),
    TrustRegion(LInf(), convention=Convention("average", "zero", nesterov=True, bias_correction=True)),
]


@pytest.mark.parametrize("method", PATHS, ids=["plain", "composite", "corrected"])
@pytest.mark.parametrize("last", [1, 2, 3, 7])
def test_an_update_must_say_the_same_at_integers(method, last, monkeypatch):
    at = TrustRegion._at

    def doubled(self, name, step, xp):
        late = isinstance(step, int) and step >= last
        return at(self, name, step, xp) * (2 if late and name == "radius" else 1)

    monkeypatch.setattr(TrustRegion, "_at", doubled)
    with pytest.raises(UntraceableError, match=f"update gives x₊ = .* where state.step is the integer {last}, and "):
        equations(method)


def test_an_update_must_say_the_same_at_every_integer(monkeypatch):
    at = TrustRegion._at
    for late in (lambda step: step == 1000, lambda step: step >= 1000):

        def doubled(self, name, step, xp, late=late):
            return at(self, name, step, xp) * (2 if isinstance(step, numbers.Integral) and late(step) else 1)

        monkeypatch.setattr(TrustRegion, "_at", doubled)
        with pytest.raises(UntraceableError, match="branches on whether"):
            equations(TrustRegion(LInf()))


def test_an_update_must_say_the_same_at_arrays(monkeypatch):
    def forgetful(self, state, gradient, kept, xp):
        first = state.step == 0 and isinstance(state.step, numbers.Integral)
        return (gradient if first else state.momentum * kept + gradient * (1.0 - kept),) * 2

    monkeypatch.setattr(TrustRegion, "_accumulate", forgetful)
    with pytest.raises(UntraceableError, match=r"m₊ = .* where state.step is an array that holds 0"):
        equations(TrustRegion(LInf()))


def test_methods_must_count_their_steps_and_start_where_they_are_told():
    class Counted(TrustRegion):  # type: ignore[misc]
        def update(self, state, gradient):
            return super().update(state, gradient)._replace(step=state.step)

    class Elsewhere(TrustRegion):  # type: ignore[misc]
        def init(self, x0):
            return super().init(x0)._replace(x=x0 * 2)

    with pytest.raises(UntraceableError, match="count its steps"):
        equations(Counted(LInf()))
    with pytest.raises(UntraceableError, match="start at the point"):
        equations(Elsewhere(LInf()))


@pytest.mark.parametrize(
    ("direction", "center", "radius"),
    [(2, 1, 1), (1, 2, 1), (1, 1, 2)],
    ids=["direction", "center", "radius"],
)
def test_what_the_subproblem_is_given_is_read_off_the_code(direction, center, radius):
    class Wrong(TrustRegion):  # type: ignore[misc]
        def _step(self, m, x, eta, shrink, xp):
            return super()._step(m * direction, x * center, eta * radius, shrink, xp)

    right, wrong = (
        equations(cls(LInf(), decay=0.1, regularizer=Ridge(1.0))).update[-1] for cls in (TrustRegion, Wrong)
    )
    assert str(right.expression) == "argmin(m₊, x*(1 - β), η)"
    assert right.text != wrong.text


def test_the_subproblem_is_in_the_norm_and_with_the_regularizer_of_the_method():
    class Other(TrustRegion):  # type: ignore[misc]
        def _step(self, direction, x, radius, shrink, xp):
            return self._solve(L2(), direction, x, radius, self.regularizer, xp)

    with pytest.raises(UntraceableError, match="the method's own norm and regularizer"):
        equations(Other(LInf(), regularizer=Ridge(1.0)))


def test_where_gradients_are_wanted_is_read_off_the_code():
    for method, said in ((TrustRegion(LInf()), "x₊"), (TrustRegion(LInf(), extrapolation=True), "y₊")):
        assert [str(query) for query in equations(method).queries] == ["x", said]
