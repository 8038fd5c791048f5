/** How the simulated provider behaves. */
export interface SimulatedSettings {
  /** How long an answer takes, in milliseconds. */
  readonly answerMs: number;
  /** How long an answer takes for `tok_slow`, in milliseconds. */
  readonly slowMs: number;
  /** The part of authorisations that it declines whatever the token, from 0 to 1. */
  readonly declineRate: number;
  /** The part of first answers that are lost whatever the token, from 0 to 1. */
  readonly lostAnswerRate: number;
  /** What its callbacks are signed with. */
  readonly callbackSecret: string;
  /** A file to which it adds a line for all that it does; none where absent. */
  readonly ledger: string | undefined;
  /** How old a callback may be, in seconds. */
  readonly toleranceS: number;
}
