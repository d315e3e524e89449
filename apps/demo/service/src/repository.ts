import type { Shop } from './seed.ts';
import type { Bin, Customer, Order, Product } from './types.ts';

/** The shop's data with the indexes that its readers need. */
export class Repository {
  readonly #products: ReadonlyMap<string, Product>;
  readonly #customers: ReadonlyMap<number, Customer>;
  readonly #orders: ReadonlyMap<number, Order>;
  readonly #walks: ReadonlyMap<string, readonly Bin[]>;
  readonly #byDepot: ReadonlyMap<string, readonly Order[]>;
  readonly #byCustomer: ReadonlyMap<number, readonly Order[]>;

  constructor({ products, customers, orders, walks }: Shop) {
    this.#walks = walks;
    this.#products = new Map(products.map((product) => [product.sku, product]));
    this.#customers = new Map(customers.map((customer) => [customer.id, customer]));
    this.#orders = new Map(orders.map((order) => [order.id, order]));
    this.#byDepot = groupBy(orders, (order) => order.depot);
    this.#byCustomer = groupBy(orders, (order) => order.customerId);
  }

  product(sku: string): Product | undefined {
    return this.#products.get(sku);
  }

  customer(id: number): Customer | undefined {
    return this.#customers.get(id);
  }

  order(id: number): Order | undefined {
    return this.#orders.get(id);
  }

  ordersOfDepot(depot: string): readonly Order[] {
    return this.#byDepot.get(depot) ?? [];
  }

  walkOfDepot(depot: string): readonly Bin[] {
    return this.#walks.get(depot) ?? [];
  }

  ordersOfCustomer(id: number): readonly Order[] {
    return this.#byCustomer.get(id) ?? [];
  }

  allOrders(): Iterable<Order> {
    return this.#orders.values();
  }
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
