import { useSignal } from '@preact/signals';
import { addressQuery } from '../state/address.ts';
import { partNotLoaded } from '../state/problem.ts';
import { pictured } from './at-rest.ts';
import { Button } from './controls.tsx';
import type { Page } from './page.ts';

/** Ways to pass on what the page shows: its address with the day, and a picture of the day. */
export function Share({ page }: { page: Page }) {
  const note = useSignal('');
  const hasDay = page.looking.value.day !== null;

  async function copyLink(): Promise<void> {
    // A screen reader announces only a text that changes.
    note.value = '';
    const { day } = page.looking.peek();
    const address = { ...page.address.peek(), day: day === null ? null : day.dayIndex + 1 };
    const link = new URL(`${location.pathname}${addressQuery(address, location.search)}`, location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      note.value = 'The link to this day is copied.';
    } catch {
      // Without permission, or without HTTPS.
      note.value = link;
    }
  }

  async function savePicture(): Promise<void> {
    try {
      const { savePicture: save } = await import('../share/picture.ts');
      await pictured(() => save(page.looking.peek()));
    } catch {
      page.store.dispatch({ type: 'problem', problem: partNotLoaded('The picture') });
    }
  }

  return (
    <p class="share">
      <Button id="copy-link" isPressable={hasDay} onPress={() => void copyLink()}>
        Copy link to this day
      </Button>
      <Button id="save-picture" isPressable={hasDay} onPress={() => void savePicture()}>
        Save picture (PNG)
      </Button>
      <span role="status" class="quiet">
        {note}
      </span>
    </p>
  );
}
