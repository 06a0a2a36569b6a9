import { useComputed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { operations } from '../../shared/api/operations.ts';
import type { InsightList } from '../answers.ts';
import { formatDate } from '../format.ts';
import { readAddress } from '../state/address.ts';
import { insightDay } from '../state/looking.ts';
import type { MissingColumns } from '../stream/missing-columns.ts';
import { addressOf, placed } from '../stream/operations.ts';
import { DocsLinks } from './docs-links.tsx';
import { useReading } from './hooks.ts';
import type { Page } from './page.ts';

const MOST = 8;

type Insight = InsightList['insights'][number];

const KINDS: Readonly<Record<Insight['kind'], string>> = {
  stock_out: 'Sold out',
  low_cover: 'Low cover',
  anomaly: 'Unusual day',
  undercut: 'Undercut',
};

/** What needs attention on the day that is looked at, each with its reason and a way into Explore. */
export function Attention({ page }: { page: Page }) {
  const section = useRef<HTMLElement>(null);
  const answer = useAnswer(page, section);
  const insights = answer?.insights ?? [];
  const unknown = unknownKinds(page.missing.value);
  return (
    <section class="panel attention" ref={section} aria-labelledby="attention-title">
      <div class="head">
        <h2 id="attention-title">Needs attention</h2>
        <span id="attention-day" class="quiet">
          {answer?.date && formatDate(answer.date)}
        </span>
      </div>
      <ul id="attention">
        {insights.length === 0 && (
          <li id="attention-empty" class="quiet">
            {answer?.date ? nothingFound(unknown) : 'Appears with the first whole day.'}
          </li>
        )}
        {insights.map((insight) => (
          <Line
            key={`${insight.kind} ${insight.store_id} ${insight.product_id}`}
            page={page}
            insight={insight}
          />
        ))}
      </ul>
      <p class="source quiet">
        {unknown !== null && (
          <span id="attention-unknown" title={unknown}>
            {unknown}{' '}
          </span>
        )}
        From <DocsLinks operations={[operations.readInsights]} />
      </p>
    </section>
  );
}

/** Without stock and competitors' prices, most of what could need attention is unknown. */
function nothingFound(unknown: string | null): string {
  return unknown === null
    ? 'Nothing needs attention on this day.'
    : 'Nothing that can be known needs attention on this day.';
}

/** Says which kinds of insights the data set has no columns for; null if it has them all. */
function unknownKinds(missing: MissingColumns): string | null {
  const lacking = [
    ...(missing.has('inventory_level') ? ['stock levels (sold out, low cover)'] : []),
    ...(missing.has('competitor_pricing') ? ['competitors’ prices (undercut)'] : []),
  ];
  return lacking.length > 0 ? `The data set has no ${lacking.join(' and no ')}.` : null;
}

function Line({ page, insight }: { page: Page; insight: Insight }) {
  const { kind, severity, store_id, product_id, reason, link } = insight;
  const about = [store_id, product_id].filter((id) => id !== null).join(' ');
  return (
    <li data-severity={severity}>
      <a
        href={placed(link)}
        onClick={(event) => {
          // Another key opens it elsewhere, as for every link.
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
          event.preventDefault();
          const { day, tab, storeId, productId } = readAddress(new URL(link, location.href).search);
          if (tab === null) return page.look(day);
          page.go({ tab, storeId, productId });
          void showExplore(page);
        }}
      >
        <b>{KINDS[kind]}</b> {about}
      </a>
      <span class="quiet" title={reason}>
        {reason}
      </span>
    </li>
  );
}

/** Scrolls to Explore and moves the focus to its open tab, as a link moves it to its target. */
async function showExplore(page: Page): Promise<void> {
  document.querySelector('#explore')?.scrollIntoView();
  await page.loadExplore();
  // The tab is rendered before the next frame.
  requestAnimationFrame(() => {
    const panel = document.querySelector<HTMLElement>('#explore [role="tabpanel"]:not([hidden])');
    panel?.focus({ preventScroll: true });
  });
}

/** Reads the insights of the day that is looked at while the panel is visible. */
function useAnswer(page: Page, section: { readonly current: HTMLElement | null }): InsightList | null {
  const { store, clicks } = page;
  const answer = useSignal<InsightList | null>(null);
  const wanted = useComputed(() => {
    const runId = store.state.value.status?.run_id ?? null;
    const day = insightDay(page.looking.value);
    return runId === null || day === null ? null : { runId, day };
  });
  useReading(section, wanted, {
    async load({ runId, day }, signal) {
      const path = addressOf(operations.readInsights, { day, limit: MOST });
      const read = await clicks.api.read<InsightList>(path, signal);
      if (signal.aborted || wanted.peek()?.runId !== runId) return 'complete';
      if ('problem' in read) return 'incomplete';
      answer.value = read.body;
      return 'complete';
    },
    forget() {
      answer.value = null;
    },
  });
  return answer.value;
}
