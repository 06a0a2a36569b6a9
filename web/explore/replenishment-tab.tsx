import { type Signal, signal } from '@preact/signals';
import { operations } from '../../shared/api/operations.ts';
import type { Order, ReplenishmentAnswer, ReplenishmentList } from '../answers.ts';
import { formatCount, formatDays, formatDecimal, formatInteger } from '../format.ts';
import { addressOf } from '../stream/api.ts';
import { Button } from '../views/controls.tsx';
import { coverOf, saveOrders } from '../views/orders.ts';
import { modelName } from './forecast-chart.ts';
import { DataTable, type Fact, Facts, NumberField, Slider, type TableLine } from './parts.tsx';
import { StockBar } from './stock-bar.tsx';
import type { ExploreTab, TabTools } from './tabs.tsx';

/** Milliseconds after the last change of a slider or field until the answer is requested. */
const SETTLED_MS = 150;

/** What decides how much is ordered. */
interface Policy {
  readonly leadDays: number;
  readonly reviewDays: number;
  /** Percent; what costs imply takes its place when both are given. */
  readonly serviceLevel: number;
  readonly underageCost: number | null;
  readonly overageCost: number | null;
}

const FIRST_POLICY: Policy = {
  leadDays: 2,
  reviewDays: 1,
  serviceLevel: 95,
  underageCost: null,
  overageCost: null,
};

/** What to order of a product in a store, for a service level or for what too few and too many units cost. */
export const replenishmentTab: ExploreTab = {
  id: 'replenishment',
  label: 'Replenishment',
  operations: [operations.readReplenishment],
  needs: { days: 24, shows: 'what to order for this store and product' },
  unanswerable: (missing) =>
    missing.has('inventory_level')
      ? 'The data set has no inventory levels, so no order can be recommended.'
      : null,
  create: ({ api, reload }) => {
    const policy = signal(FIRST_POLICY);
    const answers = signal<Answers | null>(null);
    return {
      load: async ({ store_id, product_id, day }, abort) => {
        const asked = { store_id, day, ...policyParameters(policy.peek()) };
        const list = await api.read<ReplenishmentList>(addressOf(operations.readReplenishment, asked), abort);
        const { items = [], ...terms } = 'body' in list ? list.body : {};
        const own = items.find((item) => item.product_id === product_id);
        const known = own && 'analysis_up_to_day' in terms ? { ...terms, ...own } : null;
        // A store with more products than one request covers, or a product without enough history.
        const path = addressOf(operations.readReplenishment, { ...asked, product_id });
        const read = known ? { body: known } : await api.read<ReplenishmentAnswer>(path, abort);
        if ('problem' in read) return read;
        return {
          show: () => {
            answers.value = { answer: read.body, items };
          },
        };
      },
      Content: () => <Content answers={answers.value} policy={policy} reload={reload} />,
    };
  },
};

/** The parameters of a policy. Costs count only together. */
export function policyParameters(policy: Policy): Record<string, number> {
  const { leadDays, reviewDays, serviceLevel, underageCost, overageCost } = policy;
  const periods = { lead_time_days: leadDays, review_days: reviewDays };
  return underageCost === null || overageCost === null
    ? { ...periods, service_level: serviceLevel }
    : { ...periods, underage_cost: underageCost, overage_cost: overageCost };
}

interface Answers {
  readonly answer: ReplenishmentAnswer;
  /** What to order of every product of the store; none if there are too many. */
  readonly items: readonly Order[];
}

interface ContentProps extends Pick<TabTools, 'reload'> {
  readonly answers: Answers | null;
  readonly policy: Signal<Policy>;
}

function Content({ answers, policy, reload }: ContentProps) {
  const answer = answers?.answer ?? null;
  const { leadDays, reviewDays, serviceLevel, underageCost, overageCost } = policy.value;
  const change = (part: Partial<Policy>) => {
    policy.value = { ...policy.peek(), ...part };
    reload(SETTLED_MS);
  };
  const costsDecide = underageCost !== null && overageCost !== null;
  return (
    <>
      <div class="explore-side">
        <h3>Policy</h3>
        <Slider
          id="explore-lead"
          label="Lead time"
          min={0}
          max={14}
          step={1}
          value={leadDays}
          text={formatDays(leadDays)}
          onSlide={(value) => change({ leadDays: value })}
        />
        <Slider
          id="explore-review"
          label="Review period"
          min={1}
          max={14}
          step={1}
          value={reviewDays}
          text={formatDays(reviewDays)}
          onSlide={(value) => change({ reviewDays: value })}
        />
        <Slider
          id="explore-service"
          label="Service level"
          min={50}
          max={99}
          step={1}
          value={serviceLevel}
          text={`${serviceLevel} %`}
          spoken={`${serviceLevel} percent`}
          onSlide={(value) => change({ serviceLevel: value })}
        />
        <p class="quiet">Or what one unit costs, which then decides instead of the service level:</p>
        <div class="explore-row">
          <NumberField
            id="explore-underage"
            label="Cost per unit short"
            value={underageCost}
            onChange={(value) => change({ underageCost: value })}
          />
          <NumberField
            id="explore-overage"
            label="Cost per unit left over"
            value={overageCost}
            onChange={(value) => change({ overageCost: value })}
          />
        </div>
        <p class="quiet" hidden={!costsDecide}>
          {answer && `These costs imply a service level of ${formatDecimal(answer.service_level, 1)} %.`}
        </p>
      </div>
      <div class="explore-side">
        {answer && (
          <>
            <p class="recommendation">{recommendation(answer)}</p>
            <StockBar answer={answer} />
            <Facts facts={factsOf(answer)} />
          </>
        )}
      </div>
      {answers && answers.items.length > 0 && <StoreOrders {...answers} />}
      <div class="explore-wide">
        <h3>Assumptions</h3>
        <ul class="assumptions quiet">
          {answer?.assumptions.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </div>
    </>
  );
}

/** What to order of every product of the store, the least cover first. */
function StoreOrders({ answer, items }: Answers) {
  const days = answer.lead_time_days + answer.review_days;
  const least = items.toSorted((one, other) => (coverOf(one, days) ?? 1e9) - (coverOf(other, days) ?? 1e9));
  return (
    <div class="explore-wide">
      <div class="explore-row">
        <h3>All products of {answer.store_id}</h3>
        <Button
          id="save-store-orders"
          class="text"
          onPress={() => saveOrders(items, answer.analysis_up_to_day, days)}
        >
          Orders (CSV)
        </Button>
      </div>
      <DataTable
        caption={`Orders of ${answer.store_id}`}
        columns={COLUMNS}
        lines={least.map((item) => lineOf(item, days, answer.product_id))}
      />
    </div>
  );
}

const COLUMNS = [
  { title: 'Product' },
  { title: 'On hand', className: 'number' },
  { title: 'On order', className: 'number' },
  {
    title: 'Days left',
    className: 'number',
    hint: 'How long the stock on hand lasts at the expected demand',
  },
  { title: 'Order', className: 'number' },
] as const;

function lineOf(item: Order, days: number, chosen: string): TableLine {
  return {
    key: item.product_id,
    isMarked: item.product_id === chosen,
    cells: [
      item.product_id,
      formatInteger(item.on_hand),
      formatInteger(item.on_order),
      formatDecimal(coverOf(item, days), 1),
      formatInteger(item.order_quantity),
    ],
  };
}

/** The order in one sentence. */
export function recommendation({
  order_quantity: quantity,
  order_up_to: level,
  inventory_position: position,
}: Pick<ReplenishmentAnswer, 'order_quantity' | 'order_up_to' | 'inventory_position'>): string {
  if (quantity === 0) {
    return `Order nothing: ${formatCount(position, 'unit')} on hand and on order reach the level of ${formatInteger(level)}.`;
  }
  return `Order ${formatCount(quantity, 'unit')}, up to ${formatInteger(level)} on hand and on order.`;
}

function factsOf(answer: ReplenishmentAnswer): Fact[] {
  const { expected_shortage: shortage, fill_rate: filled, expected_cost: cost } = answer;
  const horizon = answer.lead_time_days + answer.review_days;
  return [
    {
      name: 'Order quantity',
      value: formatCount(answer.order_quantity, 'unit'),
      note: `order-up-to level ${formatInteger(answer.order_up_to)}`,
    },
    {
      name: 'Safety stock',
      value: `${formatDecimal(answer.safety_stock, 1)} units`,
      note: `above the expected demand of ${formatDecimal(answer.expected_demand, 1)} in ${formatDays(horizon)}`,
    },
    {
      name: 'Expected shortage',
      value: `${formatDecimal(shortage, 2)} units`,
      note: `until the next delivery; ${formatDecimal(filled * 100, 1)} % of the demand is met`,
    },
    {
      name: 'Expected cost',
      value: formatDecimal(cost, 2),
      note: cost === null ? 'needs both costs' : 'of units too few and too many',
    },
    {
      name: 'Stock',
      value: `${formatInteger(answer.on_hand)} on hand`,
      note: `${formatInteger(answer.on_order)} on order`,
    },
    {
      name: 'Model',
      value: modelName(answer.model),
      note: `fitted to ${formatDays(answer.history_days_used)}`,
    },
  ];
}
