/** Hears each secret that was found, as it stood. */
export type OnSecret = (secret: string) => void;

const secretName =
  '[\\w.%~-]*(?:key|token(?!iz)|secret|passw|pwd|auth|cookie|credential|signature|\\bsig\\b)[\\w.%~-]{0,99}';
const secretNames = new RegExp(`^${secretName}$`, 'i');
/** A value as a shell takes it: quoted and bare parts side by side, up to the next space. */
const value = `(?:'[^']*'|"(?:\\\\.|[^"\\\\])*"|\\\\.|[^\\s'"\\\\])+`;

const userInfo = /((?:\/\/|\bhttps?:[/\\]*))([^/\\\s]{0,2048})@/gi;
const queryValue = new RegExp(`([?&#;](${secretName})=)([^&#;\\s'"]+)`, 'gi');
const spokenScheme = /\b((?:bearer|basic)\s+)([\w.~+/=:-]{6,})/gi;
/** Keys of well-known services begin so, wherever they stand. */
const knownKey = /(?<![\w-])(?:hf_|sk-|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|eyJ)[\w.-]{10,}/g;
const option = new RegExp(`((?<![\\w-])--?(${secretName})\\s+)(?!-)(${value})`, 'gi');
const assignment = new RegExp(`((?<![\\w.%~-])(${secretName})=)(${value})`, 'gi');
const field = new RegExp(
  `((?<![\\w.%~-])(${secretName})\\\\*["']?\\s*:\\s*)((?:(?:bearer|basic)\\s+)?\\\\*${value})`,
  'gi',
);

/** Whether a name says that its value is a secret. A number of tokens is none. */
export function isSecretName(name: string, held: string): boolean {
  return secretNames.test(name) && !(/tokens$/i.test(name) && /^\d+$/.test(held));
}

/** User names, passwords and query values that look like credentials, in URLs within a text. */
export function maskAddresses(text: string, onSecret: OnSecret = () => undefined): string {
  return text
    .replace(userInfo, (_, lead: string, held: string) => {
      onSecret(held);
      onSecret(held.slice(held.indexOf(':') + 1));
      return `${lead}***@`;
    })
    .replace(queryValue, (_, lead: string, __, held: string) => {
      onSecret(held);
      return `${lead}***`;
    });
}

/** Whatever looks like a credential in a text of any kind: a script, JSON, a header, an address. */
export function maskText(text: string, onSecret: OnSecret = () => undefined): string {
  const named = (whole: string, lead: string, name: string, held: string): string => {
    const bare = held.replace(/^["'\\]+|["'\\,}\])]+$/g, '');
    if (!isSecretName(name, bare)) {
      return whole;
    }
    onSecret(bare);
    return `${lead}***`;
  };
  const alone = (whole: string): string => {
    onSecret(whole);
    return '***';
  };
  return maskAddresses(text, onSecret)
    .replace(field, named)
    .replace(option, named)
    .replace(assignment, named)
    .replace(spokenScheme, (_, lead: string, held: string) => lead + alone(held))
    .replace(knownKey, alone);
}
