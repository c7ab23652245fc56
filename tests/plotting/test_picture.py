"""Pictures: what is drawn is the norm, by independent formulas."""

import dataclasses
import math

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.plotting import Panel, panel_svg, picture_of

PLANE = [
    (ntr.L1(), lambda x, y: abs(x) + abs(y), lambda x, y: max(abs(x), abs(y))),
    (ntr.L2(), math.hypot, math.hypot),
    (ntr.LInf(), lambda x, y: max(abs(x), abs(y)), lambda x, y: abs(x) + abs(y)),
    (ntr.Product({"a": ntr.L1(), "b": ntr.L1()}, outer=ntr.L1()), lambda x, y: abs(x) + abs(y),
     lambda x, y: max(abs(x), abs(y))),
]  # fmt: skip


@pytest.mark.parametrize(("norm", "value", "dual"), PLANE, ids=lambda v: str(v) if isinstance(v, ntr.Norm) else "")
def test_balls_and_arrows_of_the_plane(norm, value, dual):
    (panel,) = picture_of(norm).panels
    assert len(panel.ball) == len(panel.dual_ball) == 360
    assert all(value(*point) == pytest.approx(1.0) for point in panel.ball)
    assert all(dual(*point) == pytest.approx(1.0) for point in panel.dual_ball)
    for arrow in panel.arrows:
        assert dual(*arrow.g) == pytest.approx(1.0)
        assert value(*arrow.v) == pytest.approx(1.0)
        assert np.dot(arrow.g, arrow.v) == pytest.approx(-1.0)


def test_slices_of_the_spectral_norm():
    first, second = picture_of(ntr.Spectral()).panels
    assert (first.title, second.title) == ("[[a, b], [b, a]]", "[[a, 0], [0, b]]")
    for a, b in first.ball:  # eigenvalues a + b and a − b
        assert max(abs(a + b), abs(a - b)) == pytest.approx(1.0)
    for a, b in second.ball:
        assert max(abs(a), abs(b)) == pytest.approx(1.0)
    for a, b in first.dual_ball:
        assert abs(a + b) + abs(a - b) == pytest.approx(1.0)
    assert len(first.arrows) == len(second.arrows) == 24
    assert first.note == ""


def test_an_lmo_that_leaves_the_slice_is_not_drawn():
    norm = ntr.Reshaped(ntr.Weighted(ntr.L1(), [1, 2, 3, 4]), (4,))

    @dataclasses.dataclass(frozen=True)
    class OnMatrices(ntr.Norm):
        event_rank = 2

        def _value(self, x, xp):
            return norm(x)

        def _lmo(self, g, xp):
            return norm.lmo(g)

    first, _ = picture_of(OnMatrices()).panels
    assert first.arrows == ()
    assert len(first.ball) == 360


def test_norms_without_a_plane_have_no_picture():
    @dataclasses.dataclass(frozen=True)
    class OnlyFive(ntr.Norm):
        def _value(self, x, xp):
            return xp.max(xp.abs(x))

        def _lmo(self, g, xp):
            return -xp.sign(g)

        def _shapes(self, dims):
            return (ntr.L1()._shapes((5,))[0],)

    assert picture_of(OnlyFive()) is None


def test_hooks_that_fail_leave_gaps_and_raise_nothing():
    @dataclasses.dataclass(frozen=True)
    class Half(ntr.Norm):
        def _value(self, x, xp):
            if float(x[0]) < 0:
                raise ValueError
            return xp.max(xp.abs(x))

        def _lmo(self, g, xp):
            raise ValueError

    (panel,) = picture_of(Half()).panels
    assert 170 < len(panel.ball) < 190
    assert panel.arrows == panel.dual_ball == ()
    assert panel_svg(panel).count("<polygon") == 1


def test_witnesses_are_marked_and_brought_into_view():
    witnesses = [{"g": [1.0, -0.5], "x": [1e300, 0.0]}, {"x": [1.0, 2.0, 3.0]}, {"x": [0.0, 0.0]}, {"x": "text"}]
    (panel,) = picture_of(ntr.LInf(), witnesses).panels
    g, x = panel.marks
    assert (g.name, g.at, g.shrunk, g.dual, g.answer) == ("g", (1.0, -0.5), 1.0, True, (-1.0, 1.0))
    assert x.at == pytest.approx((1.3 * math.sqrt(2), 0.0))
    assert not x.dual
    assert x.shrunk == pytest.approx(1.3 * math.sqrt(2) / 1e300)
    text = panel_svg(panel)
    assert text.count('class="witness"') == 3
    assert "lmo(g)" in text


def test_drawings_are_finite_and_inside_the_frame():
    import re

    for norm in (ntr.L1(), ntr.Lp(1.0001), ntr.Ellipsoidal([[1e6, 0], [0, 1e-2]]), ntr.KyFan(2)):
        for panel in picture_of(norm, [{"g": [3e-200, 1e200], "x": [[1.0, 2.0], [2.0, 1.0]]}]).panels:
            text = panel_svg(panel)
            assert "nan" not in text
            assert "inf" not in text
            for attribute in re.findall(r'(?:points|d)="([^"]*)"', text):
                numbers = [float(number) for number in re.findall(r"-?\d+\.\d", attribute)]
                assert all(-40 <= number <= 580 for number in numbers)


def test_an_empty_panel_draws():
    assert panel_svg(Panel("R²", (), (), ())).startswith("<svg")
