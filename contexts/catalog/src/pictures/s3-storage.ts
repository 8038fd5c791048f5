import { addAbortSignal, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { StoreUnavailable } from '@gesta/core';
import type { S3Client } from '@aws-sdk/client-s3';
import { ObjectStorage } from './object-storage.js';

/** Where a bucket is. */
export interface Bucket {
  readonly name: string;
  /** What names in it begin with, such as `pictures/`; empty for nothing. */
  readonly prefix: string;
  readonly region: string;
  /** Where an S3-compatible server is, when it is not Amazon's. */
  readonly endpoint?: string;
}

type Sdk = typeof import('@aws-sdk/client-s3');

/** Checksums in trailers are what servers other than Amazon's most often do not know. */
const PLAIN = { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' } as const;

/** How often something is tried before it has failed. */
const ATTEMPTS = 3;

/**
 * Keeps pictures in a bucket of S3 or of a server that speaks as it does. Who is asking is said by the environment, as
 * all of Amazon's tools have it: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, a profile, or the machine's role.
 */
export class S3Storage extends ObjectStorage {
  private opened: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined;

  private readonly timeoutMs: number;

  /** @param options `timeoutMs` is how long one picture may take, tries and all, in milliseconds; 10,000 when absent */
  constructor(
    private readonly bucket: Bucket,
    { timeoutMs = 10_000 }: { timeoutMs?: number } = {},
  ) {
    super();
    this.timeoutMs = timeoutMs;
  }

  override async put(name: string, bytes: Uint8Array, type: string): Promise<void> {
    try {
      const { sdk, client } = await this.open();
      const command = new sdk.PutObjectCommand({ ...this.placeOf(name), Body: bytes, ContentType: type });
      await client.send(command, { abortSignal: AbortSignal.timeout(this.timeoutMs) });
    } catch (cause) {
      throw new StoreUnavailable(`The bucket ${this.bucket.name} does not take a picture`, { cause });
    }
  }

  override async get(name: string): Promise<Uint8Array | undefined> {
    try {
      const { sdk, client } = await this.open();
      const signal = AbortSignal.timeout(this.timeoutMs);
      const { Body } = await client.send(new sdk.GetObjectCommand(this.placeOf(name)), { abortSignal: signal });
      // What has begun to come is ended with it: the SDK looks at its signal only until then.
      return await buffer(addAbortSignal(signal, Body as Readable));
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'NoSuchKey') return undefined;
      throw new StoreUnavailable(`The bucket ${this.bucket.name} cannot be read`, { cause });
    }
  }

  /** Lets connections go. */
  async close(): Promise<void> {
    (await this.opened)?.client.destroy();
  }

  private placeOf(name: string) {
    return { Bucket: this.bucket.name, Key: `${this.bucket.prefix}${name}` };
  }

  /** The SDK is loaded where a bucket is used: it is large, and a folder does without it. */
  private open() {
    return (this.opened ??= import('@aws-sdk/client-s3').then((sdk) => {
      const { region, endpoint } = this.bucket;
      const server = endpoint === undefined ? {} : { endpoint, forcePathStyle: true, ...PLAIN };
      return { sdk, client: new sdk.S3Client({ region, maxAttempts: ATTEMPTS, ...server }) };
    }));
  }
}
