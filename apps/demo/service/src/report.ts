import { priceOrder } from './pricing.ts';
import type { Repository } from './repository.ts';

export interface RegionRow {
  readonly region: string;
  readonly orders: number;
  readonly totalCents: number;
  readonly medianCents: number;
  readonly topCategories: readonly string[];
}

/** Sales by region: the page that everybody suspects when the shop is slow. */
export function buildRegionReport(repository: Repository): RegionRow[] {
  const totals = new Map<string, { cents: number[]; categories: Map<string, number> }>();
  for (const order of repository.allOrders()) {
    const region = repository.customer(order.customerId)?.region ?? 'unknown';
    let group = totals.get(region);
    if (group === undefined) totals.set(region, (group = { cents: [], categories: new Map() }));
    group.cents.push(priceOrder(repository, order).totalCents);
    for (const { sku, quantity } of order.lines) {
      const category = repository.product(sku)?.category ?? 'unknown';
      group.categories.set(category, (group.categories.get(category) ?? 0) + quantity);
    }
  }
  return [...totals].map(([region, { cents, categories }]) => ({
    region,
    orders: cents.length,
    totalCents: cents.reduce((sum, value) => sum + value, 0),
    medianCents: cents.toSorted((a, b) => a - b)[cents.length >> 1] ?? 0,
    topCategories: [...categories]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, 3)
      .map(([name]) => name),
  }));
}
