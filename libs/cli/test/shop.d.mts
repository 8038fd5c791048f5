export const fault: { on: boolean };
export class Sold {
  readonly price: number | null;
  readonly currency: string;
}
export class Sell {
  readonly till: string;
  readonly price: number;
}
export class Till {}
export class Takings {
  sold(sold: Sold, before?: { sales: number; sum: number; currency: string }): object;
}
export class Receipts {
  constructor(printer: { print(sold: Sold): Promise<void> });
}
