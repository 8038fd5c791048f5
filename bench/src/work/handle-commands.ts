import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { alternate } from '../alternate.js';
import { PLACED, type LineAdded, type OrderPlaced } from '../domain/order-events.js';
import { Order } from '../domain/order.js';
import { orderEventToAppend, orderIdOf, orderStreamOf } from '../domain/sample-events.js';
import { rates, type Finding } from '../finding.js';
import { openWith, settingsOf } from '../floor/floor-database.js';
import { FloorLog } from '../floor/floor-log.js';
import { shuffled } from '../ours/append-orders.js';
import { openGesta } from '../ours/open-gesta.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';

const IN_FLIGHT = 64;
const EVENTS = 20;

/**
 * One command after the other on each of many aggregates, 64 at a time. Streams grow by an event a round; in the middle
 * of the measurement they have 20. The floor reads the stream, folds it, decides and inserts, 64 commands to a commit.
 */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const ours = await openGesta(join(folder, 'ours.db'));
  const log = new FloorLog(openWith(settingsOf(ours.database.events), join(folder, 'floor.db')));
  const repository = ours.gesta.repository(Order);
  const orders = IN_FLIGHT * (quick ? 20 : 80);
  const rounds = quick ? 4 : 6;

  tell(`preparing ${orders} aggregates`);
  const before = EVENTS - rounds / 2 - 1;
  for (let first = 0; first < orders; first += IN_FLIGHT) {
    const group = Array.from({ length: IN_FLIGHT }, (_, index) => first + index);
    const eventsOf = (n: number) => Array.from({ length: before }, (_, revision) => orderEventToAppend(n, revision));
    await Promise.all(group.map((n) => ours.events.append(orderStreamOf(n), eventsOf(n), { expected: 'no-stream' })));
    log.together(() => {
      for (const n of group) eventsOf(n).forEach((event, revision) => log.append(orderStreamOf(n), revision, event));
    });
  }

  const found = await alternate(
    rounds,
    async () => {
      const start = performance.now();
      let index = 0;
      const user = async () => {
        while (index < orders) {
          const id = orderIdOf(shuffled(index++, orders));
          await repository.transact(id, (order) => order.addLine(id, index));
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, user));
      return (orders / (performance.now() - start)) * 1_000;
    },
    () => {
      const start = performance.now();
      for (let first = 0; first < orders; first += IN_FLIGHT) {
        log.together(() => {
          for (let index = first; index < first + IN_FLIGHT; index++) {
            handleByHand(log, shuffled(index, orders), index);
          }
        });
      }
      return (orders / (performance.now() - start)) * 1_000;
    },
    tell,
  );

  const { aggregate } = await repository.load(orderIdOf(0));
  const expected = before + rounds; // the first event is no line, and there was one more round
  if (aggregate.lines !== expected) throw new Error(`An order has ${aggregate.lines} lines, and not ${expected}`);
  log.close();
  await ours.close();
  return [
    rates(`handle a command on a ${EVENTS}-event aggregate, 64 in flight`, 'commands/s', found.ours, found.floor, 1.5),
  ];
}

function handleByHand(log: FloorLog, n: number, number: number): void {
  const [id, stream] = [orderIdOf(n), orderStreamOf(n)];
  const order = new Order();
  const last = log.readStream(stream, (type, data) => {
    if (type === PLACED) order.placed(data as OrderPlaced);
    else order.lineAdded(data as LineAdded);
  });
  const { type, data } = order.addLine(id, number);
  const headers = { correlationId: randomUUID() };
  log.append(stream, last + 1, { id: randomUUID(), type, version: 1, headers, data: { ...data } });
}
