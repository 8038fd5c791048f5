import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { closeBooks, type PlacedOrder } from './books.js';
import { MarketplaceClient } from './marketplace-client.js';
import { Progress } from './progress.js';
import { marketDay, type Errand } from './traffic.js';

interface Options {
  readonly orders: number;
  readonly concurrency: number;
  readonly seed: number;
  readonly timeout: number;
}

const program = new Command('simulate')
  .description('Drives a running marketplace with seeded, realistic traffic and checks the books at the end.')
  .option('--orders <n>', 'how many orders customers place', wholeNumber(1, 10_000_000), 200)
  .option('--concurrency <n>', 'how many customers are served side by side', wholeNumber(1, 1_000), 8)
  .option('--seed <n>', 'the same seed gives the same traffic', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--timeout <seconds>', 'how long the marketplace may take to settle at the end', wholeNumber(1, 86_400), 60)
  .addHelpText(
    'after',
    `
The marketplace is the one at GESTA_URL (default http://127.0.0.1:3000). Start it with: npm start

Examples:
  npm run simulate
  npm run simulate -- --orders 5000 --concurrency 32 --seed 7

It exits with 0 when the books balance, with 1 when they do not or when the marketplace does not answer.`,
  )
  .parse();

run(program.opts<Options>()).then(
  (balanced) => (process.exitCode = balanced ? 0 : 1),
  (error: Error) => {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  },
);

async function run({ orders, concurrency, seed, timeout }: Options): Promise<boolean> {
  const url = marketplaceUrl();
  const marketplace = new MarketplaceClient(url);
  await marketplace.waitUntilReady(10_000);
  const traffic = marketDay(orders, seed, `r${randomBytes(4).toString('hex')}`);
  console.error(
    `${orders} orders, ${traffic.shelves.size} goods, ${concurrency} side by side, seed ${seed}, on ${url}`,
  );

  const shelves = new Progress('shelves', traffic.shelves.size);
  await sideBySide(
    [...traffic.shelves],
    concurrency,
    ([sku, quantity]) => marketplace.receiveStock(sku, quantity, `${sku}-receipt`),
    shelves,
  );
  const began = performance.now();
  const placed: PlacedOrder[] = [];
  const errand = async (wanted: Errand) => placed.push(await runErrand(marketplace, wanted));
  await sideBySide(traffic.errands, concurrency, errand, new Progress('orders', orders));
  const seconds = (performance.now() - began) / 1_000;

  const settling = new Progress('settled', orders);
  const closing = await closeBooks(marketplace, traffic, placed, timeout * 1_000, (settled) => settling.at(settled));
  settling.end();

  const { confirmed, rejected, cancelled, placed: open, lost } = closing.orders;
  const times = marketplace.placingTimes.sort((one, other) => one - other);
  const quantile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(1);
  console.log(
    `placed ${orders} orders in ${seconds.toFixed(1)} s (${Math.round(orders / seconds)}/s), p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms`,
  );
  console.log(
    `confirmed ${confirmed}, rejected ${rejected}, cancelled ${cancelled}, without an end state ${open}, lost ${lost}`,
  );
  for (const difference of closing.differences.slice(0, 20)) console.log(`  ${difference}`);
  if (closing.differences.length > 20) console.log(`  and ${closing.differences.length - 20} more`);
  console.log(closing.differences.length === 0 ? 'The books balance.' : 'The books do NOT balance.');
  return closing.differences.length === 0;
}

async function runErrand(marketplace: MarketplaceClient, errand: Errand): Promise<PlacedOrder> {
  const order = await marketplace.placeOrder(errand);
  if (errand.repeats) {
    const again = await marketplace.placeOrder(errand);
    if (again.orderId !== order.orderId || again.position !== order.position) {
      throw new Error(
        `A repeat of ${errand.key} was answered with order ${again.orderId}, the first time with ${order.orderId}.`,
      );
    }
  }
  if (errand.cancels) await marketplace.cancelOrder(order.orderId);
  return order;
}

async function sideBySide<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<unknown>,
  progress: Progress,
): Promise<void> {
  const waiting = items.values();
  let done = 0;
  const worker = async () => {
    for (const item of waiting) {
      await work(item);
      progress.at(++done);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    progress.end();
  }
}

function marketplaceUrl(): string {
  const url = process.env.GESTA_URL ?? 'http://127.0.0.1:3000';
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Error(`GESTA_URL is the marketplace's address, such as http://127.0.0.1:3000, not '${url}'.`);
  }
  return url.replace(/\/+$/, '');
}

function wholeNumber(from: number, to: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < from || value > to)
      throw new InvalidArgumentError(`It is a whole number from ${from} to ${to}.`);
    return value;
  };
}
