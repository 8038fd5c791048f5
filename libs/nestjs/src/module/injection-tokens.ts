import type { Class } from '@gesta/core';
import type { FactoryProvider } from '@nestjs/common';

/** Where what is injected by class comes from: the application that is being made. */
export interface InjectionSource {
  repositoryOf(aggregateClass: Class): object | undefined;
  readModelOf(projectionClass: Class): object | undefined;
}

/** The token of the {@link InjectionSource}. */
export const INJECTION_SOURCE = Symbol('GestaInjectionSource');

/** What a token stands for. */
export interface Injectable {
  readonly kind: 'repository' | 'read model';
  readonly of: Class;
}

/**
 * A parameter decorator cannot add a provider to a module. So every token that is asked for is noted here, and Nest
 * reads these lists when it scans an application. They hold declarations, as decorators leave them; the repositories
 * and read models themselves are each application's own.
 */
const providers: FactoryProvider[] = [];
const exportedTokens: symbol[] = [];
const injectables = new Map<unknown, Injectable>();
const repositoryTokens = new WeakMap<Class, symbol>();
const readModelTokens = new WeakMap<Class, symbol>();

/** The providers for every token there is, as lists that grow while classes are being declared. */
export const injectionProviders = { providers, exports: exportedTokens };

/**
 * The token under which the aggregate's repository is injected, for factories and for `app.get(repositoryToken(Order))`.
 * It is the class's own: another class of the same name has another.
 */
export function repositoryToken(aggregateClass: Class): symbol {
  return tokenOf(repositoryTokens, { kind: 'repository', of: aggregateClass }, (source) =>
    source.repositoryOf(aggregateClass),
  );
}

/** The token under which the projection's read model is injected. */
export function readModelToken(projectionClass: Class): symbol {
  return tokenOf(readModelTokens, { kind: 'read model', of: projectionClass }, (source) =>
    source.readModelOf(projectionClass),
  );
}

/** What the token stands for, if it is one of these. */
export function injectableOf(token: unknown): Injectable | undefined {
  return injectables.get(token);
}

function tokenOf(
  tokens: WeakMap<Class, symbol>,
  injectable: Injectable,
  find: (source: InjectionSource) => object | undefined,
): symbol {
  const known = tokens.get(injectable.of);
  if (known) return known;
  const token = Symbol(`${injectable.kind} of ${injectable.of.name}`);
  tokens.set(injectable.of, token);
  injectables.set(token, injectable);
  providers.push({ provide: token, useFactory: find, inject: [INJECTION_SOURCE] });
  exportedTokens.push(token);
  return token;
}
