/** A target in two parts: what may stand in a script, and what may not. */
export interface TargetAddress {
  /** Without credentials, query or a slash at its end. */
  baseUrl: string;
  /** An Authorization header of the credentials that the URL held; empty without. */
  headers: Readonly<Record<string, string>>;
}

export function splitAddress(url: URL): TargetAddress {
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  return {
    baseUrl: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    headers: user === '' && password === '' ? {} : { authorization: `Basic ${basic}` },
  };
}
