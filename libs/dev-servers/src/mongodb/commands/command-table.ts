import { aggregate } from './aggregate.js';
import { collMod, create, drop, listCollections, renameCollection } from './collections.js';
import type { Command } from './command.js';
import { count } from './count.js';
import { getMore, killCursors } from './cursor-replies.js';
import { dropDatabase, listDatabases } from './databases.js';
import { remove } from './delete.js';
import * as diagnostics from './diagnostics.js';
import { distinct } from './distinct.js';
import { explain } from './explain.js';
import { findAndModify } from './find-and-modify.js';
import { find } from './find.js';
import { hello, isMaster } from './handshake.js';
import { createIndexes, dropIndexes, listIndexes } from './indexes.js';
import { insert } from './insert.js';
import { getParameter, setParameter } from './parameters.js';
import { endSessions, killAllSessions, refreshSessions, startSession } from './sessions.js';
import { collStats, dbStats } from './statistics.js';
import { endTransaction } from './transactions.js';
import { update } from './update.js';

/** Every command by its names. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    hello,
    isMaster,
    ismaster: isMaster,
    ...diagnostics,
    buildinfo: diagnostics.buildInfo,
    getParameter,
    setParameter,

    insert,
    update,
    delete: remove,
    findAndModify,
    findandmodify: findAndModify,

    find,
    getMore,
    killCursors,
    count,
    distinct,
    aggregate,
    explain,

    create,
    collMod,
    drop,
    renameCollection,
    listCollections,
    createIndexes,
    listIndexes,
    dropIndexes,
    deleteIndexes: dropIndexes,
    listDatabases,
    dropDatabase,
    collStats,
    collstats: collStats,
    dbStats,
    dbstats: dbStats,

    startSession,
    refreshSessions,
    endSessions,
    killSessions: endSessions,
    killAllSessions,
    commitTransaction: endTransaction,
    abortTransaction: endTransaction,
  }),
);
