import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assert } from '../../src/core/errors.ts';
import { capture } from '../slurm/support/captures.ts';
import {
  asbb,
  EXECUTABLES,
  readySite,
  type Site,
  untilDecided,
  writeRequest,
} from '../support/executables.ts';
import { mayTrace } from '../support/programs.ts';
import { submitRequest } from '../support/submit-request.ts';
import { brokenIn, SCALE, tokensIn } from '../support/worker.ts';

// R1: SIGKILL of hook submit and hook epilog at every system call that can be seen from outside
// (ASBB_TEST_SCALE=100: all of them; otherwise spread over the run). Then the hook runs again.

const [EXECUTABLE = 'asbb'] = EXECUTABLES;
const MAY_TRACE = mayTrace();
const POINTS = 25;
/** Memory, threads and the looks of things: a kill there is one at the next call that acts. */
const UNSEEN =
  /^(?:futex|madvise|mmap|munmap|mprotect|brk|rt_sig\w+|sigaltstack|set_\w+|rseq|prctl|arch_prctl|sched_\w+|prlimit64|get\w+|clone3|exit|exit_group|execve)$/u;

interface Point {
  readonly name: string;
  readonly nth: number;
}

function traced(options: readonly string[], args: readonly string[], env: Site['env']) {
  const words = ['-f', '-qq', ...options, EXECUTABLE, ...args];
  return spawnSync('strace', words, { env, cwd: '/', encoding: 'utf8', timeout: 300_000 });
}

/** In the order of the run: the n-th call of its name. */
function pointsOf(args: readonly string[], site: Site, goBack: () => void): readonly Point[] {
  const file = join(site.root, 'trace');
  const { status } = untilDecided(() => {
    goBack();
    return traced(['-o', file], args, site.env);
  });
  assert(status === 0, `${args.join(' ')} failed`);
  const counts = new Map<string, number>();
  const all = [...readFileSync(file, 'utf8').matchAll(/^\d+ +([a-z0-9_]+)\(/gmu)]
    .map(([, name = '']) => name)
    .filter((name) => !UNSEEN.test(name))
    .map((name) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return { name, nth: counts.get(name) ?? 1 };
    });
  const step = Math.max(1, all.length / (POINTS * SCALE));
  return all.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

/** The site as it stands now, to go back to. */
function snapshot({ root }: Site): () => void {
  const copy = `${root}.copy`;
  cpSync(root, copy, { recursive: true });
  return () => {
    rmSync(root, { recursive: true, force: true });
    cpSync(copy, root, { recursive: true });
  };
}

function forget({ root }: Site): void {
  rmSync(`${root}.copy`, { recursive: true, force: true });
}

async function atEachPoint(
  site: Site,
  args: readonly string[],
  check: (where: string, stdout: string) => Promise<void>,
): Promise<number> {
  const goBack = snapshot(site);
  try {
    const points = pointsOf(args, site, goBack);
    let killed = 0;
    for (const { name, nth } of points) {
      goBack();
      const inject = `inject=${name}:signal=KILL:when=${nth}`;
      const trace = ['-o', '/dev/null', '-e', `trace=${name}`, '-e', inject];
      const { signal, status, stdout } = traced(trace, args, site.env);
      killed += signal === 'SIGKILL' || status === 137 ? 1 : 0;
      await check(`${name} ${nth}`, stdout);
    }
    return killed / points.length;
  } finally {
    forget(site);
  }
}

/** Another run makes some calls less; nearly all points are met. */
const NEARLY_ALL = 0.5;
const BUSY = /^asbb1 no retry asbb: the budget ledger is busy/u;
const FOR_ALL = { timeout: 1_200_000 };

describe.runIf(MAY_TRACE)('R1: SIGKILL at any system call', FOR_ALL, () => {
  it('of submit: a hold or none, an answer only with a hold; the repeat tells which', async () => {
    const site = readySite(EXECUTABLE);
    site.submit(EXECUTABLE); // whatever is done once is done
    const name = writeRequest(site.state, submitRequest(1));
    const request = join(site.state, 'submit', name);
    const text = readFileSync(request, 'utf8');
    const args = ['hook', 'submit', name];
    const rate = await atEachPoint(site, args, async (where, stdout) => {
      expect(await brokenIn(site.state), where).toEqual([]);
      const [, answered] = /^asbb1 ok ([0-9a-z]{26})\n$/u.exec(stdout) ?? [];
      const wasLate = BUSY.test(stdout); // strace is slow, too
      expect(stdout === '' || answered !== undefined || wasLate, `${where}: ${stdout}`).toBe(true);
      const before = tokensIn(site.state).slice(1);
      expect(before.length, where).toBeLessThanOrEqual(wasLate ? 0 : 1);
      expect(answered === undefined || before[0] === answered, where).toBe(true);
      expect(before.length === 1 || wasLate || existsSync(request), where).toBe(true);
      if (wasLate || existsSync(request)) {
        const { status, stdout: again } = untilDecided(() => {
          writeFileSync(request, text, { mode: 0o600 });
          return asbb(EXECUTABLE, args, site);
        });
        expect([status, again], where).toEqual([0, expect.stringMatching(/^asbb1 ok /u)]);
        expect(before[0] === undefined || again.includes(before[0]), where).toBe(true);
      }
      expect(tokensIn(site.state).slice(1), where).toHaveLength(1);
      expect(await brokenIn(site.state), where).toEqual([]);
    });
    expect(rate).toBeGreaterThan(NEARLY_ALL);
  });

  it('of epilog: the hold is over or not, never in part; the repeat ends it once', async () => {
    const site = readySite(EXECUTABLE);
    const [, token = ''] = /^asbb1 ok ([0-9a-z]{26})/u.exec(site.submit(EXECUTABLE)) ?? [];
    const job = capture('job-completing.txt')
      .trimEnd()
      .replace('UserId=bob(64102)', 'UserId=alice(64101)')
      .replace('Account=chemistry', 'Account=physics')
      .replace('Partition=cloud', 'Partition=aws')
      .replace('NodeList= ', 'NodeList=aws-cpu-001 ')
      .replace(' StdErr=', ` AdminComment=asbb:hold=${token}  StdErr=`);
    mkdirSync(join(site.root, 'bin'));
    const script = `#!/bin/sh\ncat <<'END'\n${job}\nEND\n`;
    writeFileSync(join(site.root, 'bin/scontrol'), script, { mode: 0o755 });
    Object.assign(site.env, {
      SLURM_CLUSTER_NAME: 'demo',
      SLURM_JOB_ID: '2',
      SLURM_JOB_ACCOUNT: 'physics',
      SLURM_JOB_USER: 'alice',
      SLURM_JOB_PARTITION: 'aws',
      SLURM_JOB_NODELIST: 'aws-cpu-001',
      SLURM_JOB_NUM_NODES: '1',
      SLURM_JOB_RESTART_COUNT: '0',
    });
    const args = ['hook', 'epilog'];
    const rate = await atEachPoint(site, args, async (where) => {
      expect(await brokenIn(site.state), where).toEqual([]);
      const again = untilDecided(() => asbb(EXECUTABLE, args, site));
      expect([again.status, again.stdout, again.stderr], where).toEqual([0, '', '']);
      const listed = asbb(EXECUTABLE, ['transactions', 'list', '--json'], site);
      expect(JSON.parse(listed.stdout), where).toMatchObject([
        { type: 'refund', status: 'completed' },
        { type: 'hold', status: 'cancelled', job_id: '2' },
      ]);
      expect(await brokenIn(site.state), where).toEqual([]);
    });
    expect(rate).toBeGreaterThan(NEARLY_ALL);
  });
});
