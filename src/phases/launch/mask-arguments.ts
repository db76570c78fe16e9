import { isSecretName, maskAddresses, maskText, type OnSecret } from '../../base/secret-text.ts';
import { splitCommandLine } from './split-command-line.ts';

const nobody: OnSecret = () => undefined;

/** `Name: value` without its value; what follows a scheme such as Bearer is a secret by itself too. */
function maskHeader(text: string, onSecret: OnSecret): string {
  const [, name, held = ''] = /^([^:]+):\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined) {
    onSecret(text);
    return '***';
  }
  onSecret(held);
  onSecret(held.replace(/^\w+\s+/, ''));
  return `${name}: ***`;
}

/** A word of a command line after the one before it. */
function maskWord(word: string, before: string, onSecret: OnSecret): string {
  const name = /^--?([\w.-]+)$/.exec(before)?.[1] ?? '';
  if (before === '-H' || before === '--header') {
    return maskHeader(word, onSecret);
  }
  if (!word.startsWith('-') && isSecretName(name, word)) {
    onSecret(word);
    return '***';
  }
  // curl's and wget's; numbers are a user and a group of docker.
  const [, user, password] = /^([^:]+):(.+)$/s.exec(/^(?:u|user|proxy-user)$/.test(name) ? word : '') ?? [];
  if (user !== undefined && password !== undefined && !/^\d+$/.test(password)) {
    onSecret(password);
    return `${user}:***`;
  }
  const [, joined, header] = /^(-H|--header=)(.+)$/s.exec(word) ?? [];
  if (joined !== undefined && header !== undefined) {
    return joined + maskHeader(header, onSecret);
  }
  const [, lead, assigned = '', held = ''] = /^((?:--?)?([\w.-]+)=)(.*)$/s.exec(word) ?? [];
  if (lead !== undefined && isSecretName(assigned, held)) {
    onSecret(held);
    // A script that begins with an assignment: all of it is hidden, and each secret in it is heard.
    maskText(word, onSecret);
    return `${lead}***`;
  }
  return maskText(word, onSecret);
}

/** The words of a command of the user: whatever looks like a credential in them never reaches a file. */
export function maskCommand(words: readonly string[], onSecret: OnSecret = nobody): readonly string[] {
  return words.map((word, index) => maskWord(word, words[index - 1] ?? '', onSecret));
}

/** As a shell takes it back, with as few quotes as it needs. */
function quoted(word: string): string {
  return /^[\w@%+=:,./*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command of --exec, which is one text: whatever looks like a credential in it never reaches a file. */
export function maskCommandLine(text: string, onSecret: OnSecret = nobody): string {
  let words: readonly string[];
  try {
    words = splitCommandLine(text);
  } catch {
    // It is refused before anything starts; its error and the manifest of nothing tell no more than this.
    return maskText(text, onSecret);
  }
  const masked = maskCommand(words, onSecret);
  if (masked.every((word, index) => word === words[index])) {
    return text;
  }
  // `env` stands before assignments whether it was written or not.
  return masked.map(quoted).join(' ');
}

function maskValue(option: string, text: string, onSecret: OnSecret): string {
  switch (option) {
    case '--jobs-token':
      onSecret(text);
      return '***';
    case '--header':
      return maskHeader(text, onSecret);
    case '--exec':
      return maskCommandLine(text, onSecret);
    default:
      return maskAddresses(text, onSecret);
  }
}

/**
 * Arguments of ours: headers, tokens and credentials in URLs or in --exec never reach a file (PROTOCOL 8.4). Behind
 * `--` stands somebody else's command, whose words are masked as those of --exec.
 */
export function maskArguments(argv: readonly string[], onSecret: OnSecret = nobody): readonly string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const ours = argv.slice(0, end).map((argument, index) => {
    const [, option, text] = /^(--[\w-]+)=(.*)$/s.exec(argument) ?? [];
    return option === undefined || text === undefined
      ? maskValue(argv[index - 1] ?? '', argument, onSecret)
      : `${option}=${maskValue(option, text, onSecret)}`;
  });
  return [...ours, ...maskCommand(argv.slice(end), onSecret)];
}
