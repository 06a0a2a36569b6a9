import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { operations } from '../../shared/api/operations.ts';
import { formatInteger } from '../format.ts';
import { isOwnMachine } from '../stream/api.ts';
import { type BreakablePart, isWhole } from '../stream/pipeline.ts';
import { createRefresh } from '../stream/refresh.ts';
import { Button } from './controls.tsx';
import { DocsLinks } from './docs-links.tsx';
import { useInSight, useSelected } from './hooks.ts';
import type { Page } from './page.ts';

/** Shortest time (ms) between two proofs. */
const GAP_MS = 1_500;
/** How long (s) a part stays broken. */
const FAULT_SECONDS = 8;

const CHAOS = '/chaos';

type InjectedFault = NonNullable<BreakablePart['fault']>;

const TITLES: Readonly<Record<string, string>> = {
  consumer: 'Consumer',
  producer: 'Producer',
  kafka: 'Kafka',
  mysql: 'MySQL',
  dynamodb: 'DynamoDB',
};

/** The proof that nothing is lost or doubled and, on one machine, buttons that break something. */
export function Resilience({ page }: { page: Page }) {
  const section = useRef<HTMLElement>(null);
  const { proof, problem, parts, injectFault } = useResilience(page, section);
  const hasNoParts = isOwnMachine() && parts?.length === 0;
  const isUnderWay = (proof?.under_way ?? 0) > 0;
  const { now } = page.store;
  return (
    <section id="resilience" class="panel resilience" ref={section} aria-labelledby="resilience-title">
      <h2 id="resilience-title">Proof</h2>
      <dl class="proof" aria-live="off">
        <Count name="published" value={proof?.published} />
        <Count name="stored" value={proof?.stored} />
        <Count
          name="distinct"
          title="Published sales that are stored, each counted once"
          value={proof?.distinct}
        />
        <Count name="under way" value={proof?.under_way} />
        <Count name="lost" value={proof?.lost} expected={isUnderWay ? undefined : 0} />
        <Count name="doubled" value={proof?.doubled} expected={0} />
      </dl>
      {parts !== null && parts.length > 0 && (
        <div class="faults">
          <h3>Break something</h3>
          {parts.map(({ part, fault: current }) => (
            <fieldset key={part}>
              <legend>
                {TITLES[part] ?? part}
                <span class="quiet">{current && ` ${faultText(current, now.value)}`}</span>
              </legend>
              {['kill', 'pause'].map((action) => (
                <Button
                  key={action}
                  id={`${action}-${part}`}
                  aria-label={`${action} ${TITLES[part] ?? part} for ${FAULT_SECONDS} seconds`}
                  isPressable={current === null}
                  onPress={() => injectFault(part, action)}
                >
                  {action}
                </Button>
              ))}
            </fieldset>
          ))}
        </div>
      )}
      {hasNoParts && (
        <p class="source quiet">Nothing can be broken here: the system was started with --no-chaos.</p>
      )}
      {page.hasFault.value && (
        <p id="fault-hint" class="source">
          {hintFor(parts ?? [])}
        </p>
      )}
      <p class="source quiet">
        {problem
          ? `Unavailable: ${problem.title}. ${proof ? 'The last proof is shown. ' : ''}`
          : 'Counted by the server from the ids of all events of the run. '}
        From <DocsLinks operations={[operations.readProof]} />
      </p>
    </section>
  );
}

/** How a part is broken, and for how long still. @param now ms of this browser's clock, which is that of the server. */
function faultText(fault: InjectedFault, now: number): string {
  const state = fault.action === 'kill' ? 'killed' : 'paused';
  const seconds = Math.ceil((Date.parse(fault.ends_at) - now) / 1_000);
  if (seconds > 0) return `${state}, ${seconds} s left`;
  return fault.action === 'kill' ? 'starting again' : 'going on';
}

/** What can be tried while something is broken. A click is accepted by DynamoDB, so without it there is none. */
function hintFor(parts: readonly BreakablePart[]): string {
  return parts.some(({ part, fault }) => part === 'dynamodb' && fault !== null)
    ? 'Next day is refused until DynamoDB is back: whatever was accepted before is stored.'
    : 'Press Next day or Play meanwhile: what a broken part can’t take waits, and is stored once it is back.';
}

/** One figure; highlighted if it is or isn't what it must be. */
function Count({
  name,
  title,
  value,
  expected,
}: {
  name: string;
  title?: string;
  value: number | undefined;
  expected?: number | undefined;
}) {
  const state =
    value === undefined || expected === undefined ? undefined : value === expected ? 'good' : 'bad';
  return (
    <div title={title}>
      <dt class="quiet">{name}</dt>
      <dd id={`proof-${name.replace(' ', '-')}`} class="number" data-state={state}>
        {value === undefined ? '–' : formatInteger(value)}
      </dd>
    </div>
  );
}

function useResilience(page: Page, section: { readonly current: HTMLElement | null }) {
  const { store, clicks } = page;
  const isInSight = useInSight(section);
  const { parts, hasFault } = page;
  // The report at the top depends on whether a fault is over, wherever this panel is.
  const isWanted = () => isInSight.value || hasFault.peek();
  const refresh = useMemo(
    () => createRefresh(load, () => isWanted() && document.visibilityState === 'visible', GAP_MS),
    [],
  );
  const moved = useComputed(() => {
    const { status } = store.state.value;
    if (status === null) return null;
    return `${status.run_id} ${status.day_index} ${status.day_received}`;
  });

  async function load(signal: AbortSignal): Promise<void> {
    // Only on one's own machine can something be broken.
    const [known] = await Promise.all([page.readProof(), isOwnMachine() && loadParts(signal)]);
    if (signal.aborted) return;
    if (hasFault.peek()) refresh.soon();
    else if (known.problem || !known.proof || !isWhole(known.proof)) refresh.follow();
  }

  async function loadParts(signal: AbortSignal): Promise<void> {
    const read = await clicks.api.readAtOnce<{ parts: readonly BreakablePart[] }>(CHAOS, signal);
    if (!signal.aborted && 'body' in read) parts.value = read.body.parts;
  }

  async function injectFault(part: string, action: string): Promise<void> {
    const answer = await clicks.api.post<InjectedFault>(`${CHAOS}/${part}`, {
      action,
      seconds: FAULT_SECONDS,
    });
    if ('problem' in answer) store.dispatch({ type: 'problem', problem: answer.problem });
    else {
      // Shown at once: the list comes with the next proof.
      const known = parts.peek() ?? [];
      parts.value = known.map((each) => (each.part === part ? { part, fault: answer.body } : each));
    }
    refresh.now();
  }

  useSignalEffect(() => {
    // Before the run is known, whatever was read would be read again.
    if (moved.value !== null) refresh.soon();
  });
  useSignalEffect(() => {
    void isInSight.value;
    refresh.resume();
  });
  useEffect(() => {
    document.addEventListener('visibilitychange', refresh.resume);
    return () => document.removeEventListener('visibilitychange', refresh.resume);
  }, []);
  const { proof, problem } = page.proof.value;
  const runId = useSelected(store, ({ status }) => status?.run_id);
  return { proof: proof?.run_id === runId ? proof : null, problem, parts: parts.value, injectFault };
}
