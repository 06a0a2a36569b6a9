import { type AdvanceOutcome, createAutoPlay } from '../state/auto-play.ts';
import { isEndOfRun, isTransient } from '../state/problem.ts';
import type { Message } from '../state/reduce.ts';
import { daysLeft, type PageState } from '../state/state.ts';
import type { AcceptedDays, Answer, Api } from '../stream/api.ts';
import { askForReset, showHelp } from './dialogs.ts';
import { byId, isPressable, onPress, setPressable, setText } from './dom.ts';

export interface Controls {
  /** Goes so many days ahead. */
  travel(days: number): Promise<AdvanceOutcome>;
  draw(state: PageState): void;
}

/** The buttons and their keys. What they bring about is shown when the stream tells it, not before: all browsers agree. */
export function createControls(api: Api, dispatch: (message: Message) => void): Controls {
  const buttons = {
    play: byId('play', HTMLButtonElement),
    next: byId('next-day', HTMLButtonElement),
    reset: byId('reset', HTMLButtonElement),
    help: byId('help', HTMLButtonElement),
  };
  const speed = byId('speed', HTMLFieldSetElement);
  let isPlaying = false;
  let lastDayIndex = Number.POSITIVE_INFINITY;
  const setPlaying = (on: boolean) => dispatch({ type: 'play', play: { isPlaying: on } });

  async function travel(days: number): Promise<AdvanceOutcome> {
    const clickedAt = Date.now();
    const answer = await api.advanceDays(days);
    return told(answer, clickedAt);
  }

  function told(answer: Answer<AcceptedDays>, clickedAt: number): AdvanceOutcome {
    if ('problem' in answer) {
      if (isPlaying && isEndOfRun(answer.problem)) return 'refused';
      dispatch({ type: 'problem', problem: answer.problem });
      return isTransient(answer.problem) ? 'away' : 'refused';
    }
    dispatch({ type: 'accepted', click: { dayIndex: answer.body.day_index, clickedAt } });
    // The stream tells it too, but maybe after the next click, which would be refused.
    return answer.body.day_index >= lastDayIndex ? 'ended' : 'accepted';
  }

  async function startOver(): Promise<void> {
    setPlaying(false);
    if (!(await askForReset())) return;
    const answer = await api.reset();
    dispatch({ type: 'problem', problem: 'problem' in answer ? answer.problem : null });
  }

  onPress(buttons.play, () => setPlaying(!isPlaying));
  onPress(buttons.next, () => void travel(1));
  onPress(buttons.reset, () => void startOver());
  onPress(buttons.help, showHelp);
  speed.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement)
      dispatch({ type: 'play', play: { daysPerSecond: Number(target.value) } });
  });
  onShortcut({ ' ': buttons.play, ArrowRight: buttons.next, r: buttons.reset, '?': buttons.help });
  const autoPlay = createAutoPlay({ click: travel, stop: () => setPlaying(false), now: () => Date.now() });

  return {
    travel,
    draw: (state) => {
      autoPlay(state);
      isPlaying = state.play.isPlaying;
      lastDayIndex = state.status ? state.status.total_days - 1 : Number.POSITIVE_INFINITY;
      buttons.play.dataset.playing = String(isPlaying);
      setText(byId('play-text', HTMLElement), isPlaying ? 'Pause' : 'Play');
      for (const button of [buttons.play, buttons.next]) setPressable(button, daysLeft(state) > 0);
      setPressable(buttons.reset, state.status !== null && state.status.total_days > 0);
    },
  };
}

/** What takes text: there a key is a letter. */
const TEXT = 'input:not([type="radio"]), select, textarea';
/** What means something of its own by a key. */
const OWN: Readonly<Record<string, string>> = {
  ArrowRight: '[role="slider"], input[type="radio"], .scroll',
  ' ': 'button, a, summary, input[type="radio"], .scroll',
};

/** Lets keys press buttons, wherever the focus is, except where a key has a meaning already. */
export function onShortcut(buttons: Readonly<Record<string, HTMLButtonElement>>): void {
  document.addEventListener('keydown', (event) => {
    const button = buttons[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!button || !isPressable(button) || isTaken(event)) return;
    event.preventDefault();
    button.click();
  });
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
  // A key that is held down would press on and on.
  if (defaultPrevented || altKey || ctrlKey || metaKey || repeat) return true;
  if (document.querySelector('dialog[open]')) return true;
  const selector = key in OWN ? `${TEXT}, ${OWN[key]}` : TEXT;
  // The button that closed a dialog has the focus until the next frame.
  return target instanceof Element && target.checkVisibility() && target.closest(selector) !== null;
}
