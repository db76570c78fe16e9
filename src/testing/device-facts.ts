import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '../base/errors.ts';
import { type Fact, type FactSizes, openBench } from './device-facts/bench.ts';
import { kernelFacts } from './device-facts/kernel-facts.ts';
import { allocationFacts, memoryFacts } from './device-facts/memory-facts.ts';
import { probeFacts } from './device-facts/probe-facts.ts';
import { hold, processFacts } from './device-facts/process-facts.ts';

// What a real driver does, one JSON line for each fact; the last names the figures of the virtual device
// (`reference-server/device/virtual/defaults.ts` and the knob `context-mib`) that follow from them.
//   node src/testing/device-facts.ts             with Node 22.18 or later
//   node src/testing/device-facts.ts --small     a tenth of the memory
// CUDA_LIB and NVML_LIB name other libraries, such as the fake driver of the tests.

const fullSizes: FactSizes = {
  allocationsMib: [64, 1024, 8192],
  pinnedMib: 256,
  copiedMib: 256,
  matrixSize: 256,
  children: 4,
  childMib: 512,
};
const smallSizes: FactSizes = {
  allocationsMib: [8, 64],
  pinnedMib: 16,
  copiedMib: 16,
  matrixSize: 48,
  children: 2,
  childMib: 32,
};

function print(fact: Fact): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

/** A fact that cannot be had is a line too, and the others go on. */
async function printAll(name: string, facts: () => Iterable<Fact> | AsyncIterable<Fact>, all: Fact[]): Promise<void> {
  try {
    for await (const fact of facts()) {
      all.push(fact);
      print(fact);
    }
  } catch (error) {
    print({ fact: name, error: messageOf(error) });
  }
}

function figure(facts: readonly Fact[], name: string, field: string): unknown {
  return facts.find(({ fact }) => fact === name)?.[field] ?? null;
}

async function printFacts(sizes: FactSizes): Promise<void> {
  const all: Fact[] = [];
  const { bench, facts } = await openBench(sizes);
  await printAll('context', () => facts, all);
  await printAll('allocation', () => allocationFacts(bench), all);
  for (const [name, measure] of memoryFacts) {
    const one = async function* (): AsyncGenerator<Fact> {
      yield await measure(bench);
    };
    await printAll(name, one, all);
  }
  await printAll('kernel', () => kernelFacts(bench), all);
  await printAll('probe', () => probeFacts(bench), all);
  await printAll('children', () => processFacts(bench, fileURLToPath(import.meta.url)), all);
  print({
    fact: 'virtual-defaults',
    contextMib: figure(all, 'context', 'takenMib'),
    driverReserveMib: figure(all, 'driver', 'reservedMib'),
    granularityMib: figure(all, 'granularity', 'oneByteTakesMib'),
    teardownMs: figure(all, 'kill', 'backMs'),
  });
}

const { values } = parseArgs({ options: { small: { type: 'boolean', default: false }, hold: { type: 'string' } } });
try {
  if (values.hold === undefined) {
    await printFacts(values.small ? smallSizes : fullSizes);
  } else {
    await hold(Number(values.hold));
  }
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 5;
}
