// The words of the shop. Days are whole numbers: days since 1 January 1970.

export interface Product {
  readonly sku: string;
  readonly title: string;
  readonly category: string;
  readonly priceCents: number;
  readonly weightGrams: number;
  /** Where it lies, in every depot the same. */
  readonly bin: number;
}

/** A stop on a picker's walk through a depot. */
export interface Bin {
  readonly bin: number;
  readonly aisle: string;
  readonly isBlocked: boolean;
}

export interface Customer {
  readonly id: number;
  readonly name: string;
  readonly region: string;
  readonly tier: 'standard' | 'silver' | 'gold';
}

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
}

export interface Order {
  readonly id: number;
  readonly customerId: number;
  readonly depot: string;
  readonly placedOn: number;
  readonly handlingDays: number;
  readonly lines: readonly OrderLine[];
}

/** A time in which a depot does not hand out parcels. */
export interface Closure {
  readonly depot: string;
  readonly reason: string;
  readonly firstDay: number;
  readonly days: number;
}
