import type { Class } from '@gesta/core';
import type { ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { PROPERTY_DEPS_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/constants.js';

/** A class and the provider that holds its instance, which Nest may still have to make. */
export interface ProvidedClass {
  readonly providedClass: Class;
  readonly provider: InstanceWrapper<object>;
}

/** Every class that some module of the application provides, with those that stand behind a value or a token. */
export function providedClasses(modules: ModulesContainer): ProvidedClass[] {
  return [...modules.values()].flatMap((module) =>
    [...module.providers.values()].flatMap((wrapper) => {
      const provider = wrapper as InstanceWrapper<object>;
      if (provider.isAlias) return [];
      const { instance, metatype, token } = provider;
      const candidates = new Set<unknown>([instance?.constructor, metatype, token]);
      return [...candidates].filter(isClass).map((providedClass) => ({ providedClass, provider }));
    }),
  );
}

/** Every value that some module of the application provides. */
export function providedValues(modules: ModulesContainer): unknown[] {
  return [...modules.values()].flatMap((module) =>
    [...module.providers.values()]
      .filter(({ metatype }) => metatype === null)
      .map(({ instance }) => instance as unknown),
  );
}

/** Every token that a provider, a controller or the like wants injected, with who wants it. */
export function injections(modules: ModulesContainer): { readonly token: unknown; readonly into: string }[] {
  return [...modules.values()].flatMap(({ providers, controllers, injectables }) =>
    [...providers.values(), ...controllers.values(), ...injectables.values()].flatMap((wrapper) => {
      const into = String(wrapper.name);
      return [...factoryInjections(wrapper), ...classInjections(wrapper.metatype)].map((token) => ({ token, into }));
    }),
  );
}

function factoryInjections({ inject }: InstanceWrapper): unknown[] {
  return (inject ?? []).map((wanted) => (typeof wanted === 'object' && 'token' in wanted ? wanted.token : wanted));
}

function classInjections(metatype: unknown): unknown[] {
  if (!isClass(metatype)) return [];
  const parameters = metadata<{ param: unknown }>(SELF_DECLARED_DEPS_METADATA, metatype);
  const properties = metadata<{ type: unknown }>(PROPERTY_DEPS_METADATA, metatype);
  return [...parameters.map(({ param }) => param), ...properties.map(({ type }) => type)];
}

function metadata<T>(key: string, target: object): T[] {
  return (Reflect.getMetadata(key, target) as T[] | undefined) ?? [];
}

function isClass(candidate: unknown): candidate is Class {
  return typeof candidate === 'function';
}
