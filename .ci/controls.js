// Of a run of the bundled server, whether the harness saw what it must: "STATE SENTENCE".
//
//   node .ci/controls.js RUN_FOLDER FAULT DETECTOR faulty|fixed
//
// faulty: `seen`, or `blind` where the detector does not say what the fault is planted for; fixed: `quiet`, or `wolf` where
// something fails that the mended server does not have. An invalid run proves neither: `inconclusive`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from '../dist/reference-server/faults/index.js';

const [folder = '', fault = '', detector = '', variant = ''] = process.argv.slice(2);

const expectation = faults.find(({ id }) => id === fault)?.expected[0];
const allowed = [expectation?.[variant]?.[detector] ?? []].flat();
if (allowed.length === 0) {
  process.stderr.write(`controls: the data of the fault "${fault}", ${variant}, say nothing of "${detector}"\n`);
  process.exit(2);
}

function judge({ validity, findings }) {
  if (validity.state !== 'valid') {
    return `inconclusive The run is INVALID: ${validity.reasons.join(' ')}`;
  }
  const told = (finding) => `${finding.detector} is ${finding.verdict}. ${finding.summary}`;
  const found = findings.find((finding) => finding.detector === detector);
  const what = found === undefined ? `There is no finding of ${detector}.` : told(found);
  if (variant === 'faulty') {
    return `${allowed.includes(found?.verdict) ? 'seen' : 'blind'} ${what}`;
  }
  // What the mended server has beside may warn; a short run on a host that others use too is not a clean one.
  const mayFail = (id) => [expectation.fixed[id] ?? []].flat().includes('fail');
  const wrong = findings.find(
    (finding) =>
      (finding.verdict === 'fail' && !mayFail(finding.detector)) ||
      (finding.detector === detector && finding.verdict === 'warn' && !allowed.includes('warn')),
  );
  return wrong === undefined ? `quiet ${what}` : `wolf ${told(wrong)}`;
}

const path = join(folder, 'result.json');
const state = existsSync(path) ? judge(JSON.parse(readFileSync(path, 'utf8'))) : 'inconclusive The run left no result.';
process.stdout.write(`${state.replaceAll('\n', ' ')}\n`);
