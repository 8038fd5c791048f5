import { EventStoreDBClient } from '@eventstore/db-client';
import type { SingleNodeOptions } from '@eventstore/db-client/dist/Client/index.js';
import { ServerFeaturesClient } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendReq, BatchAppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import {
  Channel,
  credentials,
  Metadata,
  status,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientReadableStream,
} from '@grpc/grpc-js';
import type { ExpectedRevision } from '@gesta/core';
import { deleteRequest } from '../streams/delete-request.js';
import type { ConnectionSettings } from './connection-url.js';
import { NoAnswer } from './failures.js';
import { pemFiles } from './pem-files.js';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';

/** The longest that gRPC waits before it tries a lost connection again; its own choice is two minutes. */
const LONGEST_BACKOFF_MS = 2_000;
const KEEP_ALIVE_MS = 10_000;
/**
 * How much the server may send before it hears that it was taken, in bytes. HTTP/2's own 64 KB are a few hundred events:
 * the server would wait for us, and we for it, at every batch.
 */
const FLOW_WINDOW = 2 * 1024 * 1024;
/** EventStoreDB's events have 16 MB at most. */
const LONGEST_MESSAGE = 17 * 1024 * 1024;

/** How long a node may take that is well, for what costs it nothing, in milliseconds. */
const ANSWERED_WITHIN_MS = 1_500;

type BatchAppendCall = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/**
 * The official client, with the calls that its own methods do not offer: reads as the server sends them, and the call
 * behind batch appends. Discovery, login, keep-alive and changing over to another node are the client's.
 */
export class EsdbClient extends EventStoreDBClient {
  /** Counts the connections that were made: between two reads of the same number, one node answered. */
  #connections = 0;
  #channel: Channel | undefined;
  #doubting = false;
  #closed = false;
  readonly #requiresLeader: boolean;
  readonly #deadlineMs: number;

  /** @throws {RangeError} when a file that the settings name cannot be read */
  constructor(settings: ConnectionSettings) {
    const { hosts, discover, tls, verifyCertificate } = settings;
    const { ca, cert, key } = pemFiles(settings);
    const secrets = { rootCertificate: ca, userCertFile: cert, userKeyFile: key };
    const verifyOptions = { rejectUnauthorized: verifyCertificate };
    super(
      {
        ...(discover
          ? { discover: hosts[0]! }
          : hosts.length > 1
            ? { endpoints: [...hosts] }
            : { endpoint: hosts[0]! }),
        ...given({
          connectionName: settings.connectionName,
          discoveryInterval: settings.discoveryInterval,
          maxDiscoverAttempts: settings.maxDiscoverAttempts,
          gossipTimeout: settings.gossipTimeout,
        }),
        nodePreference: settings.nodePreference,
        defaultDeadline: settings.deadlineMs,
      } as unknown as SingleNodeOptions,
      { insecure: !tls, ...secrets, verifyOptions },
      settings.credentials,
    );
    this.#requiresLeader = settings.nodePreference === 'leader';
    this.#deadlineMs = settings.deadlineMs;
    const channelCredentials = (host: string) =>
      tls
        ? credentials.createSsl(secrets.rootCertificate, secrets.userKeyFile, secrets.userCertFile, {
            ...verifyOptions,
            // By the address itself: what is named to the server below is none.
            ...(isIP(host) && { checkServerIdentity: (_, found) => checkServerIdentity(host, found) }),
          })
        : credentials.createInsecure();
    // The client's own channels wait for up to two minutes before they try a server again that was away.
    this['createChannel'] = () => this.#connect(channelCredentials, settings);
  }

  /** The number of connections made so far. While it stays, one node answers, and what it said before holds. */
  get connections(): number {
    return this.#connections;
  }

  /** @param deadlineMs how long the whole call may take; for ever when absent */
  read(request: ReadReq, deadlineMs?: number): Promise<ClientReadableStream<ReadResp>> {
    const call = this.GRPCStreamCreator(StreamsClient, 'read', (client) =>
      client.read(request, ...this.#arguments(deadlineMs)),
    )();
    return inTime(call, deadlineMs ?? this.#deadlineMs, (stream) => stream.on('error', () => undefined).cancel());
  }

  /** The call by which any number of appends go to the server and their answers come back. */
  batchAppend(): Promise<BatchAppendCall> {
    const call = this.GRPCStreamCreator(StreamsClient, 'batchAppend', (client) =>
      client.batchAppend(...this.#arguments()),
    )();
    return inTime(call, this.#deadlineMs, (stream) => stream.on('error', () => undefined).cancel());
  }

  /**
   * Deletes the stream so that it can begin again behind its last revision.
   * @returns where in the log it was deleted, when the server says so
   * @throws {ServiceError} when the server's writer has it otherwise
   */
  deleteSoftly(streamId: string, expected: ExpectedRevision, withinMs: number): Promise<bigint | undefined> {
    const call = this.execute(
      StreamsClient,
      'delete',
      (client) =>
        new Promise<bigint | undefined>((done, fail) => {
          client.delete(deleteRequest(streamId, expected), ...this.#arguments(withinMs), (error, response) => {
            if (error) fail(error);
            else done(response.hasPosition() ? BigInt(response.getPosition()!.getCommitPosition()) : undefined);
          });
        }),
    );
    return inTime(call, withinMs);
  }

  /** What the server can do, and its version. */
  supportedMethods(withinMs = this.#deadlineMs): Promise<SupportedMethods> {
    const call = this.execute(
      ServerFeaturesClient,
      'getSupportedMethods',
      (client) =>
        new Promise<SupportedMethods>((done, fail) => {
          client.getSupportedMethods(new shared.Empty(), ...this.#arguments(withinMs), (error, methods) =>
            error ? fail(error) : done(methods),
          );
        }),
    );
    return inTime(call, withinMs);
  }

  /**
   * An answer is long in coming: where the node does not answer what costs it nothing either, the connection is given up,
   * with all calls on it, and the next call looks for a node anew.
   */
  async doubt(): Promise<void> {
    if (this.#doubting || this.#closed) return;
    this.#doubting = true;
    const { connections } = this;
    try {
      await this.supportedMethods(Math.min(ANSWERED_WITHIN_MS, this.#deadlineMs));
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code !== status.DEADLINE_EXCEEDED || connections !== this.connections || this.#closed) return;
      const gone = Object.assign(new Error('the node does not answer'), {
        code: status.UNAVAILABLE,
        details: 'the node does not answer',
        metadata: new Metadata(),
      });
      // Without a channel there is only a search for one that is under way, which has an end of its own.
      if (this.#channel) await this['handleError']({ getChannel: () => this.#channel } as never, gone);
    } finally {
      this.#doubting = false;
    }
  }

  /** Ends every call and lets go of the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.dispose();
    this.#channel?.close();
  }

  #arguments(deadlineMs?: number) {
    const deadline = deadlineMs === undefined ? Infinity : this.createDeadline(deadlineMs);
    return this.callArguments({ requiresLeader: this.#requiresLeader }, { deadline });
  }

  async #connect(
    channelCredentials: (host: string) => ChannelCredentials,
    { tls, keepAliveInterval = KEEP_ALIVE_MS, keepAliveTimeout = KEEP_ALIVE_MS }: ConnectionSettings,
  ): Promise<Channel> {
    const target = await this.resolveUri();
    this.#connections++;
    const host = target.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
    this.#channel = new Channel(target, channelCredentials(host), {
      // TLS names hosts, and no addresses; with one, Node warns of it.
      ...(tls && isIP(host) && { 'grpc.ssl_target_name_override': 'localhost' }),
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': LONGEST_BACKOFF_MS,
      'grpc.keepalive_time_ms': keepAliveInterval < 0 ? Number.MAX_SAFE_INTEGER : keepAliveInterval,
      'grpc.keepalive_timeout_ms': keepAliveTimeout < 0 ? Number.MAX_SAFE_INTEGER : keepAliveTimeout,
      'grpc.max_receive_message_length': LONGEST_MESSAGE,
      'grpc-node.flow_control_window': FLOW_WINDOW,
    });
    return this.#channel;
  }
}

/** The call's answer, or that there was none in time; what comes later is let go of. */
async function inTime<T>(call: Promise<T>, withinMs: number, letGo?: (late: T) => unknown): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new NoAnswer(withinMs));
    if (letGo) call.then(letGo, () => undefined);
  }, withinMs);
  call.catch(() => undefined);
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Without what is undefined: the client takes it for a value. */
function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
