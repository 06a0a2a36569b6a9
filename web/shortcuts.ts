import { isPressable } from './pressable.ts';

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
