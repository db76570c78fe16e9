const light = `--page:#fbfaf8;--ink:#1d2125;--muted:#58626b;--line:#e3e0da;--card:#fff;--ok:#1f7a4d;--warn:#8a5a00;--fail:#b3261e;--accent:#2f5d8a;--l1:#dd8a73;--l2:#e6b877;--l3:#8fabc7;--l4:#aebfaf;--l5:#c3b8c9;--l6:#d8cf9a;--l7:#b9c4cf;--l8:#d9b3a6;--l9:#cfcbc2;--l10:#a9c9c4;--l1-line:#b4452e;--band-light:#2f5d8a0d;--band-load:#2f5d8a1a`;
const dark = `--page:#14171a;--ink:#e7e9eb;--muted:#9aa4ad;--line:#2b3137;--card:#1b1f23;--ok:#58c08a;--warn:#e0ac4b;--fail:#ff8478;--accent:#86b3e0;--l1:#8f4333;--l2:#7d5a25;--l3:#3d5b7a;--l4:#4d6051;--l5:#5d5065;--l6:#5f592c;--l7:#4a5560;--l8:#664538;--l9:#4c4a45;--l10:#35605a;--l1-line:#ee8f77;--band-light:#86b3e00f;--band-load:#86b3e01c`;

/** All of the page's style; colours are variables, so that charts follow the theme. */
export const pageStyle = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,sans-serif;overflow-wrap:break-word}
main,footer{max-width:1120px;margin:0 auto;padding:28px 20px}
footer{padding:20px;border-top:1px solid var(--line);color:var(--muted);font-size:13.5px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:12px;top:12px;padding:8px 14px;background:var(--card);color:var(--ink);border:2px solid var(--accent);border-radius:6px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
h1,h2,h3,p{margin:0}
h2{font-size:20px;line-height:1.3;margin:52px 0 12px;letter-spacing:-.005em}
h3{font-size:16px;margin:22px 0 6px}
section>p{margin:0 0 12px}
code{font:13px/1.45 ui-monospace,monospace;background:var(--line);padding:1px 6px;border-radius:4px;overflow-wrap:anywhere}
nav{font-size:13.5px;margin:22px 0 0}
nav ul{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:0;padding:0}
a{color:var(--accent);text-underline-offset:3px;text-decoration-thickness:1px}
.origin{color:var(--muted);font-size:14.5px;margin-bottom:8px}
.tiles+.origin{margin-top:40px}
.question{color:var(--muted);margin:0 0 18px;font-style:italic}
.verdict{border-left:6px solid var(--muted);padding:4px 0 6px 18px;margin:0 0 18px}
.verdict h3{margin:0 0 4px;font-size:18px}
.verdict h1,.verdict h2{font-size:clamp(21px,2.6vw + 10px,29px);line-height:1.25;letter-spacing:-.012em;margin:0 0 6px;text-wrap:balance}
.verdict p{color:var(--muted)}.verdict .do{color:var(--ink);margin:0 0 6px}
.verdict.ok{border-color:var(--ok)}.verdict.warn{border-color:var(--warn)}.verdict.fail,.verdict.invalid{border-color:var(--fail)}
.tiles{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:0}
.tiles>div{background:var(--card);padding:13px 15px;overflow-wrap:anywhere}
.tiles dt,.tiles dd{font-size:13px;line-height:1.4;color:var(--muted);margin:0}
.tiles .value{font-size:21px;line-height:1.3;color:var(--ink);font-variant-numeric:tabular-nums;margin:2px 0 4px}
@media (max-width:1000px){.tiles{grid-template-columns:repeat(3,minmax(0,1fr))}}
@media (max-width:560px){.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.tiles .value{font-size:19px}main{padding:20px 14px}}
.findings{display:grid;gap:12px}
.findings>*{min-width:0}
.finding{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--muted);border-radius:6px;padding:12px 16px}
.finding+.finding{margin-top:0}
.finding h3{margin:6px 0 2px}
.finding p{margin:2px 0}
.finding .numbers{color:var(--muted);font-size:14px;font-variant-numeric:tabular-nums}
.finding.fail{border-left-color:var(--fail)}.finding.warn{border-left-color:var(--warn)}.finding.ok{border-left-color:var(--ok)}
.findings details .finding{margin-top:10px}
.chip{font-size:12.5px;font-weight:600;padding:1px 9px;border-radius:10px;border:1px solid currentColor;color:var(--muted);white-space:nowrap}
.fail .chip{color:var(--fail)}.warn .chip{color:var(--warn)}.ok .chip{color:var(--ok)}
figure{margin:18px 0 4px}
.charttitle{font-weight:600;font-size:14.5px}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:2px 0 4px;padding:0;font-size:13px;color:var(--muted)}
.legend i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:7px;background:currentColor}
.legend i.dashed{height:0;background:none;border-top:3px dashed currentColor;border-radius:0;vertical-align:middle}
.plot{overflow-x:auto;position:relative}
.live{position:relative;min-width:760px;cursor:crosshair}
.live .span{position:absolute;top:0;bottom:0;background:var(--band-load);border:solid var(--accent);border-width:0 1px;pointer-events:none}
.zoom{display:flex;flex-wrap:wrap;gap:4px 6px;align-items:center;font-size:12.5px;color:var(--muted);margin:2px 0}
.zoom button{font:inherit;color:var(--accent);background:none;border:1px solid var(--line);border-radius:4px;padding:1px 8px;min-height:24px;cursor:pointer}
.zoom button:disabled{color:var(--muted);cursor:default}
.raw{font-size:13.5px;color:var(--muted);margin:0 0 6px}
.notices{font-size:14.5px;margin:0 0 12px;padding-left:20px}
section>.do{margin:0 0 12px}
.plot svg{display:block;width:100%;min-width:760px;height:auto}
figcaption{color:var(--muted);font-size:14.5px;margin-top:2px;max-width:80ch}
summary{cursor:pointer;color:var(--accent);font-size:14.5px;padding:4px 0;width:fit-content}
.scroll{overflow-x:auto;margin:4px 0 14px}
table{border-collapse:collapse;min-width:min(100%,640px);font-size:14px;font-variant-numeric:tabular-nums}
caption{caption-side:top;text-align:left;color:var(--muted);font-size:13.5px;padding:0 0 6px}
caption span{position:sticky;left:0;display:block;max-width:calc(100vw - 40px)}
th,td{text-align:right;padding:5px 10px;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
th.text,td.text{text-align:left;white-space:normal;max-width:74ch}
th:first-child,td:first-child{padding-left:2px}
thead th{color:var(--muted);font-weight:500;font-size:13px;vertical-align:bottom;white-space:normal}
tbody th{font-weight:600}
#minutes td.text,tbody th.text{white-space:nowrap}
#differences td.text{overflow-wrap:anywhere}
#stages table{font-size:13.5px}#stages td:nth-child(10){min-width:11em}#stages :is(td,th){padding-inline:7px}#stages :is(td,th):first-child{padding-left:2px}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 20px;font-size:14.5px;margin:0 0 14px}
.facts dt{color:var(--muted)}.facts dd{margin:0;overflow-wrap:anywhere}
@media (max-width:560px){.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:8px}}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px 14px;margin:0;overflow-x:auto}
pre code{background:none;padding:0;overflow-wrap:normal}
@media print{:root{${light}}body{font-size:11pt}main,footer{max-width:none;padding:0}nav,.skip,.zoom,.raw{display:none}.plot svg,.live{min-width:0}.plot,.scroll,pre{overflow:visible}pre{white-space:pre-wrap}figure,.finding,tr{break-inside:avoid}h2,h3,caption{break-after:avoid}th,td{padding:3px 5px;font-size:9pt}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
