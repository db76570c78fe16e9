import { measurementVersion, type RunResult } from '../../model/result.ts';
import { Faults, type RuleAnswer } from './verify-faults.ts';

/**
 * What is measured or judged; the rest is copied from the manifest, is text, or is only drawn. The verdict follows from
 * the findings by the text of the run's own time (PROTOCOL 7.2), which is a rule of its own.
 */
const measuredFields = [
  'validity',
  'stages',
  'requests',
  'memory',
  'prediction',
  'capacity',
  'search',
  'neighbour',
  'guard',
  'harness',
] as const;
/** Words of a closed set. Other texts may be put better without a number that moves. */
const judging: ReadonlySet<string> = new Set(['verdict', 'state', 'stage', 'kind']);
/** Of another Node a logarithm may differ in its last digit. */
const sameRatio = 1e-9;

type Tell = (path: string, said: unknown, derived: unknown) => void;

/**
 * A number is derived, never typed (PROTOCOL 20.4): `result.json` is not sealed, so it is made anew and compared. Only
 * under the same version of measuring must numbers agree (PROTOCOL 13.4).
 */
export function verifyDerived(result: RunResult, derived: RunResult): RuleAnswer {
  const faults = new Faults('20.4', 'the numbers of result.json are those that its tables give');
  if (result.measurementVersion !== measurementVersion) {
    return faults.unheld(
      `It is of version ${result.measurementVersion} of measuring, and this is ${measurementVersion}.`,
    );
  }
  const said = measuredOf(result);
  const tell: Tell = (path, was, is) => {
    faults.add(`${path} is ${shown(was)}, its tables give ${shown(is)}. Make it anew: bench analyze RUN.`);
  };
  compare('', said, measuredOf(derived), tell);
  return faults.answer();
}

/** As a file holds it; findings by their detector, so that a sentence can name it. */
function measuredOf(result: RunResult): unknown {
  const fields = measuredFields.map((name) => [name, result[name]] as const);
  const findings = Object.fromEntries(result.findings.map((finding) => [finding.detector, finding]));
  return JSON.parse(JSON.stringify({ ...Object.fromEntries(fields), findings }));
}

function compare(path: string, said: unknown, derived: unknown, tell: Tell): void {
  if (isObject(said) && isObject(derived)) {
    for (const key of new Set([...Object.keys(said), ...Object.keys(derived)])) {
      compare(path === '' ? key : `${path}.${key}`, said[key], derived[key], tell);
    }
  } else if (!isSame(path, said, derived)) {
    tell(path, said, derived);
  }
}

/** A list is compared by its places. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isSame(path: string, said: unknown, derived: unknown): boolean {
  if (typeof said === 'number' && typeof derived === 'number') {
    return Math.abs(said - derived) <= sameRatio * Math.max(Math.abs(said), Math.abs(derived));
  }
  const isText = typeof said === 'string' && typeof derived === 'string';
  return said === derived || (isText && !judging.has(path.slice(path.lastIndexOf('.') + 1)));
}

function shown(value: unknown): string {
  return value === undefined ? 'not there' : isObject(value) ? 'there' : JSON.stringify(value);
}
