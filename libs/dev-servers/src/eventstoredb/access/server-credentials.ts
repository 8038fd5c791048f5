import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ServerCredentials } from '@grpc/grpc-js';

/** A server's certificate and its key, each the text of a PEM file. */
export interface Tls {
  /** The certificate, followed by those it was signed by if clients need them. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/**
 * @param tls what to encrypt connections with; without it they are open
 * @returns what a gRPC server binds with
 * @throws {TypeError} when the certificate or the key cannot be read, or one does not belong to the other
 */
export function serverCredentials(tls?: Tls): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  let matching: boolean;
  try {
    matching = new X509Certificate(tls.cert).checkPrivateKey(createPrivateKey(tls.key));
  } catch (error) {
    throw new TypeError(`The certificate or its key is not PEM: ${(error as Error).message}`, { cause: error });
  }
  if (!matching) throw new TypeError('The key does not belong to the certificate');
  return ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }]);
}
