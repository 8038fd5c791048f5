/** A parameter's value that gives nothing away. */
const HARMLESS = /^(true|false|\d+)?$/;
/** Parameters of which every value may be seen. */
const PUBLIC = new Set(['replicaset', 'authsource', 'authmechanism', 'readpreference', 'nodepreference', 'w']);

/** The URL as it may be shown: without who logs in and by which password, its parameters' values left out but harmless ones. */
export function shownUrl(url: string): string {
  const { scheme, login, address, parameters } = parts(url);
  const shown = parameters.map(({ name, value }) =>
    value === undefined ? name : `${name}=${isPublic(name, value) ? value : '***'}`,
  );
  return `${scheme}${login === undefined ? '' : '***@'}${address}${shown.length > 0 ? `?${shown.join('&')}` : ''}`;
}

/** The text without what any of the URLs keeps secret, as drivers like to say where they were connecting to. */
export function withoutSecrets(text: string, urls: Iterable<string>): string {
  let shown = text;
  for (const url of urls) {
    shown = shown.replaceAll(url, shownUrl(url));
    for (const secret of secretsOf(url)) shown = shown.replaceAll(secret, '***');
  }
  return shown;
}

function secretsOf(url: string): Set<string> {
  const { login, parameters } = parts(url);
  const password = login?.includes(':') ? login.slice(login.indexOf(':') + 1) : undefined;
  const values = parameters.filter(({ name, value }) => value !== undefined && !isPublic(name, value));
  return new Set(
    [password, ...values.map(({ value }) => value)].flatMap((secret) => (secret ? [secret, decoded(secret)] : [])),
  );
}

function isPublic(name: string, value: string): boolean {
  return PUBLIC.has(name.toLowerCase()) || HARMLESS.test(value);
}

/** A password may hold anything, an `@`, a slash or a question mark too: the login ends at the last `@` there is. */
function parts(url: string) {
  const [, scheme = '', login, rest = ''] = /^([^:/]+:\/\/)?(?:(.*)@)?(.*)$/s.exec(url)!;
  const [address = '', ...query] = rest.split('?');
  const parameters = query
    .join('?')
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const [name = '', ...value] = parameter.split('=');
      return { name, value: value.length > 0 ? value.join('=') : undefined };
    });
  return { scheme, login, address, parameters };
}

function decoded(secret: string): string {
  try {
    return decodeURIComponent(secret);
  } catch {
    return secret;
  }
}
