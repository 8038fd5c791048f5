import type { BodyLimits } from './body-limits.js';
import type { RawBodies } from './raw-bodies.js';
import type { UserIdOf } from './user-id.interceptor.js';

/** What `configureHttp` sets up. Each part can be left out, so that an application that has its own takes the others. */
export interface HttpOptions extends BodyLimits {
  /** `false` leaves errors as they are answered now; `ProblemDetailsFilter` can stand under `APP_FILTER` all the same. */
  problems?: boolean;
  /** `false` leaves requests to pipes of the application's own. */
  validation?: boolean;
  /**
   * What happens to fields of a request that no rule speaks of: they are refused with a 400 when absent; `'drop'` leaves
   * them out, as Nest's `whitelist` does; `'keep'` hands them on.
   */
  unknownFields?: 'refuse' | 'drop' | 'keep';
  /** `false` leaves bodies to parsers of the application's own, with whatever limits they have. */
  bodies?: boolean;
  /** The largest JSON body that is taken, in bytes or as `'1mb'`; 64 kB when absent. What is larger is a 413. */
  bodyLimit?: number | string;
  /**
   * The media types of bodies that the application reads beside `application/json`, such as `multipart/form-data`, with
   * parsers of its own, which are to keep limits of their own; none when absent. Any other body is a 415.
   */
  contentTypes?: readonly string[];
  /**
   * Bodies that certain requests send as bytes, such as uploads: their handlers take a `Buffer` by `@Body()`. Such a
   * request takes no other types, and no other request takes these.
   */
  rawBodies?: readonly RawBodies[];
  /**
   * `false` gives events no correlation with the request that led to them, and lets what a request waits for be waited for
   * when its client is gone.
   */
  correlation?: boolean;
  /**
   * Says who asked, after the application's guards: `userId: ({ user }: AuthenticatedRequest) => user?.id`. Events carry it
   * in their header `userId`, and so does what follows from them; nothing is carried where it says nothing.
   */
  userId?: UserIdOf;
  /** How long a request may take to come in, with its body, in milliseconds; 30,000 when absent, 0 for as long as it likes. */
  requestTimeoutMs?: number;
  /**
   * How long process managers and command inboxes of this application may take for what is in the log, by the pace that they
   * have, before a request that may change something is a 503 with `Retry-After`: in milliseconds, 30,000 when absent, 0 for
   * as long as it takes. One that stands still, or has yet to catch up with what was there before, refuses nothing: readiness
   * tells of it, and what is recorded meanwhile waits for it in order.
   */
  maxBacklogMs?: number;
  /** `false` leaves it to the application to close in order when the process is told to end. */
  shutdownHooks?: boolean;
}
