import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gateRow } from '../computed/gate/row.ts';
import type { ExportInput } from '../model/exporter.ts';
import type { GateState } from '../model/gate.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { sampleDecision } from '../testing/sample-decision.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { junit } from './junit.ts';

interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: Element[];
  text: string;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function decoded(text: string): string {
  // XML 1.0, production 2: besides tab and line ends no control character of C0, no surrogate, no U+FFFE and U+FFFF.
  expect(text.replaceAll(/[\t\r\n]/g, '')).not.toMatch(/[<\ufffe\uffff\p{Cs}]|(?=\p{Cc})[^\u007f-\u009f]/u);
  return text.replaceAll(/&([^;]*);?/g, (_, name: string) => {
    expect(entities).toHaveProperty([name]);
    return entities[name] ?? '';
  });
}

/** Well-formed XML 1.0 of elements, attributes and text, and nothing else; throws at the first fault. */
function parseXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  expect(xml.startsWith(declaration)).toBe(true);
  for (const [, tag, text] of xml.slice(declaration.length).matchAll(/<([^>]*)>|([^<]+)/g)) {
    const top = open[open.length - 1];
    if (top === undefined) {
      throw new Error('text after the end');
    }
    if (tag === undefined) {
      top.text += decoded(text ?? '');
      continue;
    }
    if (tag.startsWith('/')) {
      expect(tag.slice(1)).toBe(top.name);
      open.pop();
      continue;
    }
    const match = /^([a-z-]+)((?: [a-z]+="[^"]*")*)(\/?)$/u.exec(tag);
    expect(match, `<${tag}>`).not.toBeNull();
    const pairs = [...(match?.[2] ?? '').matchAll(/ ([a-z]+)="([^"]*)"/gu)].map(
      ([, name, value]) => [name ?? '', decoded(value ?? '')] as const,
    );
    expect(new Set(pairs.map(([name]) => name)).size).toBe(pairs.length);
    const element = { name: match?.[1] ?? '', attributes: Object.fromEntries(pairs), children: [], text: '' };
    top.children.push(element);
    if (match?.[3] === '') {
      open.push(element);
    }
  }
  expect(open).toHaveLength(1);
  expect(root.children).toHaveLength(1);
  return root.children[0] ?? root;
}

/** The part of junit-10.xsd (Jenkins xUnit plugin) that we use: parents, and attributes; `!` is required. */
const grammar: Readonly<Record<string, { in: string; attributes: readonly string[] }>> = {
  testsuites: { in: '', attributes: ['name', 'time', 'tests', 'failures', 'errors'] },
  testsuite: {
    in: 'testsuites',
    attributes: ['name!', 'tests!', 'failures', 'errors', 'time', 'skipped', 'timestamp'],
  },
  properties: { in: 'testsuite', attributes: [] },
  property: { in: 'properties', attributes: ['name!', 'value!'] },
  testcase: { in: 'testsuite', attributes: ['name!', 'classname'] },
  failure: { in: 'testcase', attributes: ['type', 'message'] },
  error: { in: 'testcase', attributes: ['type', 'message'] },
  skipped: { in: 'testcase', attributes: ['message'] },
  'system-out': { in: 'testcase', attributes: [] },
};

function checkAgainstSchema(element: Element, parent = ''): void {
  const rule = grammar[element.name];
  expect(rule?.in, element.name).toBe(parent);
  const allowed = (rule?.attributes ?? []).map((name) => name.replace('!', ''));
  expect(allowed).toEqual(expect.arrayContaining(Object.keys(element.attributes)));
  for (const name of rule?.attributes ?? []) {
    expect(name.endsWith('!') && element.attributes[name.replace('!', '')] === undefined, name).toBe(false);
  }
  for (const child of element.children) {
    checkAgainstSchema(child, element.name);
  }
}

function read(input: ExportInput): Element {
  const answer = junit.write(input);
  const text = 'files' in answer ? (answer.files[0]?.text ?? '') : '';
  const root = parseXml(text);
  checkAgainstSchema(root);
  const suite = root.children[0];
  const cases = (suite?.children ?? []).filter(({ name }) => name === 'testcase');
  const count = (outcome: string): string =>
    `${cases.filter(({ children }) => children.some(({ name }) => name === outcome)).length}`;
  expect(suite?.attributes).toMatchObject({
    tests: `${cases.length}`,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  });
  return suite ?? root;
}

const caseNames = (suite: Element): readonly string[] =>
  suite.children.filter(({ name }) => name === 'testcase').map(({ attributes }) => attributes['name'] ?? '');
const sample = sampleResult();
const decision = sampleDecision();
/** Any text of JavaScript, lone surrogates and control characters among it. */
const codeUnits = fc
  .array(fc.oneof(fc.nat(0xffff), fc.nat(0x7f)), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));
const session = (over: Partial<ExportInput> = {}): ExportInput => ({
  results: [sample],
  decision,
  history: [],
  loads: new Map(),
  ...over,
});

describe('JUnit of a session', () => {
  it('is as it was (update: vitest run src/exporters --update)', async () => {
    const answer = junit.write(session());
    await expect('files' in answer ? answer.files[0]?.text : '').toMatchFileSnapshot('golden/junit.xml.txt');
  });

  it('is a suite of the profile with a case of every row, named by place, metric and rule', () => {
    const suite = read(session());
    expect(suite.attributes).toMatchObject({ name: 'longform-sustained', timestamp: '2026-01-02T03:04:05' });
    expect(caseNames(suite)).toContain('longform-sustained/peak-footprint relative-history');
    expect(new Set(caseNames(suite)).size).toBe(caseNames(suite).length);
  });

  it.each<{ state: GateState; tag: string | undefined; why: string }>([
    { state: 'pass', tag: undefined, why: 'nothing to tell' },
    { state: 'warn', tag: 'system-out', why: 'a warning does not turn a build red' },
    { state: 'flaky', tag: 'system-out', why: 'it did not show again' },
    { state: 'fail', tag: 'failure', why: 'the gate failed' },
    { state: 'invalid', tag: 'error', why: 'our fault, not the server’s' },
    { state: 'calibrating', tag: 'skipped', why: 'too few nights' },
    { state: 'not-comparable', tag: 'skipped', why: 'another host' },
    { state: 'inconclusive', tag: 'skipped', why: 'too short' },
  ])('tells $state as $tag: $why', ({ state, tag }) => {
    const rows = [gateRow({ layer: 'relative', rule: 'r', state, sentence: 'S', stage: 'hold', metric: 'm' })];
    const suite = read(session({ decision: { ...decision, notJudged: [], rows } }));
    const [one] = suite.children.filter(({ name }) => name === 'testcase');
    expect(one?.attributes['name']).toBe('longform-sustained/hold/m r');
    expect(one?.children[0]?.name).toBe(tag);
  });

  it('tells findings where the gate was not asked, and an invalid run as an error', () => {
    const suite = read({ results: [sample, emptyResult()], decision: null, history: [], loads: new Map() });
    const names = caseNames(suite);
    expect(names.some((name) => name.endsWith('(run 1 of 2)'))).toBe(true);
    expect(names).toContain('nothing validity (run 2 of 2)');
    expect(suite.attributes['errors']).toBe('1');
  });

  it('stays XML whatever a server wrote', () => {
    const hostile = fc.oneof(codeUnits, fc.constant(']]>\u0000<!--\n</failure>&#0;\ufffe"\ud800'));
    fc.assert(
      fc.property(hostile, (text) => {
        const rows = [gateRow({ layer: 'invariant', rule: text, state: 'fail', sentence: text, stage: text })];
        const result = { ...sample, environment: { [`a${text}`]: text } };
        read(session({ results: [result], decision: { ...decision, rows, profile: text } }));
      }),
      { numRuns: 40 },
    );
  });
});
