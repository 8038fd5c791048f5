import { checkTime } from '../cursors/time-limit.js';
import { countMatches } from '../storage/counting.js';
import { Query } from '../storage/query.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { deadlineOf } from './cursor-replies.js';
import { collectionOf } from './namespaces.js';

export const count: Command = async (request, { storage }) => {
  const { database } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const filter = args.optionalDocument('query') ?? {};
  const limit = Math.abs(Number(args.any('limit') ?? 0)) || Infinity; // a negative one is meant as if it were not
  const skip = args.count('skip') ?? 0;
  const hint = args.any('hint');
  const deadline = deadlineOf(args);
  args.ignore('fields');
  args.refuseCollation();
  args.end();
  const query = new Query({ filter, hint });
  const found = await countMatches(storage, { database, name }, query, skip + limit, () => checkTime(deadline));
  return { n: Math.max(0, found - skip) };
};
