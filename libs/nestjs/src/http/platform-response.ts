/** A response as Express and Fastify agree on it, for `@Res({ passthrough: true })` in controllers that run on both. */
export interface PlatformResponse {
  statusCode: number;
  header(name: string, value: string): unknown;
}
