/** The URL as it may be shown: without who logs in and by which password, and with none but harmless parameters. */
export function redactedUrl(url: string): string {
  const [address, query] = splitAt(url.replace(/^([^:]+:\/\/).*@/s, '$1***@'), '?');
  if (query === undefined) return address;
  const parameters = query.split('&').map((parameter) => {
    const [name, value = ''] = splitAt(parameter, '=');
    return /^(true|false|\d+)?$/.test(value) ? parameter : `${name}=***`;
  });
  return `${address}?${parameters.join('&')}`;
}

/** The text with everything taken out of it that the URL keeps secret. */
export function withoutSecrets(text: string, url: string): string {
  const login = /^[^:]+:\/\/(.*)@/s.exec(url)?.[1] ?? '';
  const query = splitAt(url, '?')[1] ?? '';
  const secrets = [
    splitAt(login, ':')[1],
    ...query.split('&').map((parameter) => splitAt(parameter, '=')[1]?.replace(/^(true|false|\d+)$/, '')),
  ];
  let shown = text.replaceAll(url, redactedUrl(url));
  for (const secret of secrets) {
    if (!secret) continue;
    for (const form of [secret, decoded(secret)]) shown = shown.replaceAll(form, '***');
  }
  return shown;
}

function splitAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(secret: string): string {
  try {
    return decodeURIComponent(secret);
  } catch {
    return secret;
  }
}
