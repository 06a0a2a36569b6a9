/** Numbers and dates as the page writes them: English names, a comma between thousands. */
const integer = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const twoDecimals = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const longDate = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
const shortParts = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** A number without decimals: `1,312`. */
export function formatInteger(value: number): string {
  return integer.format(value);
}

/** `1 sale`, `1,312 sales`. @param noun In the singular; its plural ends in s. */
export function formatCount(count: number, noun: string): string {
  return `${formatInteger(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1 day`, `731 days`. */
export function formatDays(days: number): string {
  return formatCount(days, 'day');
}

/** A delay in milliseconds, however long, so that steps can be added up; a dash if unknown. */
export function formatMs(ms: number | null): string {
  return ms === null ? '–' : `${formatInteger(ms)} ms`;
}

/** A number with a fixed number of decimals and a true minus sign; a dash for null. */
export function formatDecimal(value: number | null, decimals = 2): string {
  if (value === null) return '–';
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString('en-GB', digits).replace('-', '\u2212');
}

/** Hundredths as a whole amount. */
export function formatAmount(cents: number): string {
  return integer.format(cents / 100);
}

/** Hundredths as an amount with two decimals. */
export function formatExactAmount(cents: number): string {
  return twoDecimals.format(cents / 100);
}

/** A fraction as a percentage; a dash if the total is zero. */
export function formatShare(part: number, whole: number): string {
  return whole > 0 ? `${Math.round((part / whole) * 100)} %` : '–';
}

/** A change in percent, with its sign. */
export function signedPercent(percent: number, decimals = 1): string {
  // `|| 0`: there is no negative zero.
  const rounded = Number(percent.toFixed(decimals)) || 0;
  return `${rounded > 0 ? '+' : ''}${formatDecimal(rounded, decimals)} %`;
}

/** What the API calls a change from no sale at all is at least this (percent): it divides by next to nothing. */
const FROM_NOTHING = 1e9;

/** The trend of a moving average: `trend down, −5.7 % on the week before`; `trend up after a week without sales`. */
export function formatTrend(trend: string, percent: number): string {
  return percent >= FROM_NOTHING
    ? `trend ${trend} after a week without sales`
    : `trend ${trend}, ${signedPercent(percent)} on the week before`;
}

/** A probability as statisticians write it. */
export function formatChance(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${formatDecimal(p, 3)}`;
}

/** `2023-02-14` → `Tue 14 Feb 2023`. */
export function formatDate(date: string): string {
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    shortParts.formatToParts(Date.parse(date)).find((each) => each.type === type)?.value ?? '';
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('year')}`;
}

/** `2023-02-14` → `Tuesday 14 February 2023`, for screen readers. */
export function speakDate(date: string): string {
  return longDate.format(Date.parse(date)).replace(',', '');
}

/** `2023-02-14` → `14 Feb`, for axes. */
export function formatDayMonth(date: string): string {
  return formatDate(date).split(' ').slice(1, 3).join(' ');
}

/** A change in words, with its direction as a sign. */
export interface Change {
  readonly text: string;
  readonly trend: 'up' | 'down' | 'flat';
}

/** A change against another value: `▲ 4 %`, below one percent `▲ 0.4 %`; null if there is nothing to compare with. */
export function formatChange(value: number, before: number): Change | null {
  if (before <= 0) return null;
  const percent = (value / before - 1) * 100;
  return changeOf(percent, percentText(Math.abs(percent)));
}

/** How far a value is off what was expected: `−3 %`, below one percent `+0.4 %`; a dash if nothing was expected. */
export function formatDeviation(value: number, expected: number): string {
  if (expected <= 0) return '–';
  const percent = (value / expected - 1) * 100;
  if (percent === 0) return '±0 %';
  return `${percent > 0 ? '+' : '\u2212'}${percentText(Math.abs(percent))}`;
}

/** A small change is never shown as none. */
function percentText(percent: number): string {
  if (percent < 0.05) return '< 0.1 %';
  return percent < 0.95 ? `${formatDecimal(percent, 1)} %` : `${Math.round(percent)} %`;
}

/** A change of a share (0-1) in percentage points: `▲ 4 pts`. */
export function formatPoints(share: number, before: number): Change {
  const points = Math.round(share * 100) - Math.round(before * 100);
  return changeOf(points, formatCount(Math.abs(points), 'pt'));
}

/** @param size The amount without its sign, in words. */
function changeOf(amount: number, size: string): Change {
  if (amount === 0) return { text: '= same', trend: 'flat' };
  return amount > 0 ? { text: `▲ ${size}`, trend: 'up' } : { text: `▼ ${size}`, trend: 'down' };
}
