import { escapeHtml } from '../../base/escape-html.ts';
import { contentPolicy } from '../render/runtime.ts';
import { pageStyle } from '../render/style.ts';

export interface SitePage {
  title: string;
  /** Of this page to the root of the site: empty, or `../`. */
  root: string;
  body: string;
  /** Inlined; null: the page runs none. */
  script: string | null;
}

const siteStyle = `
form.filters{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:end;margin:14px 0;font-size:13.5px}
form.filters[hidden]{display:none}
form.filters label{display:grid;gap:2px;color:var(--muted)}
form.filters :is(select,input){font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--muted);border-radius:4px;padding:4px 8px;min-height:32px;max-width:100%}
td.state{font-weight:600;white-space:nowrap}
td.ok{color:var(--ok)}td.warn{color:var(--warn)}td.fail{color:var(--fail)}
table.runs td,table.runs th{text-align:left}
table.runs td.figure{text-align:right}
h1{font-size:clamp(21px,2.6vw + 10px,29px);line-height:1.25;margin:0 0 8px}
`;

/** One page of the site, with the look of the pages of runs: it loads nothing. */
export function sitePage({ title, root, body, script }: SitePage): string {
  const runtime = script === null ? null : { script, href: null };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(runtime)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="alternate" type="application/atom+xml" title="Decisions" href="${root}feed.xml">
<style>${pageStyle}${siteStyle}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<main id="content">
${body}</main>
${script === null ? '' : `<script>${script}</script>\n`}</body>
</html>
`;
}
