import type { ReadonlySignal } from '@preact/signals';
import type { FunctionComponent, RefObject } from 'preact';
import type { Store } from '../state/store.ts';
import type { ClickLog } from '../stream/click-log.ts';
import type { Controls } from '../stream/controls.ts';
import type { ReadSummary } from '../stream/history.ts';
import type { LiveConnection } from '../stream/live-connection.ts';
import type { Dialogs } from './dialogs.tsx';

type Part<Props = unknown> = FunctionComponent<{ page: Page } & Props>;

/** The panels of charts/chart-views.ts. Types declared here, because those modules import this one. */
export interface ChartParts {
  readonly Climate: Part;
  readonly Days: Part;
  readonly Price: Part;
}

/** The panel of explore/panel.tsx. */
export interface ExploreParts {
  readonly ExplorePanel: Part<{ section: RefObject<Element | null> }>;
}

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
  readonly charts: ReadonlySignal<ChartParts | null>;
  readonly explore: ReadonlySignal<ExploreParts | null>;
  loadExplore(): void;
}
