"""The style sheet of the HTML report: light and dark, wide and narrow, screen and paper."""

# ruff: noqa: E501

STYLE = """
:root { color-scheme: light dark; --page:#f7f7f5; --card:#fff; --text:#1d2327; --soft:#5c666e; --line:#dcdfe1;
  --ball:#2f6fb2; --dual:#7a58a8; --axis:#b9c0c5; --bad:#c22f2f; --good:#207a45; --light:42%;
  --PROVED:#1b7a43; --DERIVED:#22718f; --TESTED:#7d6608; --REFUTED:#c22f2f; --UNDECIDED:#b45309; --SKIPPED:#6b757c; }
@media (prefers-color-scheme: dark) { :root { --page:#15181b; --card:#1d2125; --text:#e4e7e9; --soft:#9aa5ad;
  --line:#343b41; --ball:#6aa9ea; --dual:#b497e0; --axis:#4d565d; --bad:#ff7b72; --good:#57c785; --light:66%;
  --PROVED:#57c785; --DERIVED:#5fb8d9; --TESTED:#d9b93b; --REFUTED:#ff7b72; --UNDECIDED:#f0954a; --SKIPPED:#8f9aa2; } }
* { box-sizing: border-box; }
body { margin:0; background:var(--page); color:var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 60px; }
h1 { font-size: 1.5rem; margin: 0 0 4px; }
h2 { font-size: 1.15rem; margin: 0 0 8px; overflow-wrap: anywhere; }
.notation, .statement { font-family: "STIX Two Math", "Cambria Math", "DejaVu Serif", Georgia, serif; font-weight: 400; color: var(--soft); }
.notation { margin-left: .6em; }
.verdict { display: inline-block; margin: 4px 0; padding: 2px 12px; border-radius: 999px; border: 1px solid; font-weight: 600; }
.verdict.good { color: var(--good); } .verdict.bad { color: var(--bad); }
.hint { color: var(--soft); font-size: .9rem; max-width: 62em; }
ul.legend, ul.index { list-style: none; padding: 0; }
ul.legend li { margin: 3px 0; }
ul.index { display: flex; flex-wrap: wrap; gap: 6px; }
ul.index a { display: block; padding: 2px 9px; border: 1px solid var(--line); border-left: 4px solid var(--good);
  border-radius: 5px; background: var(--card); color: inherit; text-decoration: none; font-size: .88rem; overflow-wrap: anywhere; }
ul.index a.bad { border-left-color: var(--bad); }
section.norm { background: var(--card); border: 1px solid var(--line); border-top: 3px solid var(--good); border-radius: 8px;
  padding: 16px 18px; margin: 18px 0; }
section.norm.bad { border-top-color: var(--bad); }
dl { display: flex; flex-wrap: wrap; gap: 2px 26px; margin: 0 0 8px; }
dl div { display: flex; gap: 7px; min-width: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.bar { display: flex; gap: 2px; height: 6px; margin: 0 0 12px; }
.bar span { background: var(--c); border-radius: 2px; }
.pictures { display: flex; flex-wrap: wrap; gap: 8px 24px; }
figure { margin: 0 0 8px; flex: 1 1 380px; max-width: 560px; }
figcaption { color: var(--soft); font-size: .85rem; text-align: center; }
svg.panel { width: 100%; height: auto; display: block; }
.axis { stroke: var(--axis); stroke-width: 1; }
.tick, .label { fill: var(--soft); font-size: 11px; } .tick { text-anchor: middle; } .label { font-size: 13px; }
polygon.ball { fill: var(--ball); fill-opacity: .13; stroke: var(--ball); stroke-width: 2; stroke-linejoin: round; }
polygon.dual { fill: var(--dual); fill-opacity: .13; stroke: var(--dual); stroke-width: 2; stroke-linejoin: round; }
.lmo { fill: none; stroke: hsl(var(--hue) 65% var(--light)); stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round; }
.query { fill: hsl(var(--hue) 65% var(--light)); }
.witness { fill: none; stroke: var(--bad); stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round; }
text.bad { fill: var(--bad); font-size: 13px; font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.failure { border-left: 4px solid var(--bad); padding: 6px 0 6px 12px; margin: 10px 0; }
.failure p { margin: 4px 0 0; }
.counterexample table { border-collapse: collapse; margin-top: 4px; }
.counterexample th { text-align: left; color: var(--soft); font-weight: 500; padding: 1px 12px 1px 0; vertical-align: top; }
.counterexample td { padding: 1px 0; overflow-wrap: anywhere; }
.badge { display: inline-block; white-space: nowrap; padding: 0 7px; border-radius: 4px; border: 1px solid var(--c); color: var(--c);
  font-size: .74rem; font-weight: 700; letter-spacing: .03em; }
.PROVED { --c: var(--PROVED); } .DERIVED { --c: var(--DERIVED); } .TESTED { --c: var(--TESTED); }
.REFUTED { --c: var(--REFUTED); } .UNDECIDED { --c: var(--UNDECIDED); } .SKIPPED { --c: var(--SKIPPED); }
.scroll { overflow-x: auto; }
table.findings { border-collapse: collapse; width: 100%; margin-top: 8px; font-size: .9rem; }
table.findings > thead th { text-align: left; color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--line); padding: 3px 14px 3px 0; }
table.findings > tbody > tr > td { border-bottom: 1px solid var(--line); padding: 4px 14px 4px 0; vertical-align: top; overflow-wrap: break-word; }
table.findings > tbody > tr > td:first-child { min-width: 11em; }
tr.SKIPPED { color: var(--soft); }
td.time { white-space: nowrap; text-align: right; font-variant-numeric: tabular-nums; }
.lemmas { color: var(--soft); }
ul.evidence { padding-left: 1.1em; margin: 4px 0; font-size: .92em; }
summary { cursor: pointer; } code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; font-size: .92em; }
footer { color: var(--soft); font-size: .88rem; margin-top: 26px; }
@media print { body { background: #fff; } section.norm { break-inside: avoid; } }
"""
