import { faults } from '../../reference-server/faults/index.ts';
import { judgeVariant } from '../fault-world/judge-variant.ts';
import { variantsOf } from '../fault-world/variants.ts';
import type { Judged, Task } from './campaign.ts';
import { variantName } from './outcomes.ts';

/** Judges what it is sent, variant by variant, and says when a task is done. Ends with its parent. */
async function judge({ fault, seed, variants }: Task): Promise<void> {
  const known = faults.filter(({ id }) => id === fault).flatMap(variantsOf);
  for (const variant of known.filter((one) => variants.includes(variantName(one)))) {
    const judged: Judged = { fault, variant: variantName(variant), seed, misses: await judgeVariant(variant, seed) };
    process.send?.(judged);
  }
  process.send?.('done');
}

process.on('disconnect', () => process.exit());
process.on('message', (task) => {
  judge(task as Task).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  });
});
