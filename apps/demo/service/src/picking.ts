// Pick lists: what a picker takes out of which bin, in one walk through the depot.
import type { Repository } from './repository.ts';
import type { Order } from './types.ts';
import { firstOnWalk } from './walk.ts';

export interface Pick {
  readonly bin: number;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly orderIds: readonly number[];
}

/** The pick list of one wave: a few dozen orders that are collected together. */
export function buildPickList(
  repository: Repository,
  depot: string,
  wave: number,
  ordersInWave: number,
): Pick[] {
  const orders = repository.ordersOfDepot(depot);
  const start = (wave * ordersInWave) % Math.max(1, orders.length);
  return collect(repository, orders.slice(start, start + ordersInWave)).toSorted(
    firstOnWalk(repository.walkOfDepot(depot)),
  );
}

// One pick for each product, however many orders ask for it.
function collect(repository: Repository, orders: readonly Order[]): Pick[] {
  const picks = new Map<string, Pick>();
  for (const { id, lines } of orders) {
    for (const { sku, quantity } of lines) {
      const product = repository.product(sku);
      if (product === undefined) continue;
      const { bin, title } = product;
      const soFar = picks.get(sku) ?? { bin, sku, title, quantity: 0, orderIds: [] };
      const orderIds = [...soFar.orderIds, id];
      picks.set(sku, { ...soFar, quantity: soFar.quantity + quantity, orderIds });
    }
  }
  return [...picks.values()];
}
