import type { Repository } from './repository.ts';
import type { Customer, Order } from './types.ts';

export interface Price {
  readonly goodsCents: number;
  readonly discountCents: number;
  readonly shippingCents: number;
  readonly taxCents: number;
  readonly totalCents: number;
}

const discountPercent = { standard: 0, silver: 3, gold: 7 };
const reducedTax = new Set(['books']);

/** Adds up an order: goods, the customer's discount, shipping by weight, tax by category. */
export function priceOrder(repository: Repository, order: Order): Price {
  const customer = repository.customer(order.customerId);
  let goodsCents = 0;
  let weightGrams = 0;
  let taxCents = 0;
  for (const { sku, quantity } of order.lines) {
    const product = repository.product(sku);
    if (product === undefined) continue;
    const lineCents = product.priceCents * quantity;
    goodsCents += lineCents;
    weightGrams += product.weightGrams * quantity;
    taxCents += Math.round((lineCents * (reducedTax.has(product.category) ? 7 : 19)) / 119);
  }
  const discountCents = Math.round((goodsCents * percentFor(customer, goodsCents)) / 100);
  const shippingCents = shippingFor(weightGrams, goodsCents);
  const totalCents = goodsCents - discountCents + shippingCents;
  return { goodsCents, discountCents, shippingCents, taxCents, totalCents };
}

function percentFor(customer: Customer | undefined, goodsCents: number): number {
  const base = customer === undefined ? 0 : discountPercent[customer.tier];
  return goodsCents > 100_000 ? base + 2 : base;
}

function shippingFor(weightGrams: number, goodsCents: number): number {
  if (goodsCents > 15_000) return 0;
  return weightGrams < 2000 ? 390 : weightGrams < 10_000 ? 590 : 1290;
}
