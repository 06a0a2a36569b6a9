import { formatInteger } from '../format.ts';
import { newestCompleteDay, type PageState } from '../state/state.ts';
import type { ReadSummary, SummaryGroup } from '../stream/history.ts';
import { byId } from '../views/dom.ts';
import { drawHeatTable, type HeatCell } from '../views/heat-table.ts';

/** The season of a date is known to the data set, not to the stream: so it is asked for, at most that often (ms). */
const EVERY_MS = 3_000;

/** Draws how many units a sale has in each weather of each season, asked for when a day has become whole. */
export function createClimateView(ask: ReadSummary): (state: PageState, now: number) => void {
  const table = byId('climate', HTMLTableElement);
  let asked = '';
  let askedAt = Number.NEGATIVE_INFINITY;
  let isEmpty = false;

  async function load(moment: string): Promise<void> {
    try {
      const groups = await ask('by=weather&then_by=season');
      if (moment === asked) draw(groups);
    } catch {
      // Asked again with the next look.
      if (moment === asked) asked = '';
    }
  }

  function draw(groups: readonly SummaryGroup[]): void {
    isEmpty = groups.length === 0;
    drawHeatTable(table, {
      corner: 'Weather',
      cells: groups.map(cellOf),
      empty: 'A whole day brings the first averages.',
    });
  }

  draw([]);
  return (state, now) => {
    const moment = wholeMoment(state);
    if (state.run.firstId === null) {
      asked = '';
      if (!isEmpty) draw([]);
    }
    if (moment === null || moment === asked || now - askedAt < EVERY_MS) return;
    asked = moment;
    askedAt = now;
    void load(moment);
  };
}

/** Names the newest day that is whole, of whichever run; null before the first. */
function wholeMoment({ run }: PageState): string | null {
  const newest = newestCompleteDay(run);
  return newest && `${run.firstId}/${newest.dayIndex}`;
}

function cellOf({ group, subgroup, units, events }: SummaryGroup): HeatCell {
  const mean = units / events;
  return {
    row: group,
    column: subgroup ?? '',
    value: mean,
    text: mean.toFixed(1),
    exact: `${formatInteger(units)} units in ${formatInteger(events)} sales`,
  };
}
