"""``ntr-spec doctor --gpu``: what it says without a card, and its checks tried where there is none.

The checks run here on NumPy, on torch's CPU and on arrays that imitate CuPy's; that they can fail is shown on what is
broken on purpose.
"""

import io
import json

import numpy as np
import pytest
from rich.console import Console

import ntr_spec as ntr
from ntr_spec.arrays import namespace as namespace_module
from ntr_spec.bench import Place, Settings
from ntr_spec.bench.places import NumPyPlace, TorchPlace
from ntr_spec.cli import card, card_checks
from ntr_spec.cli.card import Check, Outcome, Skipped, outcome
from ntr_spec.cli.card_checks import CHECKS
from ntr_spec.cli.doctor_gpu import NO_CARD, Report, chosen, doctor_gpu, examine
from ntr_spec.errors import InputError
from tests.gpu import cuda, imitation

BY_NAME = {check.name: check for check in CHECKS}
NO_CARDS = not card.cards()


class ImitatedPlace(Place):
    """A card that is none."""

    library = "cupy"
    device = "cuda:0"
    model = "imitation"

    def array(self, host, dtype):
        return np.array(host, dtype=dtype).view(imitation.DeviceArray)

    def host(self, x):
        return imitation.fetch(x).astype(float)

    def wait(self, result):
        pass


@pytest.fixture
def imitated(monkeypatch):
    if cuda.COMPILER is None:
        pytest.skip("no C++ compiler to run kernels' source on the host")
    monkeypatch.setitem(namespace_module._KNOWN, imitation.DeviceArray, imitation.namespace())
    return ImitatedPlace()


def few(monkeypatch):
    """Fewer solvers, shapes and calls, for places where nothing depends on them."""
    monkeypatch.setattr(card_checks, "SHAPES", ((6, 4), (3, 5, 4)))
    monkeypatch.setattr(card_checks, "CALLS", 20)
    monkeypatch.setattr(card_checks, "EXAMPLES", 3)
    every = card_checks.solvers
    monkeypatch.setattr(card_checks, "solvers", lambda *key: every(*key)[:2])


def run(name, place):
    found = list(BY_NAME[name].run(place))
    assert found
    return found


@pytest.mark.skipif(not NO_CARDS, reason="there is a card here")
class TestWithoutACard:
    def test_it_says_so_and_exits_with_2(self, tmp_path):
        out, path = io.StringIO(), tmp_path / "report.json"
        assert doctor_gpu(Console(file=out), path, None) == 2
        assert out.getvalue() == f"{NO_CARD}\nwritten: {path}\n"
        record = json.loads(path.read_text())
        assert (record["ok"], record["ran_on_a_gpu"], record["cards"], record["outcomes"]) == (False, False, [], [])
        assert record["environment"]["numpy"] == np.__version__

    def test_from_the_command_line(self, capsys, monkeypatch):
        from ntr_spec.cli import app as cli

        monkeypatch.setattr("sys.argv", ["ntr-spec", "doctor", "--gpu"])
        with pytest.raises(SystemExit) as left:
            cli.run_app()
        assert (left.value.code, capsys.readouterr().out) == (2, f"{NO_CARD}\n")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--gpu", "--only", "lawz"], "--only lawz: expected some of laws, trajectories"),
            (["--only", "laws"], "--json, --only: belong to doctor --gpu; add it"),
            (["--gpu", "--json", "/nonexistent/x.json"], "cannot be written"),
        ],
    )
    def test_wrong_options_are_named(self, capsys, monkeypatch, arguments, message):
        from ntr_spec.cli import app as cli

        monkeypatch.setattr("sys.argv", ["ntr-spec", "doctor", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.run_app()
        assert left.value.code == 2
        assert message in capsys.readouterr().err


class TestReports:
    def held(self, place):
        return {"fine": lambda: None}

    def mixed(self, place):
        def skipped():
            raise Skipped("not here")

        def crashing():
            raise ValueError("a fault\nof many lines")

        return {"fine": lambda: None, "wrong": lambda: "2 is not 1", "skipped": skipped, "crashing": crashing}

    def test_outcomes(self):
        found = list(Check("c", "?", self.mixed).run(NumPyPlace()))
        assert [o.status for o in found] == ["held", "failed", "skipped", "failed"]
        assert found[1].detail == "2 is not 1"
        assert found[2].detail == "not here"
        assert "a fault" in found[3].detail

    @pytest.mark.parametrize(("cases", "status"), [("held", 0), ("mixed", 1)])
    def test_the_exit_status_tells(self, monkeypatch, tmp_path, cases, status):
        from ntr_spec.cli import doctor_gpu as module

        monkeypatch.setattr(module, "cards", lambda: (NumPyPlace(),))
        monkeypatch.setattr(module, "CHECKS", (Check("c", "does it hold?", getattr(self, cases)),))
        out = io.StringIO()
        assert doctor_gpu(Console(file=out), tmp_path / "r.json", ["c"]) == status
        record = json.loads((tmp_path / "r.json").read_text())
        assert record["ok"] is (status == 0)
        assert record["summary"] == ({"held": 1} if status == 0 else {"held": 1, "failed": 2, "skipped": 1})
        assert ("FAILED wrong: 2 is not 1" in out.getvalue()) is (status == 1)

    def test_an_interrupted_one_is_not_ok(self):
        def interrupted(place):
            def case():
                raise KeyboardInterrupt

            return {"case": case}

        from ntr_spec.cli import doctor_gpu as module

        before, module.CHECKS = module.CHECKS, (Check("c", "?", self.held), Check("d", "?", interrupted))
        try:
            report = examine((NumPyPlace(),), None, Console(file=io.StringIO()))
        finally:
            module.CHECKS = before
        assert (report.complete, report.ok, len(report.outcomes)) == (False, False, 1)

    def test_the_benchmark_is_part_of_it(self):
        settings = Settings(shapes=((8, 4),), repeat=1, seconds=0.0, solvers=(ntr.Spectral(),))
        report = examine((NumPyPlace(),), ["bench"], Console(file=io.StringIO()), settings)
        assert report.ok
        (bench,) = report.benchmarks
        assert bench["cases"][0]["library"] == "numpy"
        json.dumps(report.as_json())

    def test_checks_are_chosen_by_name(self):
        assert [c.name for c in chosen(["laws"])[0]] == ["laws"]
        assert chosen(["laws"])[1] is False
        assert chosen(None) == (CHECKS, True)
        with pytest.raises(InputError, match="check the spelling"):
            chosen(["nonesuch"])

    def test_without_a_card_nothing_is_ok(self):
        fine = Outcome("numpy cpu", "c", "d", "held")
        assert not Report((), (fine,), (), {}, "", 0.0).ok


class TestEveryCheckWhereThereIsNoCard:
    @pytest.mark.parametrize("place", [NumPyPlace(), TorchPlace()], ids=str)
    @pytest.mark.parametrize("name", sorted(BY_NAME.keys() - {"laws", "reads", "memory"}))
    def test_it_holds(self, monkeypatch, name, place):
        chosen = ("muon", "polar express", "sparse") if name == "trajectories" else tuple(card_checks.METHODS)
        monkeypatch.setattr(card_checks, "METHODS", {key: card_checks.METHODS[key] for key in chosen})
        few(monkeypatch)
        assert [o for o in run(name, place) if o.status != "held"] == []

    @pytest.mark.parametrize("name", sorted(BY_NAME.keys() - {"laws", "reads", "memory", "trajectories"}))
    def test_it_holds_on_the_imitation(self, monkeypatch, imitated, name):
        few(monkeypatch)
        assert [o for o in run(name, imitated) if o.status != "held"] == []

    def test_trajectories_hold_on_the_imitation(self, imitated):
        # A step with a regularizer and no closed form looks at its gap; that is a read, and known.
        found = {o.case.split(",")[0]: o for o in run("trajectories", imitated)}
        assert {name for name, o in found.items() if o.status != "held"} <= {"split", "low rank", "sparse"}

    def test_laws(self, monkeypatch):
        few(monkeypatch)
        cases = BY_NAME["laws"].cases(TorchPlace())
        assert {name.split()[0] for name in cases} == {"norm", "regularizer", "method", "problem"}
        for name in ("norm L2", "regularizer Ridge"):
            assert outcome(TorchPlace(), "laws", name, cases[name]).status == "held"

    def test_memory(self, monkeypatch):
        few(monkeypatch)
        cases = BY_NAME["memory"].cases(NumPyPlace())
        assert outcome(NumPyPlace(), "memory", "signum", cases["signum"]).status == "held"

    def test_reads_say_nothing_off_a_card(self, monkeypatch):
        few(monkeypatch)
        assert {o.status for o in run("reads", NumPyPlace())} == {"skipped"}


class TestWhatIsBrokenFails:
    def test_kernels(self, monkeypatch, imitated):
        import dataclasses

        from ntr_spec.arrays import fused, operations

        wrong = dataclasses.replace(fused.COMBINE, operation=fused.COMBINE.operation.replace("+", "-"))
        monkeypatch.setattr(operations, "COMBINE", wrong)
        failed = [o.case for o in run("kernels", imitated) if o.status == "failed"]
        assert failed == ["average, float32", "average, float64", "average, float16"]

    def test_decompositions(self, monkeypatch, imitated):
        plain = imitation.namespace()
        plain.linalg = plain._base.linalg  # CuPy's own
        monkeypatch.setitem(namespace_module._KNOWN, imitation.DeviceArray, plain)
        assert {o.status for o in run("decompositions", imitated)} == {"failed"}

    def test_certificates(self, monkeypatch):
        class Half(NumPyPlace):
            def host(self, x):
                return 0.5 * super().host(x)

        few(monkeypatch)
        assert any(o.status == "failed" for o in run("certificates", Half()))

    def test_trajectories(self):
        class Off(NumPyPlace):
            def host(self, x):
                return super().host(x) + 0.01

        found = run("trajectories", Off())
        assert {o.status for o in found} == {"failed"}
        assert "away from NumPy's after 10 steps" in found[0].detail

    def test_subnormals_that_divide(self, monkeypatch, imitated):
        """The namespace as it was before CuPy's flushing was known."""
        found = imitation.namespace()
        limits = found.limits(np.dtype("float32"))
        found._limits[np.dtype("float32")] = type(limits)(limits.eps, 2.0**-149, limits.largest_divisor, limits.max)
        monkeypatch.setitem(namespace_module._KNOWN, imitation.DeviceArray, found)
        few(monkeypatch)
        assert any(o.status == "failed" for o in run("bad-input", imitated))
