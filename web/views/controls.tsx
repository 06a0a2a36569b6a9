import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { daysLeft } from '../state/state.ts';
import { useSelected } from './hooks.ts';
import type { Page } from './page.ts';
import { progressOf } from './words.ts';

const SLOW_MS = 300;

const SPEEDS = [
  { value: 0.5, text: '½', label: '½ day per second' },
  { value: 1, text: '1', label: '1 day per second' },
  { value: 2, text: '2', label: '2 days per second' },
  { value: 5, text: '5', label: '5 days per second' },
  { value: 10, text: '10', label: '10 days per second' },
] as const;

/** A button that stays focusable while it can't be pressed: `disabled` would take the focus away. */
export function Button({ isPressable = true, onPress, children, ...attributes }: ButtonProps) {
  return (
    <button
      type="button"
      aria-disabled={!isPressable}
      onClick={() => {
        if (isPressable) onPress();
      }}
      {...attributes}
    >
      {children}
    </button>
  );
}

interface ButtonProps {
  readonly id?: string;
  readonly class?: string;
  readonly title?: string;
  readonly isPressable?: boolean;
  readonly children: ComponentChildren;
  readonly 'aria-keyshortcuts'?: string;
  readonly 'aria-label'?: string;
  readonly 'aria-busy'?: boolean;
  readonly 'data-playing'?: boolean;
  onPress(): void;
}

/** How much of the current day is stored. */
export function Progress({ page }: { page: Page }) {
  const progress = useComputed(() => progressOf(page.store.state.value, page.store.now.value)).value;
  const { percent, text } = progress;
  return (
    <div class="progress-line">
      <div
        id="progress"
        class="progress"
        role="progressbar"
        aria-label="Stored sales of the day"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={text}
      >
        <span id="progress-fill" style={{ transform: `scaleX(${percent / 100})` }} />
      </div>
      <p id="progress-text" class="quiet number">
        {text}
      </p>
    </div>
  );
}

/** The buttons, each with its keyboard shortcut. */
export function Controls({ page }: { page: Page }) {
  const { controls, dialogs, store } = page;
  const { isPlaying, daysPerSecond } = useSelected(store, ({ play }) => play);
  const hasDaysLeft = useSelected(store, (state) => daysLeft(state) > 0);
  const isSlow = useSlow(page, page.clicks.isAsking);
  const isResetSlow = useSlow(page, page.clicks.isResetting);
  const hasDays = useSelected(store, ({ status }) => status !== null && status.total_days > 0);
  const press = {
    next: () => void controls.advance(1),
    play: () => controls.setPlaying(!store.latest().play.isPlaying),
    reset: () => void controls.startOver(),
    help: () => dialogs.showHelp(),
  };
  useEffect(() => {
    const canAdvance = () => daysLeft(store.latest()) > 0;
    return onShortcut({
      ArrowRight: () => canAdvance() && press.next(),
      ' ': () => canAdvance() && press.play(),
      r: () => (store.latest().status?.total_days ?? 0) > 0 && press.reset(),
      '?': press.help,
      ',': () => page.step(-1),
      '.': () => page.step(1),
      Escape: () => page.look(null),
    });
  }, []);
  return (
    <div class="controls">
      <Button
        id="next-day"
        class="primary"
        aria-busy={isSlow}
        aria-keyshortcuts="ArrowRight"
        isPressable={hasDaysLeft}
        onPress={press.next}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 2.5v11l8-5.5zM12 2.5h1.8v11H12z" />
        </svg>
        Next day<kbd aria-hidden="true">→</kbd>
      </Button>
      <Button
        id="play"
        aria-keyshortcuts="Space"
        data-playing={isPlaying}
        isPressable={hasDaysLeft}
        onPress={press.play}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d={isPlaying ? 'M4 2.5h3v11H4zM9 2.5h3v11H9z' : 'M4 2.5v11l9-5.5z'} />
        </svg>
        <span id="play-text">{isPlaying ? 'Pause' : 'Play'}</span>
        <kbd aria-hidden="true">space</kbd>
      </Button>
      <fieldset id="speed" class="segments">
        <legend class="visually-hidden">Playback speed in days per second</legend>
        {SPEEDS.map(({ value, text, label }) => (
          <label key={value}>
            <input
              type="radio"
              name="speed"
              value={value}
              aria-label={label}
              checked={value === daysPerSecond}
              onChange={() => controls.setSpeed(value)}
            />
            {text}
          </label>
        ))}
        <span class="quiet" aria-hidden="true">
          days/s
        </span>
      </fieldset>
      <Button
        id="reset"
        aria-busy={isResetSlow}
        aria-keyshortcuts="R"
        isPressable={hasDays}
        onPress={press.reset}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 2.5a5.5 5.5 0 1 1-5.3 4h1.9A3.8 3.8 0 1 0 8 4.2v2.3L4.2 3.4 8 .3z" />
        </svg>
        Reset<kbd aria-hidden="true">R</kbd>
      </Button>
      <Button id="help" class="round" aria-keyshortcuts="?" aria-label="Keys and help" onPress={press.help}>
        ?
      </Button>
    </div>
  );
}

/** Whether a request of this page has been unanswered for longer than feels immediate. @param isOpen Whether there is one. */
function useSlow({ requests }: Page, isOpen: () => boolean): boolean {
  const isSlow = useSignal(false);
  useSignalEffect(() => {
    void requests.value;
    if (!isOpen()) {
      isSlow.value = false;
      return;
    }
    const timer = setTimeout(() => {
      isSlow.value = true;
    }, SLOW_MS);
    return () => clearTimeout(timer);
  });
  return isSlow.value;
}

/** Elements for text input, where a key is a letter. */
const TEXT = 'input:not([type="radio"]), select, textarea';
/** Elements that handle some keys themselves. */
const OWN: Readonly<Record<string, string>> = {
  ArrowRight: '[role="slider"], input[type="radio"], .scroll',
  ' ': 'button, a, summary, input[type="radio"], .scroll',
};

const REPEATED: ReadonlySet<string> = new Set([',', '.']);

/** Makes shortcuts work wherever the focus is, except in elements that handle the key themselves. @returns Removes the listener. */
function onShortcut(actions: Readonly<Record<string, () => unknown>>): () => void {
  const onKey = (event: KeyboardEvent) => {
    const act = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || isTaken(event)) return;
    event.preventDefault();
    act();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function isTaken({
  key,
  altKey,
  ctrlKey,
  metaKey,
  defaultPrevented,
  repeat,
  target,
}: KeyboardEvent): boolean {
  // A key that is held down repeats, which is useful only for stepping through past days.
  if (defaultPrevented || altKey || ctrlKey || metaKey || (repeat && !REPEATED.has(key))) return true;
  if (document.querySelector('dialog[open]')) return true;
  const selector = key in OWN ? `${TEXT}, ${OWN[key]}` : TEXT;
  // The button that closed a dialog keeps the focus until the next frame.
  return target instanceof Element && target.checkVisibility() && target.closest(selector) !== null;
}
