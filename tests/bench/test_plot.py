"""The picture: what is in it, told by matplotlib's own objects, and that no label hides another."""

import itertools

import pytest

from ntr_spec.bench import plot
from ntr_spec.bench.picture import FLOOR, marks
from ntr_spec.errors import InputError
from tests.bench.fakes import case, row

plt = pytest.importorskip("matplotlib.pyplot")

ROWS = (
    row("one GEMM", "product", seconds=0.01),
    *(row(f"PolarExpress(steps={k})", seconds=0.03 * k, delta=10.0 ** (1 - k)) for k in range(2, 7)),
    *(row(f"Auto(tolerance={10.0 ** (1 - k)})", seconds=0.031 * k, delta=10.0 ** (1 - k)) for k in range(2, 7)),
    row("PolarExpress(steps=3, dtype='bfloat16')", seconds=0.02, delta=0.05),
    row("SVD()", seconds=0.5, delta=1e-6),
    row("NewtonSchulz()", seconds=0.1, delta=0.0, status="broken"),
    row("scipy.linalg.polar", "peer", seconds=0.6, true=1e-8, size=1.0),
    row("numpy.linalg.svd", "peer", seconds=0.5, true=-1e-9, size=1.0),
)


@pytest.fixture
def figures(monkeypatch):
    """Figures stay open, so that they can be looked at."""
    kept = []
    monkeypatch.setattr("ntr_spec.bench.picture.save", lambda figure, path: kept.append(figure) or path)
    yield kept
    plt.close("all")


def texts(axes):
    return [text for text in axes.texts if text.get_text()]


def test_points_are_what_has_a_time_and_a_delta():
    found = {mark.row.name: mark for mark in marks(case(*ROWS))}
    assert set(found) == {each.name for each in ROWS} - {"one GEMM", "NewtonSchulz()"}
    assert found["SVD()"].x == 500.0
    assert found["numpy.linalg.svd"].y == FLOOR * 1e-6
    assert (found["PolarExpress(steps=4)"].family, found["PolarExpress(steps=4)"].label) == ("PolarExpress", "4")
    assert found["PolarExpress(steps=3, dtype='bfloat16')"].label == "3"


def test_panels_are_shapes_by_libraries_and_peers_are_named(figures):
    shapes = ((64, 64), (128, 64, 64))
    plot([case(*ROWS, shape=shape, library=lib) for lib in ("numpy", "torch") for shape in shapes], "x.png")
    (figure,) = figures
    panels = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in panels] == ["64×64", "128 × (64×64)", "", ""]
    assert [axes.get_ylabel() for axes in panels[::2]] == ["numpy cpu, float32\nδ", "torch cpu, float32\nδ"]
    for axes in panels:
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        assert {"one GEMM", "scipy.linalg.polar", "numpy.linalg.svd"} <= {text.get_text() for text in axes.texts}
    words = {text.get_text() for text in figure.legends[0].get_texts()}
    assert {"PolarExpress", "SVD", "Auto", "iterates in bfloat16", "least certified δ in that time"} <= words


def test_no_label_hides_another(figures):
    plot([case(*ROWS)], "x.png")
    axes = figures[0].axes[0]
    boxes = [text.get_window_extent() for text in texts(axes) if text.get_text() != "one GEMM"]
    assert len(boxes) > 6
    for a, b in itertools.combinations(boxes, 2):
        assert not a.overlaps(b)
    frame = axes.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_the_line_is_the_least_delta_in_a_given_time(figures):
    plot([case(*ROWS)], "x.png")
    (line,) = (line for line in figures[0].axes[0].lines if line.get_drawstyle() == "steps-post")
    x, y = line.get_xdata(), line.get_ydata()
    assert list(x) == sorted(x)
    assert list(y) == sorted(y, reverse=True)
    for mark in marks(case(*ROWS)):
        if not mark.peer:
            assert min(b for a, b in zip(x, y, strict=True) if a <= mark.x) <= mark.y


def test_missing_combinations_leave_a_gap_and_special_cases_are_told(figures):
    plot([case(*ROWS), case(*ROWS, shape=(8, 8), dtype="float64", spectrum="lowrank", model="H100")], "x.png")
    panels = figures[0].axes
    assert [axes.get_visible() for axes in panels[:4]] == [True, False, False, True]
    assert panels[0].get_ylabel() == "numpy cpu, float32\nδ"


def test_a_table_without_points_is_drawn_empty(figures):
    plot([case(row("SVD()", status="declined"))], "x.png")
    assert figures[0].axes


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_files_are_written(tmp_path, suffix):
    assert plot([case(*ROWS)], tmp_path / f"bench{suffix}").stat().st_size > 5000


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"bench\.xyz: not a picture's name"):
        plot([case(*ROWS)], tmp_path / "bench.xyz")
