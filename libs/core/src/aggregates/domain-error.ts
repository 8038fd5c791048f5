/**
 * A refusal in the words of the domain: extend it for each reason, `class OrderAlreadyPlaced extends DomainError`. It
 * reaches the caller as it is, over HTTP as a 409 with its name; a process manager sees it in `@OnRefused`. Any other
 * error is taken for a technical failure and retried where retrying is possible.
 */
export abstract class DomainError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
