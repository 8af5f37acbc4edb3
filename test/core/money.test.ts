import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  dividedExactly,
  exceeds,
  isZero,
  type Money,
  minus,
  negate,
  ONE_MICRO,
  parseAmount,
  plus,
  shareOut,
  sum,
  times,
  toDecimal,
  toDollars,
  toDollarsDown,
  toDollarsUp,
  toMicrosText,
  ZERO,
} from '../../src/core/money/money.ts';
import {
  dearer,
  discounted,
  holdAmount,
  isFactor,
  microsPerHour,
  parseRate,
  type Rate,
  rateFromE10Text,
  segmentAmounts,
  toE10Text,
} from '../../src/core/money/rate.ts';
import { fromMicros } from '../../src/core/money/storage.ts';
import '../support/property.ts';

const LARGEST = 999_999_999_999_990_000n;
const micros = fc.bigInt(-LARGEST, LARGEST).map(fromMicros);
const positive = fc.bigInt(0n, LARGEST).map(fromMicros);

function usd(text: string): Money {
  return parseAmount(text, true) ?? fromMicros(-1n);
}

describe('amounts as people write them', () => {
  it.each([
    ['12', '12'],
    ['12.5', '12.5'],
    ['0', '0'],
    ['0.000001', '0.000001'],
    ['007', '7'],
    ['999999999999.99', '999999999999.99'],
    ['150.60', '150.6'],
    ['9.1625', '9.1625'],
  ])('%s is %s', (text, shown) => {
    expect(toDecimal(usd(text))).toBe(shown);
  });

  it.each([
    ...['', ' 1', '1 ', '1e3', '$5', '1,000', '1.', '.5', '+1', '-', '--1', '0x10', '1_000'],
    ...['999999999999.990001', '999999999999.999999', '-999999999999.990001'],
    ...['1.0000001', '1000000000000', '١٢', '1\n', 'NaN', 'Infinity', '1.2.3'],
  ])('%j is none', (text) => {
    expect(parseAmount(text)).toBeUndefined();
    expect(parseAmount(text, true)).toBeUndefined();
  });

  it('takes a sign only where the amount is signed', () => {
    expect(parseAmount('-3.000001')).toBeUndefined();
    expect(toDecimal(usd('-3.000001'))).toBe('-3.000001');
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(micros, (amount) => {
        expect(parseAmount(toDecimal(amount), true)).toBe(amount);
        expect(fromMicros(BigInt(toMicrosText(amount)))).toBe(amount);
      }),
    );
  });
});

describe('amounts as people read them', () => {
  it.each([
    ['150.604999', '$150.60', '$150.60', '$150.61'],
    ['150.605', '$150.61', '$150.60', '$150.61'],
    ['-160', '$-160.00', '$-160.00', '$-160.00'],
    ['-0.005', '$-0.01', '$-0.01', '$0.00'],
    ['-0.004999', '$0.00', '$-0.01', '$0.00'],
    ['0.000001', '$0.00', '$0.00', '$0.01'],
    ['1234567.891', '$1234567.89', '$1234567.89', '$1234567.90'],
  ])('%s is %s, down %s, up %s', (text, near, down, up) => {
    const amount = usd(text);
    expect([toDollars(amount), toDollarsDown(amount), toDollarsUp(amount)]).toEqual([
      near,
      down,
      up,
    ]);
  });

  it('never promise more than there is, nor ask for less than is needed', () => {
    const readable = fc.bigInt(-(10n ** 17n), 10n ** 17n).map(fromMicros);
    fc.assert(
      fc.property(readable, (amount) => {
        expect(exceeds(usd(toDollarsDown(amount).slice(1)), amount)).toBe(false);
        expect(exceeds(amount, usd(toDollarsUp(amount).slice(1)))).toBe(false);
      }),
    );
  });
});

describe('arithmetic', () => {
  it('undoes itself', () => {
    fc.assert(
      fc.property(micros, micros, (a, b) => {
        expect(minus(plus(a, b), b)).toBe(a);
        expect(isZero(plus(a, negate(a)))).toBe(true);
        expect(sum([a, b])).toBe(plus(b, a));
      }),
    );
  });

  it('gives tasks equal parts or none', () => {
    fc.assert(
      fc.property(positive, fc.integer({ min: 1, max: 1000 }), (amount, tasks) => {
        expect(dividedExactly(times(amount, tasks), tasks)).toBe(amount);
      }),
    );
    expect(() => dividedExactly(ONE_MICRO, 2)).toThrow('does not divide');
  });

  it('shares out the whole, no part more than one micro-dollar from its due', () => {
    const weights = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(positive, weights, (amount, parts) => {
        fc.pre(parts.some((part) => part > 0));
        const shares = shareOut(amount, parts);
        expect(sum(shares)).toBe(amount);
        const whole = parts.reduce((a, b) => a + b, 0);
        for (const [at, share] of shares.entries()) {
          const off = share * BigInt(whole) - amount * BigInt(parts[at] ?? 0);
          expect(off < BigInt(whole) && -off < BigInt(whole)).toBe(true);
        }
      }),
    );
  });

  it('gives the odd micro-dollar to the largest remainder, of equals to the first', () => {
    expect(shareOut(fromMicros(10n), [1, 1, 1])).toEqual([4n, 3n, 3n]);
    expect(shareOut(fromMicros(10n), [1, 2, 4])).toEqual([1n, 3n, 6n]);
  });

  it('is kept apart from bare numbers by the types', () => {
    expectTypeOf<bigint>().not.toEqualTypeOf<Money>();
    // @ts-expect-error a bigint is not money before core/money says so
    const wrong: Money = 1n;
    // @ts-expect-error a rate is not money
    const worse: Money = rateFromE10Text('1');
    expect([wrong, worse]).toHaveLength(2);
  });
});

function rate(text: string): Rate {
  return parseRate(text) ?? rateFromE10Text('-1');
}

describe('rates', () => {
  it.each([
    ['0.17', '1700000000'],
    ['5.44', '54400000000'],
    ['0.0000000001', '1'],
    ['0.00000000005', '1'],
    ['0.00000000004', '0'],
    ['1500', '15000000000000'],
  ])('%s $/h is %s', (text, e10) => {
    expect(toE10Text(rate(text))).toBe(e10);
  });

  it.each(['', '-1', '1e2', '0,5', '10000', '$1'])('%j is none', (text) => {
    expect(parseRate(text)).toBeUndefined();
  });

  it('are discounted half up', () => {
    expect(toE10Text(discounted(rate('0.17'), '5'))).toBe('1615000000');
    expect(toE10Text(discounted(rateFromE10Text('1'), '50'))).toBe('1');
    expect(toE10Text(discounted(rateFromE10Text('1'), '50.0001'))).toBe('0');
    expect(() => discounted(rate('1'), '100.1')).toThrow('not a discount');
  });

  it('are compared and shown per hour', () => {
    expect(dearer(rate('0.18'), rate('0.17'))).toBe(true);
    expect(microsPerHour(rate('0.0000005'))).toBe(1n);
  });

  it.each([
    ['1.2', true],
    ['0', true],
    ['1.2345678', false],
    ['x', false],
    ['-1', false],
  ])('factor %s: %s', (text, is) => {
    expect(isFactor(text)).toBe(is);
  });
});

describe('a hold', () => {
  // budget.md 4.1: estimate × percentage, one ceiling to the micro-dollar.
  it.each([
    ['125', '1.2', '150'],
    ['125.5', '1.2', '150.6'],
    ['7.33', '1.25', '9.1625'],
    ['0.000001', '1.2', '0.000002'],
  ])('of %s × %s is %s', (dollars, factor, hold) => {
    const amount = holdAmount({ nodes: 1, rate: rate(dollars), seconds: 3600, factor });
    expect(toDecimal(amount)).toBe(hold);
  });

  it('is one micro-dollar at least', () => {
    const amount = holdAmount({ nodes: 1, rate: rate('0'), seconds: 0, factor: '1' });
    expect(amount).toBe(ONE_MICRO);
  });

  it('covers what the nodes cost, whatever the split into seconds', () => {
    const e10 = fc.bigInt(0n, 15_000_000_000_000n).map((value) => rateFromE10Text(String(value)));
    const seconds = fc.integer({ min: 1, max: 604_800 });
    fc.assert(
      fc.property(e10, fc.integer({ min: 1, max: 64 }), seconds, (price, nodes, length) => {
        const held = holdAmount({ nodes, rate: price, seconds: length, factor: '1' });
        const cost = sum(segmentAmounts([{ seconds: length, rate: price }]));
        // Rounded half up per instance, the hold up once: half a micro-dollar a node may lack.
        expect(exceeds(times(cost, nodes), plus(held, fromMicros(BigInt(nodes))))).toBe(false);
      }),
    );
  });
});

describe('the segments of an instance', () => {
  const segment = fc.record({
    seconds: fc.integer({ min: 1, max: 604_800 }),
    rate: fc.bigInt(0n, 15_000_000_000_000n).map((value) => rateFromE10Text(String(value))),
  });

  it('add up to the instance, rounded half up once (COST-5)', () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 30 }), (segments) => {
        const units = segments.reduce((total, { seconds, rate: e10 }) => {
          return total + BigInt(seconds) * BigInt(toE10Text(e10));
        }, 0n);
        expect(sum(segmentAmounts(segments))).toBe((units + 18_000_000n) / 36_000_000n);
      }),
    );
  });

  it('cost the same however they are cut', () => {
    const cut = fc.integer({ min: 1, max: 604_799 });
    fc.assert(
      fc.property(segment, cut, (whole, at) => {
        fc.pre(at < whole.seconds);
        const parts = [
          { ...whole, seconds: at },
          { ...whole, seconds: whole.seconds - at },
        ];
        expect(sum(segmentAmounts(parts))).toBe(sum(segmentAmounts([whole])));
      }),
    );
  });

  it('of nothing cost nothing', () => {
    expect(sum(segmentAmounts([]))).toBe(ZERO);
    expect(segmentAmounts([{ seconds: 60, rate: rate('0') }])).toEqual([0n]);
  });
});
