import { byId, setText } from './dom.ts';
import { formatAmount, formatInteger } from './format.ts';
import type { PageState } from './state.ts';

/** What to say where there are no figures to look at, or no more to come. */
export interface Invitation {
  readonly title: string;
  readonly text: string;
}

/** The one thing to know or do at the beginning and at the end; null in between. */
export function invitationOf({ status, days }: PageState): Invitation | null {
  if (!status) return null;
  if (status.total_days === 0) {
    return { title: 'No data set yet', text: 'The days of a data set appear here as soon as one is loaded.' };
  }
  if (!status.is_running && days.size === 0) {
    return {
      title: 'Two years of shop history, one day at a time',
      text: 'Press Next day: the sales of the first day travel through the whole system and appear here.',
    };
  }
  return status.is_complete ? completeRun(status.total_days, [...days.values()]) : null;
}

function completeRun(
  totalDays: number,
  days: readonly { units: number; revenueCents: number }[],
): Invitation {
  const title = `All ${formatInteger(totalDays)} days have been played`;
  if (days.length < totalDays) return { title, text: 'Press Reset to begin a new run.' };
  const sum = (measure: 'units' | 'revenueCents') => days.reduce((total, day) => total + day[measure], 0);
  const sums = `${formatInteger(sum('units'))} units for ${formatAmount(sum('revenueCents'))}`;
  return { title, text: `They sold ${sums}. Press Reset to begin a new run.` };
}

/** Draws the invitation. */
export function createInvitationView(): (state: PageState) => void {
  const section = byId('invitation', HTMLElement);
  return (state) => {
    const invitation = invitationOf(state);
    section.hidden = invitation === null;
    setText(byId('invitation-title', HTMLElement), invitation?.title ?? '');
    setText(byId('invitation-text', HTMLElement), invitation?.text ?? '');
  };
}
