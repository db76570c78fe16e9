import { maskArguments } from '../launch/mask-arguments.ts';

const headerOptions = new Set(['-H', '--header']);
const secretOption = /^--?[\w-]*(?:key|token|secret|passw(?:or)?d|auth)[\w-]*$/i;
const secretAssignment = /^([\w.-]*(?:key|token|secret|passw(?:or)?d|auth)[\w.-]*=).+$/i;

/** Arguments of somebody else's command: whatever looks like a credential in them never reaches a file. */
export function maskCommand(argv: readonly string[]): readonly string[] {
  return maskArguments(argv).map((argument, index) => {
    const before = argv[index - 1] ?? '';
    if (headerOptions.has(before)) {
      return argument.replace(/^([^:]+):.*$/s, '$1: ***');
    }
    return secretOption.test(before) && !argument.startsWith('-') ? '***' : argument.replace(secretAssignment, '$1***');
  });
}
