import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { refuseEmpty } from './database-file.js';

describe('refuseEmpty', () => {
  it('refuses a database that is not there, which would be made', () => {
    expect(() => refuseEmpty('sqlite:/nowhere/gesta.db')).toThrow('There is no database /nowhere/gesta.db');
  });

  it('refuses stores in memory, which cannot be seen from outside', () => {
    for (const url of ['memory:', 'sqlite::memory:'])
      expect(() => refuseEmpty(url)).toThrow('cannot be seen from here');
  });

  it('lets everything else through', () => {
    for (const url of [`sqlite:${fileURLToPath(import.meta.url)}`, 'esdb://host', 'mongodb://host/db'])
      refuseEmpty(url);
  });
});
