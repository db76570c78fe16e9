import type { Finding } from '../../model/detector.ts';
import type { ExpectedVerdicts } from '../../model/fault.ts';
import type { Fault, FaultExpectation } from '../../reference-server/faults/fault.ts';

/** A fault with some of its fixes, against one of its expectations. */
export interface Variant {
  fault: Fault;
  expectation: FaultExpectation;
  /** `faulty`, `fixed`, or the name of a fix alone. */
  name: string;
  /** As `--fix` takes them. */
  fixes: readonly string[];
  expected: ExpectedVerdicts | 'refuses';
}

/** Faulty, all right fixes together, and each fix alone. */
export function variantsOf(fault: Fault): readonly Variant[] {
  return fault.expected.flatMap((expectation) => {
    const variant = (name: string, fixes: readonly string[], expected: Variant['expected']): Variant => ({
      fault,
      expectation,
      name,
      fixes,
      expected,
    });
    const alone = Object.keys(fault.fixes).map((fix) =>
      variant(fix, [fix], expectation.fixes?.[fix] ?? expectation.fixed),
    );
    const isOne = fault.fixed.length === 1;
    return [
      variant('faulty', [], expectation.faulty),
      ...(fault.fixed.length === 0 || isOne ? [] : [variant('fixed', fault.fixed, expectation.fixed)]),
      ...alone,
    ];
  });
}

/** What was found of a detector and is not as expected. */
export interface Miss {
  detector: string;
  verdict: Finding['verdict'];
  expected: string;
  summary: string;
}

const harmless: readonly Finding['verdict'][] = ['ok', 'not-applicable', 'inconclusive'];

/** Every named detector as expected, and none of the others with a warning. */
export function missesOf(findings: readonly Finding[], expected: ExpectedVerdicts): readonly Miss[] {
  return findings.flatMap(({ detector, verdict, summary }) => {
    const named = expected[detector];
    const allowed: readonly Finding['verdict'][] =
      named === undefined ? harmless : typeof named === 'string' ? [named] : named;
    return allowed.includes(verdict) ? [] : [{ detector, verdict, expected: allowed.join(' or '), summary }];
  });
}
