import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JobShape, shapeFrom, shapeJson } from '../../../src/core/burst/job-shape.ts';
import { priceJob } from '../../../src/core/burst/price-job.ts';
import { shapeOfShownJob } from '../../../src/core/burst/scontrol-shape.ts';
import { isRefused } from '../../../src/core/errors.ts';
import { plus, toMicrosText, ZERO } from '../../../src/core/money/money.ts';
import { gres, held, price, pricing, SITE, shape } from '../../support/pricing-site.ts';
import '../../support/property.ts';

describe('properties', () => {
  const shapes = fc.record({
    minNodes: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    tasks: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
    cpusPerTask: fc.option(fc.integer({ min: 1, max: 16 }), { nil: undefined }),
    memoryPerCpuMib: fc.option(fc.integer({ min: 1, max: 1700 }), { nil: undefined }),
    timeLimitSeconds: fc.integer({ min: 1, max: 172_800 }),
    arrayTasks: fc.integer({ min: 1, max: 1000 }),
  });

  it('is exactly its formula, and adds up over the tasks', () => {
    fc.assert(
      fc.property(shapes, (more) => {
        const priced = price(more);
        fc.pre(priced !== undefined && !isRefused(priced));
        const micros = (BigInt(priced.nodes) * 1_000_000n * BigInt(priced.seconds) + 3599n) / 3600n;
        expect(toMicrosText(priced.taskAmount)).toBe(String(micros));
        let sum = ZERO;
        for (let task = 0; task < priced.tasks; task += 1) {
          sum = plus(sum, priced.taskAmount);
        }
        expect(sum).toBe(priced.amount);
      }),
    );
  });

  it('never gets cheaper when a job asks for more', () => {
    const more = fc.constantFrom<keyof JobShape>(
      'minNodes',
      'tasks',
      'timeLimitSeconds',
      'arrayTasks',
    );
    fc.assert(
      fc.property(shapes, more, (given, field) => {
        const small = price(given);
        const large = price({ ...given, [field]: Number(given[field as 'tasks'] ?? 1) + 1 });
        fc.pre(small !== undefined && !isRefused(small));
        fc.pre(large !== undefined && !isRefused(large));
        expect(large.amount >= small.amount).toBe(true);
      }),
    );
  });

  it('brings the shape back from the text of the hold', () => {
    fc.assert(
      fc.property(shapes, (more) => {
        const given = shape({ ...more, ...gres('gpu:a:2,fpga', 'node') });
        const read = shapeFrom(JSON.parse(JSON.stringify(shapeJson(given))));
        expect(read).toEqual(JSON.parse(JSON.stringify({ ...given, limits: {} })));
      }),
    );
    expect(shapeFrom('x')).toBeUndefined();
    expect(shapeFrom({ partitions: 3 })).toBeUndefined();
  });

  it('reads any constraint', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c&|()[\]*,0-9 -]{0,40}$/u), (features) => {
        expect(() => price({ features })).not.toThrow();
      }),
    );
  });
});

describe('a job as scontrol shows it', () => {
  const shown = {
    partition: 'aws',
    timeLimitSeconds: 7200,
    numNodes: 3,
    numCpus: 48,
    numTasks: 48,
    cpusPerTask: 1,
    features: 'c6i',
    tres: 'cpu=48,mem=84000M,node=3,billing=48',
    tresPerNode: '',
  };

  it('costs what it cost at submit', () => {
    const later = priceJob(shapeOfShownJob(shown), pricing(SITE));
    const atSubmit = held({ minNodes: 3, maxNodes: 3, tasks: 48, timeLimitSeconds: 7200 });
    expect(later).toMatchObject({ amount: atSubmit.amount, nodes: 3 });
  });

  it('without a limit is UNLIMITED, which the partition bounds', () => {
    const later = priceJob(
      shapeOfShownJob({ ...shown, timeLimitSeconds: undefined }),
      pricing(SITE),
    );
    expect(later).toMatchObject({ seconds: 172_800 });
  });

  it('counts GPUs a node, or in all', () => {
    const base = {
      ...shown,
      partition: 'gpu',
      features: '(null)',
      numNodes: 1,
      numCpus: 1,
      numTasks: 1,
    };
    const perNode = priceJob(
      shapeOfShownJob({ ...base, timeLimitSeconds: 3600, tresPerNode: 'gres:gpu:4' }),
      pricing(SITE),
    );
    expect(perNode).toMatchObject({ nodes: 1 });
    const inAll = priceJob(
      shapeOfShownJob({ ...base, timeLimitSeconds: 3600, tres: 'cpu=1,gres/gpu=4' }),
      pricing(SITE),
    );
    expect(inAll).toMatchObject({ nodes: 4 });
  });
});
