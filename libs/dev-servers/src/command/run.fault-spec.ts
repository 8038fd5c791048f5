import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandProcess } from '../../test/command-process.js';

const certificate = (name: string) =>
  fileURLToPath(new URL(`../eventstoredb/access/test-certificate/${name}.pem`, import.meta.url));

describe('gesta-dev-servers', () => {
  let folder: string;
  let processes: CommandProcess[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-dev-servers-'));
    processes = [];
  });
  afterEach(async () => {
    for (const process of processes) await process.end('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  function start(...args: string[]): CommandProcess {
    const process = CommandProcess.start(...args);
    processes.push(process);
    return process;
  }
  async function count(url: string): Promise<number> {
    const client = EventStoreDBClient.connectionString(url);
    await client.appendToStream('s', jsonEvent({ type: 'x', data: {} }));
    const events = await Array.fromAsync(client.readStream('s'));
    await client.dispose();
    return events.length;
  }

  it('says what it is for, then where each server is, and ends cleanly', async () => {
    const command = start('--eventstoredb', '0', '--mongodb', '0');
    const mongo = await MongoClient.connect(await command.url('MongoDB'));
    await mongo.db('d').collection('c').insertOne({ a: 1 });
    await mongo.close();
    expect(await count(await command.url('EventStoreDB'))).toBe(1);
    expect(command.lines[0]).toMatch(/for development and tests/);
    expect(command.lines.slice(1)).toEqual([
      expect.stringMatching(/^EventStoreDB ready: esdb:\/\/127\.0\.0\.1:\d+\?tls=false \(in memory\)$/),
      expect.stringMatching(/^MongoDB ready: mongodb:\/\/127\.0\.0\.1:\d+\/? \(in memory\)$/),
    ]);
    expect(await command.end('SIGTERM')).toBe(0);
    expect(command.errors).toEqual([]);
  });

  it('starts only what is named, and keeps its data in a folder', async () => {
    for (const expected of [1, 2]) {
      const command = start('--eventstoredb', '0', '--data', join(folder, 'data'));
      expect(await count(await command.url('EventStoreDB'))).toBe(expected);
      expect(command.lines).toHaveLength(2);
      expect(command.lines[1]).toContain(`(data in ${join(folder, 'data')})`);
      expect(await command.end('SIGINT')).toBe(0);
    }
  });

  it('asks for users when it has a certificate', async () => {
    const files = ['--tls-cert', certificate('cert'), '--tls-key', certificate('key')];
    const url = await start('--eventstoredb', '0', ...files).url('EventStoreDB');
    const withUser = url.replace('//', '//admin:changeit@').replace('127.0.0.1', 'localhost');
    expect(await count(`${withUser}&tlsCAFile=${certificate('cert')}`)).toBe(1);
  });

  it('says in one line why a server could not be started, and starts none', async () => {
    const { port } = new URL((await start('--eventstoredb', '0').url('EventStoreDB')).replace('esdb', 'http'));
    const command = start('--mongodb', '0', '--eventstoredb', port);
    expect(await command.ended).toBe(1);
    expect(command.errors).toEqual([
      `gesta-dev-servers: port ${port} of 127.0.0.1 is taken: give --eventstoredb another one, or 0 for one that is free`,
    ]);
  });

  it('says so for the other server too', async () => {
    const { port } = new URL(await start('--mongodb', '0').url('MongoDB'));
    const command = start('--mongodb', port);
    expect(await command.ended).toBe(1);
    expect(command.errors.join()).toContain('give --mongodb another one');
  });

  it('ends with the shell in which npx runs it', async () => {
    const command = CommandProcess.startByNpx('--mongodb', '0');
    await command.url('MongoDB');
    expect(await command.end('SIGTERM')).toBeNull(); // the shell dies of it, and the command a moment later
  });

  it('refuses a certificate without its key', async () => {
    const command = start('--tls-cert', 'x');
    expect(await command.ended).toBe(1);
    expect(command.errors.join()).toMatch(/--tls-cert and --tls-key belong together/);
  });
});
