import { routeKey } from '../../shared/api/route.ts';
import { assertMatchable } from './event-sources/pattern-check.ts';
import type { SystemDescription } from './system-description.ts';

/** The description contradicts itself or asks for what AWS could not do. */
export class SystemDescriptionError extends Error {
  constructor(problem: string) {
    super(`The description of the system is wrong: ${problem}.`);
    this.name = 'SystemDescriptionError';
  }
}

/**
 * Looks for what would go wrong only later, or only on AWS.
 *
 * @throws SystemDescriptionError, or FilterPatternError for a filter that never matches.
 */
export function checkSystem(system: SystemDescription): void {
  const { eventSources, httpRoutes, defaultRoute, functionUrl } = system;
  const sources = [eventSources.stream, eventSources.topic, ...eventSources.schedules];
  for (const source of sources) demand(system, source.function, 'buffered', 'an event source');
  for (const { route, function: name } of httpRoutes) demand(system, name, 'buffered', routeKey(route));
  demand(system, defaultRoute, 'buffered', 'the default route');
  demand(system, functionUrl.function, 'stream', 'the function URL');
  refuseTwins(httpRoutes.map(({ route }) => routeKey(route)));
  for (const pattern of eventSources.stream.filters) assertMatchable(pattern);
}

function demand(
  { functions }: SystemDescription,
  name: string,
  invocation: 'buffered' | 'stream',
  by: string,
): void {
  const definition = functions[name];
  if (!definition) throw new SystemDescriptionError(`${by} wants the function "${name}", which is not there`);
  if (definition.invocation !== invocation) {
    throw new SystemDescriptionError(
      `${by} can't invoke "${name}", for its invocation is ${definition.invocation}`,
    );
  }
}

function refuseTwins(keys: readonly string[]): void {
  const twin = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twin !== undefined) throw new SystemDescriptionError(`the route ${twin} is there twice`);
}
