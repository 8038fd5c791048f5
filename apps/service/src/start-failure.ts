import { DocumentsOfAnotherLog, StoreUnavailable } from '@gesta/core';
import { ConfigurationError } from '@gesta/nestjs';
import { InvalidEnvironment } from './environment.js';

/** What to tell an operator when a service could not start: what to do where that is known, else the whole error. */
export function inPlainWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const meantForPeople = [InvalidEnvironment, ConfigurationError, DocumentsOfAnotherLog, StoreUnavailable].some(
    (kind) => error instanceof kind,
  );
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${address} is taken: set PORT to another one, such as PORT=${Number(port) + 1}`;
    case 'EACCES':
      return `Port ${port} of ${address} may not be used: set PORT to one from 1024, such as PORT=3000`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address ${address ?? 'of that name'}: set HOST to one it has, such as HOST=127.0.0.1`;
    default:
      // An error of no particular kind was written by hand, as when a store cannot be opened; a stack adds nothing to it.
      return meantForPeople || error.constructor === Error ? error.message : (error.stack ?? error.message);
  }
}
