import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { operations } from '../../shared/api/operations.ts';
import { formatDate, formatInteger, formatMs } from '../format.ts';
import { arrivalRate, backlogOf } from '../state/backlog.ts';
import { newestCompleteDay } from '../state/state.ts';
import { type Trace, type TraceSteps, traceOf, tracePosition } from '../state/trace.ts';
import { isOwnMachine } from '../stream/api.ts';
import { readPipeline } from '../stream/pipeline.ts';
import { createRefresh } from '../stream/refresh.ts';
import { DocsLinks } from './docs-links.tsx';
import { useSelected } from './hooks.ts';
import type { Page } from './page.ts';

/** Totals of a run are expensive for the database, so they are requested only after a day is complete and while there is a lag. */
const GAP_MS = 3_000;

/** A day that takes longer is followed: until then, its completion will cause the request. */
const SLOW_DAY_MS = 5_000;

const BEFORE = 'Available after the first complete day.';

const NO_TRACE: Trace = {
  steps: { api: null, dynamodb: null, kafka: null, mysql: null, you: null },
  total: null,
};

const STEPS: readonly { readonly key: keyof TraceSteps; readonly name: string; readonly measures: string }[] =
  [
    {
      key: 'api',
      name: 'API',
      measures:
        'From the click until DynamoDB has accepted it: half of the time until this browser got the answer.',
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
        'Until it arrived in this browser. The request gives the offset between the two clocks, to within half of its round trip.',
    },
  ];

/** What the servers reported of the newest complete day. */
interface Report {
  readonly about: string;
  readonly trace: Trace;
  /** Messages waiting in Kafka: null if unknown, undefined before the first request. */
  readonly lag?: number | null;
  readonly deadLetters?: number;
  readonly isUnavailable?: boolean;
}

/**
 * The pipeline, always in sight: how long each step of the last advance took, which step a click under way has reached, the lag,
 * and the proof that nothing is lost or doubled.
 */
export function Pipeline({ page }: { page: Page }) {
  const status = useSelected(page.store, (state) => state.status);
  const newest = useSelected(page.store, ({ run }) => newestCompleteDay(run)?.dayIndex ?? null);
  const isDraining = useSelected(
    page.store,
    (state) => backlogOf(state) !== null && arrivalRate(state.arrivals, page.store.now.value) > 0,
  );
  const { about, trace, lag, deadLetters, isUnavailable } = useReport(page);
  const { proof, problem } = page.proof.value;
  void page.requests.value;
  const position =
    status &&
    tracePosition({
      isAsking: page.clicks.isAsking(),
      stored: status.is_running ? { received: status.day_received, total: status.day_total } : null,
      isShown: newest === status.day_index,
      isDraining,
    });
  const known = proof !== null && proof.run_id === status?.run_id ? proof : null;
  return (
    <section id="trace" class="pipeline" aria-label="Pipeline" hidden={status?.total_days === 0}>
      <div class="trace-line">
        <div class="trace-fold">
          <ol class="trace-steps">
            {STEPS.map(({ key, name, measures }, index) => (
              <li key={key} title={measures} data-lit={litAs(index, position)}>
                <span class="quiet">{name}</span> <b>{ms(trace.steps[key])}</b>
              </li>
            ))}
          </ol>
          <div class="waterfall" aria-hidden="true">
            {STEPS.map(({ key }) => (
              <span key={key} style={{ flexGrow: trace.steps[key] ?? 0 }} />
            ))}
          </div>
        </div>
        <p class="trace-total" title={totalMeans(trace)}>
          <span class="quiet trace-equals" aria-hidden="true">
            ={' '}
          </span>
          <span class="quiet trace-short" aria-hidden="true">
            {trace.steps.api === null ? 'accepted to stored ' : 'click to you '}
          </span>
          <span class="visually-hidden">{totalMeans(trace)} </span>
          <b id="trace-total">{formatMs(trace.total)}</b>
        </p>
      </div>
      <p class="trace-health">
        {isUnavailable ? (
          <span class="bad">no report at present</span>
        ) : (
          <>
            <Health name="lag" title="Messages that are published but not stored yet." count={lag} />
            <Health
              name="dead letters"
              title="Messages that could not be parsed, kept for a replay."
              count={deadLetters}
            />
          </>
        )}
        {problem ? (
          <span class="bad">no proof at present</span>
        ) : (
          <a
            id="trace-proof"
            class="plain"
            href="#resilience"
            title="Counted by the server from the ids of all events of the run; more at the bottom of the page"
          >
            <b class="number">{known ? formatInteger(known.stored) : '–'}</b>
            <span class="quiet"> of </span>
            <b class="number">{known ? formatInteger(known.published) : '–'}</b>
            <span class="quiet"> stored, </span>
            <Verdict name="lost" count={known?.lost} />
            <span class="quiet">, </span>
            <Verdict name="doubled" count={known?.doubled} />
          </a>
        )}
        {isOwnMachine() && page.parts.value?.length !== 0 && (
          <a id="to-faults" class="roomy" href="#resilience">
            Break it
          </a>
        )}
        <button type="button" class="text" popovertarget="trace-more">
          What is measured
        </button>
      </p>
      <div id="trace-more" class="trace-more" popover="auto">
        <h2>Trace of the last advance</h2>
        <p id="trace-about" class="quiet">
          {about}
        </p>
        <dl>
          {STEPS.map(({ key, name, measures }) => (
            <div key={key}>
              <dt>
                {name} <span class="number">{ms(trace.steps[key])}</span>
              </dt>
              <dd>{measures}</dd>
            </div>
          ))}
          <div>
            <dt>
              = <span class="number">{formatMs(trace.total)}</span>
            </dt>
            <dd>{totalMeans(trace)}.</dd>
          </div>
        </dl>
        <p class="quiet">
          A dash means unknown: another page requested the day, this one was opened later, or the record of
          its click was lost. From{' '}
          <DocsLinks operations={[operations.readMetrics, operations.readRunDays, operations.readProof]} />.
        </p>
      </div>
    </section>
  );
}

function totalMeans({ steps }: Trace): string {
  return steps.api === null
    ? 'From the accepted request to the last stored sale'
    : 'From the click to the last sale on this page';
}

/** The number alone where it is seen; read aloud and copied with its unit. */
function ms(step: number | null) {
  if (step === null) return '–';
  return (
    <>
      {formatInteger(step)}
      <span class="visually-hidden"> ms</span>
    </>
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
      <b class="number" data-state={stateOf(count)}>
        {count === undefined ? '–' : count === null ? 'unknown' : formatInteger(count)}
      </b>
    </span>
  );
}

function Verdict({ name, count }: { name: string; count: number | undefined }) {
  return (
    <span>
      <b class="number" data-state={stateOf(count)}>
        {count === undefined ? '–' : formatInteger(count)}
      </b>
      <span class="quiet"> {name}</span>
    </span>
  );
}

function stateOf(count: number | null | undefined): 'good' | 'bad' | undefined {
  if (count === undefined) return undefined;
  return count === 0 ? 'good' : 'bad';
}

/** Requests a report after each complete day, and again and again while a day takes long or a part is broken. */
function useReport(page: Page): Report {
  const { store, clicks, hasFault } = page;
  const { state } = store;
  const report = useSignal<Report>({ about: BEFORE, trace: NO_TRACE });
  /** The run and day that was requested last. */
  const requested = useRef('');
  /** The day under way, and since when (ms). */
  const dayUnderWay = useRef({ day: '', since: 0 });
  const refresh = useMemo(
    () => createRefresh(load, () => document.visibilityState === 'visible', GAP_MS),
    [],
  );

  async function load(signal: AbortSignal): Promise<void> {
    const { run, status } = state.peek();
    const runId = status?.run_id ?? null;
    if (runId === null) return;
    const newest = newestCompleteDay(run);
    const [answer, known] = await Promise.all([
      readPipeline(clicks.api, runId, newest?.dayIndex ?? null, signal),
      page.readProof(),
    ]);
    // After a reset the answer belongs to a finished run.
    const now = state.peek();
    if (signal.aborted || now.status?.run_id !== runId) return;
    if (newest && !newestCompleteDay(now.run)) return;
    if ('problem' in answer) {
      // The next state requests it again.
      requested.current = '';
      const { title, code, remedy } = answer.problem;
      const about = `Unavailable: ${title} (${code}). ${remedy}`;
      report.value = { ...report.peek(), about, isUnavailable: true };
      return;
    }
    const { day, lag, deadLetters } = answer.body;
    report.value = {
      about: !newest ? BEFORE : day ? `${formatDate(day.date)}, day ${formatInteger(day.day_index + 1)}` : '',
      trace: day
        ? traceOf(day, clicks.of(runId, day.day_index), newest?.shownAt ?? null)
        : report.peek().trace,
      lag,
      deadLetters,
    };
    // The last batch is confirmed a moment after it is stored, and its day may be stored before the producer has noted that
    // Kafka has it: a lag that stays is followed, as is a note or a proof that is missing.
    if (hasFault.peek()) refresh.soon();
    else if (lag !== 0 || day?.published_at === null || known.problem) refresh.follow();
  }

  useSignalEffect(() => {
    const { run, status } = state.value;
    const now = store.now.value;
    if (!status) return;
    const newest = newestCompleteDay(run);
    if (!newest && report.peek().trace !== NO_TRACE) {
      report.value = { ...report.peek(), about: BEFORE, trace: NO_TRACE };
    }
    const day = `${status.run_id} ${newest?.dayIndex}`;
    const isComing = (newest?.dayIndex ?? -1) < status.day_index;
    const isStored = status.day_total > 0 && status.day_received >= status.day_total;
    // A run that hasn't begun has a lag and a proof, too: that of another run must not stay. A day that is stored will be here in
    // a moment, though the history of the days before it may arrive first: a report about those would soon be made again.
    const isReportable = newest ? !(isComing && isStored) : !status.is_running;
    if (isReportable && day !== requested.current) {
      requested.current = day;
      refresh.soon();
      return;
    }
    // Nothing is complete for a while: the lag tells why.
    if (!isComing || dayUnderWay.current.day !== day) dayUnderWay.current = { day, since: now };
    if (now - dayUnderWay.current.since < SLOW_DAY_MS) return;
    dayUnderWay.current = { day, since: now };
    refresh.soon();
  });
  // Only whether there are any: a report that is being read must not be given up with every sale.
  const isUnderWay = useComputed(() => (page.proof.value.proof?.under_way ?? 0) > 0);
  useSignalEffect(() => {
    // Beside a newer proof, the lag must not be that of before the fault.
    if (hasFault.value && isUnderWay.value) refresh.now();
    else if (hasFault.value) refresh.soon();
  });
  useEffect(() => {
    document.addEventListener('visibilitychange', refresh.resume);
    return () => document.removeEventListener('visibilitychange', refresh.resume);
  }, []);
  return report.value;
}
