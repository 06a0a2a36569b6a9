import { definitionOf, type SystemDescription } from '../system-description.ts';

/** The stacks that hold functions. */
export type FunctionStackName = 'data' | 'pipeline' | 'live' | 'api';

/**
 * The functions of each stack. It follows from what invokes a function, so that a new one needs no word here.
 *
 * @throws Error naming a function that nothing invokes.
 */
export function placeFunctions(system: SystemDescription): Readonly<Record<FunctionStackName, string[]>> {
  const placed: Record<FunctionStackName, string[]> = { data: [], pipeline: [], live: [], api: [] };
  for (const name of Object.keys(system.functions)) placed[stackOf(system, name)].push(name);
  return placed;
}

function stackOf(system: SystemDescription, name: string): FunctionStackName {
  if (definitionOf(system, name).uses.includes('dataset')) return 'data';
  if (eventDriven(system).has(name)) return 'pipeline';
  if (streaming(system).has(name)) return 'live';
  if (requestDriven(system).has(name)) return 'api';
  throw new Error(
    `Nothing in infra/system.ts invokes the function "${name}": give it a route or an event source, or remove it.`,
  );
}

function eventDriven({ eventSources: { stream, topic, schedules = [] } }: SystemDescription): Set<string> {
  const sources = [stream, topic, ...schedules].filter((source) => source !== undefined);
  return new Set(sources.map((source) => source.function));
}

/** The function behind the function URL and those that it invokes in turn. */
function streaming(system: SystemDescription): Set<string> {
  const entry = system.functionUrl.function;
  return new Set([entry, ...invokedBy(system, entry)]);
}

/** The functions that a function may invoke: those of its capabilities `invoke:<name>`. */
function invokedBy(system: SystemDescription, name: string): string[] {
  const capabilities = definitionOf(system, name).uses;
  return capabilities.flatMap((capability) => /^invoke:(.+)$/.exec(capability)?.[1] ?? []);
}

function requestDriven(system: SystemDescription): Set<string> {
  return new Set([system.defaultRoute, ...system.httpRoutes.map((route) => route.function)]);
}
