/** A machine whose clock is wrong: loaded before an application, it shifts what time it is. */
const aheadMs = Number(process.env.FAULT_RIG_CLOCK_AHEAD_MS);
const RightDate = Date;

globalThis.Date = new Proxy(RightDate, {
  construct: (target, args: [], newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [RightDate.now() + aheadMs], newTarget) as object,
  apply: () => new RightDate(RightDate.now() + aheadMs).toString(),
  get: (target, property, receiver) =>
    property === 'now' ? () => RightDate.now() + aheadMs : (Reflect.get(target, property, receiver) as unknown),
});
