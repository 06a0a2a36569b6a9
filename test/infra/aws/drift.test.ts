/** Removes something from a copy of the description, or changes it, and checks that the templates follow. */
import { describe, expect, it } from 'vitest';
import { placeFunctions } from '../../../infra/aws/stacks/function-stack.ts';
import { deployedSystem } from '../../../infra/system.ts';
import type { SystemDescription } from '../../../infra/system-description.ts';
import { methodsOf, routeKey } from '../../../shared/api/route.ts';
import { statementsOf } from './policies.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

function changed(changes: Partial<SystemDescription>): SystemDescription {
  return { ...deployedSystem, ...changes };
}

function routeKeys(system: SystemDescription): unknown[] {
  const routes = resourcesOf(synthesize({ system }).template('api'), 'AWS::ApiGatewayV2::Route');
  return Object.values(routes)
    .map(({ Properties }) => Properties.RouteKey)
    .sort();
}

function mappings(system: SystemDescription) {
  return resourcesOf(synthesize({ system }).template('pipeline'), 'AWS::Lambda::EventSourceMapping');
}

describe('the templates follow the description', () => {
  it('removed routes disappear from the templates', () => {
    const all = deployedSystem.httpRoutes;
    const kept = all.filter((_route, index) => index % 2 === 0);
    const system = changed({ httpRoutes: kept });
    // A function without routes is removed too.
    const named = new Set([...kept.map((each) => each.function), deployedSystem.defaultRoute]);
    const lost = new Set(all.map((each) => each.function).filter((name) => !named.has(name)));
    const functions = Object.fromEntries(
      Object.entries(system.functions).filter(([name]) => !lost.has(name)),
    );
    const taken = kept.flatMap(({ route }) =>
      methodsOf(route).map((method) => routeKey({ ...route, method })),
    );
    const expected = [...taken, '$default'].sort();
    expect(routeKeys({ ...system, functions })).toEqual(expected);
    expect(kept.length).toBeLessThan(all.length);
  });

  it('a removed filter disappears from the templates', () => {
    const { stream, ...others } = deployedSystem.eventSources;
    if (!stream) throw new Error('There is no stream to follow.');
    const unfiltered = changed({ eventSources: { ...others, stream: { ...stream, filters: [] } } });
    expect(mappings(unfiltered).producerStream?.Properties.FilterCriteria).toEqual({ Filters: [] });
  });

  it.each(['stream', 'topic'] as const)(
    'a removed event source disappears from the templates: %s',
    (source) => {
      const { [source]: removed, ...eventSources } = deployedSystem.eventSources;
      const functions = Object.fromEntries(
        Object.entries(deployedSystem.functions).filter(([name]) => name !== removed?.function),
      );
      expect(Object.keys(mappings(changed({ eventSources, functions })))).toHaveLength(1);
    },
  );

  it('a removed schedule disappears from the templates', () => {
    const { schedules = [], ...others } = deployedSystem.eventSources;
    const scheduled = new Set(schedules.map((each) => each.function));
    const functions = Object.fromEntries(
      Object.entries(deployedSystem.functions).filter(([name]) => !scheduled.has(name)),
    );
    const system = changed({ eventSources: { ...others, schedules: [] }, functions });
    synthesize({ system }).template('pipeline').resourceCountIs('AWS::Events::Rule', 0);
  });

  it('a removed capability takes its permissions and settings with it', () => {
    const producer = deployedSystem.functions.producer;
    if (!producer) throw new Error('There is no producer.');
    const uses = producer.uses.filter((capability) => capability !== 'topic:produce');
    const system = changed({ functions: { ...deployedSystem.functions, producer: { ...producer, uses } } });
    const template = synthesize({ system }).template('pipeline');
    const lambda = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).find(
      ({ Properties }) => Properties.FunctionName === 'rtm-dev-producer',
    );
    expect(JSON.stringify(lambda?.Properties.Environment)).not.toContain('KAFKA');
    expect(JSON.stringify(statementsOf(template, lambda?.Properties.Role))).not.toContain('kafka-cluster');
  });

  it('changes of the table and the topic appear in the templates', () => {
    const system = changed({
      table: { ...deployedSystem.table, timeToLive: 'gone_at' },
      topic: { ...deployedSystem.topic, partitions: 12 },
    });
    const { template } = synthesize({ system });
    template('storage').hasResourceProperties('AWS::DynamoDB::Table', {
      TimeToLiveSpecification: { AttributeName: 'gone_at' },
    });
    template('streaming').hasResourceProperties('AWS::MSK::Topic', { PartitionCount: 12 });
  });

  it('a changed prefix of the function URL appears in the templates', () => {
    const system = changed({ functionUrl: { ...deployedSystem.functionUrl, pathPrefixes: ['/live/'] } });
    const template = synthesize({ system }).template('edge');
    expect(JSON.stringify(template.toJSON())).toContain('"/live/*"');
    expect(JSON.stringify(template.toJSON())).not.toContain('"/stream/*"');
  });
});

describe('inconsistent descriptions', () => {
  it('a function that nothing invokes stops the synthesis', () => {
    const { eventSources } = deployedSystem;
    const system = changed({ eventSources: { ...eventSources, schedules: [] } });
    expect(() => placeFunctions(system)).toThrow(/Nothing in infra\/system\.ts invokes .*reconciliation/);
  });

  it('a function that is invoked but not defined stops the synthesis by name', () => {
    const { consumer: _, ...functions } = deployedSystem.functions;
    expect(() => synthesize({ system: changed({ functions }) })).toThrow(/consumer/);
  });
});

describe('the placement of functions', () => {
  it('every function is in exactly one stack', () => {
    const placed = Object.values(placeFunctions(deployedSystem)).flat();
    expect(placed.sort()).toEqual(Object.keys(deployedSystem.functions).sort());
  });
});
