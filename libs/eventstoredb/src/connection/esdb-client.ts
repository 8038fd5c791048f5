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
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientReadableStream,
} from '@grpc/grpc-js';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExpectedRevision } from '@gesta/core';
import { deleteRequest } from '../streams/delete-request.js';
import type { ConnectionSettings } from './connection-url.js';

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

type BatchAppendCall = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/**
 * The official client, with the calls that its own methods do not offer: reads as the server sends them, and the call
 * behind batch appends. Discovery, login, keep-alive and changing over to another node are the client's.
 */
export class EsdbClient extends EventStoreDBClient {
  /** Counts the connections that were made: between two reads of the same number, one node answered. */
  #connections = 0;
  #channel: Channel | undefined;
  readonly #requiresLeader: boolean;
  readonly #deadlineMs: number;

  /** @throws {RangeError} when a file that the settings name cannot be read */
  constructor(settings: ConnectionSettings) {
    const { hosts, discover, tls, verifyCertificate } = settings;
    const { caFile, certFile, keyFile } = settings;
    if ((certFile === undefined) !== (keyFile === undefined)) {
      throw new RangeError(`${settings.shown}: userCertFile and userKeyFile belong together`);
    }
    const secrets = {
      rootCertificate: pem(caFile, 'tlsCAFile', settings),
      userCertFile: pem(certFile, 'userCertFile', settings),
      userKeyFile: pem(keyFile, 'userKeyFile', settings),
    };
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
          keepAliveInterval: settings.keepAliveInterval,
          keepAliveTimeout: settings.keepAliveTimeout,
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
    const channelCredentials = tls
      ? credentials.createSsl(secrets.rootCertificate, secrets.userKeyFile, secrets.userCertFile, verifyOptions)
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
    return this.GRPCStreamCreator(StreamsClient, 'read', (client) =>
      client.read(request, ...this.#arguments(deadlineMs)),
    )();
  }

  /** The call by which any number of appends go to the server and their answers come back. */
  batchAppend(): Promise<BatchAppendCall> {
    return this.GRPCStreamCreator(StreamsClient, 'batchAppend', (client) => client.batchAppend(...this.#arguments()))();
  }

  /**
   * Deletes the stream so that it can begin again behind its last revision.
   * @returns where in the log it was deleted, when the server says so
   * @throws {ServiceError} when the server's writer has it otherwise
   */
  deleteSoftly(streamId: string, expected: ExpectedRevision, withinMs: number): Promise<bigint | undefined> {
    return this.execute(
      StreamsClient,
      'delete',
      (client) =>
        new Promise((done, fail) => {
          client.delete(deleteRequest(streamId, expected), ...this.#arguments(withinMs), (error, response) => {
            if (error) fail(error);
            else done(response.hasPosition() ? BigInt(response.getPosition()!.getCommitPosition()) : undefined);
          });
        }),
    );
  }

  /** What the server can do, and its version. */
  supportedMethods(): Promise<SupportedMethods> {
    return this.execute(
      ServerFeaturesClient,
      'getSupportedMethods',
      (client) =>
        new Promise((done, fail) => {
          client.getSupportedMethods(new shared.Empty(), ...this.#arguments(this.#deadlineMs), (error, methods) =>
            error ? fail(error) : done(methods),
          );
        }),
    );
  }

  /** Ends every call and lets go of the connection. */
  async close(): Promise<void> {
    await this.dispose();
    this.#channel?.close();
  }

  #arguments(deadlineMs?: number) {
    const deadline = deadlineMs === undefined ? Infinity : this.createDeadline(deadlineMs);
    return this.callArguments({ requiresLeader: this.#requiresLeader }, { deadline });
  }

  async #connect(
    channelCredentials: ChannelCredentials,
    { keepAliveInterval = KEEP_ALIVE_MS, keepAliveTimeout = KEEP_ALIVE_MS }: ConnectionSettings,
  ): Promise<Channel> {
    const target = await this.resolveUri();
    this.#connections++;
    this.#channel = new Channel(target, channelCredentials, {
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

/** Without what is undefined: the client takes it for a value. */
function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function pem(path: string | undefined, option: string, { tls, shown }: ConnectionSettings): Buffer | undefined {
  if (path === undefined || !tls) return undefined;
  const file = resolve(path);
  if (!existsSync(file)) throw new RangeError(`${shown}: ${option} names ${file}, which is not there`);
  return readFileSync(file);
}
