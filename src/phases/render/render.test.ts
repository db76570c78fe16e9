import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../model/record.ts';
import { outcomes } from '../../model/record.ts';
import type { RunResult } from '../../model/result.ts';
import { sections } from '../../sections/index.ts';
import { emptyResult, summaryOf } from '../../testing/empty-result.ts';
import { sampleDecision } from '../../testing/sample-decision.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { renderPage } from './render.ts';
import { pageStyle } from './style.ts';

const hostile = `<script>alert("x")</script>&'\u202e]]>--><img src=x onerror=y>`;

/** The same result with every text that came from outside replaced. */
function withHostileTexts(result: RunResult): RunResult {
  const kept = new Set(['verdict', 'state', 'kind', 'status', 'loadModel', 'startedAt', 'content', 'from', 'metric']);
  const replaced = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') {
      return kept.has(key) ? value : hostile;
    }
    if (Array.isArray(value)) {
      return value.map((entry: unknown) => replaced(entry, key));
    }
    return value !== null && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value).map(([name, held]) => [
            name.startsWith('holder:') ? `holder:${hostile}` : name,
            name === 'events' || name === 'series' ? renamed(held) : replaced(held, name),
          ]),
        )
      : value;
  };
  const renamed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map((event: RunResult['events'][number]) => ({ ...event, subject: hostile, detail: hostile }))
      : Object.fromEntries(
          Object.entries(value as RunResult['series']).map(([name, held]) => [
            name.startsWith('holder:') ? `${name}${hostile}` : name,
            held,
          ]),
        );
  return replaced(result, '') as RunResult;
}

/** What a browser would see of the page: its tags, without texts. */
function tagsOf(html: string): readonly string[] {
  return [...html.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(/<(\/?[a-z][a-z0-9-]*)/gi)].map(
    (match) => match[1] ?? '',
  );
}

function headingLevels(html: string): readonly number[] {
  return [...html.matchAll(/<h([1-6])[ >]/g)].map((match) => Number(match[1]));
}

const withAllOutcomes: RunResult = {
  ...sampleResult(),
  requests: summaryOf(
    Object.fromEntries(outcomes.map((outcome, index) => [outcome, index + 1])) as Record<Outcome, number>,
    900,
  ),
};

const runs: readonly { name: string; results: readonly [RunResult, ...RunResult[]] }[] = [
  { name: 'a believable run', results: [sampleResult()] },
  { name: 'a run that observed nothing', results: [emptyResult()] },
  { name: 'a run with every outcome', results: [withAllOutcomes] },
  { name: 'a run with hostile texts', results: [withHostileTexts(sampleResult())] },
  { name: 'two runs side by side', results: [sampleResult(), emptyResult()] },
];

describe.each(runs)('the page of $name', ({ results }) => {
  let html: string;
  beforeAll(async () => {
    html = await renderPage(results, sections, sampleDecision());
  });

  it('has the same bytes when it is rendered again', async () => {
    expect(await renderPage(results, sections, sampleDecision())).toBe(html);
  });

  it('runs no script, opens no frame and loads nothing', () => {
    expect(
      tagsOf(html).filter((tag) => /^(script|iframe|img|image|link|object|embed|form|use|base)$/i.test(tag)),
    ).toEqual([]);
    expect(html.match(/<[^>]*\s(?:src|xlink:href|srcset|action)=/g)).toBeNull();
    expect([...html.matchAll(/<[^>]*\shref="([^"]*)"/g)].filter((match) => !(match[1] ?? '').startsWith('#'))).toEqual(
      [],
    );
    expect(html.match(/url\((?!#)/g)).toBeNull();
    expect(html.match(/<[^>]*\son[a-z]+=/gi)).toBeNull();
    expect(html).toContain("default-src 'none'");
  });

  it('names and describes every chart', () => {
    const charts = [
      ...html.matchAll(
        /<svg [^>]*aria-labelledby="(\S+) (\S+)"[^>]*><title id="(\S+)">[^<]+<\/title><desc id="(\S+)">[^<]+<\/desc>/g,
      ),
    ];
    expect(charts.length).toBe(html.split('<svg').length - 1);
    for (const [, title, description, titleId, descriptionId] of charts) {
      expect([title, description]).toEqual([titleId, descriptionId]);
    }
    expect(html).not.toContain('could not be drawn');
  });

  it('has one first heading and skips no level', () => {
    const levels = headingLevels(html);
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, index) => {
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
  });

  it('uses every id once and links only to those', () => {
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) {
      expect(ids).toContain(target);
    }
  });

  it('shows no value that is only a gap in the code', () => {
    expect(html.match(/\b(NaN|undefined|Infinity|\[object)/g)).toBeNull();
  });

  it('colours charts by variables only, so that they follow the theme', () => {
    const colors = [...html.matchAll(/\s(?:fill|stroke)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(colors.filter((color) => !/^(var\(--[a-z0-9-]+\)|none|transparent)$/.test(color))).toEqual([]);
  });
});

describe('a page with the script of its charts', () => {
  // Its effect is tested in a browser; here any script will do.
  const script = 'void 0;';
  const pageWith = async (result: RunResult, href: string | null = null): Promise<string> =>
    renderPage([result], sections, null, { runtime: { script, href }, resultsHref: null });

  it('lets run that script alone, and has the same bytes again', async () => {
    const html = await pageWith(sampleResult());
    const digest = createHash('sha256').update(script).digest('base64');
    expect(html).toContain(`script-src 'sha256-${digest}';`);
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(await pageWith(sampleResult())).toBe(html);
  });

  it('keeps a hostile text inside the data of a chart', async () => {
    const html = await pageWith(withHostileTexts(sampleResult()));
    const scripts = [...html.matchAll(/<script type="application\/json">([\s\S]*?)<\/script>/g)].map(
      ([, json]) => json ?? '',
    );
    expect(scripts.length).toBeGreaterThan(8);
    for (const json of scripts) {
      expect(json).not.toContain('<');
      expect(() => JSON.parse(json) as unknown).not.toThrow();
    }
    expect(html.match(/<script/g)).toHaveLength(scripts.length + 1);
  });

  it('may have one copy of it for a whole site', async () => {
    expect(await pageWith(sampleResult(), 'assets/chart-runtime.js')).toMatch(
      /<script src="assets\/chart-runtime\.js" integrity="sha256-[^"]+"><\/script>/,
    );
  });
});

describe('the page', () => {
  it('opens with a sentence about memory', async () => {
    const html = await renderPage([sampleResult()], sections);
    expect(html).toMatch(/<h1>Fail: the front process grows by 20\.4\sMiB\/s with nothing in flight\.<\/h1>/);
    expect(await renderPage([emptyResult()], sections)).toMatch(/<h1>Invalid: [^<]*memory was not observed\.<\/h1>/);
  });

  it('never calls a ledger plain VRAM', async () => {
    const text = (await renderPage([sampleResult()], sections)).replaceAll(/virtual vram/gi, '');
    expect(text).not.toMatch(/VRAM/);
  });

  it('tells all outcomes in words that add up', async () => {
    const html = await renderPage([withAllOutcomes], sections);
    expect(html).toContain('55 planned = 1 answered + 2 HTTP errors + 3 wrong answers inside a 2xx + 4 timeouts');
    expect(html).toContain('+ 10 still in flight at the end');
  });

  it('says so when outcomes do not add up', async () => {
    const result = { ...withAllOutcomes, requests: { ...withAllOutcomes.requests, planned: 60 } };
    expect(await renderPage([result], sections)).toContain('this does not add up, 5 are missing');
  });

  it('keeps a hostile text as text', async () => {
    const html = await renderPage([withHostileTexts(sampleResult())], sections);
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;');
    expect(html).not.toContain('\u202e');
    expect(html).not.toMatch(/<script|<img/i);
  });

  it('cuts texts of a megabyte, wherever they come from', async () => {
    const long = 'x\u0000<b>\u202e'.repeat(150_000);
    const sample = sampleResult();
    const result: RunResult = {
      ...sample,
      target: { ...sample.target, url: long, observed: long },
      findings: sample.findings.map((finding) => ({
        ...finding,
        summary: long,
        remedy: long,
        evidence: { holder: long },
      })),
      events: sample.events.map((event) => ({ ...event, subject: long, detail: long })),
      requests: { ...sample.requests, errors: { [long]: 3 } },
      memory: { ...sample.memory, limitSource: long, peakHolder: long },
    };
    const html = await renderPage([result], sections);
    expect(html.length).toBeLessThan(700_000);
    expect(html).not.toMatch(/<b>x|\u202e/);
    expect(html).not.toContain('could not be drawn');
  });

  it('leaves out what neither the run nor the gate has', async () => {
    const ids = (html: string): readonly string[] =>
      [...html.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id ?? '');
    const plain = ids(await renderPage([emptyResult()], sections));
    expect(plain).not.toContain('gate');
    expect(plain).not.toContain('repeats');
    expect(ids(await renderPage([emptyResult()], sections, sampleDecision()))).toContain('gate');
    const again = { ...sampleResult(), runId: 'second' };
    expect(ids(await renderPage([sampleResult(), again], sections))).toContain('repeats');
  });

  it('links to raw data only where the results folder lies beside', async () => {
    const linked = await renderPage([sampleResult()], sections, null, { runtime: null, resultsHref: '../results/' });
    expect(linked).toContain('href="../results/20260102T030405Z_longform-sustained_3f2a91c_k4zd/samples.csv"');
    expect(await renderPage([sampleResult()], sections)).not.toContain('samples.csv"');
  });

  it('stays below the size that a mail can carry', async () => {
    expect((await renderPage([sampleResult()], sections)).length).toBeLessThan(600_000);
  });
});

function luminance(hex: string): number {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit) : (hex.slice(1).match(/../g) ?? []);
  const [red = 0, green = 0, blue = 0] = digits
    .map((pair) => Number.parseInt(pair, 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, 1.4.3: 4.5 to 1 for text. */
function contrast(a: string, b: string): number {
  const [dark = 0, bright = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dark + 0.05);
}

describe.each([
  { theme: 'light', index: 0 },
  { theme: 'dark', index: 1 },
])('the $theme theme', ({ index }) => {
  const block = [...pageStyle.matchAll(/:root\{([^}]*)\}/g)][index]?.[1] ?? '';
  const color = (name: string): string => new RegExp(`--${name}:(#[0-9a-f]+)`).exec(block)?.[1] ?? '';
  it.each(
    ['ink', 'muted', 'ok', 'warn', 'fail', 'accent'].flatMap((text) =>
      ['page', 'card'].map((ground) => ({ text, ground })),
    ),
  )('lets $text be read on $ground', ({ text, ground }) => {
    expect(contrast(color(text), color(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7', 'l8', 'l9', 'l10', 'line'])(
    'lets a name be read on %s',
    (ground) => {
      expect(contrast(color('ink'), color(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );
});
