import type { ReadonlySignal } from '@preact/signals';
import type * as charts from '../charts/chart-views.ts';
import type * as explore from '../explore/panel.tsx';
import type { Store } from '../state/store.ts';
import type { ClickLog } from '../stream/click-log.ts';
import type { Controls } from '../stream/controls.ts';
import type { ReadSummary } from '../stream/history.ts';
import type { LiveConnection } from '../stream/live-connection.ts';
import type { Dialogs } from './dialogs.tsx';

/** What the components of the page work with. */
export interface Page {
  readonly store: Store;
  readonly clicks: ClickLog;
  readonly readSummary: ReadSummary;
  readonly connection: LiveConnection;
  readonly controls: Controls;
  readonly dialogs: Dialogs;
  /** Changes when a request of this page is sent or answered. */
  readonly requests: ReadonlySignal<number>;
  /** When the stream last delivered bytes (ms of this browser's clock, to the second). */
  readonly heardAt: ReadonlySignal<number>;
  /** Code that is loaded later; null until then. */
  readonly charts: ReadonlySignal<typeof charts | null>;
  readonly explore: ReadonlySignal<typeof explore | null>;
  loadExplore(): void;
}
