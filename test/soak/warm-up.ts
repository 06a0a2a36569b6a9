/** The API's bounded caches: filling them looks like a leak until they are full. */

const STORES = 5;
const PRODUCTS = 20;

/** Cutoff days per pair: together more than the functions cache of any kind of answer. */
const DAYS = [716, 717, 718, 719, 720, 721, 722, 723, 724, 725];

/** Concurrent requests; a single function computes forecasts. */
const AT_ONCE = 4;

/** Sends requests until every history is cached and every bounded cache is full. @throws if a request fails. */
export async function warmUp(url: string): Promise<void> {
  const waiting = requests().values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [path, method] of waiting) {
        const response = await fetch(`${url}${path}`, { method });
        await response.arrayBuffer();
        if (!response.ok) throw new Error(`Warming up, ${path} was answered with ${response.status}.`);
      }
    }),
  );
}

function requests(): readonly [path: string, method: string][] {
  const products = Array.from({ length: PRODUCTS }, (_, index) => `P${String(index + 1).padStart(4, '0')}`);
  const pairs = Array.from({ length: STORES }, (_, index) => `S00${index + 1}`).flatMap((store) =>
    products.map((product) => `store_id=${store}&product_id=${product}`),
  );
  const forecasts = pairs.flatMap((pair) => DAYS.map((day) => `/demand/forecast?${pair}&day=${day}`));
  const prices = products.map((product) => `/price/sensitivity?product_id=${product}&day=731`);
  const searches = products.map((product) => `/optimize/demand?store_id=S001&product_id=${product}&day=731`);
  const asked =
    (method: string) =>
    (path: string): [string, string] => [path, method];
  return [...[...forecasts, ...prices].map(asked('GET')), ...searches.map(asked('POST'))];
}
