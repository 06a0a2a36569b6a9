import { byId } from './dom.ts';

/** Opens a dialog and resolves to whether it was confirmed. */
function confirmed(dialog: HTMLDialogElement): Promise<boolean> {
  const isClosed = new AbortController();
  const { signal } = isClosed;
  // A button of its own kind: Enter in a field presses the first one that submits.
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

/** Asks whether the run is really to be reset. */
export function askForReset(): Promise<boolean> {
  return confirmed(byId('reset-dialog', HTMLDialogElement));
}

/** Shows what can be done with which key. */
export function showHelp(): void {
  void confirmed(byId('help-dialog', HTMLDialogElement));
}

/** Asks for the token; null if none was entered. */
export async function askForToken(): Promise<string | null> {
  const input = byId('token', HTMLInputElement);
  input.value = '';
  const isConfirmed = await confirmed(byId('token-dialog', HTMLDialogElement));
  const token = input.value.trim();
  input.value = '';
  return isConfirmed && token !== '' ? token : null;
}
