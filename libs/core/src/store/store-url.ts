/** A parameter's value that gives nothing away. */
const HARMLESS = /^(true|false|\d+)?$/;
/** Parameters of which every value may be seen. */
const PUBLIC = new Set(['replicaset', 'authsource', 'authmechanism', 'readpreference', 'nodepreference', 'w']);

/** A port that is none: what stands there may be a password without its `@`. */
const NO_PORT = /^([^:[\]]*:|\[[^\]]*\]:)(?!\d{0,5}$).+$/s;
/** Shorter parts of a password are looked for nowhere: they are in every text. */
const TELLING = 4;

/**
 * The URL as it may be shown: without who logs in and by which password, its parameters' values left out but harmless ones.
 * Where a password cannot be told from parameters, only its scheme is.
 */
export function shownUrl(url: string): string {
  const { scheme, login, address, parameters } = parts(url);
  if (isUnclear(url)) return `${scheme}***`;
  const shown = parameters.map(({ name, value }) =>
    value === undefined ? (isPublic(name, name) ? name : '***') : `${name}=${isPublic(name, value) ? value : '***'}`,
  );
  return `${scheme}${login === undefined ? '' : '***@'}${scheme ? shownAddress(address) : address}${shown.length > 0 ? `?${shown.join('&')}` : ''}`;
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
  const values = parameters.filter(({ name, value }) => value !== undefined && !isPublic(name, value));
  const secrets = [login === undefined ? undefined : passwordIn(login), ...values.map(({ value }) => value)];
  if (isUnclear(url))
    secrets.push(
      ...url
        .split(/[/?#@&=]+/)
        .slice(1)
        .filter(isTelling),
    );
  const known = secrets.flatMap((secret) => (secret ? [secret, decoded(secret), ...piecesOf(secret)] : []));
  return new Set(known.sort((one, other) => other.length - one.length));
}

/** What follows the first colon; where there is none, all of it may be a token. */
function passwordIn(login: string): string | undefined {
  const readable = login.includes(':') ? login : decoded(login);
  if (readable.includes(':')) return readable.slice(readable.indexOf(':') + 1);
  return isTelling(login) ? login : undefined;
}

/** What is left of a secret in the words of a driver that took one of its signs for the end of it. */
function piecesOf(secret: string): string[] {
  return secret.split(/[/?#@]+/).filter(isTelling);
}

function isTelling(piece: string): boolean {
  return piece.length >= TELLING;
}

/** Whether the last `@` may end a login, or be a part of a parameter that is secret. */
function isUnclear(url: string): boolean {
  const at = url.lastIndexOf('@');
  const query = url.indexOf('?');
  return query >= 0 && query < at && url.slice(query, at).includes('=');
}

/** Hosts and what follows them, in place of a port that is none `***`. */
function shownAddress(address: string): string {
  const [, hosts = '', path = ''] = /^([^/#]*)(.*)$/s.exec(address)!;
  const shown = hosts.split(',').map((host) => host.replace(NO_PORT, '$1***'));
  return `${shown.join(',')}${path}`;
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
