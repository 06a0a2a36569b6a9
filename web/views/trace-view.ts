import { formatDate, formatDelay, formatInteger } from '../format.ts';
import { newestCompleteDay, type PageState } from '../state/state.ts';
import { type TraceSteps, tracePosition, traceSteps } from '../state/trace.ts';
import { type ClickLog, readPipeline } from '../stream/click-log.ts';
import { docsLinks, METRICS, RUN_DAYS } from '../stream/endpoints.ts';
import { createRefresh } from '../stream/refresh.ts';
import { byId, element, setText } from './dom.ts';

/** Sums over a whole run cost the database something: they are asked for after a day is complete, while there is a lag, and no more often. */
const GAP_MS = 3_000;

const BEFORE = 'Known after the first whole day.';

const STEPS: readonly { readonly key: keyof TraceSteps; readonly name: string; readonly measures: string }[] =
  [
    {
      key: 'api',
      name: 'API',
      measures:
        'From this page’s click to the answer that accepts it, DynamoDB’s update included, by this browser’s clock.',
    },
    {
      key: 'dynamodb',
      name: 'DynamoDB',
      measures: 'From the accepted click to the producer, woken by the table’s stream.',
    },
    {
      key: 'kafka',
      name: 'Kafka',
      measures: 'From there until Kafka has acknowledged all sales of the day.',
    },
    { key: 'mysql', name: 'MySQL', measures: 'From there until the last of them stands in MySQL.' },
    {
      key: 'you',
      name: 'you',
      measures:
        'From there until it came to this page; the clocks are compared by the click, to half of the API’s time.',
    },
  ];

/** The timeline that shows the way of the last day: how long each step took, and during a click, where it is. */
export function createTraceView(clicks: ClickLog): (state: PageState) => void {
  const section = byId('trace', HTMLElement);
  const about = byId('trace-about', HTMLElement);
  const parts = buildParts();
  section.append(...parts.all);
  let state: PageState | null = null;
  let isInSight = false;
  let askedFor = '';

  const refresh = createRefresh(load, () => isInSight && document.visibilityState === 'visible', GAP_MS);

  async function load(signal: AbortSignal): Promise<void> {
    const runId = state?.status?.run_id ?? null;
    const newest = state && newestCompleteDay(state.run);
    if (runId === null || !newest) return;
    const { dayIndex, shownAt } = newest;
    const answer = await readPipeline(clicks.api, runId, dayIndex, signal);
    // After a reset the answer is of a run that is over.
    if (signal.aborted || state?.status?.run_id !== runId || !newestCompleteDay(state.run)) return;
    if ('problem' in answer) {
      // The next drawing asks again.
      askedFor = '';
      setText(about, `Not known: ${answer.problem.title} (${answer.problem.code}). ${answer.problem.remedy}`);
      return;
    }
    const { day, lag, deadLetters } = answer.body;
    if (day) drawFigures(traceSteps(day, clicks.of(runId, dayIndex), shownAt));
    setText(about, day ? `${formatDate(day.date)}, day ${formatInteger(dayIndex + 1)}` : '');
    drawHealth(parts.lag, lag);
    drawHealth(parts.deadLetters, deadLetters);
    // The last batch is confirmed a moment after it is stored, and its day may be stored before the producer has noted that
    // Kafka has it; a lag that stays is followed, as is a note that is missing.
    if (lag !== 0 || day?.published_at === null) refresh.follow();
  }

  function drawFigures(figures: TraceSteps | null): void {
    for (const { key } of STEPS) setText(parts.values[key], formatDelay(figures?.[key] ?? null));
  }

  /** What was known is of a run that is over. */
  function forget(): void {
    askedFor = '';
    drawFigures(null);
    setText(about, BEFORE);
  }

  document.addEventListener('visibilitychange', refresh.resume);
  new IntersectionObserver((entries) => {
    isInSight = entries.at(-1)?.isIntersecting ?? false;
    refresh.resume();
  }).observe(section);

  return (next) => {
    state = next;
    const { status } = next;
    section.hidden = status?.total_days === 0;
    if (!status) return;
    const newest = newestCompleteDay(next.run);
    const isShown = newest?.dayIndex === status.day_index;
    const stored = status.is_running ? { received: status.day_received, total: status.day_total } : null;
    light(parts.steps, tracePosition({ isAsking: clicks.isAsking(), stored, isShown }));
    if (!newest) return forget();
    const day = `${status.run_id} ${newest.dayIndex}`;
    if (day === askedFor) return;
    askedFor = day;
    refresh.soon();
  };
}

function light(steps: readonly HTMLElement[], position: number | null): void {
  steps.forEach((step, index) => {
    const look = position === null || index > position ? undefined : index === position ? 'now' : 'passed';
    if (look === step.dataset.lit) return;
    if (look) step.dataset.lit = look;
    else delete step.dataset.lit;
  });
}

/** What ought to be 0 stands out where it isn't. */
function drawHealth(value: HTMLElement, count: number | null): void {
  setText(value, count === null ? 'unknown' : formatInteger(count));
  value.dataset.state = count === 0 ? 'good' : 'bad';
}

function buildParts() {
  const values = { api: value(), dynamodb: value(), kafka: value(), mysql: value(), you: value() };
  const steps = STEPS.map(({ key, name, measures }) =>
    element('li', { title: measures }, element('span', { class: 'quiet' }, name), ' ', values[key]),
  );
  const [lag, deadLetters] = [value(), value()];
  const health = element(
    'p',
    { class: 'trace-health' },
    element(
      'span',
      { title: 'Messages that are published and not stored yet.' },
      element('span', { class: 'quiet' }, 'lag '),
      lag,
    ),
    element(
      'span',
      { title: 'Messages that could not be read and wait for a replay.' },
      element('span', { class: 'quiet' }, 'dead letters '),
      deadLetters,
    ),
  );
  const notes = element(
    'details',
    {},
    element('summary', {}, 'What is measured'),
    element(
      'dl',
      {},
      ...STEPS.flatMap(({ name, measures }) => [element('dt', {}, name), element('dd', {}, measures)]),
    ),
    element(
      'p',
      { class: 'quiet' },
      'A dash stands where that can’t be told: of a day that another page asked for, or whose click was lost. From ',
      ...docsLinks([METRICS, RUN_DAYS]),
      '.',
    ),
  );
  const timeline = element('ol', { class: 'trace-steps' }, ...steps);
  return { all: [timeline, health, notes], steps, values, lag, deadLetters };
}

function value(): HTMLElement {
  return element('b', { class: 'number' }, '–');
}
