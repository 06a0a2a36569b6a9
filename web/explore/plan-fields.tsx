import type { PlanDay } from '../../shared/api/forecast.ts';
import type { ForecastAnswer } from '../answers.ts';
import { formatDays, formatDecimal, signedPercent } from '../format.ts';
import type { MissingColumns } from '../stream/data-set.ts';
import { type Fact, LabelledSelect, NumberField } from './parts.tsx';

/** What a person plans for all days ahead; null keeps the last known offer. */
export interface Plan {
  readonly price: number | null;
  /** Percent. */
  readonly discount: number | null;
  readonly promotion: boolean | null;
}

export const NO_PLAN: Plan = { price: null, discount: null, promotion: null };

/** Percent. */
const MOST_DISCOUNT = 99;
const HELP_ID = 'explore-plan-help';

/** Whether a discount is greater than the API takes. It isn't capped, because the forecast would then be for a different plan from the user's. */
export function isDiscountTooHigh({ discount }: Plan): boolean {
  return discount !== null && discount > MOST_DISCOUNT;
}

/** The planned days as the API takes them; none if nothing valid is planned, or if the last offer is needed and unknown. */
export function plannedDays(plan: Plan, ahead: ForecastAnswer['forecast']): PlanDay[] {
  if (plan.price === null && plan.discount === null && plan.promotion === null) return [];
  if (isDiscountTooHigh(plan)) return [];
  return ahead.flatMap(({ date, offer }) => {
    // Without a planned price, the discount is off what customers pay now.
    const price = plan.price ?? offer?.net_price;
    if (price === undefined || price <= 0) return [];
    const promotion = plan.promotion ?? offer?.promotion ?? false;
    return [{ date, price, discount: plan.discount ?? 0, promotion }];
  });
}

/** What the plan sells, against the last known offer by the same model. */
export function planFact(planned: ForecastAnswer, asBefore: ForecastAnswer): Fact {
  const sum = ({ forecast }: ForecastAnswer) =>
    forecast.reduce((total, { forecast_units }) => total + forecast_units, 0);
  const [units, before] = [sum(planned), sum(asBefore)];
  const change = before > 0 ? `${signedPercent((units / before - 1) * 100)} against the last offer` : '';
  const reason = planned.excluded_models.find(({ model }) => model === 'regression')?.reason;
  return {
    name: `Your plan, ${formatDays(planned.forecast.length)}`,
    value: `${formatDecimal(units, 0)} units`,
    note: [change, 'model: regression', ...(reason ? [`Doubtful: ${reason}`] : [])]
      .filter((text) => text !== '')
      .join('\n'),
  };
}

/** What the plan asks that the past can't answer, such as a price that was never seen. */
export function PlanWarnings({ answer }: { answer: ForecastAnswer | null }) {
  return (
    <div role="status" class="plan-warnings">
      {answer?.warnings.map((sentence) => (
        <p key={sentence} class="warning">
          {sentence}
        </p>
      ))}
    </div>
  );
}

interface PlanFieldsProps {
  readonly plan: Plan;
  /** What customers pay now. */
  readonly lastPrice: number | null;
  readonly missing: MissingColumns;
  change(part: Partial<Plan>): void;
}

/** Fields for a plan of the days ahead. */
export function PlanFields({ plan, lastPrice, missing, change }: PlanFieldsProps) {
  const { promotion } = plan;
  const isTooHigh = isDiscountTooHigh(plan);
  return (
    <fieldset class="plan">
      <legend>Plan the days ahead</legend>
      <div class="explore-row">
        <NumberField
          id="explore-plan-price"
          label="Price"
          placeholder={lastPrice === null ? '' : formatDecimal(lastPrice)}
          value={plan.price}
          onChange={(price) => change({ price })}
        />
        {!missing.has('discount') && (
          <NumberField
            id="explore-plan-discount"
            label="Discount %"
            allowsZero={true}
            max={MOST_DISCOUNT}
            errorId={isTooHigh ? HELP_ID : null}
            value={plan.discount}
            onChange={(discount) => change({ discount })}
          />
        )}
        {!missing.has('is_holiday_promo') && (
          <LabelledSelect
            id="explore-plan-promotion"
            label="Promotion"
            options={PROMOTION}
            value={promotion === null ? '' : String(promotion)}
            onChoose={(value) => change({ promotion: value === '' ? null : value === 'true' })}
          />
        )}
      </div>
      <p id={HELP_ID} class={isTooHigh ? 'warning' : 'quiet'} role="status">
        {isTooHigh
          ? `A discount can be at most ${MOST_DISCOUNT} %: nothing is forecast for this plan.`
          : 'Empty fields keep the current offer.'}
      </p>
    </fieldset>
  );
}

const PROMOTION = [
  ['', 'as now'],
  ['true', 'yes'],
  ['false', 'no'],
] as const;
