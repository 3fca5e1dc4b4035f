"""How the pages of a pack look: like a document, on a phone, on a desk and on paper."""

from __future__ import annotations

from consentdesk.display.html import Html

STYLE = Html(
    """
:root { --ink:#1b1f24; --soft:#59626d; --rule:#d5dae0; --paper:#fff; --yes:#17663a; --no:#9c1c1c; --wait:#7a5200;
  --tint:#f5f7f9; }
* { box-sizing:border-box; }
html { -webkit-text-size-adjust:100%; }
body { margin:0 auto; padding:2.2rem 1.4rem 4rem; max-width:54rem; color:var(--ink); background:var(--paper);
  font:16px/1.5 Georgia,"Times New Roman","Noto Serif",serif; overflow-wrap:anywhere; }
h1 { font-size:1.75rem; line-height:1.2; margin:0 0 .3rem; }
h2 { font-size:1.25rem; margin:2.2rem 0 .6rem; padding-bottom:.25rem; border-bottom:1px solid var(--rule); }
h3 { font-size:1.02rem; margin:1.4rem 0 .4rem; }
p { margin:.5rem 0; }
a { color:#124a8a; }
header { border-bottom:3px double var(--ink); padding-bottom:.9rem; margin-bottom:1.2rem; }
.kind { font:600 .78rem/1.3 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif; letter-spacing:.08em;
  text-transform:uppercase; color:var(--soft); margin:0 0 .6rem; }
.soft, .small { color:var(--soft); }
.small, dl, table, .mono, .lane, .tick { font-family:system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif; }
.small { font-size:.86rem; }
.mono { font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace; font-size:.76rem; word-break:break-all; }
.states { list-style:none; padding:0; margin:.6rem 0; }
.states li { padding:.45rem 0; border-top:1px solid var(--rule); }
.states b { white-space:nowrap; }
.subscribed { color:var(--yes); } .unsubscribed, .permanent { color:var(--no); }
.did-not-subscribe { color:var(--wait); }
.answer { border-left:4px solid var(--rule); padding:.35rem 0 .35rem .9rem; margin:.7rem 0; break-inside:avoid; }
.answer.yes { border-color:var(--yes); } .answer.no { border-color:var(--no); }
.answer p { margin:.15rem 0; }
.event { border-top:1px solid var(--rule); padding:.7rem 0; break-inside:avoid; }
.event.passed > p:first-child { color:var(--soft); }
.event p { margin:.1rem 0 .4rem; }
.said { white-space:pre-wrap; margin:.3rem 0 .5rem; padding:.5rem .8rem; background:var(--tint);
  border-left:3px solid var(--rule); }
.said cite { display:block; font:normal .78rem/1.4 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;
  color:var(--soft); }
dl { display:grid; grid-template-columns:max-content 1fr; gap:.12rem .9rem; margin:.4rem 0; font-size:.84rem; }
dt { color:var(--soft); } dd { margin:0; }
table { border-collapse:collapse; width:100%; font-size:.88rem; }
th, td { text-align:left; vertical-align:top; padding:.4rem .7rem .4rem 0; border-top:1px solid var(--rule); }
a.address { display:inline-block; min-width:9rem; } td b { white-space:nowrap; }
th { overflow-wrap:normal; color:var(--soft); font-weight:600; border-top:0; }
ul.lacks li { margin:.2rem 0; }
.picture { overflow-x:auto; margin:.6rem 0; }
.picture svg { display:block; width:100%; min-width:34rem; height:auto; }
.lane { font-size:12px; fill:#1b1f24; } .tick { font-size:11px; fill:#59626d; }
.asked { fill:#124a8a; font-weight:600; paint-order:stroke; stroke:#fff; stroke-width:3px; }
.box { border:1px solid var(--rule); background:var(--tint); padding:.7rem 1rem; margin:1rem 0; }
footer { margin-top:2.6rem; padding-top:.7rem; border-top:1px solid var(--rule); }
@media screen and (max-width:40rem) { body { padding:1.2rem .9rem 3rem; font-size:15px; } h1 { font-size:1.4rem; }
  dl { grid-template-columns:1fr; } dd { margin-bottom:.35rem; }
  table, tbody, tr, td { display:block; } thead { display:none; }
  tr { border-top:1px solid var(--rule); padding:.4rem 0; }
  td { border:0; padding:.15rem 0; } td:empty { display:none; }
  td[data-label]::before { content:attr(data-label); display:block; color:var(--soft); font-size:.78rem; } }
@media print { @page { margin:18mm 16mm; } body { max-width:none; padding:0; font-size:10.5pt; }
  a { color:inherit; text-decoration:none; } .picture { overflow:visible; } .picture svg { min-width:0; }
  h2, h3 { break-after:avoid; } .said, .box { background:none; } }
"""
)
