import { createCounter } from './counter.ts';
import { type DaySummary, ranked } from './day-summary.ts';
import { byId, setText } from './dom.ts';
import { formatAmount, formatChange, formatDate, formatInteger, formatShare } from './format.ts';
import { type PageState, shownDay } from './state.ts';

/** Draws the key figures of the newest day that has sales; before there is one, nothing that would be empty is shown. */
export function createSummaryView(): (state: PageState) => void {
  const sections = [byId('summary', HTMLElement), byId('panels', HTMLElement)];
  const title = byId('summary-title', HTMLElement);
  const figures = createFigures();
  let drawn: DaySummary | null = null;

  return (state) => {
    const day = shownDay(state);
    for (const section of sections) section.hidden = day === null;
    if (day !== null) setText(title, titleOf(day, state));
    if (day === null || day === drawn) return;
    figures(day, state.days.get(day.dayIndex - 1) ?? null, drawn?.date !== day.date);
    drawn = day;
  };
}

/** The day is named where it isn't the one in the bar: while the pipeline has yet to come up with it. */
function titleOf(day: DaySummary, { status }: PageState): string {
  if (day.dayIndex === status?.day_index) return 'Day summary';
  return `Day summary · ${formatDate(day.date)}, day ${formatInteger(day.dayIndex + 1)}`;
}

function createFigures(): (day: DaySummary, dayBefore: DaySummary | null, isOtherDay: boolean) => void {
  const revenue = createCounter(byId('kpi-revenue', HTMLElement), formatAmount);
  const units = createCounter(byId('kpi-units', HTMLElement), formatInteger);
  const events = byId('kpi-events', HTMLElement);
  const promotions = byId('kpi-promotions', HTMLElement);
  const product = byId('kpi-product', HTMLElement);

  return (day, dayBefore, isOtherDay) => {
    revenue.show(day.revenueCents, isOtherDay);
    units.show(day.units, isOtherDay);
    showChange('kpi-revenue-note', day, dayBefore, 'revenueCents');
    showChange('kpi-units-note', day, dayBefore, 'units');
    setText(events, `${formatInteger(day.events)} / ${formatInteger(day.total)}`);
    setText(byId('kpi-events-note', HTMLElement), day.events >= day.total ? 'all stored' : 'coming in');
    setText(promotions, formatShare(day.discounted, day.events));
    setText(
      byId('kpi-promotions-note', HTMLElement),
      `${formatInteger(day.discounted)} discounted${day.isHolidayPromotion ? ' · holiday promo' : ''}`,
    );
    const [top] = ranked(day.byProduct, 'units');
    setText(product, top?.key ?? '–');
    setText(byId('kpi-product-note', HTMLElement), top ? `${formatInteger(top.units)} units` : '');
  };
}

/** A day that is still coming in can't be compared with a whole one. */
function showChange(
  id: string,
  day: DaySummary,
  before: DaySummary | null,
  measure: 'units' | 'revenueCents',
): void {
  const note = byId(id, HTMLElement);
  const isComparable = before !== null && before.completeAt !== null && day.completeAt !== null;
  const change = isComparable ? formatChange(day[measure], before[measure]) : null;
  setText(note, change ? `${change.text} on the day before` : '\u00a0');
  note.dataset.trend = change?.trend ?? 'flat';
}
