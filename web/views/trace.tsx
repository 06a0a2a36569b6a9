import { useSignal, useSignalEffect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { operations } from '../../shared/api/operations.ts';
import { formatDate, formatDelay, formatInteger } from '../format.ts';
import { newestCompleteDay } from '../state/state.ts';
import { type TraceSteps, tracePosition, traceSteps } from '../state/trace.ts';
import { readPipeline } from '../stream/click-log.ts';
import { createRefresh } from '../stream/refresh.ts';
import { DocsLinks } from './docs-links.tsx';
import { useInSight, useSelected } from './hooks.ts';
import type { Page } from './page.ts';

/** Totals of a run are expensive for the database, so they are requested only after a day is complete and while there is a lag. */
const GAP_MS = 3_000;

const BEFORE = 'Available after the first complete day.';

const STEPS: readonly { readonly key: keyof TraceSteps; readonly name: string; readonly measures: string }[] =
  [
    {
      key: 'api',
      name: 'API',
      measures:
        'From the click to the answer that accepts it, including DynamoDB’s update, by this browser’s clock.',
    },
    {
      key: 'dynamodb',
      name: 'DynamoDB',
      measures: 'Until the table’s stream has invoked the producer.',
    },
    {
      key: 'kafka',
      name: 'Kafka',
      measures: 'Until Kafka has acknowledged all sales of the day.',
    },
    { key: 'mysql', name: 'MySQL', measures: 'Until the last of them is stored in MySQL.' },
    {
      key: 'you',
      name: 'you',
      measures:
        'Until it arrived in this browser. The click tells the clocks apart, to within half of the API’s time.',
    },
  ];

/** What the servers reported of the newest complete day. */
interface Report {
  readonly about: string;
  readonly steps: TraceSteps | null;
  /** Messages waiting in Kafka: null if unknown, undefined before the first request. */
  readonly lag?: number | null;
  readonly deadLetters?: number;
}

/** How long each step of the last day's click took, and which step a click under way has reached. */
export function Trace({ page }: { page: Page }) {
  const section = useRef<HTMLElement>(null);
  const status = useSelected(page.store, (state) => state.status);
  const newest = useSelected(page.store, ({ run }) => newestCompleteDay(run)?.dayIndex ?? null);
  const report = useReport(page, section);
  void page.requests.value;
  const position =
    status &&
    tracePosition({
      isAsking: page.clicks.isAsking(),
      stored: status.is_running ? { received: status.day_received, total: status.day_total } : null,
      isShown: newest === status.day_index,
    });
  return (
    <section
      id="trace"
      ref={section}
      class="panel trace"
      aria-labelledby="trace-title"
      hidden={status?.total_days === 0}
    >
      <div class="trace-title">
        <h2 id="trace-title">Trace of the last day</h2>
        <p id="trace-about" class="quiet">
          {report.about}
        </p>
      </div>
      <ol class="trace-steps">
        {STEPS.map(({ key, name, measures }, index) => (
          <li key={key} title={measures} data-lit={litAs(index, position)}>
            <span class="quiet">{name}</span> <b class="number">{formatDelay(report.steps?.[key] ?? null)}</b>
          </li>
        ))}
      </ol>
      <p class="trace-health">
        <Health name="lag" title="Messages that are published but not stored yet." count={report.lag} />
        <Health
          name="dead letters"
          title="Messages that could not be parsed, kept for a replay."
          count={report.deadLetters}
        />
      </p>
      <details>
        <summary>What is measured</summary>
        <dl>
          {STEPS.map(({ key, name, measures }) => (
            <>
              <dt key={`${key} name`}>{name}</dt>
              <dd key={key}>{measures}</dd>
            </>
          ))}
        </dl>
        <p class="quiet">
          A dash means unknown: another page requested the day, or the record of its click was lost. From{' '}
          <DocsLinks operations={[operations.readMetrics, operations.readRunDays]} />.
        </p>
      </details>
    </section>
  );
}

function litAs(index: number, position: number | null): 'passed' | 'now' | undefined {
  if (position === null || index > position) return undefined;
  return index === position ? 'now' : 'passed';
}

/** A count that should be 0, highlighted if it isn't. */
function Health({ name, title, count }: { name: string; title: string; count: number | null | undefined }) {
  return (
    <span title={title}>
      <span class="quiet">{name} </span>
      <b class="number" data-state={count === undefined ? undefined : count === 0 ? 'good' : 'bad'}>
        {count === undefined ? '–' : count === null ? 'unknown' : formatInteger(count)}
      </b>
    </span>
  );
}

/** Requests a report after each complete day while the trace is visible. */
function useReport({ store, clicks }: Page, section: RefObject<Element | null>): Report {
  const { state } = store;
  const isInSight = useInSight(section);
  const report = useSignal<Report>({ about: BEFORE, steps: null });
  /** The run and day that was requested last. */
  const requested = useRef('');
  const refresh = useMemo(
    () => createRefresh(load, () => isInSight.value && document.visibilityState === 'visible', GAP_MS),
    [],
  );

  async function load(signal: AbortSignal): Promise<void> {
    const { run, status } = state.peek();
    const newest = newestCompleteDay(run);
    const runId = status?.run_id ?? null;
    if (runId === null || !newest) return;
    const { dayIndex, shownAt } = newest;
    const answer = await readPipeline(clicks.api, runId, dayIndex, signal);
    // After a reset the answer belongs to a finished run.
    const now = state.peek();
    if (signal.aborted || now.status?.run_id !== runId || !newestCompleteDay(now.run)) return;
    if ('problem' in answer) {
      // The next state requests it again.
      requested.current = '';
      const { title, code, remedy } = answer.problem;
      report.value = { ...report.peek(), about: `Unavailable: ${title} (${code}). ${remedy}` };
      return;
    }
    const { day, lag, deadLetters } = answer.body;
    report.value = {
      about: day ? `${formatDate(day.date)}, day ${formatInteger(dayIndex + 1)}` : '',
      steps: day ? traceSteps(day, clicks.of(runId, dayIndex), shownAt) : report.peek().steps,
      lag,
      deadLetters,
    };
    // The last batch is confirmed a moment after it is stored, and its day may be stored before the producer has noted that
    // Kafka has it: a lag that stays is followed, as is a note that is missing.
    if (lag !== 0 || day?.published_at === null) refresh.follow();
  }

  useSignalEffect(() => {
    const { run, status } = state.value;
    void store.now.value;
    if (!status) return;
    const newest = newestCompleteDay(run);
    if (!newest) {
      requested.current = '';
      report.value = { ...report.peek(), about: BEFORE, steps: null };
      return;
    }
    const day = `${status.run_id} ${newest.dayIndex}`;
    if (day === requested.current) return;
    requested.current = day;
    refresh.soon();
  });
  useSignalEffect(() => {
    void isInSight.value;
    refresh.resume();
  });
  useEffect(() => {
    document.addEventListener('visibilitychange', refresh.resume);
    return () => document.removeEventListener('visibilitychange', refresh.resume);
  }, []);
  return report.value;
}
