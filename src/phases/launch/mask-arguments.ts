const secretName = '[\\w.-]*(?:key|token|secret|passw(?:or)?d|auth)[\\w.-]*';
/** A value as a shell would take it: quoted, or up to the next space. */
const value = `(?:'[^']*'|"[^"]*"|[^\\s'"]+)`;
const secretOption = new RegExp(`((?:^|\\s)--?${secretName}\\s+)(?!-)${value}`, 'gi');
const secretAssignment = new RegExp(`((?:^|\\s)${secretName}=)${value}`, 'gi');
const quotedHeader = /((?:^|\s)(?:-H|--header)[\s=]+(['"])[^:'"]+:)[^'"]*\2/g;
const userInfo = /(https?:\/\/)[^/@\s]+@/g;
const queryValue = new RegExp(`([?&]${secretName}=)[^&#\\s'"]+`, 'gi');

/** User names, passwords and query values that look like credentials, in URLs within a text. */
export const maskAddresses = (text: string): string => text.replace(userInfo, '$1***@').replace(queryValue, '$1***');

/** The command of --exec, which is one text: whatever looks like a credential in it never reaches a file. */
export function maskCommandLine(text: string): string {
  return maskAddresses(text)
    .replace(quotedHeader, '$1 ***$2')
    .replace(secretOption, '$1***')
    .replace(secretAssignment, '$1***');
}

function maskValue(option: string, text: string): string {
  switch (option) {
    case '--jobs-token':
      return '***';
    case '--header':
      return text.replace(/^([^:]+):.*$/s, '$1: ***');
    case '--exec':
      return maskCommandLine(text);
    default:
      return maskAddresses(text);
  }
}

/** Arguments of ours: headers, tokens and credentials in URLs or in --exec never reach a file (PROTOCOL 8.4). */
export function maskArguments(argv: readonly string[]): readonly string[] {
  return argv.map((argument, index) => {
    const [, option, text] = /^(--[\w-]+)=(.*)$/s.exec(argument) ?? [];
    return option === undefined || text === undefined
      ? maskValue(argv[index - 1] ?? '', argument)
      : `${option}=${maskValue(option, text)}`;
  });
}
