import { type ReadonlySignal, signal } from '@preact/signals';
import { type ComponentChildren, createRef, type RefObject } from 'preact';
import { formatDays } from '../format.ts';

/** The questions the page asks a person. */
export interface Dialogs {
  /** Resolves to whether the run is to be reset. */
  askForReset(): Promise<boolean>;
  /** Resolves to whether every viewer is to advance by that many days. @param day The day to travel to, in words. */
  askToTravel(day: string, days: number): Promise<boolean>;
  /** Resolves to the token that was entered; null if there is none. */
  askForToken(): Promise<string | null>;
  showHelp(): void;
  /** The dialogs themselves, to be rendered once. */
  Outlet(): ComponentChildren;
}

/** Creates the dialogs. They can be opened once their `Outlet` is rendered. */
export function createDialogs(): Dialogs {
  const reset = createRef<HTMLDialogElement>();
  const travel = createRef<HTMLDialogElement>();
  const journey = signal({ day: '', days: 0 });
  const help = createRef<HTMLDialogElement>();
  const token = createRef<HTMLDialogElement>();
  const input = createRef<HTMLInputElement>();

  return {
    askForReset: () => confirmed(reset),
    askToTravel: (day, days) => {
      journey.value = { day, days };
      return confirmed(travel);
    },
    showHelp: () => void confirmed(help),
    askForToken: async () => {
      const field = input.current;
      if (!field) return null;
      field.value = '';
      const isConfirmed = await confirmed(token);
      const entered = field.value.trim();
      field.value = '';
      return isConfirmed && entered !== '' ? entered : null;
    },
    Outlet: () => (
      <>
        <ResetDialog dialog={reset} />
        <TravelDialog dialog={travel} journey={journey} />
        <HelpDialog dialog={help} />
        <TokenDialog dialog={token} input={input} />
      </>
    ),
  };
}

/** Opens a dialog and resolves to whether it was confirmed. */
function confirmed({ current: dialog }: RefObject<HTMLDialogElement | null>): Promise<boolean> {
  if (!dialog) return Promise.resolve(false);
  const isClosed = new AbortController();
  const { signal } = isClosed;
  // Not a submit button: Enter in a field presses the first one of those.
  dialog.querySelector('[data-cancel]')?.addEventListener('click', () => dialog.close(''), { signal });
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    const settle = () => {
      isClosed.abort();
      resolve(dialog.returnValue === 'confirm');
    };
    dialog.addEventListener('close', settle, { signal });
  });
}

interface DialogProps {
  readonly dialog: RefObject<HTMLDialogElement | null>;
}

interface FrameProps extends DialogProps {
  /** The element's id is `{name}-dialog`, its heading's `{name}-title`. */
  readonly name: string;
  readonly title: ComponentChildren;
  /** The button that confirms; without one there is nothing to confirm, only to close. */
  readonly confirm?: { readonly label: string; readonly look: 'primary' | 'danger' };
  /** Whether the first focus goes to a field instead of the button that changes nothing. */
  readonly hasField?: boolean;
  readonly children: ComponentChildren;
}

/** A dialog with its heading, its content and its buttons. */
function Frame({ dialog, name, title, confirm, hasField = false, children }: FrameProps) {
  return (
    <dialog id={`${name}-dialog`} ref={dialog} aria-labelledby={`${name}-title`}>
      <form method="dialog">
        <h2 id={`${name}-title`}>{title}</h2>
        {children}
        <div class="actions">
          {confirm ? (
            <>
              <button type="button" data-cancel autofocus={!hasField}>
                Cancel
              </button>
              <button type="submit" value="confirm" class={confirm.look}>
                {confirm.label}
              </button>
            </>
          ) : (
            <button type="submit" value="" autofocus>
              Close
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}

function ResetDialog({ dialog }: DialogProps) {
  const confirm = { label: 'Reset', look: 'danger' } as const;
  return (
    <Frame dialog={dialog} name="reset" title="Start a new run?" confirm={confirm}>
      <p>
        Every browser returns to before the first day. The sales of this run stay stored but no longer count.
      </p>
    </Frame>
  );
}

function TravelDialog({
  dialog,
  journey,
}: DialogProps & { journey: ReadonlySignal<{ day: string; days: number }> }) {
  const { day, days } = journey.value;
  const confirm = { label: 'Advance', look: 'primary' } as const;
  return (
    <Frame dialog={dialog} name="travel" title={`Advance ${formatDays(days)}?`} confirm={confirm}>
      <p>
        Every browser goes to {day.replace(/: .*/, '')}. Only a reset leads back, to before the first day.
      </p>
    </Frame>
  );
}

function HelpDialog({ dialog }: DialogProps) {
  return (
    <Frame dialog={dialog} name="help" title="Keys">
      <dl class="keys">
        <HelpLine keys={<kbd>space</kbd>}>Play or pause</HelpLine>
        <HelpLine keys={<kbd>→</kbd>}>Next day</HelpLine>
        <HelpLine keys={<kbd>R</kbd>}>Reset: start a new run</HelpLine>
        <HelpLine
          keys={
            <>
              <kbd>,</kbd> <kbd>.</kbd>
            </>
          }
        >
          Look at the day before, the day after
        </HelpLine>
        <HelpLine keys={<kbd>Esc</kbd>}>Return from a past day to the run</HelpLine>
        <HelpLine keys={<kbd>?</kbd>}>This help</HelpLine>
        <HelpLine keys="On the calendar">
          <kbd>←</kbd> <kbd>→</kbd> a day, <kbd>Page Up</kbd> <kbd>Page Down</kbd> 30 days, <kbd>Enter</kbd>{' '}
          shows a past day or advances to a later one, <kbd>Esc</kbd> returns to today
        </HelpLine>
      </dl>
      <p>Playback presses Next day in this browser; every browser shows the same day.</p>
    </Frame>
  );
}

function HelpLine({ keys, children }: { keys: ComponentChildren; children: ComponentChildren }) {
  return (
    <div>
      <dt>{keys}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function TokenDialog({ dialog, input }: DialogProps & { input: RefObject<HTMLInputElement | null> }) {
  const confirm = { label: 'Continue', look: 'primary' } as const;
  return (
    <Frame dialog={dialog} name="token" title="Token required" confirm={confirm} hasField>
      <p>Ask the operator of this system for it. It is kept until you close this tab.</p>
      <label for="token">Token</label>
      <input
        id="token"
        ref={input}
        type="password"
        autocomplete="off"
        spellcheck={false}
        aria-describedby="token-hint"
        pattern="\s*[!-~]*\s*"
        title="Letters, digits and punctuation (ASCII), no spaces"
      />
      <p id="token-hint" class="quiet">
        Letters, digits and punctuation (ASCII), no spaces.
      </p>
    </Frame>
  );
}
