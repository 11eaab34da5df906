/** The page's one style sheet: light and dark from one set of names, made to be printed too. */
export const style = `
:root{color-scheme:light dark;--ink:#1b1d22;--soft:#5b6270;--line:#dfe2e8;--page:#fff;--raised:#f6f7f9;--accent:#4450c4;
--good:#1a7f4b;--bad:#c2333d;--unsure:#8a6100;--added:#e7f6ec;--removed:#fdecec;--before:#8a5a00;--after:#4450c4;--band:#c9ced8}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8ec;--soft:#a0a7b4;--line:#30343d;--page:#15171b;--raised:#1d2026;
--accent:#9aa5ff;--good:#5ccf8e;--bad:#ff8189;--unsure:#e3b341;--added:#143024;--removed:#391d20;--before:#e0a94a;--after:#9aa5ff;--band:#454c5a}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:14px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1040px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:22px;line-height:28px;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:16px;line-height:24px;margin:32px 0 8px}
p{margin:0 0 8px;max-width:78ch;overflow-wrap:anywhere}
code,pre,.diff{font:12.5px/18px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}
a{color:var(--accent)}
.meta{color:var(--soft);font-size:12px;line-height:16px}
.verdict{display:flex;gap:12px;align-items:baseline;border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:6px;padding:12px 16px;margin:16px 0}
.verdict strong{color:var(--tone);font-size:16px;white-space:nowrap}
.verdict p{margin:0}
.pass,.accepted{--tone:var(--good)}.fail,.refused{--tone:var(--bad)}.inconclusive{--tone:var(--unsure)}.notApplicable{--tone:var(--soft)}
.glance{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:8px;margin:0 0 8px;padding:0}
.glance div{border:1px solid var(--line);border-radius:6px;padding:8px 12px}
.glance dt{color:var(--soft);font-size:12px;line-height:16px}
.glance dd{margin:0;font-size:16px;line-height:24px;overflow-wrap:anywhere}
.glance small{display:block;color:var(--soft);font-size:12px;line-height:16px}
ul{margin:0;padding:0 0 0 20px;max-width:78ch}li{margin:0 0 4px;overflow-wrap:anywhere}
.diff{border:1px solid var(--line);border-radius:6px;margin:0 0 16px;overflow:hidden}
.diff header{display:flex;gap:12px;justify-content:space-between;flex-wrap:wrap;background:var(--raised);border-bottom:1px solid var(--line);padding:6px 12px;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
.diff table{border-collapse:collapse;width:100%}
.diff td{padding:0 8px;white-space:pre;vertical-align:top;tab-size:4}
.diff td.n{color:var(--soft);text-align:right;user-select:none;min-width:44px}
.diff td.m{width:28px;padding:0 4px;text-align:center;user-select:none}
.diff td.t{width:100%}
.added{background:var(--added)}.removed{background:var(--removed)}.hunk td,.note td{color:var(--soft);background:var(--raised)}
.m.suite,.m.equivalence{color:var(--good)}.m.partly{color:var(--unsure)}.m.nobody{color:var(--bad);font-weight:700}
.legend{display:flex;gap:4px 16px;flex-wrap:wrap}
.unseen{background:var(--bad);color:var(--page);border-radius:3px;padding:0 3px;font-size:11px;white-space:nowrap}
.gates{border-top:1px solid var(--line)}
.gate{display:grid;grid-template-columns:24px 116px 1fr;gap:0 8px;border-bottom:1px solid var(--line);padding:10px 0}
.gate .shape{color:var(--tone);font-weight:700;text-align:center}
.gate h3{font-size:14px;line-height:21px;margin:0}
.gate .answer{margin:0}.gate p{margin:2px 0 0}.gate .meta p{max-width:none}
pre{background:var(--raised);border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin:8px 0;white-space:pre-wrap;overflow-wrap:anywhere}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px;margin:8px 0}
.plot{width:100%;height:auto;max-width:560px;font:11px system-ui,sans-serif}
.plot text{fill:var(--soft)}.plot .title{fill:var(--ink);font-size:12px;font-weight:600}.plot .key,.plot .value{fill:var(--ink)}
.plot .value{font-weight:600;paint-order:stroke;stroke:var(--page);stroke-width:3px}
.plot .grid{stroke:var(--line)}.plot .axis,.plot .unity{stroke:var(--soft)}
.plot .threshold{stroke:var(--unsure);stroke-dasharray:4 3}.plot .band{fill:var(--band);opacity:.55}
.plot .series{fill:none;stroke-width:1.75}.plot .before{stroke:var(--before)}.plot .after{stroke:var(--after)}.plot .faint{opacity:.45;stroke-width:1.25}
.plot .dot.before{fill:var(--before)}.plot .dot.after{fill:var(--after)}.plot .interval{stroke:var(--after);stroke-width:2}
table.figures{border-collapse:collapse;width:100%;margin:8px 0}
.figures th{color:var(--soft);font-weight:400;font-size:12px;text-align:right;border-bottom:1px solid var(--line);padding:4px 8px}
.figures td{text-align:right;border-bottom:1px solid var(--line);padding:4px 8px}
.figures th:first-child,.figures td:first-child{text-align:left;padding-left:0}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
@media (max-width:640px){main{padding:16px 16px 48px}.gate{grid-template-columns:24px 1fr}.gate .body{grid-column:1/-1}.verdict{flex-direction:column;gap:4px}dl.facts{grid-template-columns:1fr}.facts dt{margin-top:4px}.figures th,.figures td{padding:4px}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--page:#fff;--raised:#f4f4f4;--added:#eaf6ee;--removed:#fbecec;--good:#146c3f;--bad:#a8242d;--unsure:#6d4d00;--accent:#223;--before:#8a5a00;--after:#303a9e;--band:#ccc}
main{max-width:none;padding:0}.diff,.gate,.plots,.verdict,tr{break-inside:avoid}.scroll{overflow:visible}.diff td{white-space:pre-wrap}*{print-color-adjust:exact}}
`;
