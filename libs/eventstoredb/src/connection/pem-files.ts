import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionSettings } from './connection-url.js';

/** What the files that a URL names hold. */
export interface PemFiles {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/**
 * Reads the files, and makes sure that they are what they should be: TLS would say it at the first connection, in words
 * of its own.
 * @throws {RangeError} naming the option and its file
 */
export function pemFiles({ caFile, certFile, keyFile, tls, shown }: ConnectionSettings): PemFiles {
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new RangeError(`${shown}: userCertFile and userKeyFile belong together`);
  }
  if (!tls) return { ca: undefined, cert: undefined, key: undefined };
  const ca = contents(caFile, 'tlsCAFile', shown);
  const cert = contents(certFile, 'userCertFile', shown);
  const key = contents(keyFile, 'userKeyFile', shown);
  if (ca) certificatesIn(ca, `tlsCAFile names ${resolve(caFile!)}, which`, shown);
  if (!cert || !key) return { ca, cert, key };
  const [certificate] = certificatesIn(cert, `userCertFile names ${resolve(certFile!)}, which`, shown);
  if (!certificate!.checkPrivateKey(keyIn(key, `userKeyFile names ${resolve(keyFile!)}, which`, shown))) {
    throw new RangeError(`${shown}: the key of userKeyFile is not the key of the certificate of userCertFile`);
  }
  return { ca, cert, key };
}

function contents(path: string | undefined, option: string, shown: string): Buffer | undefined {
  if (path === undefined) return undefined;
  const file = resolve(path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new RangeError(`${shown}: ${option} names ${file}, which is not there`);
  if (found.isDirectory())
    throw new RangeError(`${shown}: ${option} names ${file}, which is a folder: name the file in it`);
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RangeError(`${shown}: ${option} names ${file}, which cannot be read (${code})`);
  }
}

function certificatesIn(pem: Buffer, what: string, shown: string): X509Certificate[] {
  try {
    const found = pem
      .toString('latin1')
      .match(CERTIFICATE)
      ?.map((text) => new X509Certificate(text));
    if (found) return found;
  } catch {
    // what OpenSSL says of it helps nobody
  }
  throw new RangeError(`${shown}: ${what} holds no certificate: it is a PEM file with -----BEGIN CERTIFICATE-----`);
}

function keyIn(pem: Buffer, what: string, shown: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new RangeError(
      `${shown}: ${what} holds no private key that can be read: it is a PEM file, without a passphrase`,
    );
  }
}
