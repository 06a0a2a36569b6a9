import { useComputed } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { operations } from '../../shared/api/operations.ts';
import type { InsightList, Order } from '../answers.ts';
import { formatDate, formatDayMonth, formatDecimal, formatInteger } from '../format.ts';
import { insightDay, readAddress } from '../state/address.ts';
import { addressOf, placed } from '../stream/api.ts';
import type { MissingColumns } from '../stream/data-set.ts';
import { Button } from './controls.tsx';
import { DocsLinks } from './docs-links.tsx';
import { useDayAnswer } from './hooks.ts';
import { orderOf, saveOrders, useOrders } from './orders.ts';
import type { Page } from './page.ts';

const MOST = 8;
/** A kiosk on a beamer has room for fewer. */
const MOST_ON_A_WALL = 6;

/** Days that are looked back over, and days that the stock should last: an order made now is on the shelf after two. */
const DAYS_BACK = 7;
const DAYS_AHEAD = 3;

/** Insights that are read, so that no kind crowds out another. */
const READ = 40;

type Insight = InsightList['insights'][number];

const KINDS: Readonly<Record<Insight['kind'], string>> = {
  stock_out: 'Sold out',
  low_cover: 'Low cover',
  anomaly: 'Unusual day',
  undercut: 'Undercut',
};

/**
 * What needs attention on the day that is looked at and in the week before it, each with its reason, what to order, and a way
 * into Explore.
 */
export function Attention({ page }: { page: Page }) {
  const section = useRef<HTMLElement>(null);
  const answer = useDayAnswer<InsightList>(page, section, (day) =>
    addressOf(operations.readInsights, { day, limit: READ, days: DAYS_BACK, ahead: DAYS_AHEAD }),
  ).value;
  const most = page.address.value.isKiosk ? MOST_ON_A_WALL : MOST;
  const insights = newestFirst(mostSevere(answer?.insights ?? [], most));
  const day = useComputed(() => insightDay(page.looking.value));
  const orders = useOrders(page, section, day).value;
  const unknown = unknownKinds(page.missing.value);
  return (
    <section class="panel attention" ref={section} aria-labelledby="attention-title">
      <div class="head">
        <h2 id="attention-title">Needs attention</h2>
        <span id="attention-day" class="quiet">
          {answer?.date && <AnswerDate date={answer.date} />}
        </span>
        {!page.missing.value.has('inventory_level') && (
          <Button
            id="save-orders"
            class="text"
            title="Save what to order of every product in every store"
            isPressable={orders !== null}
            onPress={() => orders && saveOrders(orders.items, orders.date, DAYS_AHEAD)}
          >
            Orders (CSV)
          </Button>
        )}
      </div>
      <ul id="attention">
        {insights.length === 0 && (
          <li id="attention-empty" class="quiet">
            {answer?.date ? nothingFound(unknown) : day.value === null ? FIRST : LOADING}
          </li>
        )}
        {insights.map((insight) => (
          <Line
            key={`${insight.kind} ${insight.day} ${insight.store_id} ${insight.product_id}`}
            page={page}
            insight={insight}
            isEarlier={insight.day !== answer?.day}
            order={orders && ORDERED.has(insight.kind) ? orderOf(orders.items, insight) : null}
          />
        ))}
      </ul>
      <p class="source quiet">
        {unknown !== null && (
          <span id="attention-unknown" title={unknown}>
            {unknown}{' '}
          </span>
        )}
        The last {DAYS_BACK} days, and stock for the next {DAYS_AHEAD}. From{' '}
        <DocsLinks operations={[operations.readInsights, operations.readReplenishment]} />
      </p>
    </section>
  );
}

const FIRST = 'Appears with the first whole day.';
/** Also true while the server can't say. */
const LOADING = 'Waiting to hear what needs attention …';

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

/** The first insights, but of each kind at least its first: otherwise those of a severe kind would hide all others. */
export function mostSevere<Listed extends Pick<Insight, 'kind'>>(
  insights: readonly Listed[],
  most: number,
): Listed[] {
  const firsts = insights.filter(
    ({ kind }, index) => insights.findIndex((other) => other.kind === kind) === index,
  );
  const others = insights.filter((insight) => !firsts.includes(insight));
  const kept = new Set([...firsts, ...others].slice(0, most));
  return insights.filter((insight) => kept.has(insight));
}

/** The days from the newest on, each with its most severe first: what ran out last week matters less than what runs out tomorrow. */
export function newestFirst<Listed extends Pick<Insight, 'day'>>(insights: readonly Listed[]): Listed[] {
  return insights.toSorted((one, other) => other.day - one.day);
}

/**
 * Why something needs attention. An order counts what is under way already, which the reason has to say: beside "30 units are left;
 * the next 3 days usually sell 134", an order of 9 would look like a mistake.
 */
export function reasonOf(
  { kind, reason }: Pick<Insight, 'kind' | 'reason'>,
  order: Order | null,
  isEarlier: boolean,
): string {
  if (order === null) return reason;
  const onOrder = `${formatInteger(order.on_order)} on order`;
  // The order is made today, whenever the shelf was empty.
  if (isEarlier) return `${reason} ${onOrder} now.`;
  if (kind !== 'low_cover') return `${reason} ${onOrder}.`;
  const expected = formatInteger(Math.round(order.expected_demand));
  return `${formatInteger(order.on_hand)} on hand, ${onOrder}; ${expected} expected in ${DAYS_AHEAD} days.`;
}

interface LineProps {
  readonly page: Page;
  readonly insight: Insight;
  /** Whether it is about a day before the one that is looked at. */
  readonly isEarlier: boolean;
  /** What to order; null if that isn't known, or doesn't help. */
  readonly order: Order | null;
}

function Line({ page, insight, isEarlier, order }: LineProps) {
  const { kind, severity, store_id, product_id, value, date, link } = insight;
  const why = reasonOf(insight, order, isEarlier);
  // The reason of an unusual day names the weekday.
  const on = kind === 'anomaly' ? formatDayMonth(date) : withoutYear(date);
  const reason = isEarlier ? `${on}: ${why}` : why;
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
      <span class="order number">
        {kind === 'low_cover' && <span class="quiet spare">{formatDecimal(value, 1)} days left</span>}{' '}
        {order && `order ${formatInteger(order.order_quantity)}`}
      </span>
      <span class="quiet" title={reason}>
        {reason}
      </span>
    </li>
  );
}

/** A date of which a narrow panel shows the day and the month: `Fri 15 Apr 2022`. */
function AnswerDate({ date }: { date: string }) {
  const [weekday, day, month, year] = formatDate(date).split(' ');
  return (
    <>
      <span class="spare">{weekday} </span>
      {day} {month}
      <span class="spare"> {year}</span>
    </>
  );
}

/** A date as lines have room for it: `Fri 15 Apr`. */
function withoutYear(date: string): string {
  return formatDate(date).replace(/ \d{4}$/, '');
}

/** The kinds that an order helps against. */
const ORDERED: ReadonlySet<Insight['kind']> = new Set(['stock_out', 'low_cover']);

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
