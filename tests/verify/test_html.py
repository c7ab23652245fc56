"""The HTML page: well formed, self-contained, escaped, and right in a real browser."""

import html.parser
import re
import shutil
import subprocess

import pytest

import ntr_spec as ntr
from ntr_spec.plotting import picture_of
from ntr_spec.verify import Evidence, Finding, Report, Run, Settings, Status, Witness

VOID = {"meta", "link", "br", "img", "input", "hr"}
EVIL = '<script>document.title="hacked"</script>"\'&'


def finding(law, status, **details):
    return Finding(law, f"{law} {EVIL}", (Evidence(law, "smt", status, **details),))


def page():
    bad = Witness({"g": f"[1, -1/2]{EVIL}"}, f"3/2 <= 1{EVIL}", "exact arithmetic", {"g": [1.0, -0.5]}, EVIL)
    findings = (
        finding("definite", Status.PROVED, scope=f"R^2{EVIL}"),
        finding("holder", Status.DERIVED, scope="every n", lemmas=("young", EVIL)),
        finding("nan_propagates", Status.TESTED, scope="numpy"),
        finding("lmo_feasible", Status.REFUTED, witness=bad),
        finding("bidual", Status.UNDECIDED, reason=f"did not finish{EVIL}"),
        finding("rho_holds", Status.SKIPPED, reason=EVIL),
    )
    names = (("L1()", ntr.L1()), (f"Evil{EVIL}", ntr.L2()), ("Spectral()", ntr.Spectral()))
    reports = tuple(
        Report(name, f"{norm}{EVIL}", EVIL, (EVIL,), findings, Settings(), {}, 1.0, True,
               picture_of(norm, [bad.points]), EVIL)
        for name, norm in names
    )  # fmt: skip
    return Run(reports, Settings(), {"numpy": EVIL}, 3.0, True, 3).to_html()


class Balance(html.parser.HTMLParser):
    """Checks that tags nest, and gathers them."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_tags_nest_and_nothing_is_fetched():
    seen = Balance()
    text = page()
    seen.feed(text)
    assert seen.open == []
    assert "script" not in seen.tags
    assert set(seen.links) <= {"data:,", "#norm-0", "#norm-1", "#norm-2"}
    assert not re.search(r"https?://|@import|url\(", text)
    assert seen.tags.count("svg") == 4  # two planes, and two slices of 2×2 matrices
    assert seen.tags.count("section") == 3


def test_every_text_is_escaped():
    assert "<script" not in page()
    assert page().count("&lt;script&gt;") > 20


def test_a_page_without_norms_is_still_a_page():
    seen = Balance()
    seen.feed(Run((), Settings(), {}, 0.0, False, 2).to_html())
    assert seen.open == []


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_shows_it_without_an_error(tmp_path):
    (tmp_path / "page.html").write_text(page(), encoding="utf-8")
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    flags += " --disable-component-update --disable-sync --enable-logging=stderr --v=0 --virtual-time-budget=2000"
    done = subprocess.run(
        ["chromium", *flags.split(), f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
         (tmp_path / "page.html").as_uri()],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    dom = done.stdout
    assert done.returncode == 0, done.stderr
    assert "CONSOLE" not in done.stderr
    assert "<title>hacked" not in dom
    assert len(re.findall(r'<tr class="finding ', dom)) == 18
    assert len(re.findall(r'<tr class="finding REFUTED" data-law="lmo_feasible"', dom)) == 3
    assert dom.count("<svg") == 4
    assert dom.count('class="witness"') > 0
    assert dom.count('class="lmo"') == 24 * 4
