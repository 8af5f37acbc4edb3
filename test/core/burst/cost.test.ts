import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  billedEnd,
  type EndEvidence,
  instanceEnd,
  isFree,
} from '../../../src/core/burst/cost/interval.ts';
import { pricedSegments, segmentsOf } from '../../../src/core/burst/cost/segments.ts';
import {
  knownUntil,
  type NodeLife,
  type NodeRun,
  type Payer,
  stretchesOf,
} from '../../../src/core/burst/cost/stretches.ts';
import { sum, toMicrosText } from '../../../src/core/money/money.ts';
import { rateFromE10Text } from '../../../src/core/money/rate.ts';
import '../../support/property.ts';

const LAUNCH = 1_795_262_400;
const RUNS = Number(process.env['ASBB_TEST_SCALE'] ?? 1) * 500;

function hold(holdId: number): Payer {
  return { kind: 'hold', holdId, jobId: holdId };
}

const POOL: Payer = { kind: 'budget', budgetId: 9, jobId: 0, partition: '', key: 'late:pool' };
const NOBODY: Payer = { kind: 'nobody' };

function run(holdId: number, startS: number, endS: number | undefined, cpus = 4): NodeRun {
  return {
    jobId: holdId,
    startS: LAUNCH + startS,
    endS: endS === undefined ? undefined : LAUNCH + endS,
    cpus,
    payer: hold(holdId),
  };
}

function life(changes: Partial<NodeLife> & { readonly runs: readonly NodeRun[] }): NodeLife {
  return { launchS: LAUNCH, endS: LAUNCH + 1000, cause: hold(1), isExclusive: true, ...changes };
}

/** `from-to: payer…`, seconds after the launch. */
function shown(of: NodeLife): readonly string[] {
  return stretchesOf(of).map(({ fromS, toS, payers }) => {
    const names = payers.map(({ payer, weight }) =>
      payer.kind === 'hold' ? `h${payer.holdId}×${weight}` : payer.kind,
    );
    return `${fromS - LAUNCH}-${toS - LAUNCH}: ${names.join(' ')}`;
  });
}

// burst.md 8.3, row by row.
it.each<{ tag: string; of: NodeLife; stretches: readonly string[] }>([
  {
    tag: 'boot, job, idle: all the job',
    of: life({ runs: [run(1, 100, 400)] }),
    stretches: ['0-100: h1×1', '100-400: h1×4', '400-1000: h1×1'],
  },
  {
    tag: 'two jobs: idle between belongs to the first',
    of: life({ runs: [run(1, 100, 400), run(2, 600, 700)] }),
    stretches: ['0-100: h1×1', '100-400: h1×4', '400-600: h1×1', '600-700: h2×4', '700-1000: h2×1'],
  },
  {
    tag: 'idle on the pool',
    of: life({ runs: [run(1, 100, 400), run(2, 600, 700)], idle: POOL }),
    stretches: [
      '0-100: h1×1',
      '100-400: h1×4',
      '400-600: budget',
      '600-700: h2×4',
      '700-1000: budget',
    ],
  },
  {
    tag: 'idle on nobody',
    of: life({ runs: [run(2, 100, 400)], idle: NOBODY }),
    stretches: ['0-100: h1×1', '100-400: h2×4', '400-1000: nobody'],
  },
  {
    tag: 'no job ever ran: who caused the resume, whatever the idle policy',
    of: life({ runs: [], idle: POOL }),
    stretches: ['0-1000: h1×1'],
  },
  {
    tag: 'two jobs at once share by CPUs, lower job id first',
    of: life({ runs: [run(2, 100, 500, 3), run(1, 100, 400, 1)], isExclusive: false }),
    stretches: ['0-100: h1×1', '100-400: h1×1 h2×3', '400-500: h2×3', '500-1000: h2×1'],
  },
  {
    tag: 'an end that was moved past the next start is clipped on an exclusive node',
    of: life({ runs: [run(1, 100, 800), run(2, 600, 700)] }),
    stretches: ['0-100: h1×1', '100-600: h1×4', '600-700: h2×4', '700-1000: h2×1'],
  },
  {
    tag: 'a later run of the same job clips the earlier one on a shared node too',
    of: life({
      runs: [run(1, 100, 800), { ...run(2, 600, 700), jobId: 1 }],
      isExclusive: false,
    }),
    stretches: ['0-100: h1×1', '100-600: h1×4', '600-700: h2×4', '700-1000: h2×1'],
  },
  {
    tag: 'an attempt allocated before the launch never ran on it',
    of: life({ runs: [run(7, -1, 20)] }),
    stretches: ['0-1000: h1×1'],
  },
  {
    tag: 'a run that outlives the instance is clipped',
    of: life({ runs: [run(1, 100, 5000)] }),
    stretches: ['0-100: h1×1', '100-1000: h1×4'],
  },
  {
    tag: 'less than a minute is filled up by the last owner',
    of: life({ endS: LAUNCH + 30, runs: [run(2, 10, 20)], idle: POOL }),
    stretches: ['0-10: h1×1', '10-20: h2×4', '20-60: budget'],
  },
  {
    tag: 'ended in the second of its launch',
    of: life({ endS: LAUNCH, runs: [] }),
    stretches: ['0-60: h1×1'],
  },
  {
    tag: 'a running instance is known until the newest start',
    of: life({ endS: undefined, runs: [run(1, 100, 400), run(2, 600, undefined)] }),
    stretches: ['0-100: h1×1', '100-400: h1×4', '400-600: h1×1'],
  },
])('who pays: $tag', ({ of, stretches }) => {
  expect(shown(of)).toEqual(stretches);
});

const anyRun = fc
  .record({
    holdId: fc.integer({ min: 1, max: 5 }),
    from: fc.integer({ min: -100, max: 5000 }),
    seconds: fc.integer({ min: 0, max: 3000 }),
    cpus: fc.integer({ min: 0, max: 64 }),
  })
  .map(({ holdId, from, seconds, cpus }) => run(holdId, from, from + seconds, cpus));

const anyLife = fc
  .record({
    runs: fc.array(anyRun, { maxLength: 8 }),
    seconds: fc.integer({ min: 0, max: 900_000 }),
    isExclusive: fc.boolean(),
    idle: fc.constantFrom(undefined, POOL, NOBODY),
  })
  .map(({ runs, seconds, isExclusive, idle }) =>
    life({ runs, endS: LAUNCH + seconds, isExclusive, idle }),
  );

const anyRates = fc.array(
  fc.record({
    fromS: fc.integer({ min: LAUNCH - 1000, max: LAUNCH + 900_000 }),
    e10: fc.bigInt({ min: 0n, max: 15_000_000_000_000n }),
  }),
  { minLength: 1, maxLength: 6 },
);

it('stretches cover launch to billed end without gap or overlap', () => {
  fc.assert(
    fc.property(anyLife, (of) => {
      const stretches = stretchesOf(of);
      let at = of.launchS;
      for (const { fromS, toS, payers } of stretches) {
        expect(fromS).toBe(at);
        expect(toS).toBeGreaterThan(fromS);
        expect(payers.length).toBeGreaterThan(0);
        at = toS;
      }
      expect(at).toBe(billedEnd(of.launchS, of.endS ?? 0));
    }),
    { numRuns: RUNS },
  );
});

/** Second by second is too slow; price change by price change, as a fraction, is exact. */
function rationalCost(of: NodeLife, rates: readonly { fromS: number; e10: bigint }[]): bigint {
  const sorted = rates.toSorted((a, b) => a.fromS - b.fromS);
  const end = billedEnd(of.launchS, of.endS ?? 0);
  const cuts = [of.launchS, ...sorted.map(({ fromS }) => fromS), end]
    .filter((at) => at >= of.launchS && at <= end)
    .toSorted((a, b) => a - b);
  let units = 0n;
  for (let at = 1; at < cuts.length; at += 1) {
    const [from = 0, to = 0] = [cuts[at - 1], cuts[at]];
    const rate = sorted.findLast(({ fromS }) => fromS <= from) ?? sorted[0];
    units += BigInt(to - from) * (rate?.e10 ?? 0n);
  }
  return (units * 2n + 36_000_000n) / 72_000_000n;
}

it('shares add up to segments, segments to the instance, and that to one rounded fraction', () => {
  fc.assert(
    fc.property(anyLife, anyRates, (of, raw) => {
      const rates = raw
        .toSorted((a, b) => a.fromS - b.fromS)
        .map(({ fromS, e10 }) => ({ fromS, rate: rateFromE10Text(String(e10)) }));
      const priced = pricedSegments([], segmentsOf(stretchesOf(of), rates));
      for (const { fromS, toS, amount, parts } of priced) {
        expect(toS - fromS).toBeLessThanOrEqual(604_800);
        expect(sum(parts.map((part) => part.amount))).toBe(amount);
      }
      const total = sum(priced.map(({ amount }) => amount));
      expect(toMicrosText(total)).toBe(String(rationalCost(of, raw)));
    }),
    { numRuns: RUNS },
  );
});

it('written in two parts or at once: the same amounts', () => {
  fc.assert(
    fc.property(anyLife, anyRates, (of, raw) => {
      const rates = raw
        .toSorted((a, b) => a.fromS - b.fromS)
        .map(({ fromS, e10 }) => ({ fromS, rate: rateFromE10Text(String(e10)) }));
      const whole = pricedSegments([], segmentsOf(stretchesOf(of), rates));
      const cut = Math.min(knownUntil(of), of.endS ?? 0);
      const early = segmentsOf(stretchesOf(of), rates).filter(({ toS }) => toS <= cut);
      const late = segmentsOf(stretchesOf(of), rates).filter(({ toS }) => toS > cut);
      const first = pricedSegments([], early);
      const second = pricedSegments(first, late);
      expect(sum([...first, ...second].map(({ amount }) => amount))).toBe(
        sum(whole.map(({ amount }) => amount)),
      );
    }),
    { numRuns: RUNS },
  );
});

const EVIDENCE: EndEvidence = {
  launchS: LAUNCH,
  stateTransitionReason: '',
  stateReasonCode: 'Client.UserInitiatedShutdown',
  wasRunning: true,
  seenS: LAUNCH + 500,
};

// burst.md COST-2, COST-6.
it.each<{ tag: string; given: Partial<EndEvidence>; end: number; cause: string; free: boolean }>([
  {
    tag: 'EC2 tells the time',
    given: { stateTransitionReason: 'User initiated (2026-11-21 12:03:00 GMT)' },
    end: 180,
    cause: 'user',
    free: false,
  },
  {
    tag: 'EC2 tells it, our answer came later',
    given: {
      stateTransitionReason: 'User initiated (2026-11-21 12:03:00 GMT)',
      answer: { atS: LAUNCH + 185, previousState: 'running' },
    },
    end: 180,
    cause: 'user',
    free: false,
  },
  {
    tag: 'only our answer',
    given: { answer: { atS: LAUNCH + 185.9, previousState: 'running' } },
    end: 185,
    cause: 'user',
    free: false,
  },
  {
    tag: 'still pending by our own answer',
    given: { answer: { atS: LAUNCH + 5, previousState: 'pending' }, wasRunning: false },
    end: 5,
    cause: 'never-ran',
    free: true,
  },
  {
    tag: 'failed before it ran',
    given: { stateReasonCode: 'Server.InternalError', wasRunning: false },
    end: 500,
    cause: 'internal-error',
    free: true,
  },
  {
    tag: 'failed after it had run',
    given: { stateReasonCode: 'Server.InternalError' },
    end: 500,
    cause: 'server',
    free: false,
  },
  {
    tag: 'spot, taken back in the first hour',
    given: { stateReasonCode: 'Server.SpotInstanceTermination', spotUpdatedS: LAUNCH + 3599 },
    end: 3599,
    cause: 'spot',
    free: true,
  },
  {
    tag: 'spot, taken back after an hour',
    given: { stateReasonCode: 'Server.SpotInstanceTermination', spotUpdatedS: LAUNCH + 3600 },
    end: 3600,
    cause: 'spot',
    free: false,
  },
  {
    tag: 'vanished',
    given: { isLost: true, stateReasonCode: '' },
    end: 500,
    cause: 'lost',
    free: false,
  },
  {
    tag: 'never before its launch',
    given: { stateTransitionReason: 'User initiated (2026-11-21 11:00:00 GMT)' },
    end: 0,
    cause: 'user',
    free: false,
  },
])('the end of an instance: $tag', ({ given, end, cause, free }) => {
  const { endS, endCause } = instanceEnd({ ...EVIDENCE, ...given });
  expect({ endS: endS - LAUNCH, endCause }).toEqual({ endS: end, endCause: cause });
  expect(isFree({ launchS: LAUNCH, endS, endCause })).toBe(free);
});
