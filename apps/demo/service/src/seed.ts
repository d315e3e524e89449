// The shop's data: made up, and the same at every start.
import { SeededRandom } from './random.ts';
import type { Bin, Closure, Customer, Order, Product } from './types.ts';

/** The shop's "today": 3 November 2025. */
export const today = 20_395;

export const depots = [
  'berlin',
  'bremen',
  'dresden',
  'erfurt',
  'essen',
  'fulda',
  'kassel',
  'mainz',
];
const regions = ['north', 'east', 'south', 'west'];
const categories = ['books', 'garden', 'kitchen', 'music', 'office', 'tools', 'toys'];
const nouns = ['lamp', 'chair', 'kettle', 'guitar', 'drill', 'atlas', 'puzzle', 'spade', 'desk'];
const colours = ['amber', 'black', 'green', 'indigo', 'ivory', 'red', 'silver', 'teal'];
const firstNames = ['Ada', 'Ben', 'Clara', 'David', 'Eva', 'Felix', 'Greta', 'Hugo', 'Ida', 'Jan'];
const lastNames = ['Arnold', 'Becker', 'Conrad', 'Dietz', 'Engel', 'Frank', 'Graf', 'Haas', 'Jung'];
const reasons = ['stocktaking', 'works outing', 'road works', 'fire drill', 'company holidays'];
const binCount = 3000;

export interface Shop {
  readonly products: readonly Product[];
  readonly customers: readonly Customer[];
  readonly orders: readonly Order[];
  readonly closures: readonly Closure[];
  readonly walks: ReadonlyMap<string, readonly Bin[]>;
}

export function seedShop(): Shop {
  const random = new SeededRandom(1969);
  const products = Array.from({ length: 1200 }, (_, i) => makeProduct(random, i));
  const customers = Array.from({ length: 600 }, (_, i) => makeCustomer(random, i + 1));
  const orders = Array.from({ length: 4000 }, (_, i) =>
    makeOrder(random, i + 1, products, customers),
  );
  const closures = depots.flatMap((depot) => makeClosures(random, depot));
  const walks = new Map(depots.map((depot) => [depot, makeWalk(random)]));
  return { products, customers, orders, closures, walks };
}

function makeProduct(random: SeededRandom, index: number): Product {
  return {
    sku: `P-${1000 + index}`,
    title: `${random.pick(colours)} ${random.pick(nouns)}`,
    category: random.pick(categories),
    priceCents: random.between(199, 49_900),
    weightGrams: random.between(80, 14_000),
    bin: random.between(1, binCount),
  };
}

function makeCustomer(random: SeededRandom, id: number): Customer {
  return {
    id,
    name: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
    region: random.pick(regions),
    tier: random.pick(['standard', 'standard', 'standard', 'silver', 'gold'] as const),
  };
}

function makeOrder(
  random: SeededRandom,
  id: number,
  products: readonly Product[],
  customers: readonly Customer[],
): Order {
  return {
    id,
    customerId: random.pick(customers).id,
    depot: random.pick(depots),
    placedOn: today - random.between(0, 30),
    handlingDays: random.between(1, 6),
    lines: Array.from({ length: random.between(1, 7) }, () => ({
      sku: random.pick(products).sku,
      quantity: random.between(1, 4),
    })),
  };
}

function makeClosures(random: SeededRandom, depot: string): Closure[] {
  return Array.from({ length: 6 }, () => ({
    depot,
    reason: random.pick(reasons),
    firstDay: today - random.between(-30, 300),
    days: random.between(1, 5),
  }));
}

// Every depot is walked in its own order, aisle by aisle.
function makeWalk(random: SeededRandom): Bin[] {
  const bins = Array.from({ length: binCount }, (_, i) => i + 1);
  for (let i = bins.length - 1; i > 0; i -= 1) {
    const other = random.between(0, i);
    [bins[i], bins[other]] = [bins[other] ?? 0, bins[i] ?? 0];
  }
  return bins.map((bin, i) => ({
    bin,
    aisle: `${String.fromCodePoint(65 + (Math.floor(i / 120) % 26))}${Math.floor(i / 120) + 1}`,
    isBlocked: random.next() < 0.01,
  }));
}
