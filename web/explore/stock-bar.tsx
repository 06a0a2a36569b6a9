import type { ReplenishmentAnswer } from '../answers.ts';
import { formatDecimal, formatInteger } from '../format.ts';

type Stock = Pick<
  ReplenishmentAnswer,
  'on_hand' | 'on_order' | 'order_quantity' | 'order_up_to' | 'expected_demand'
>;

/** What is there, on its way and to be ordered, as parts of one bar, with the demand that is expected until the next delivery. */
export function StockBar({ answer }: { answer: Stock }) {
  const { on_hand, on_order, order_quantity, expected_demand } = answer;
  const parts = [
    ['on hand', on_hand, 'hand'],
    ['on order', on_order, 'order'],
    ['to order', order_quantity, 'new'],
  ] as const;
  const whole = Math.max(1, expected_demand, on_hand + on_order + order_quantity);
  const share = (units: number) => (units / whole) * 100;
  let from = 0;
  return (
    <figure class="stock" role="img" aria-label={describe(answer)}>
      <svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
        {parts.map(([name, units, look]) => {
          const x = from;
          from += share(units);
          return <rect key={name} class={`stock-${look}`} x={x} y="2" width={share(units)} height="8" />;
        })}
        <rect class="stock-demand" x={Math.min(99.4, share(expected_demand))} y="0" width="0.6" height="12" />
      </svg>
      <ul class="key">
        {parts.map(([name, units, look]) => (
          <li key={name}>
            <span class={`swatch stock-${look}`} aria-hidden="true" />
            {name} {formatInteger(units)}
          </li>
        ))}
        <li>
          <span class="swatch stock-demand" aria-hidden="true" />
          expected demand {formatDecimal(expected_demand, 0)}
        </li>
      </ul>
    </figure>
  );
}

function describe({ on_hand, on_order, order_quantity, expected_demand }: Stock): string {
  return (
    `${formatInteger(on_hand)} units on hand, ${formatInteger(on_order)} on order and ${formatInteger(order_quantity)} to order, ` +
    `for an expected demand of ${formatDecimal(expected_demand, 1)}.`
  );
}
