import { spawn } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Ec2Cloud } from '../../src/adapters/ec2/ec2-cloud.ts';
import { ExclusiveLocks } from '../../src/adapters/sqlite/exclusive-lock.ts';
import { SharedApiBudget } from '../../src/adapters/system/shared-api-budget.ts';
import { type Buckets, drawn, leaseOf, putBack } from '../../src/core/burst/api-budget.ts';
import { startFakeEc2 } from '../support/fake-ec2.ts';
import {
  budgetIn,
  directory,
  LAUNCH,
  listening,
  ROOMY,
  STEP,
  walkingClock,
} from './support/budget.ts';
import { budgetSettings } from './support/budget-settings.ts';
import { WORLD } from './support/site.ts';

function all(count: number) {
  return { least: count, most: count };
}

describe('5.7: token buckets', () => {
  it('1,000 instances pass at once; the next such gang waits 625 s', () => {
    const first = drawn(undefined, LAUNCH, all(1000), 0);
    expect(first).toEqual({ level: { tokens: 0, atMs: 0 }, taken: 1000, waitMs: 0 });
    expect(drawn(first.level, LAUNCH, all(1000), 0).waitMs).toBe(625_000);
    expect(drawn(first.level, LAUNCH, all(1000), 625_000).waitMs).toBe(0);
    expect(drawn(first.level, LAUNCH, all(16), 10_000)).toMatchObject({ waitMs: 0, taken: 16 });
  });

  it('what did not start is put back, never above the size; time never runs backwards', () => {
    const { level } = drawn(undefined, LAUNCH, all(600), 0);
    expect(putBack(level, LAUNCH, 600, 0).tokens).toBe(1000);
    expect(putBack(level, LAUNCH, 5000, 0).tokens).toBe(1000);
    expect(drawn(level, LAUNCH, all(401), -50_000).waitMs).toBeGreaterThan(0);
  });

  it('a call larger than its bucket goes when that is full, and leaves a debt', () => {
    const small = { size: 10, per_second: 1 };
    const { level, waitMs } = drawn(undefined, small, all(25), 0);
    expect([level.tokens, waitMs]).toEqual([-15, 0]);
    expect(drawn(level, small, all(1), 0).waitMs).toBe(16_000);
  });

  it('tokens are taken ahead: more the more calls are made, never much of what all have', () => {
    expect([0, 1, 2, 3, 4, 5, 99].map((at) => leaseOf(ROOMY.mutate, at))).toEqual([
      1, 2, 4, 8, 10, 10, 10,
    ]);
    expect(leaseOf(ROOMY.terminate, 99)).toBe(16);
    expect(leaseOf({ size: 3, per_second: 1 }, 99)).toBe(1);
  });
});

describe('5.7: one budget for all processes', () => {
  it('1,000 calls are some tens of looks at the file, and nothing taken ahead is kept', async () => {
    const root = directory();
    const clock = walkingClock();
    const locks = new ExclusiveLocks(root);
    let looks = 0;
    const counted = {
      take: (name: string) => {
        looks += 1;
        return locks.take(name);
      },
    };
    const mutate = { size: 1200, per_second: 8 };
    const buckets = { ...ROOMY, mutate };
    const budget = new SharedApiBudget(
      root,
      { locks: counted, clock, log: listening().log },
      buckets,
    );
    for (let call = 0; call < 1000; call += 1) {
      expect(await budget.take('mutate', 1)).toBe(true);
    }
    expect(looks).toBeLessThan(80);
    budget.close();
    expect(await budgetIn(root, clock, { mutate }).draw('mutate', 200)).toBe(0);
    expect(await budgetIn(root, clock, { mutate }).draw('mutate', 1)).toBe(125);
  });

  it('a process that dies loses no more than its lease, and that comes back with time', async () => {
    const root = directory();
    const clock = walkingClock();
    const mutate = { size: 40, per_second: 4 };
    const dying = budgetIn(root, clock, { mutate });
    for (let call = 0; call < 7; call += 1) {
      await dying.take('mutate', 1);
    }
    const other = budgetIn(root, clock, { mutate });
    expect(await other.draw('mutate', 40 - 7 - leaseOf(mutate, 99))).toBe(0);
    clock.walk(10_000);
    expect(await other.draw('mutate', 40)).toBe(0);
  });

  it('calls wait in the order in which they came, to the end of their run', async () => {
    const clock = walkingClock();
    const budget = budgetIn(directory(), clock, { mutate: { size: 2, per_second: 1 } });
    budget.waitUntil({ leftMs: () => 5000 - clock.monotonicMs() });
    const calls = Array.from({ length: 9 }, (_, call) => call);
    const gone: number[] = [];
    await Promise.all(
      calls.map(async (call) => {
        if (await budget.take('mutate', 1)) {
          gone.push(call);
        }
      }),
    );
    expect(gone).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(clock.monotonicMs()).toBe(5000);
  });

  it('ending instances waits for no launch, and not for the end of the run either', async () => {
    const root = directory();
    const clock = walkingClock();
    const buckets = {
      launch: { size: 4, per_second: 0.001 },
      terminate: { size: 4, per_second: 1 },
    };
    const budget = budgetIn(root, clock, buckets);
    expect(await budget.draw('launch', 4)).toBe(0);
    expect(await budget.draw('launch', 1)).toBe(1_000_000);
    budget.waitUntil({ leftMs: () => 0 });
    expect(await budget.take('terminate', 4)).toBe(true);
    expect(await budget.take('terminate', 4)).toBe(true);
    expect(clock.monotonicMs()).toBe(4000);
    expect(await budget.take('mutate', 101)).toBe(true);
    expect(await budget.take('mutate', 1)).toBe(false);
  });

  it('two processes together: size + rate × time by EC2’s own record, and not much less', async () => {
    const { calls, seconds } = await twoProcesses(
      { ...ROOMY, mutate: { size: 10, per_second: 5 } },
      30,
    );
    expect(calls).toHaveLength(60);
    for (const [at, call] of calls.entries()) {
      expect(at + 1).toBeLessThanOrEqual(10 + 5 * call);
    }
    // 50 more than the bucket holds, at 5 a second.
    expect(seconds).toBeGreaterThanOrEqual(10);
    expect(seconds).toBeLessThanOrEqual(14);
  });
});

describe('5.7: whoever ran first', () => {
  it('a file that is not one of ours is begun anew; one that cannot be had stops nobody', async () => {
    const root = directory();
    const clock = walkingClock();
    const file = join(root, 'api-budget.json');
    for (const text of ['', '{"launch"', '[]', '7', '{"launch":{"tokens":"no"}}']) {
      writeFileSync(file, text);
      expect(await budgetIn(root, clock).draw('launch', 1000)).toBe(0);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ launch: { tokens: 0 } });
    }
    const told = listening();
    rmSync(join(root, 'api-budget.lock'));
    writeFileSync(join(root, 'elsewhere'), '');
    const alone = budgetIn(join(root, 'elsewhere'), clock, {}, told);
    expect(await alone.draw('launch', 1000)).toBe(0);
    expect(await alone.draw('launch', 16)).toBe(10_000);
    expect(told.events).toEqual(['api_budget_unshared']);
    alone.close();
  });

  it('a lock that somebody keeps stops nobody', async () => {
    const root = directory();
    const clock = walkingClock();
    const kept = new ExclusiveLocks(root).take('api-budget');
    const told = listening();
    const budget = budgetIn(root, clock, {}, told);
    expect(await budget.take('describe', 1)).toBe(true);
    await budget.putBack('launch', 5);
    budget.close();
    kept?.release();
    expect(told.events).toEqual(['api_budget_unshared']);
  });

  it('files that root made belong to the owner of the directory, and both use them', {
    skip: process.geteuid?.() !== 0,
  }, async () => {
    const root = directory();
    chmodSync(root, 0o750);
    chownSync(root, NOBODY, NOBODY);
    const clock = walkingClock();
    expect(await budgetIn(root, clock).draw('launch', 600)).toBe(0);
    for (const name of ['api-budget.json', 'api-budget.lock']) {
      const { uid, gid, mode } = statSync(join(root, name));
      expect([name, uid, gid, mode & 0o777]).toEqual([name, NOBODY, NOBODY, 0o640]);
    }
    const told = listening();
    process.seteuid?.(NOBODY);
    try {
      expect(await budgetIn(root, clock, {}, told).draw('launch', 400)).toBe(0);
    } finally {
      process.seteuid?.(0);
    }
    expect(await budgetIn(root, clock, {}, told).draw('launch', 8)).toBe(5000);
    expect(told.events).toEqual([]);
  });
});

const NOBODY = 65_534;

const WORKER = resolve('test/burst/support/budget-worker.ts');

/**
 * Two processes that tag as fast as the budget lets them. They wait for us, and we let a second of EC2's
 * time pass when both wait. Answers when each call came, in seconds from the start.
 */
async function twoProcesses(buckets: Buckets, callsEach: number) {
  const root = directory();
  const clockFile = join(root, 'clock');
  const fake = await startFakeEc2(WORLD, { clockFile, atEnd: onTestFinished });
  const { now_us: beganUs } = await fake.clock();
  const cloud = new Ec2Cloud(budgetSettings(fake.url));
  const launched = await cloud.launch({ ...STEP, clientToken: 'one', count: 1 });
  const [instance] = launched.kind === 'answered' ? launched.instances : [];
  const args = [
    root,
    fake.url,
    clockFile,
    instance?.instanceId,
    JSON.stringify(buckets),
    callsEach,
  ];
  const processes = [1, 2].map(() => {
    const child = spawn(process.execPath, [WORKER, ...args.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  });
  let seconds = 0;
  let busy = processes;
  for (;;) {
    const still: typeof busy = [];
    for (const each of busy) {
      const line = await each.lines.next();
      if (line.value === 'waits') {
        still.push(each);
      }
    }
    busy = still;
    if (busy.length === 0) {
      break;
    }
    await fake.advance(1);
    seconds += 1;
    for (const { child } of busy) {
      child.stdin.write('go\n');
    }
  }
  const calls = (await fake.callsOf('CreateTags')).map(
    ({ t_virtual }) => (Number(t_virtual) - beganUs) / 1_000_000,
  );
  return { calls, seconds };
}
