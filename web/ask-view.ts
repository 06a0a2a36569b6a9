import type { StatusMessage } from '../shared/api/live.ts';
import type { Api } from './api.ts';
import { byId } from './dom.ts';
import { partMissing } from './problem.ts';
import type { Message } from './reduce.ts';
import type { PageState } from './state.ts';

/** Shows the section that asks the API; its code comes when the section is near the screen for the first time. */
export function createAskView(api: Api, dispatch: (message: Message) => void): (state: PageState) => void {
  const section = byId('ask', HTMLElement);
  let show: ((status: StatusMessage) => void) | null = null;
  let status: StatusMessage | null = null;

  async function load(): Promise<void> {
    try {
      const { createAskPanel } = await import('./ask/panel.ts');
      show = createAskPanel(section, api);
      if (status) show(status);
    } catch {
      dispatch({ type: 'problem', problem: partMissing('The questions') });
    }
  }

  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      void load();
    },
    { rootMargin: '400px' },
  );
  observer.observe(section);

  return (state) => {
    status = state.status;
    section.hidden = status?.total_days === 0;
    if (status) show?.(status);
  };
}
