import { isAbsolute, resolve } from 'node:path';
import { ConfigurationError } from '@gesta/nestjs';
import { FolderStorage } from './folder-storage.js';
import type { ObjectStorage } from './object-storage.js';
import { S3Storage, type Bucket } from './s3-storage.js';

export const DEFAULT_FILES_URL = 'file:./data/files';
const EXAMPLES = `set it to a folder, such as ${DEFAULT_FILES_URL}, or a bucket, such as s3://shop-pictures?region=eu-central-1`;
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * The storage that `MARKETPLACE_FILES_URL` names: `file:./data/files` for a folder, which it is when absent, or
 * `s3://bucket/prefix?region=…&endpoint=https://…` for a bucket.
 * @throws {ConfigurationError} for anything else
 */
export function objectStorageFrom({ MARKETPLACE_FILES_URL: text }: NodeJS.ProcessEnv): ObjectStorage {
  const url = text || DEFAULT_FILES_URL;
  if (url.startsWith('file:')) return new FolderStorage(folderOf(url.slice('file:'.length)));
  return new S3Storage(bucketOf(url));
}

/** @param path after `file:`; `//` before an absolute one may be there or not, and `./` is the working folder */
function folderOf(path: string): string {
  const plain = path.startsWith('///') ? path.slice(2) : path;
  if (plain === '' || plain.startsWith('//')) throw refused('names no folder of this machine');
  return isAbsolute(plain) ? plain : resolve(plain);
}

function bucketOf(text: string): Bucket {
  const url = URL.parse(text);
  if (url?.protocol !== 's3:') throw refused('is neither a folder nor a bucket');
  if (!BUCKET_NAME.test(url.host)) throw refused('names no bucket');
  if (url.username !== '' || url.password !== '') {
    throw refused('holds credentials, which belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  }
  const unknown = [...url.searchParams.keys()].filter((name) => name !== 'region' && name !== 'endpoint');
  if (unknown.length > 0) throw refused(`has ${unknown.join(', ')}; it may have region and endpoint`);
  const endpoint = url.searchParams.get('endpoint');
  if (endpoint !== null && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw refused('has an endpoint that is no http or https URL');
  }
  const path = decodeURIComponent(url.pathname).replace(/^\/|\/$/g, '');
  return {
    name: url.host,
    prefix: path === '' ? '' : `${path}/`,
    region: url.searchParams.get('region') ?? 'us-east-1',
    ...(endpoint !== null && { endpoint }),
  };
}

/** What stands in the variable is not shown: it may hold what is secret. */
function refused(why: string): ConfigurationError {
  return new ConfigurationError([`MARKETPLACE_FILES_URL ${why}: ${EXAMPLES}`]);
}
