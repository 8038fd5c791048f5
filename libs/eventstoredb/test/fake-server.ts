import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import serverFeatures from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { StreamsService, type IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type ServiceError,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

/** A server that answers as it is told, to say what a healthy one seldom does. */
export class FakeServer {
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** @param version absent for a server that does not tell it */
  static async start(version: string | undefined, streams: Partial<IStreamsServer> = {}): Promise<FakeServer> {
    const server = new Server();
    if (version !== undefined) {
      server.addService(ServerFeaturesService, {
        getSupportedMethods: (_call: unknown, done: (error: null, methods: unknown) => void) => {
          const methods = new serverFeatures.SupportedMethods();
          methods.setEventStoreServerVersion(version);
          done(null, methods);
        },
      });
    }
    server.addService(StreamsService, streams as UntypedServiceImplementation);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
    return new FakeServer(server, port);
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

/** What EventStoreDB's followers answer. */
export function notLeader(leaderPort: number): Partial<ServiceError> {
  const metadata = new Metadata();
  metadata.set('exception', 'not-leader');
  metadata.set('leader-endpoint-host', '127.0.0.1');
  metadata.set('leader-endpoint-port', String(leaderPort));
  return { code: status.NOT_FOUND, details: 'Leader info available', metadata };
}
