import type { StatusMessage } from '../../shared/api/live.ts';

/** The status of a run of three days whose first day has been stored. */
export const STATUS: StatusMessage = {
  run_id: 'b1f0a1de-0000-4000-8000-000000000001',
  is_running: true,
  is_complete: false,
  current_day: '2022-01-01',
  day_index: 0,
  total_days: 3,
  day_total: 100,
  day_received: 100,
  progress_pct: 100,
};
