import { modulus, nextState, nextStateInPython, numberLine, numberLineBytes, type Snippet } from './snippet.ts';

const inPython = `def next_state(state):
    return ${nextStateInPython}
`;

function printing(name: string, code: string, result: () => number): Snippet {
  return {
    code,
    allocateBytes: 0,
    holdSeconds: 0,
    children: 0,
    stdoutBytes: numberLineBytes(name),
    stdout: () => numberLine(name, result()),
  };
}

function checksum(numbers: Iterable<number>, start: number): number {
  let sum = start;
  for (const number of numbers) {
    sum = (sum * 31 + number) % modulus;
  }
  return sum;
}

const checksumInPython = `def checksum(numbers, total):
    for number in numbers:
        total = (total * 31 + number) % ${modulus}
    return total
`;

/** Many steps of a generator of pseudo-random numbers, and the last of them. */
export function lcgSnippet(salt: number, rounds: number): Snippet {
  const code = `# snippet ${salt}
${inPython}

def last_state(state, rounds):
    for _ in range(rounds):
        state = next_state(state)
    return state


print("lcg %010d" % last_state(${salt}, ${rounds}))
`;
  return printing('lcg', code, () => {
    let state = salt;
    for (let round = 0; round < rounds; round += 1) {
      state = nextState(state);
    }
    return state;
  });
}

/** A list of pseudo-random numbers is sorted; the checksum depends on their order. */
export function sortSnippet(salt: number, length: number): Snippet {
  const code = `# snippet ${salt}
${inPython}

${checksumInPython}

def states(state, length):
    for _ in range(length):
        state = next_state(state)
        yield state


print("sort %010d" % checksum(sorted(states(${salt}, ${length})), 0))
`;
  return printing('sort', code, () => {
    let state = salt;
    const states = new Int32Array(length);
    for (let index = 0; index < length; index += 1) {
      state = nextState(state);
      states[index] = state;
    }
    return checksum(states.sort(), 0);
  });
}

function* primesBelow(below: number): Generator<number> {
  const isComposite = new Uint8Array(below);
  for (let number = 2; number < below; number += 1) {
    if (isComposite[number] === 0) {
      yield number;
      for (let multiple = number * number; multiple < below; multiple += number) {
        isComposite[multiple] = 1;
      }
    }
  }
}

/** All primes below a number; the checksum begins with the salt, so that two snippets never print the same. */
export function sieveSnippet(salt: number, below: number): Snippet {
  const code = `# snippet ${salt}
${checksumInPython}

def primes(below):
    is_composite = bytearray(below)
    for number in range(2, below):
        if not is_composite[number]:
            yield number
            for multiple in range(number * number, below, number):
                is_composite[multiple] = 1


print("sieve %010d" % checksum(primes(${below}), ${salt}))
`;
  return printing('sieve', code, () => checksum(primesBelow(below), salt));
}
