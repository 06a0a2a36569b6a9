import { prefersLessMotion, setText } from './dom.ts';

const DURATION_MS = 250;

/** A number on the page that counts up to its new value; where little motion is wanted it just changes. */
export interface Counter {
  /** @param jump Shows the value at once, as for another day's. */
  show(value: number, jump: boolean): void;
  /** Shows that there is none. */
  clear(): void;
}

export function createCounter(element: Element, format: (value: number) => string): Counter {
  let shown = 0;
  let target = 0;
  let frame = 0;

  function step(from: number, begin: number, now: number): void {
    const part = Math.min(1, (now - begin) / DURATION_MS);
    shown = from + (target - from) * part;
    setText(element, format(part === 1 ? target : shown));
    if (part < 1) frame = requestAnimationFrame((next) => step(from, begin, next));
  }

  return {
    show: (value, jump) => {
      if (value === target && !jump) return;
      target = value;
      cancelAnimationFrame(frame);
      if (!jump && !prefersLessMotion() && document.visibilityState === 'visible') {
        return step(shown, performance.now(), performance.now());
      }
      shown = value;
      setText(element, format(value));
    },
    clear: () => {
      cancelAnimationFrame(frame);
      setText(element, '–');
    },
  };
}
