// Another process that appends to the database file of its first argument. Each line of its input names a stream and a
// number of events; they are appended one by one, the lines side by side. Each answer is printed as soon as it comes.
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { SqliteDatabase } from '../../database/sqlite-database.js';
import { SqliteEventStore } from '../sqlite-event-store.js';

const store = new SqliteEventStore(await SqliteDatabase.open(`sqlite:${process.argv[2]}`));
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const running = [];

async function append(stream, count) {
  for (let n = 0; n < count; n++) {
    const event = { id: randomUUID(), type: `test.by-${process.pid}`, version: 1, headers: {}, data: { n } };
    const { revision, position } = await store.append(stream, [event], { expected: 'any' });
    print({ stream, id: event.id, revision, position: String(position) });
  }
}

print('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [stream, count] = line.split(' ');
  running.push(append(stream, Number(count)));
}
await Promise.all(running);
await store.close();
