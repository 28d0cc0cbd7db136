"""How the page looks: for a screen of any width, light or dark, and for paper. Pure."""

from __future__ import annotations

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #1b2330; --soft: #566173; --line: #dde2ea;
  --good: #146c43; --good-back: #e3f4ea; --look: #8a5300; --look-back: #fdf1dc; --bad: #b3261e; --bad-back: #fdeae8;
  --bar: #9db4d6; --now: #2457a6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11151c; --card: #1a202b; --ink: #e8ecf3; --soft: #a3aebf; --line: #303a4a;
    --good: #6fd3a0; --good-back: #14301f; --look: #f0b55b; --look-back: #33260f; --bad: #ff9a90; --bad-back: #3a1917;
    --bar: #4a648c; --now: #8db8f5;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: clamp(1.4rem, 1.1rem + 1.5vw, 1.9rem); line-height: 1.2; margin: 0; letter-spacing: -.015em; }
h1 { text-wrap: balance; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
p { margin: 0 0 .75rem; }
section { margin-top: 2.5rem; }
code { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
p code, .notes code { white-space: nowrap; font-weight: 600; }
.verdict { display: flex; gap: 1rem; align-items: center; padding: 1.4rem 1.5rem; }
.verdict { border-radius: .9rem; border: 1px solid; }
.verdict svg { flex: none; width: 2.6rem; height: 2.6rem; }
.verdict.good { color: var(--good); background: var(--good-back); }
.verdict.look { color: var(--look); background: var(--look-back); }
.verdict.bad { color: var(--bad); background: var(--bad-back); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 1.4rem 0 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
.cards li {
  background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--mark); border-radius: .6rem;
  padding: .9rem 1.1rem; overflow-wrap: anywhere;
}
.cards .bad { --mark: var(--bad); } .cards .look { --mark: var(--look); }
.cards p { margin: .2rem 0 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--card); font-size: .92rem; }
.text { min-width: 8.5rem; }
.cards details { margin: .3rem 0 0; font-size: .94rem; }
.box { border: 1px solid var(--line); border-radius: .7rem; overflow: hidden; background: var(--card); }
th, td { text-align: left; padding: .5rem .65rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody:last-child tr:last-child > * { border-bottom: 0; }
thead th { font-weight: 600; font-size: .82rem; color: var(--soft); vertical-align: bottom; }
tbody th { font-weight: 500; min-width: 7rem; max-width: 20rem; overflow-wrap: break-word; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.group th, .group td { font-weight: 600; background: color-mix(in srgb, var(--line) 35%, var(--card)); }
.group ~ tr th { padding-left: 1.6rem; }
.state { white-space: nowrap; font-weight: 600; }
.state.good { color: var(--good); } .state.look { color: var(--look); } .state.bad { color: var(--bad); }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 0; }
.numbers div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .9rem; }
.numbers dt { color: var(--soft); font-size: .85rem; line-height: 1.35; }
.numbers dd { margin: .1rem 0 0; font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.trends { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .75rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; }
figure { display: flex; flex-direction: column; }
figure svg { display: block; width: 100%; height: auto; max-height: 7rem; margin-top: auto; padding-top: .7rem; }
figcaption span { display: block; color: var(--soft); font-size: .88rem; line-height: 1.4; }
.bar { fill: var(--bar); } .bar.now { fill: var(--now); }
.cut { stroke: var(--card); stroke-width: 2.5; }
.bar.bad { fill: none; stroke: var(--bad); stroke-width: 1.5; }
details { margin-top: .9rem; }
summary { cursor: pointer; color: var(--soft); }
summary:focus-visible { outline: 2px solid var(--now); outline-offset: 3px; border-radius: .2rem; }
.plain { margin-top: .6rem; font-size: .9rem; }
.notes { margin: 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .88rem; }
footer { color: var(--soft); }
@media (max-width: 46rem) {
  main { padding: 1rem 1rem 2rem; }
  section { margin-top: 2rem; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: .5rem; }
  .verdict { padding: 1.1rem; gap: .8rem; } .verdict svg { width: 2.1rem; height: 2.1rem; }
  .tables, .tables tbody, .tables th, .tables td { display: block; }
  .tables thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .tables tr { display: grid; grid-template-columns: repeat(12, 1fr); gap: .4rem 0; padding: .75rem .95rem; }
  .tables tr { border-bottom: 1px solid var(--line); }
  .tables tbody:last-child tr:last-child { border-bottom: 0; }
  .tables th, .tables td, .tables .group ~ tr th { padding: 0; border: 0; background: none; min-width: 0; }
  .tables tbody th { font-weight: 600; max-width: none; grid-column: span 7; overflow-wrap: anywhere; }
  .tables td:nth-child(2) { grid-column: span 5; text-align: right; }
  .tables td.n { grid-column: span 3; text-align: left; }
  .tables td.n::before, .tables td.text::before {
    content: attr(data-label); display: block; color: var(--soft); font-size: .78rem; font-weight: 400;
    line-height: 1.2;
  }
  .tables td.text { grid-column: 1 / -1; }
  .tables td.none { display: none; }
  .tables tr.group { background: color-mix(in srgb, var(--line) 35%, var(--card)); }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb;
    --good: #0b5132; --good-back: #fff; --look: #6b4000; --look-back: #fff; --bad: #8c1d16; --bad-back: #fff;
    --bar: #aaa; --now: #333;
  }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  section { margin-top: 1.4rem; }
  .cards li, .verdict, figure, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  .wide, .box { overflow: visible; }
  .bar, .group > * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details { display: none; }
}
"""
