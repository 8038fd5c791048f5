import { isDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { MONGODB_VERSION } from './handshake.js';

/** Answers for the parameters that this server has; the others are refused as MongoDB refuses unknown ones. */
export const getParameter: Command = ({ body }, { expired }) => {
  const parameters = {
    featureCompatibilityVersion: { version: MONGODB_VERSION.slice(0, 2).join('.') },
    ttlMonitorSleepSecs: expired.sweepSeconds,
  };
  const all = body.getParameter === '*' || (isDocument(body.getParameter) && body.getParameter.allParameters === true);
  const asked = Object.fromEntries(Object.entries(parameters).filter(([name]) => all || body[name] !== undefined));
  if (Object.keys(asked).length === 0) throw new MongoDBError('InvalidOptions', 'no option found to get');
  return asked;
};

/** Changes how often expired documents are removed: `{ setParameter: 1, ttlMonitorSleepSecs: 1 }`. */
export const setParameter: Command = (request, { expired }) => {
  const args = Arguments.of(request);
  const seconds = args.count('ttlMonitorSleepSecs');
  args.end();
  if (!seconds) throw new MongoDBError('InvalidOptions', 'no option found to set, use help:true to see options');
  const was = expired.sweepSeconds;
  expired.sweepEvery(seconds);
  return { was };
};
