import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { OptionalColumn } from '../../shared/api/insights.ts';
import { formatDayMonth, formatExactAmount, formatInteger } from '../format.ts';
import { type SumsByKey, sumsOfSale } from '../state/sums.ts';
import { type FeedFilter, type FeedSale, filterFeed, visibleRows } from './feed-list.ts';
import { EmptyRow } from './heat-table.tsx';
import { useResizes, useSelected } from './hooks.ts';
import type { Page } from './page.ts';
import { rootText, storeMark } from './theme.ts';

const SMALL_SCREEN = '(max-width: 760px)';

/** Height of a row in rem, as `feed.css` sets it. */
const ROW_REM = 1.75;

/** A column of the feed. */
interface Column {
  readonly title: string;
  readonly className?: string;
  readonly hint?: string;
  /** The column of the data set without which it is left out. */
  readonly needs?: OptionalColumn;
  textOf(sale: FeedSale): string | number | null;
}

const STORE = 'Store';

const COLUMNS: readonly Column[] = [
  { title: 'Id', className: 'wide number quiet', textOf: ({ id }) => id },
  { title: 'Date', textOf: ({ date }) => formatDayMonth(date) },
  { title: STORE, className: 'name', textOf: ({ store_id }) => store_id },
  { title: 'Product', className: 'name', textOf: ({ product_id }) => product_id },
  { title: 'Category', className: 'wide name', needs: 'category', textOf: ({ category }) => category },
  { title: 'Weather', className: 'wide', needs: 'weather_condition', textOf: ({ weather }) => weather },
  { title: 'Units', className: 'number', textOf: ({ units_sold }) => formatInteger(units_sold) },
  {
    title: 'List price',
    className: 'wide number',
    needs: 'discount',
    textOf: ({ price }) => formatExactAmount(Math.round(price * 100)),
  },
  {
    title: 'Off',
    className: 'wide number',
    hint: 'Discount',
    needs: 'discount',
    textOf: ({ discount }) => (discount !== null && discount > 0 ? `${discount} %` : '–'),
  },
  {
    title: 'Price',
    className: 'number',
    hint: 'Net price: what the customer paid for a unit',
    textOf: ({ price, discount }) => formatExactAmount(price * (100 - (discount ?? 0))),
  },
  {
    title: 'Net',
    className: 'number',
    hint: 'What the customer paid',
    textOf: (sale) => formatExactAmount(sumsOfSale(sale).netCents),
  },
];

/**
 * The newest sales, one per row, the newest on top. It doesn't move while it is being read: when it is
 * paused, scrolled, or under the pointer.
 */
export function Feed({ page }: { page: Page }) {
  const { store: pageStore } = page;
  const columns = useComputed(() =>
    COLUMNS.filter(({ needs }) => needs === undefined || !page.missing.value.has(needs)),
  ).value;
  const stores = useSelected(pageStore, ({ run }) => run.breakdown.stores);
  const products = useSelected(pageStore, ({ run }) => run.breakdown.products);
  const scroll = useRef<HTMLElement>(null);
  const isOpen = useSignal(!matchMedia(SMALL_SCREEN).matches);
  const isPaused = useSignal(false);
  const isUnderPointer = useSignal(false);
  const scrollTop = useSignal(0);
  const store = useSignal('');
  const product = useSignal('');
  const resizes = useResizes(scroll);
  /** The feed as it was when it was stopped; null while it runs. */
  const stopped = useSignal<readonly FeedSale[] | null>(null);
  const past = page.past.value;
  const feed = useComputed<readonly FeedSale[]>(() =>
    page.past.value ? (page.past.value.sales ?? []) : pageStore.state.value.feed,
  );
  /** The day whose sales are listed; null for those of the stream. */
  const source = useRef<number | null>(null);

  useSignalEffect(() => {
    const isStill = isPaused.value || isUnderPointer.value || scrollTop.value > 0;
    const dayIndex = page.past.value?.dayIndex ?? null;
    // Another day, or a new run, replaces the feed even while it is being read.
    if (dayIndex !== source.current) stopped.value = null;
    source.current = dayIndex;
    stopped.value =
      isStill && dayIndex === null && feed.value.length > 0 ? (stopped.peek() ?? feed.value) : null;
  });
  const filters = useComputed(() => ({ store: store.value, product: product.value }));
  const list = useComputed(() => filterFeed(stopped.value ?? feed.value, filters.value)).value;
  void resizes.value;

  function filter(signal: typeof store, value: string): void {
    signal.value = value;
    if (scroll.current) scroll.current.scrollTop = 0;
  }

  // A scrolling element must be reachable by keyboard.
  return (
    <details
      id="feed-panel"
      class="panel live"
      open={isOpen.value}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>
        <h2 id="feed-title">{past ? `Sales of day ${formatInteger(past.dayIndex + 1)}` : 'Live sales'}</h2>
        <span id="feed-state" class="quiet">
          {stopped.value && stoppedText(stopped.value, feed.value, filters.value)}
        </span>
      </summary>
      <div class="feed-tools">
        <Choice
          id="feed-store"
          label="Filter by store"
          all="All stores"
          options={stores}
          value={store.value}
          onChoose={(value) => filter(store, value)}
        />
        <Choice
          id="feed-product"
          label="Filter by product"
          all="All products"
          options={products}
          value={product.value}
          onChoose={(value) => filter(product, value)}
        />
        <button
          type="button"
          aria-pressed={isPaused.value}
          aria-label="Pause feed"
          onClick={() => {
            isPaused.value = !isPaused.value;
          }}
        >
          Pause
        </button>
      </div>
      <section
        id="feed-scroll"
        ref={scroll}
        class="scroll"
        aria-labelledby="feed-title"
        tabIndex={0}
        onPointerEnter={() => {
          isUnderPointer.value = true;
        }}
        onPointerLeave={() => {
          isUnderPointer.value = false;
        }}
        onScroll={({ currentTarget }) => {
          scrollTop.value = currentTarget.scrollTop;
        }}
      >
        <table id="feed">
          <thead>
            <tr>
              {columns.map(({ title, className, hint }) => (
                <th key={title} scope="col" class={className} title={hint}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {isOpen.value && list.length === 0 && (
              <EmptyRow columns={columns.length}>
                {past?.sales === null
                  ? 'Loading the sales of this day …'
                  : emptyText(feed.value.length, store.value, product.value)}
              </EmptyRow>
            )}
            {isOpen.value && list.length > 0 && (
              <Rows
                columns={columns}
                list={list}
                stores={stores}
                scrollTop={scrollTop.value}
                height={scroll.current?.clientHeight ?? 0}
              />
            )}
          </tbody>
        </table>
      </section>
    </details>
  );
}

interface RowsProps {
  readonly columns: readonly Column[];
  readonly list: readonly FeedSale[];
  readonly stores: SumsByKey;
  readonly scrollTop: number;
  readonly height: number;
}

/** The rows in sight; gaps stand in for all others. */
function Rows({ columns, list, stores, scrollTop, height }: RowsProps) {
  const { first, end } = visibleRows(list.length, ROW_REM * rootText(), scrollTop, height);
  return (
    <>
      <Gap key="above" rows={first} />
      {list.slice(first, end).map((sale) => (
        <Row key={sale.id} columns={columns} sale={sale} mark={storeMark(sale.store_id, stores)} />
      ))}
      <Gap key="below" rows={list.length - end} />
    </>
  );
}

function Gap({ rows }: { rows: number }) {
  return <tr class="gap" aria-hidden="true" hidden={rows === 0} style={{ height: `${rows * ROW_REM}rem` }} />;
}

interface RowProps {
  readonly columns: readonly Column[];
  readonly sale: FeedSale;
  /** The classes of the store's mark. */
  readonly mark: string;
}

function Row({ columns, sale, mark }: RowProps) {
  return (
    <tr>
      {columns.map(({ title, className, textOf }) => (
        <td
          key={title}
          class={title === STORE ? `name ${mark}` : className}
          // A name may be longer than its column.
          title={className?.includes('name') ? String(textOf(sale) ?? '') : undefined}
        >
          {textOf(sale)}
        </td>
      ))}
    </tr>
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly label: string;
  readonly all: string;
  readonly options: SumsByKey;
  readonly value: string;
  onChoose(value: string): void;
}

function Choice({ id, label, all, options, value, onChoose }: ChoiceProps) {
  return (
    <>
      <label class="visually-hidden" for={id}>
        {label}
      </label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        <option value="">{all}</option>
        {[...options.keys()].sort().map((key) => (
          <option key={key} value={key}>
            {key}
          </option>
        ))}
      </select>
    </>
  );
}

/** How many sales that match the filter have arrived since the feed was stopped. */
function stoppedText(stopped: readonly FeedSale[], feed: readonly FeedSale[], filter: FeedFilter): string {
  const newest = stopped[0]?.id ?? 0;
  const missed = feed.findIndex(({ id }) => id <= newest);
  const fresh = filterFeed(missed < 0 ? feed : feed.slice(0, missed), filter).length;
  return `Paused · ${formatInteger(fresh)}${missed < 0 ? '+' : ''} new`;
}

function emptyText(sales: number, store: string, product: string): string {
  if (sales === 0) return 'Each sale appears here as it is stored, the newest on top.';
  const wanted = [store, product].filter((text) => text !== '').join(' and ');
  return sales === 1
    ? `The only sale so far does not match ${wanted}.`
    : `None of the newest ${formatInteger(sales)} sales match ${wanted}.`;
}
