import { Cache } from './cache.ts';
import { Calendar } from './calendar.ts';
import { buildBoard, formatDay, promiseDay } from './dispatch.ts';
import { buildPickList } from './picking.ts';
import { priceOrder } from './pricing.ts';
import { buildRegionReport, type RegionRow } from './report.ts';
import { Repository } from './repository.ts';
import { Router } from './router.ts';
import { seedShop } from './seed.ts';
import type { Order } from './types.ts';

const pageSize = 40;
const ordersInWave = 80;

/** Wires the shop together. */
export function createRouter(): Router {
  const shop = seedShop();
  const repository = new Repository(shop);
  const calendar = new Calendar(shop.closures);
  const reports = new Cache<RegionRow[]>(10, 200);

  function describeOrder(order: Order): object {
    return {
      ...order,
      customer: repository.customer(order.customerId),
      price: priceOrder(repository, order),
      promisedOn: formatDay(promiseDay(calendar, order)),
    };
  }

  return new Router()
    .get('/orders/:id', ({ path }) => {
      const order = repository.order(Number(path['id']));
      return order === undefined ? undefined : describeOrder(order);
    })
    .get('/customers/:id/statement', ({ path }) => {
      const customer = repository.customer(Number(path['id']));
      if (customer === undefined) return undefined;
      const orders = repository.ordersOfCustomer(customer.id).map(describeOrder);
      return { customer, orders };
    })
    .get('/depots/:name/board', ({ path, query }) => {
      const page = Number(query.get('page') ?? '0');
      return buildBoard(repository, calendar, path['name'] ?? '', page, pageSize);
    })
    .get('/depots/:name/picks', ({ path, query }) => {
      const wave = Number(query.get('wave') ?? '0');
      return buildPickList(repository, path['name'] ?? '', wave, ordersInWave);
    })
    .get('/reports/regions', () =>
      reports.getOrMake('regions', () => buildRegionReport(repository)),
    );
}
