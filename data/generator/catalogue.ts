import { type RandomStream, randomStream } from './random-stream.ts';

const CATEGORIES = ['Groceries', 'Toys', 'Electronics', 'Furniture', 'Clothing'] as const;
const REGIONS = ['North', 'South', 'East', 'West'] as const;
export const PRODUCTS = 20;

export type Category = (typeof CATEGORIES)[number];
export type Region = (typeof REGIONS)[number];

/** What the products of a category have in common. All effects are on the logarithm of demand. */
interface CategoryProfile {
  /** Monday to Sunday. */
  readonly week: readonly number[];
  readonly yearAmplitude: number;
  /** Day of the year (1-366) with the highest demand. */
  readonly yearPeak: number;
  readonly promotionUplift: number;
  /** How strongly the weather's effect is felt; negative where bad weather sells. */
  readonly weatherSensitivity: number;
}

export const categoryProfiles: Readonly<Record<Category, CategoryProfile>> = {
  Groceries: {
    week: [-0.3, -0.32, -0.22, 0.04, 0.32, 0.45, 0.03],
    yearAmplitude: 0.08,
    yearPeak: 350,
    promotionUplift: 0.2,
    weatherSensitivity: -0.4,
  },
  Toys: {
    week: [-0.36, -0.38, -0.2, -0.1, 0.16, 0.52, 0.36],
    yearAmplitude: 0.22,
    yearPeak: 345,
    promotionUplift: 0.32,
    weatherSensitivity: 0.6,
  },
  Electronics: {
    week: [-0.34, -0.36, -0.3, -0.06, 0.24, 0.56, 0.26],
    yearAmplitude: 0.15,
    yearPeak: 335,
    promotionUplift: 0.28,
    weatherSensitivity: 0.5,
  },
  Furniture: {
    week: [-0.4, -0.42, -0.34, -0.12, 0.18, 0.64, 0.46],
    yearAmplitude: 0.12,
    yearPeak: 120,
    promotionUplift: 0.22,
    weatherSensitivity: 0.8,
  },
  Clothing: {
    week: [-0.35, -0.33, -0.25, -0.05, 0.22, 0.5, 0.26],
    yearAmplitude: 0.18,
    yearPeak: 140,
    promotionUplift: 0.34,
    weatherSensitivity: 1.2,
  },
};

export interface Product {
  readonly id: string;
  readonly category: Category;
  /** List prices move around this one. */
  readonly referencePrice: number;
  /** Relative change of demand by relative change of the price paid; negative. */
  readonly elasticity: number;
  /** Units a day in a store of size 1, at the reference price, without any other effect. */
  readonly popularity: number;
  /** On the logarithm of demand. */
  readonly promotionUplift: number;
}

export interface Store {
  readonly id: string;
  readonly region: Region;
  /** Multiplies demand. */
  readonly size: number;
}

/** The 20 products of a seed. */
export function products(seed: number): Product[] {
  const random = randomStream(seed, 'products');
  return Array.from({ length: PRODUCTS }, (_, index) => {
    const category = CATEGORIES[index % CATEGORIES.length] ?? CATEGORIES[0];
    return {
      id: `P${String(index + 1).padStart(4, '0')}`,
      category,
      referencePrice: random.between(13, 78),
      elasticity: -random.between(0.7, 1.7),
      popularity: logUniform(random, 10, 115),
      promotionUplift: categoryProfiles[category].promotionUplift + random.between(-0.05, 0.05),
    };
  });
}

/** The first stores of a seed: the same ones however many are asked for. */
export function stores(seed: number, count: number): Store[] {
  const random = randomStream(seed, 'stores');
  return Array.from({ length: count }, (_, index) => ({
    id: `S${String(index + 1).padStart(3, '0')}`,
    region: REGIONS[index % REGIONS.length] ?? REGIONS[0],
    size: logUniform(random, 0.75, 1.35),
  }));
}

function logUniform(random: RandomStream, low: number, high: number): number {
  return Math.exp(random.between(Math.log(low), Math.log(high)));
}
