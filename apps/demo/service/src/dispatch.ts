// The dispatch board: what each depot has to hand out, and by when it was promised.
import type { Calendar } from './calendar.ts';
import type { Repository } from './repository.ts';
import { today } from './seed.ts';
import type { Order } from './types.ts';

export interface BoardRow {
  readonly orderId: number;
  readonly customer: string;
  readonly parcels: number;
  readonly weightGrams: number;
  readonly promisedOn: string;
  readonly isLate: boolean;
}

const parcelLimitGrams = 20_000;

/** One page of a depot's board, most urgent first. */
export function buildBoard(
  repository: Repository,
  calendar: Calendar,
  depot: string,
  page: number,
  pageSize: number,
): BoardRow[] {
  const orders = repository.ordersOfDepot(depot);
  return orders
    .slice(page * pageSize, (page + 1) * pageSize)
    .map((order) => boardRow(repository, calendar, order))
    .toSorted((a, b) => (a.promisedOn < b.promisedOn ? -1 : a.promisedOn > b.promisedOn ? 1 : 0));
}

function boardRow(repository: Repository, calendar: Calendar, order: Order): BoardRow {
  const promised = promiseDay(calendar, order);
  const weightGrams = weigh(repository, order);
  return {
    orderId: order.id,
    customer: repository.customer(order.customerId)?.name ?? 'unknown',
    parcels: Math.max(1, Math.ceil(weightGrams / parcelLimitGrams)),
    weightGrams,
    promisedOn: formatDay(promised),
    isLate: promised < today,
  };
}

/** The day on which an order was promised to leave its depot. */
export function promiseDay(calendar: Calendar, order: Order): number {
  return calendar.addOpenDays(order.depot, order.placedOn, order.handlingDays);
}

function weigh(repository: Repository, order: Order): number {
  let grams = 0;
  for (const { sku, quantity } of order.lines) {
    grams += (repository.product(sku)?.weightGrams ?? 0) * quantity;
  }
  return grams;
}

/** `2025-11-03` */
export function formatDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
