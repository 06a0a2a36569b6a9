import type { AcceptedDays, Answer, Api } from './api.ts';
import { type ClickOutcome, createAutoPlay } from './auto-play.ts';
import { askForReset, showHelp } from './dialogs.ts';
import { byId, setText } from './dom.ts';
import { onPress, setPressable } from './pressable.ts';
import { isEndOfRun, isPassing } from './problem.ts';
import type { Message } from './reduce.ts';
import { onShortcut } from './shortcuts.ts';
import { daysLeft, type PageState } from './state.ts';

export interface Controls {
  /** Goes so many days ahead. */
  travel(days: number): Promise<ClickOutcome>;
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

  async function travel(days: number): Promise<ClickOutcome> {
    const clickedAt = Date.now();
    const answer = await api.nextDays(days);
    return told(answer, clickedAt);
  }

  function told(answer: Answer<AcceptedDays>, clickedAt: number): ClickOutcome {
    if ('problem' in answer) {
      if (isPlaying && isEndOfRun(answer.problem)) return 'refused';
      dispatch({ type: 'problem', problem: answer.problem });
      return isPassing(answer.problem) ? 'away' : 'refused';
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
