import type { ReadonlySignal, Signal } from '@preact/signals';
import type { FunctionComponent, RefObject } from 'preact';
import type { Address, Looking, PastDay } from '../state/address.ts';
import type { KnownForecasts } from '../state/kept-forecasts.ts';
import type { PageStore } from '../state/store.ts';
import type { ClickLog } from '../stream/click-log.ts';
import type { SimulationControls } from '../stream/controls.ts';
import type { MissingColumns } from '../stream/data-set.ts';
import type { ReadSummary } from '../stream/history.ts';
import type { LiveConnection } from '../stream/live-connection.ts';
import type { BreakablePart, KnownProof } from '../stream/pipeline.ts';
import type { StockOutsByDay } from '../stream/stock-outs.ts';
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
  readonly store: PageStore;
  readonly clicks: ClickLog;
  readonly readSummary: ReadSummary;
  readonly connection: LiveConnection;
  readonly controls: SimulationControls;
  readonly dialogs: Dialogs;
  /** Changes when a request of this page is sent or answered. */
  readonly requests: ReadonlySignal<number>;
  /** When the stream last delivered bytes (ms of this browser's clock, to the second). */
  readonly heardAt: ReadonlySignal<number>;
  /** What was forecast for the total on the evenings before, and the end of the request that reads it. */
  readonly keptForecasts: { readonly known: Signal<KnownForecasts | null>; turn: Promise<void> };
  /** What ran out on the days of the run, as far as it is known. */
  readonly stockOuts: ReadonlySignal<StockOutsByDay>;
  /** The last proof, whichever part of the page has asked for it. */
  readonly proof: ReadonlySignal<KnownProof>;
  /** Reads it, unless it was read of the same state of the run a moment ago. */
  readProof(): Promise<KnownProof>;
  /** Whether a part of the system is broken on purpose at the moment. */
  readonly hasFault: ReadonlySignal<boolean>;
  /** The parts that can be broken; null until they are known. */
  readonly parts: Signal<readonly BreakablePart[] | null>;
  /** What the page's address names. */
  readonly address: ReadonlySignal<Address>;
  /** The past day that is looked at; null while the run is followed. */
  readonly past: ReadonlySignal<PastDay | null>;
  /** The first date (ms) of a calendar without gaps, before any day of it was played; null if it isn't known. */
  readonly calendarBegin: ReadonlySignal<number | null>;
  /** The columns that the data set lacks: what depends on them is hidden, or says so. */
  readonly missing: ReadonlySignal<MissingColumns>;
  /** Whether they are known: before that, nothing is asked that a data set without them can't answer. */
  readonly isMissingKnown: ReadonlySignal<boolean>;
  /** The day that the panels of one day show. */
  readonly looking: ReadonlySignal<Looking>;
  /** Looks at the day before or after the shown one; after the last past day, the run is followed again. */
  step(days: -1 | 1): void;
  /** Looks at a day of the run, 1 for the first; null follows the run again. */
  look(day: number | null): void;
  /** Changes other parts of the address. */
  go(change: Partial<Address>): void;
  /** Code that is loaded later; null until then. */
  readonly charts: ReadonlySignal<ChartParts | null>;
  readonly explore: ReadonlySignal<ExploreParts | null>;
  loadExplore(): Promise<void>;
}
