import { useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { operations } from '../../shared/api/operations.ts';
import { placed } from '../stream/api.ts';
import type { MissingColumns } from '../stream/data-set.ts';
import { fillsAll } from './at-rest.ts';
import { Attention } from './attention.tsx';
import { Banner, EmptyState, LookingBack, Notice } from './banner.tsx';
import { Controls, Progress } from './controls.tsx';
import { Feed } from './feed.tsx';
import { Announcer, Header } from './header.tsx';
import { CategoryTable } from './heat-table.tsx';
import { useSelected } from './hooks.ts';
import { Kpis } from './kpis.tsx';
import type { Page } from './page.ts';
import { Rankings } from './rankings.tsx';
import { Resilience } from './resilience.tsx';
import { Share } from './share.tsx';
import { Timeline } from './timeline.tsx';

/** The whole page. */
export function App({ page }: { page: Page }) {
  const charts = page.charts.value;
  const missing = page.missing.value;
  const { isKiosk = false } = page.address.value;
  return (
    <>
      <Header page={page} />
      <LookingBack page={page} />
      <main>
        <section class="panel time" aria-label="Calendar">
          <Timeline page={page} />
          <Progress page={page} />
          {!isKiosk && <Controls page={page} />}
        </section>
        <Banner page={page} />
        {!isKiosk && <Notice page={page} />}
        <div class="headline">
          <EmptyState page={page} />
          <Kpis page={page} />
        </div>
        <div class="panels">
          <section class="panel days" aria-labelledby="days-title">
            {charts ? (
              <charts.Days page={page} />
            ) : (
              <ChartPlace
                title="Units by day, actual and forecast"
                above={<ul class="key" />}
                below={
                  <>
                    <p class="chart-text" />
                    <div class="brush" data-is-empty="true" />
                  </>
                }
              />
            )}
          </section>
          <Attention page={page} />
          <Rankings page={page} />
          <Panel
            name="cells"
            title={mixTitle(missing)}
            isHidden={missing.has('category') && missing.has('region')}
          >
            <CategoryTable page={page} />
          </Panel>
          <Panel
            name="climate"
            title="Units against the usual, by weather"
            isHidden={missing.has('weather_condition')}
          >
            {charts && <charts.Climate page={page} />}
          </Panel>
          <section class="panel price" aria-labelledby="price-title">
            {charts ? (
              <charts.Price page={page} />
            ) : (
              <ChartPlace title="Demand against price" below={<p class="caption" />} />
            )}
          </section>
          <Feed page={page} />
        </div>
        <Explore page={page} />
        <Resilience page={page} />
      </main>
      <footer class="quiet">
        <Share page={page} />
        <p>
          <a href={placed(operations.readDocs.path)}>API documentation</a>
          <a href={`${placed(operations.readMetrics.path)}?format=prometheus`}>Metrics</a>
        </p>
      </footer>
      <Announcer page={page} />
      <page.dialogs.Outlet />
    </>
  );
}

interface ChartPlaceProps {
  readonly title: string;
  readonly above?: ComponentChildren;
  readonly below: ComponentChildren;
}

/** The placeholder of a chart until the code of the charts is loaded. */
function ChartPlace({ title, above, below }: ChartPlaceProps) {
  return (
    <>
      <div class="head">
        <h2>{title}</h2>
      </div>
      {above}
      <div class="chart" />
      {below}
    </>
  );
}

/** The code of this panel is loaded when it is first scrolled near the screen, or when the run rests. */
function Explore({ page }: { page: Page }) {
  const section = useRef<HTMLElement>(null);
  const isHidden = useSelected(page.store, ({ status }) => status?.total_days === 0);
  const { ExplorePanel } = page.explore.value ?? {};
  useEffect(() => {
    if (!section.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        void page.loadExplore();
      },
      { rootMargin: '400px' },
    );
    observer.observe(section.current);
    return () => observer.disconnect();
  }, []);
  useSignalEffect(() => {
    if (fillsAll.value) void page.loadExplore();
  });
  return (
    <section
      id="explore"
      ref={section}
      class="panel explore"
      aria-labelledby="explore-title"
      hidden={isHidden}
    >
      <h2 id="explore-title">Explore</h2>
      {ExplorePanel && <ExplorePanel page={page} section={section} />}
    </section>
  );
}

function mixTitle(missing: MissingColumns): string {
  if (missing.has('region')) return 'Share of net revenue by category';
  return missing.has('category') ? 'Share of net revenue by region' : 'Category mix by region';
}

interface PanelProps {
  readonly name: string;
  readonly title: ComponentChildren;
  readonly isHidden?: boolean;
  readonly children: ComponentChildren;
}

function Panel({ name, title, isHidden = false, children }: PanelProps) {
  return (
    <section class={`panel ${name}`} aria-labelledby={`${name}-title`} hidden={isHidden}>
      <div class="head">
        <h2 id={`${name}-title`}>{title}</h2>
      </div>
      {children}
    </section>
  );
}
