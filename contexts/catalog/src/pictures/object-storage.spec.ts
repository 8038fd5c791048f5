import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '@gesta/core';
import { ConfigurationError } from '@gesta/nestjs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectStorageFrom } from './files-url.js';
import { FolderStorage } from './folder-storage.js';
import type { ObjectStorage } from './object-storage.js';
import { S3Storage } from './s3-storage.js';

const name = `${'ab'.repeat(32)}.png`;
const other = `${'cd'.repeat(32)}.png`;
const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

/** What any storage of objects does. */
function storesObjects(storage: () => ObjectStorage): void {
  it('gives back what it was given', async () => {
    await storage().put(name, bytes, 'image/png');
    expect(Buffer.from((await storage().get(name))!)).toEqual(bytes);
  });

  it('keeps it when it is given it again, also at once', async () => {
    await Promise.all([1, 2, 3].map(() => storage().put(other, bytes, 'image/png')));
    expect(Buffer.from((await storage().get(other))!)).toEqual(bytes);
  });

  it('has nothing under a name that nothing was stored under', async () => {
    expect(await storage().get(`${'0'.repeat(64)}.png`)).toBeUndefined();
  });
}

describe('a folder', () => {
  let folder: string;
  let storage: FolderStorage;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pictures-'));
    storage = new FolderStorage(join(folder, 'made', 'when-needed'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  storesObjects(() => storage);

  it('holds nothing else than what was stored', async () => {
    const files = await readdir(storage.folder, { recursive: true, withFileTypes: true });
    expect(
      files
        .filter((file) => file.isFile())
        .map((file) => file.name)
        .sort(),
    ).toEqual([name, other]);
  });

  it('is unavailable where it cannot be', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const broken = new FolderStorage(file);
    await expect(broken.put(name, bytes)).rejects.toThrow(StoreUnavailable);
    await expect(broken.get(name)).rejects.toThrow(StoreUnavailable);
  });
});

describe('a bucket', () => {
  const objects = new Map<string, { type: string | undefined; body: Buffer }>();
  let server: Server;
  let endpoint: string;
  let storage: S3Storage;
  const credentials = { AWS_ACCESS_KEY_ID: 'us', AWS_SECRET_ACCESS_KEY: 'secret' };
  const before = { ...process.env };

  beforeAll(async () => {
    Object.assign(process.env, credentials);
    server = createServer((request, response) => {
      const path = request.url!.split('?')[0]!;
      if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=us/')) {
        response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
      } else if (path.startsWith('/stands-still/')) {
        response.writeHead(200, { 'content-length': '5' }).write('half');
      } else if (request.method === 'PUT') {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => {
          objects.set(path, { type: request.headers['content-type'], body: Buffer.concat(parts) });
          response.end();
        });
      } else {
        const found = objects.get(path);
        if (found) response.end(found.body);
        else response.writeHead(404).end('<Error><Code>NoSuchKey</Code><Message>Not there</Message></Error>');
      }
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    storage = objectStorageFrom({
      MARKETPLACE_FILES_URL: `s3://shop-pictures/products?region=eu-central-1&endpoint=${endpoint}`,
    }) as S3Storage;
  });
  afterAll(async () => {
    await storage.close();
    for (const variable of Object.keys(credentials)) {
      if (before[variable] === undefined) delete process.env[variable];
      else process.env[variable] = before[variable];
    }
    server.closeAllConnections();
    server.close();
  });

  storesObjects(() => storage);

  it('has it under the prefix, with its type', () => {
    expect(objects.get(`/shop-pictures/products/${name}`)).toEqual({ type: 'image/png', body: bytes });
  });

  it('is unavailable when it refuses, or does not go on', async () => {
    const bucket = { name: 'stands-still', prefix: '', region: 'eu-central-1', endpoint };
    const still = new S3Storage(bucket, { timeoutMs: 50 });
    await expect(still.get(name)).rejects.toThrow(StoreUnavailable);
    await still.close();
    const nowhere = new S3Storage({ ...bucket, endpoint: 'http://127.0.0.1:1' }, { timeoutMs: 500 });
    await expect(nowhere.put(name, bytes, 'image/png')).rejects.toThrow(StoreUnavailable);
    await nowhere.close();
  });
});

describe('MARKETPLACE_FILES_URL', () => {
  it.each([
    [undefined, join(process.cwd(), 'data/files')],
    ['', join(process.cwd(), 'data/files')],
    ['file:./pictures', join(process.cwd(), 'pictures')],
    ['file:/var/pictures', '/var/pictures'],
    ['file:///var/pictures', '/var/pictures'],
  ])('%p is a folder', (url, folder) => {
    expect(objectStorageFrom({ MARKETPLACE_FILES_URL: url })).toMatchObject({ folder });
  });

  it.each([
    ['pictures', 'is neither a folder nor a bucket'],
    ['https://s3.amazonaws.com/pictures', 'is neither a folder nor a bucket'],
    ['file:', 'names no folder'],
    ['file://server/pictures', 'names no folder'],
    ['s3://', 'names no bucket'],
    ['s3://A_B', 'names no bucket'],
    ['s3://me:s3cr3t@pictures', 'holds credentials'],
    ['s3://pictures?zone=1', 'has zone'],
    ['s3://pictures?endpoint=ftp://there', 'has an endpoint'],
  ])('%p is refused, with what to set instead', (url, why) => {
    const refused = () => objectStorageFrom({ MARKETPLACE_FILES_URL: url });
    expect(refused).toThrow(ConfigurationError);
    expect(refused).toThrow(`MARKETPLACE_FILES_URL ${why}`);
    expect(refused).toThrow(/such as file:.* or .*s3:/);
    expect(refused).not.toThrow('s3cr3t');
  });
});
