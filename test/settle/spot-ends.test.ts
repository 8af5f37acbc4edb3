import { describe, expect, it } from 'vitest';
import { type SettleSite, startSettleSite } from './support/settle-site.ts';

const NODE = 'aws-spot-001';

interface Taken {
  readonly site: SettleSite;
  readonly instanceId: string;
}

/** EC2 takes the node of a running job back after so many seconds; SuspendProgram comes later. */
async function takenBack(afterS: number, suspendedAfterS: number): Promise<Taken> {
  const site = await startSettleSite();
  const job = await site.submit({ timeLimitSeconds: 36_000, amount: '50' });
  await site.allocate(job, [NODE]);
  await site.forward(60);
  site.accounted.register([NODE]);
  await site.maintain();
  const instanceId = (await site.fake.live())[0]?.id ?? '';
  await site.forward(afterS);
  await site.fake.interrupt(instanceId, 0);
  await site.forward(5);
  site.accounted.requeue(job, 'NODE_FAIL');
  await site.forward(suspendedAfterS);
  site.slurm.powerDown([NODE]);
  await site.suspendHook([NODE]);
  await site.forward(60);
  await site.maintain();
  site.slurm.settle();
  site.accounted.end(job, 'CANCELLED');
  await site.maintain();
  await site.maintain();
  return { site, instanceId };
}

describe('COST-2: a spot instance ended when EC2 took it back, not when we terminated it', () => {
  it.each([
    ['COST-6: free in its first hour, though SuspendProgram came after it', 3400, 200, true],
    ['after that, the seconds until then', 7200, 1200, false],
  ])('%s', async (_, afterS, suspendedAfterS, isFree) => {
    const { site, instanceId } = await takenBack(afterS, suspendedAfterS);
    const { fleet } = await site.books.ledger.read({ fleet: { instanceIds: [instanceId] } });
    const [row] = fleet.instances;
    expect(row?.endCause).toBe('spot');
    const ranS = (row?.endS ?? 0) - (row?.launchS ?? 0);
    expect(ranS).toBeGreaterThanOrEqual(afterS + 60);
    expect(ranS).toBeLessThan(afterS + 120);
    const billed = await site.billed();
    expect(billed === 0n).toBe(isFree);
    expect(site.booked()).toMatchObject({ spent: billed, held: 0n });
  });
});
