import { CSV_HEADER } from '../../data/generate.ts';

/** How large a data set is: it has a sale for each day, store and product. */
export interface DatasetSize {
  readonly days: number;
  readonly stores: number;
  readonly products: number;
}

const CATEGORIES = ['Groceries', 'Toys', 'Electronics', 'Clothing', 'Furniture'];
const REGIONS = ['North', 'South', 'East', 'West'];
const WEATHER = ['Sunny', 'Rainy', 'Cloudy', 'Snowy'];
const SEASONS = ['Winter', 'Spring', 'Summer', 'Autumn'];
const FIRST_DAY = Date.UTC(2010, 0, 1);
const DAY_MS = 86_400_000;

/** The date of a day, from 0. */
export function dateOf(day: number): string {
  return new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10);
}

/** Text of a data set of any size, a chunk for each day. Its units have a weekly season; nothing else in it is meant to be realistic. */
export function* growthDataset({ days, stores, products }: DatasetSize): Generator<string> {
  yield `${CSV_HEADER}\n`;
  for (let day = 0; day < days; day += 1) {
    const date = dateOf(day);
    const weather = WEATHER[day % 4];
    const season = SEASONS[Math.floor((day % 365) / 92)];
    const lines: string[] = [];
    for (let store = 1; store <= stores; store += 1) {
      for (let product = 1; product <= products; product += 1) {
        const units = 20 + (((day % 7) * 5 + product * 3 + store * 7 + ((day * product) % 11)) % 60);
        const price = (10 + (product % 50) + (day % 5) * 0.25).toFixed(2);
        lines.push(
          `${date},S${pad(store, 3)},P${pad(product, 4)},${CATEGORIES[product % 5]},${REGIONS[store % 4]},${units + 40},${units},${units},` +
            `${units}.00,${price},${(product % 3) * 5},${weather},${Number(day % 9 === 0)},${price},${season}`,
        );
      }
    }
    yield `${lines.join('\n')}\n`;
  }
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
