import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isSettled, maintainer } from '../demo/real.ts';
import { compareBooks } from '../support/books.ts';
import { type Lab, logsOf, startLab } from '../support/lab.ts';
import { eventually, type Outcome, untilHeard } from '../support/programs.ts';
import { burstsAtOnce, burstsInWant } from './bursts.ts';
import { clusterOf, END_MS, START_MS } from './cluster.ts';

// The whole product on a real slurmctld 22.05: the built binary behind job_submit.lua and the wrappers,
// the fake EC2 booting slurmd processes, `asbb maintain` as cron would call it. One lab for all.

const IS_ROOT = process.getuid?.() === 0;
const EXECUTABLE = resolve(process.env['ASBB_DIST'] ?? 'dist', 'asbb');
const LONG = { timeout: 900_000 };

if (!IS_ROOT) {
  process.stderr.write('SKIPPED: the end-to-end run on a real SLURM needs root\n');
}

let lab: Lab;
let cron: { stop(): Promise<void> };
let hasFailed = false;
/** They run again once slurmctld has been restarted. */
const requeued: string[] = [];

const cluster = clusterOf(() => lab);
const { sbatch, ends, showJob, isRunning, chargesOf, charged, callsOf } = cluster;

async function createAccount(name: string, budget: string): Promise<void> {
  const dates = ['--start', '2026-01-01', '--end', '2035-12-31'];
  const { code, stderr } = await lab.asbb(
    ...['account', 'create', '--account', name, '--name', name, '--budget', budget, ...dates],
  );
  if (code !== 0) {
    throw new Error(stderr);
  }
}

describe.skipIf(!IS_ROOT)('on a real SLURM', () => {
  beforeAll(async () => {
    lab = await startLab({
      executable: EXECUTABLE,
      cpuNodes: 48,
      hpcNodes: 4,
      seedNodes: 200,
      withoutSlurmd: 'aws-hpc-[!0]??|aws-hpc-0[!0]?', // all but nine: SLURM hears nothing of them
      unboundHoldTtl: '30s',
    });
    await createAccount('physics', '1000');
    await createAccount('chemistry', '1');
    cron = maintainer(lab);
  });

  afterEach(({ task }) => {
    if (task.result?.state === 'fail') {
      hasFailed = true;
      process.stderr.write(`FAILED: ${task.name}: ${task.result.errors?.[0]?.message}\n`);
    }
  });

  afterAll(async () => {
    await cron?.stop();
    if (hasFailed) {
      process.stderr.write(`${logsOf(lab)}\nThe files of the lab are in ${lab.root}\n`);
    }
    await lab?.stop(hasFailed);
  });

  describe.concurrent('jobs of every kind, at once', LONG, () => {
    burstsAtOnce(
      () => lab,
      cluster,
      (job) => requeued.push(job),
    );

    it('runs and charges a job that the account can pay', async () => {
      const job = await sbatch('alice', '-p', 'aws', '-C', 'od', '-t', '10', '--wrap', 'sleep 2');
      expect(await showJob(job)).toMatch(/AdminComment=asbb:hold=[0-9a-z]{26}/u);
      await ends(job, 'COMPLETED');
      await charged(job, 1);
    });

    it('refuses a job that it cannot, in words that the user sees', async () => {
      const words = ['-p', 'hpc', '-N', '4', '-A', 'chemistry', '-t', '60', '--wrap', 'true'];
      const { code, stderr } = await untilHeard(() => lab.as('bob', ['sbatch', ...words]));
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /sbatch: error: asbb: this job needs up to \$[0-9.]+, account chemistry has \$1\.00 free/u,
      );
      expect(stderr).toContain('[INSUFFICIENT_BUDGET]');
    });

    it('starts no process of ours for a partition that is not ours', async () => {
      const job = await sbatch('alice', '-p', 'static', '--wrap', 'true');
      await ends(job, 'COMPLETED');
      expect(await showJob(job)).not.toContain('asbb:hold=');
    });

    it('charges each of the 20 tasks of an array', async () => {
      const words = ['-p', 'aws', '-C', 'od', '-t', '10', '--array=1-20', '--wrap', 'sleep 1'];
      const job = await sbatch('alice', ...words);
      await ends(job, 'COMPLETED', 20);
      await charged(job, 20);
    });

    it('runs the two components of a heterogeneous job together', async () => {
      const part = ['-p', 'aws', '-C', 'od', '-N', '1', '-t', '10'];
      const job = await sbatch('alice', ...part, ':', ...part, '--wrap', 'sleep 2');
      await ends(job, 'COMPLETED', 2);
    });

    it('charges both runs of a job that is requeued', async () => {
      const words = ['-p', 'aws', '-C', 'od', '-t', '10', '--requeue', '--wrap', 'sleep 15'];
      const job = await sbatch('alice', ...words);
      await isRunning(job);
      expect((await lab.as('root', ['scontrol', 'requeue', job])).code).toBe(0);
      await ends(job, 'COMPLETED');
      await charged(job, 2);
    });

    it('requeues a job whose instance dies', async () => {
      const words = ['-p', 'aws', '-C', 'od', '-t', '10', '--requeue', '--wrap', 'sleep 20'];
      const job = await sbatch('alice', ...words);
      await isRunning(job);
      const node = /\bNodeList=(aws-cpu-\d+)/u.exec(
        (await showJob(job)).replace(/\w+NodeList=\S+/gu, ''),
      )?.[1];
      const listed = JSON.parse((await lab.asbb('nodes', 'list', '--json')).stdout);
      const { instance_id: id } = listed.find((row: { node: string }) => row.node === node);
      await lab.fake.post('/external', { terminate: id });
      await eventually(
        () => `job ${job} is not requeued`,
        async () => (/JobState=PENDING.* Restarts=1 /u.test(await showJob(job)) ? true : undefined),
        { withinMs: START_MS },
      );
      // Measured: slurmctld 22.05 finds a job that was requeued off a dead node "never runnable" (reason
      // BadConstraints) until it is restarted, which the last but one test does.
      requeued.push(job);
    });

    it('releases the hold of a job that is cancelled while pending', async () => {
      const job = await sbatch(
        'alice',
        '-H',
        '-p',
        'aws',
        '-C',
        'od',
        '-t',
        '10',
        '--wrap',
        'true',
      );
      const [, token] = /asbb:hold=([0-9a-z]{26})/u.exec(await showJob(job)) ?? [];
      await lab.as('alice', ['scancel', job]);
      await ends(job, 'CANCELLED');
      await eventually(
        () => `the hold ${token} of job ${job} is not over`,
        async () => {
          const { stdout } = await lab.asbb('transactions', 'show', `txn_${token}`, '--json');
          return JSON.parse(stdout).status === 'cancelled' ? true : undefined;
        },
        { withinMs: END_MS, everyMs: 2000 },
      );
      expect(await chargesOf(job)).toEqual([]);
    });

    it('charges a job that is cancelled while it runs', async () => {
      const job = await sbatch('alice', '-p', 'aws', '-C', 'od', '-t', '10', '--wrap', 'sleep 300');
      await isRunning(job);
      await lab.as('alice', ['scancel', job]);
      await ends(job, 'CANCELLED');
      await charged(job, 1);
    });

    it('charges a job that runs into its time limit', async () => {
      const job = await sbatch('alice', '-p', 'aws', '-C', 'od', '-t', '1', '--wrap', 'sleep 600');
      await ends(job, 'TIMEOUT');
      await charged(job, 1);
    });

    it('starts a gang when capacity comes back after an error', async () => {
      const pools = { type: 'c5n.18xlarge', market: 'on-demand' };
      await lab.fake.post('/capacity', { ...pools, set: 0 });
      const job = await sbatch('alice', '-p', 'hpc', '-N', '2', '-t', '10', '--wrap', 'sleep 2');
      await eventually(
        () => `job ${job} met no capacity error`,
        async () => ((await showJob(job)).includes('asbb:last=') ? true : undefined),
        { withinMs: START_MS },
      );
      await lab.fake.post('/capacity', { ...pools, set: 50 });
      await ends(job, 'COMPLETED');
      await charged(job, 1);
    });

    it('lets two overlapping runs of maintain both end well', async () => {
      await eventually(
        () => 'no two runs met',
        async () => {
          const runs = await Promise.all(Array.from({ length: 3 }, () => lab.asbb('maintain')));
          expect(runs.map(({ code }: Outcome) => [0, 75].includes(code))).toEqual([
            true,
            true,
            true,
          ]);
          const said = runs.map(({ stdout, stderr }) => `${stdout}${stderr}`).join('');
          return said.includes('already running') ? true : undefined;
        },
        { withinMs: END_MS },
      );
    });

    it('takes hostile job fields as data', async () => {
      const canary = join(lab.jobs, 'canary');
      const texts = [
        `$(touch ${canary})`,
        `\`touch ${canary}\``,
        `'; touch ${canary}; '`,
        `"; touch ${canary}; "`,
        `x\ntouch ${canary}\n`,
        `| touch ${canary} > %s %n`,
        '\u001B[31m\u202Eabc\\u0000',
        'x'.repeat(100_000),
      ];
      const held = ['sbatch', '--parsable', '-H', '-D', '/', '-p', 'aws', '-C', 'od', '-t', '5'];
      const admitted: string[] = [];
      async function hostile(...words: readonly string[]): Promise<void> {
        const { code, stdout } = await lab.as('alice', [...held, ...words]);
        expect([0, 1, 255]).toContain(code);
        admitted.push(...(code === 0 ? [stdout.trim()] : []));
      }
      for (const text of texts) {
        for (const field of ['-J', '--comment', '-A', '-C', '--reservation', '--gres']) {
          await hostile(field, text, '--wrap', 'true');
        }
      }
      const script = join(lab.jobs, 'hostile.sh');
      for (const text of ['x'.repeat(1_000_000), `nul\0$(touch ${canary})`]) {
        writeFileSync(script, `#!/bin/sh\n#SBATCH --comment="${text}"\ntrue\n`);
        await hostile(script);
      }
      expect(existsSync(canary)).toBe(false);
      expect(admitted.length).toBeGreaterThanOrEqual(texts.length); // -J and --comment are free text
      // Also those whose sbatch gave up waiting for the answer.
      const { stdout: pending } = await lab.as('alice', [
        'squeue',
        '-h',
        '-t',
        'PD',
        '-o',
        '%A %Z',
      ]);
      const all = [...pending.matchAll(/^(\d+) \/$/gmu)].map(([, id = '']) => id);
      expect(all).toEqual(expect.arrayContaining(admitted));
      await lab.as('alice', ['scancel', ...all]);
      await eventually(
        () => 'a request file stays unanswered',
        () =>
          Promise.resolve(
            readdirSync(join(lab.root, 'state/submit')).length === 0 ? true : undefined,
          ),
        { withinMs: 90_000 },
      );
    });
  });

  it('launches once when slurmctld restarts in the middle of a resume', LONG, async () => {
    const before = (await callsOf('CreateFleet')) + (await callsOf('RunInstances'));
    const slow = {
      id: 'slow',
      match: { action: 'CreateFleet', max: 1 },
      do: { delay_reply_ms: 8000 },
    };
    await lab.fake.post('/faults', [slow]);
    const job = await sbatch('alice', '-p', 'hpc', '-N', '2', '-t', '10', '--wrap', 'sleep 2');
    await eventually(
      () => 'no launch call',
      async () => ((await callsOf('CreateFleet')) > before ? true : undefined),
      { withinMs: START_MS },
    );
    await lab.lab('restart');
    await ends(job, 'COMPLETED');
    await charged(job, 1);
    const { jobs } = await compareBooks(lab.fake, lab.asbb);
    expect(jobs.find((row) => row.job === job)?.instances).toBe(2);
    for (const each of requeued) {
      await ends(each, 'COMPLETED');
    }
  });

  // Apart from the others: a test between keeps vitest from running them together.
  describe.concurrent('many nodes, and none to be had, at once', LONG, () => {
    burstsInWant(() => lab, cluster);
  });

  it('ends with no instance, equal books, and a ledger that verifies', LONG, async () => {
    await eventually(
      () => 'nodes up or holds open',
      async () => ((await isSettled(lab)) ? true : undefined),
      { withinMs: END_MS, everyMs: 2000 },
    );
    await cluster.areFree(/^(?:aws|hpc)-/u);
    const books = await compareBooks(lab.fake, lab.asbb);
    // Not job by job: an instance bears the tag of the job that launched it, and a later job that finds
    // its node idle pays for its own time on it.
    expect(books.charged, JSON.stringify(books)).toBe(books.billed);
    expect(books.used).toBe(books.billed);
    const { code, stdout } = await lab.asbb('ledger', 'verify');
    expect([code, stdout]).toEqual([0, expect.any(String)]);
  });
});
