import { compileFilter } from './event-sources/filter-pattern.ts';
import { type HostedFunction, type HostedSystem, routeKey } from './system.ts';

/** The system's description contradicts itself or asks for what AWS can't do. */
export class SystemDescriptionError extends Error {
  constructor(problem: string) {
    super(`The description of the system is wrong: ${problem}.`);
    this.name = 'SystemDescriptionError';
  }
}

/**
 * Refuses a system that would fail only later, or only on AWS.
 *
 * @throws SystemDescriptionError, or FilterPatternError for a filter that the host doesn't understand or that never matches.
 */
export function checkSystem(system: HostedSystem): void {
  const { routes, defaultFunction, functionUrl, streams, topics, schedules } = system;
  for (const source of [...streams, ...topics, ...schedules]) {
    requireFunction(system, source.function, 'buffered', 'an event source');
  }
  for (const route of routes) requireFunction(system, route.function, 'buffered', routeKey(route));
  if (defaultFunction !== undefined)
    requireFunction(system, defaultFunction, 'buffered', 'the default route');
  if (functionUrl) requireFunction(system, functionUrl.function, 'stream', 'the function URL');
  refuseDuplicates(routes.map(routeKey));
  for (const { filters } of streams) compileFilter(filters);
}

function requireFunction(
  { functions }: HostedSystem,
  name: string,
  invocation: HostedFunction['invocation'],
  by: string,
): void {
  const definition = functions[name];
  if (!definition) throw new SystemDescriptionError(`${by} invokes "${name}", which doesn't exist`);
  if (definition.invocation !== invocation) {
    throw new SystemDescriptionError(
      `${by} can't invoke "${name}", because its invocation is ${definition.invocation}`,
    );
  }
}

function refuseDuplicates(keys: readonly string[]): void {
  const duplicate = keys.find((key, i) => keys.indexOf(key) !== i);
  if (duplicate !== undefined) throw new SystemDescriptionError(`the route ${duplicate} is declared twice`);
}
