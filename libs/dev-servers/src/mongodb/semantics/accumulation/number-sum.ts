import { type Decimal128, Double, type Int32, type Long } from 'bson';
import { add } from '../arithmetic.js';
import { type BsonNumber, integer, numberType, type NumberType, toBigInt, toDouble } from '../numbers.js';

/**
 * A sum that loses nothing on the way: whole numbers are added exactly, doubles with what rounding cut off, as MongoDB
 * does. Its type is the widest of what was added; ints past 32 bits make a long, longs past 64 bits a double.
 */
export class NumberSum {
  #whole = 0n;
  #double = 0;
  #cutOff = 0;
  #decimal: Decimal128 | undefined;
  #type: NumberType = 'int';
  #count = 0;

  /** How many numbers were added. */
  get count(): number {
    return this.#count;
  }

  add(value: BsonNumber): void {
    this.#count += 1;
    const type = numberType(value);
    if (type === 'decimal') {
      this.#decimal = add(this.#decimal ?? 0, value) as Decimal128;
    } else if (type === 'double') {
      if (this.#type !== 'double') this.#type = type;
      this.#addDouble(toDouble(value));
    } else {
      if (type === 'long' && this.#type === 'int') this.#type = type;
      this.#whole += toBigInt(value);
    }
  }

  value(): Int32 | Long | Double | Decimal128 {
    if (this.#decimal) {
      const exact = add(this.#decimal, this.#whole) as Decimal128;
      return this.#type === 'double' ? (add(exact, new Double(this.#double + this.#cutOff)) as Decimal128) : exact;
    }
    if (this.#type === 'double') return new Double(this.asDouble());
    return integer(this.#whole, this.#type as 'int' | 'long') ?? new Double(this.asDouble());
  }

  /** The sum without its decimals. */
  asDouble(): number {
    if (!Number.isFinite(this.#double)) return this.#double;
    return this.#double + (this.#cutOff + Number(this.#whole));
  }

  #addDouble(value: number): void {
    const sum = this.#double + value;
    const virtual = sum - this.#double;
    if (Number.isFinite(sum)) this.#cutOff += this.#double - (sum - virtual) + (value - virtual);
    this.#double = sum;
  }
}
