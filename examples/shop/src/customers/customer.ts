export type CustomerId = string;

export interface Customer {
  readonly id: CustomerId;
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly segment: Segment;
}

export type Segment = 'new' | 'regular' | 'trade';

/** "Ada L.", for lists that other customers can see. */
export function publicName(customer: Customer): string {
  const [first = '', ...rest] = customer.name.split(' ');
  const last = rest.at(-1);
  return last === undefined ? first : `${first} ${last.charAt(0)}.`;
}
