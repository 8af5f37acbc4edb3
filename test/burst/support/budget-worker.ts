// A process of its own that makes EC2 calls out of the shared budget: tags and looks, some at a time.
// With pauses in the hands of whoever started it: it says `waits`, and goes on when it is told.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Ec2Cloud } from '../../../src/adapters/ec2/ec2-cloud.ts';
import { ExclusiveLocks } from '../../../src/adapters/sqlite/exclusive-lock.ts';
import { SharedApiBudget } from '../../../src/adapters/system/shared-api-budget.ts';
import type { Buckets } from '../../../src/core/burst/api-budget.ts';
import { inParallel } from '../../../src/flows/steps/parallel.ts';
import type { Clock } from '../../../src/ports/system.ts';
import { budgetSettings } from './budget-settings.ts';

const [
  directory = '',
  url = '',
  clockFile = '',
  instanceId = '',
  bucketsText = '',
  callsText = '',
] = process.argv.slice(2);
const AT_ONCE = 4;
const LOCK_PAUSE_MS = 50;

const told = createInterface(process.stdin);
let waitedMs = 0;
const clock: Clock = {
  nowUs: () => Number(readFileSync(clockFile, 'utf8')),
  monotonicMs: () => waitedMs,
  sleep: async (milliseconds) => {
    if (milliseconds < LOCK_PAUSE_MS) {
      await new Promise((resolve) => {
        setTimeout(resolve, milliseconds);
      });
      return;
    }
    const line = once(told, 'line');
    process.stdout.write('waits\n');
    await line;
    waitedMs += 1;
  },
};
const log = { write: (_level: string, event: string) => process.stderr.write(`${event}\n`) };
const budget = new SharedApiBudget(
  directory,
  { locks: new ExclusiveLocks(directory), clock, log },
  JSON.parse(bucketsText) as Buckets,
);
const cloud = new Ec2Cloud(budgetSettings(url), budget);
const calls = Array.from({ length: Number(callsText) }, (_, at) => `${process.pid}-${at}`);
await inParallel(calls, AT_ONCE, async (value) => {
  await cloud.tag([instanceId], { call: value });
});
budget.close();
told.close();
process.stdin.destroy();
process.stdout.write('done\n');
