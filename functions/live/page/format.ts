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

export function formatInteger(value: number): string {
  return integer.format(value);
}

/** Hundredths as a whole amount. */
export function formatAmount(cents: number): string {
  return integer.format(cents / 100);
}

/** Hundredths as an amount with two decimals. */
export function formatExactAmount(cents: number): string {
  return twoDecimals.format(cents / 100);
}

/** A part of a whole; a dash if there is no whole. */
export function formatShare(part: number, whole: number): string {
  return whole > 0 ? `${Math.round((part / whole) * 100)} %` : '–';
}

/** `2023-02-14` → `Tue 14 Feb 2023`. */
export function formatDate(date: string): string {
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    shortParts.formatToParts(Date.parse(date)).find((each) => each.type === type)?.value ?? '';
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('year')}`;
}

/** `2023-02-14` → `Tuesday 14 February 2023`, for ears. */
export function speakDate(date: string): string {
  return longDate.format(Date.parse(date)).replace(',', '');
}

/** A change against another value: `▲ 4 %`, with its direction; null if it can't be told. */
export function formatChange(
  value: number,
  before: number,
): { text: string; trend: 'up' | 'down' | 'flat' } | null {
  if (before <= 0) return null;
  const percent = Math.round((value / before - 1) * 100);
  if (percent === 0) return { text: '= unchanged', trend: 'flat' };
  return percent > 0 ? { text: `▲ ${percent} %`, trend: 'up' } : { text: `▼ ${-percent} %`, trend: 'down' };
}
