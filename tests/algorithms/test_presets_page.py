"""The table of conventions in docs/pages/presets.md is what the objects say; rows are built from them here."""

import pathlib

import pytest

import ntr_spec as ntr
from ntr_spec.algorithms import presets
from ntr_spec.algorithms.presets import layers

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "pages" / "presets.md"
PRESETS = {
    **{f'muon(flavour="{name}")': presets.muon(0.5, weight_decay=0.5, flavour=name) for name in presets.FLAVOURS},
    "signum()": presets.signum(0.5, weight_decay=0.5),
    "lion()": presets.lion(0.5, weight_decay=0.5),
    "normalized_sgd()": presets.normalized_sgd(0.5, weight_decay=0.5),
    "scion(norms)": presets.scion(layers.spectral(), 0.5, weight_decay=0.5),
    "scion(norms, constrained=True)": presets.scion(layers.spectral(), 0.5, constrained=True),
    "orthogonal_sgdm()": presets.orthogonal_sgdm(0.5, weight_decay=0.5),
}


def momentum(method):
    """How m is made of g."""
    if not isinstance(method, ntr.TrustRegion):
        return "μm + lmo(g)" if method.accumulate == "sum" else "μm + (1−μ)·lmo(g)"
    how = method.convention
    kept = "β₂" if how.blend is not None else "μ"
    assert how.start == "zero"
    return f"{kept}m + (1−{kept})g" if how.accumulate == "average" else f"{kept}m + g"


def direction(method):
    """What the step is taken along."""
    if not isinstance(method, ntr.TrustRegion):
        return "m itself"
    how = method.convention
    if how.blend is not None:
        return "β₁m + (1−β₁)g, the old m"
    text = momentum(method) if how.nesterov else "m"
    return text + (", bias-corrected" if how.bias_correction else "")


def solver(norm):
    """How U·Vᵀ is found."""
    inner = norm.norm if isinstance(norm, ntr.PerLeaf) else norm
    inner = inner.norm if isinstance(inner, ntr.ShapeScaled) else inner
    if not isinstance(inner, ntr.Spectral):
        return "–"
    polar = inner.polar
    if polar == ntr.polar.SVD():
        return "SVD"
    return (
        f"NS{polar.steps}, ‖u‖ + {polar.eps:g}" if polar.guard == "add" else f"NS{polar.steps}, max(‖u‖, {polar.eps:g})"
    )


def layout(norm):
    """Which axis of a weight counts outputs, where that matters."""
    inner = norm.norm if isinstance(norm, ntr.PerLeaf) else norm
    if not isinstance(inner, ntr.ShapeScaled) or inner.square == "1":
        return "any"
    return "out×in" if inner.out_axis == 0 else "in×out"


def row(name, method):
    """One line of the table."""
    given = "ρ" if name.startswith("scion") else method.norm._notation("x")
    norm = "as given" if given == "ρ" else given
    decay = {0.25: "λη", 0.5: "η"}[method.decay]
    cells = [f"`{name}`", momentum(method), direction(method), norm, solver(method.norm), layout(method.norm), decay]
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("name", PRESETS)
def test_the_page_says_what_the_objects_do(name):
    assert row(name, PRESETS[name]) in PAGE.read_text(encoding="utf-8")


if __name__ == "__main__":
    print("\n".join(row(name, method) for name, method in PRESETS.items()))
