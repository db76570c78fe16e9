import { numberLine, numberLineBytes, type Snippet } from './snippet.ts';

/** The smallest page of any Linux that serves models; one byte in each makes it resident. */
export const pageBytes = 4096;
/** Prime, so that neighbouring pages differ and the sum depends on every one. */
const pageValues = 251;

// A sandbox may forbid `time`, but reads the clock through `datetime`. Reading the pages while it waits keeps
// the kernel from taking them for unused.
const inPython = `import datetime


def allocate(size, salt):
    block = bytearray(size)
    for page in range(0, size, ${pageBytes}):
        block[page] = (page // ${pageBytes} + salt) % ${pageValues}
    return block


def hold(block, milliseconds):
    now = datetime.datetime.now
    end = now() + datetime.timedelta(milliseconds=milliseconds)
    page = 0
    seen = 0
    while now() < end:
        seen += block[page]
        page = (page + ${pageBytes}) % len(block)
    return seen


def page_sum(block):
    return sum(block[::${pageBytes}])
`;

function sumBelow(count: number): number {
  return (count * (count - 1)) / 2;
}

/** What `page_sum` gives: whole turns through all values, and the rest one by one. */
function pageSum(size: number, salt: number): number {
  const pages = Math.ceil(size / pageBytes);
  const turns = Math.floor(pages / pageValues);
  let sum = turns * sumBelow(pageValues);
  for (let page = turns * pageValues; page < pages; page += 1) {
    sum += (page + salt) % pageValues;
  }
  return sum;
}

/** A block whose every page is written, is held, and is then summed up. */
export function allocateSnippet(salt: number, size: number, holdMs: number): Snippet {
  const code = `# snippet ${salt}
${inPython}

block = allocate(${size}, ${salt})
hold(block, ${holdMs})
print("allocate ${salt} %010d" % page_sum(block))
`;
  const name = `allocate ${salt}`;
  return {
    code,
    allocateBytes: size,
    holdSeconds: holdMs / 1000,
    children: 0,
    stdoutBytes: numberLineBytes(name),
    stdout: () => numberLine(name, pageSum(size, salt)),
  };
}

/** Exit codes below are failures: Python ends with 1 or 2 where it fails. */
const leastChildCode = 10;

/**
 * Children that each hold a block, and a parent that waits for all. Each child's exit code tells the last digit of
 * its sum; the parent ends as a child that failed did, or with 128 and the signal that ended one, as a shell does.
 */
export function forkSnippet(
  salt: number,
  size: number,
  { children, holdMs }: { children: number; holdMs: number },
): Snippet {
  const code = `# snippet ${salt}
import os

${inPython}

def start(child):
    pid = os.fork()
    if pid == 0:
        block = allocate(${size}, ${salt} + child)
        hold(block, ${holdMs})
        os._exit(${leastChildCode} + page_sum(block) % 10)
    return pid


pids = [start(child) for child in range(${children})]
codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
for code in codes:
    if code < ${leastChildCode}:
        raise SystemExit(code if code >= 0 else 128 - code)
print("fork ${salt} " + "".join("%d" % (code - ${leastChildCode}) for code in codes))
`;
  return {
    code,
    allocateBytes: size * children,
    holdSeconds: holdMs / 1000,
    children,
    stdoutBytes: 'fork  \n'.length + String(salt).length + children,
    stdout() {
      const digits = Array.from({ length: children }, (_, child) => pageSum(size, salt + child) % 10);
      return `fork ${salt} ${digits.join('')}\n`;
    },
  };
}
