/** Header values and anything that looks like a credential in a URL never reach a file (PROTOCOL 8.4). */
export function maskArguments(argv: readonly string[]): readonly string[] {
  return argv.map((argument, index) => {
    if (argv[index - 1] === '--jobs-token') {
      return '***';
    }
    const isHeader = argv[index - 1] === '--header' || argument.startsWith('--header=');
    if (isHeader) {
      return argument.replace(/^((?:--header=)?[^:]+):.*$/s, '$1: ***');
    }
    return argument.replace(/(https?:\/\/)[^/@\s]+@/g, '$1***@');
  });
}
