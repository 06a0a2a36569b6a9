/** Calls back when a button is pressed, unless it can't be just now. */
export function onPress(button: HTMLButtonElement, act: () => void): void {
  button.addEventListener('click', () => {
    if (isPressable(button)) act();
  });
}

export function isPressable(button: HTMLButtonElement): boolean {
  return button.getAttribute('aria-disabled') !== 'true';
}

/** Not by `disabled`: a button that has the focus would lose it. */
export function setPressable(button: HTMLButtonElement, can: boolean): void {
  button.setAttribute('aria-disabled', String(!can));
}
