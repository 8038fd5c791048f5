import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StoreUnavailable } from '@gesta/core';
import { ObjectStorage } from './object-storage.js';

/** Keeps pictures in a folder, which all processes share that show them. */
export class FolderStorage extends ObjectStorage {
  /** @param folder made when the first picture comes */
  constructor(readonly folder: string) {
    super();
  }

  override async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.pathOf(name);
    try {
      if (await isThere(path)) return;
      await mkdir(dirname(path), { recursive: true });
      // Under another name until it is whole: nobody is shown half a picture, nor is one left after a crash.
      const unfinished = `${path}.${randomUUID()}`;
      try {
        await written(unfinished, bytes);
        await rename(unfinished, path);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      await flushed(dirname(path));
    } catch (cause) {
      throw new StoreUnavailable(`The folder of pictures, ${this.folder}, does not take one`, { cause });
    }
  }

  override async get(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.pathOf(name));
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw new StoreUnavailable(`The folder of pictures, ${this.folder}, cannot be read`, { cause });
    }
  }

  /** In folders by the first two letters, as one folder with very many files is slow. */
  private pathOf(name: string): string {
    return join(this.folder, name.slice(0, 2), name);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function written(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What was renamed in the folder stays so, also when the power goes. */
async function flushed(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
