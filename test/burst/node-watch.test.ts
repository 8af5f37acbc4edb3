import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { SUBNET_A, WORLD } from './support/site.ts';

// The script that runs on the nodes (burst.md 9.3, 9.4), by a real shell against the metadata service
// of the fake EC2. SLURM's commands and poweroff are stand-ins that note how they were called.

const WATCH = resolve('slurm-conf/node/asbb-node-watch');
const NODE = 'aws-spot-001';

let fake: FakeEc2 | undefined;

beforeEach(async () => {
  fake ??= await startFakeEc2(WORLD);
  await fake.reset();
});

afterAll(() => fake?.stop());

interface Watched {
  readonly instance: string;
  /** Every call of a stand-in so far. */
  calls(): readonly string[];
  /** Waits until a call looks like this. */
  until(what: RegExp): Promise<string>;
  /** After two more rounds of the script nothing else has been called. */
  settled(): Promise<readonly string[]>;
}

interface NodeState {
  readonly jobs?: string;
  readonly ping?: string;
  readonly hasStep?: boolean;
  readonly hasName?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

function standIn(directory: string, name: string, body: string): void {
  const note = `echo "\${0##*/} $*" >> '${directory}/calls'`;
  writeFileSync(join(directory, name), `#!/bin/sh\n${note}\n${body}\n`, { mode: 0o755 });
}

async function launch({ hasName = true }: NodeState): Promise<string> {
  const tags = hasName ? { SlurmNode: NODE } : {};
  await fake?.external({
    launch: { type: 'c5.xlarge', subnet: SUBNET_A, market: 'spot', tags },
  });
  await fake?.advance(60);
  return (await fake?.live())?.[0]?.id ?? '';
}

async function watched(state: NodeState = {}): Promise<Watched> {
  const instance = await launch(state);
  const directory = mkdtempSync(join(tmpdir(), 'asbb-watch-'));
  const log = join(directory, 'calls');
  writeFileSync(log, '');
  const ping = state.ping ?? 'Slurmctld(primary) at head is UP';
  standIn(directory, 'scontrol', `[ "$1" != ping ] || echo '${ping}'`);
  standIn(directory, 'squeue', `printf '%s' '${state.jobs ?? ''}'`);
  standIn(directory, 'pgrep', state.hasStep === true ? 'exit 0' : 'exit 1');
  for (const name of ['scancel', 'poweroff', 'logger']) {
    standIn(directory, name, ':');
  }
  const child = spawn('/bin/sh', [WATCH], {
    stdio: 'ignore',
    env: {
      PATH: `${directory}:/usr/bin:/bin`,
      IMDS: `${fake?.url}/imds/${instance}`,
      POLL: '0.1',
      POWEROFF: join(directory, 'poweroff'),
      ASBB_NODE_WATCH_CONF: '/nonexistent',
      ...state.env,
    },
  });
  onTestFinished(async () => {
    await ended(child);
    rmSync(directory, { recursive: true, force: true });
  });
  function calls(): readonly string[] {
    return readFileSync(log, 'utf8').split('\n').slice(0, -1);
  }
  return {
    instance,
    calls,
    until: async (what) => {
      for (;;) {
        const found = calls().find((line) => what.test(line));
        if (found !== undefined) {
          return found;
        }
        await sleep(20);
      }
    },
    settled: async () => {
      function pings(): number {
        return calls().filter((line) => line === 'scontrol ping').length;
      }
      const before = pings();
      while (pings() < before + 3) {
        await sleep(20);
      }
      return calls().filter((line) => !/^(?:scontrol ping|squeue|pgrep|logger)/u.test(line));
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = new Promise((done) => {
      child.once('exit', done);
    });
    child.kill('SIGKILL');
    await exit;
  }
}

const DRAINED = new RegExp(
  `^scontrol update nodename=${NODE} state=drain reason=asbb: spot interruption at 2026-11-21T12:\\d\\d:\\d\\dZ$`,
  'u',
);

describe('9.4, R17: a spot interruption notice on the node', () => {
  it('signal: drains once, and signals the batch step of every job here', async () => {
    const node = await watched({ jobs: '71\n72\n' });
    expect(await node.settled()).toEqual([]);
    await fake?.interrupt(node.instance, 120);
    await node.until(/^scancel .* 72$/u);
    expect(await node.settled()).toEqual([
      expect.stringMatching(DRAINED),
      'scancel --signal=USR1 --batch 71',
      'scancel --signal=USR1 --batch 72',
    ]);
  });

  it('requeue: the jobs go back at once', async () => {
    const node = await watched({ jobs: '71\n', env: { SPOT_NOTICE: 'requeue' } });
    await fake?.interrupt(node.instance, 120);
    await node.until(/^scontrol requeue/u);
    expect(await node.settled()).toEqual([expect.stringMatching(DRAINED), 'scontrol requeue 71']);
  });

  it('wait: drains, and nothing else', async () => {
    const node = await watched({ jobs: '71\n', env: { SPOT_NOTICE: 'wait' } });
    await fake?.interrupt(node.instance, 120);
    await node.until(/state=drain/u);
    expect(await node.settled()).toEqual([expect.stringMatching(DRAINED)]);
  });
});

describe('9.4: a rebalance recommendation', () => {
  it('drains an idle node', async () => {
    const node = await watched();
    await fake?.external({ rebalance: node.instance });
    await node.until(/state=drain/u);
    expect(await node.settled()).toEqual([
      `scontrol update nodename=${NODE} state=drain reason=asbb: spot rebalance recommendation`,
    ]);
  });

  it('is only noted while a job runs', async () => {
    const node = await watched({ jobs: '71\n' });
    await fake?.external({ rebalance: node.instance });
    await node.until(/^logger .*rebalance recommendation while a job runs/u);
    expect(await node.settled()).toEqual([]);
  });
});

describe('9.3, F38: the guard on the node', () => {
  it('without a name nobody wants it: powers itself off', async () => {
    const node = await watched({ hasName: false, env: { NAME_WAIT: '1' } });
    await node.until(/^poweroff/u);
    expect(node.calls()).toContainEqual(expect.stringMatching(/^logger .*no name after 1 s/u));
  });

  it('slurmctld is unreachable and no step runs: powers itself off', async () => {
    const node = await watched({
      ping: 'Slurmctld(primary) at head is DOWN',
      env: { LOST_WAIT: '1' },
    });
    await node.until(/^poweroff/u);
  });

  it('running steps continue', async () => {
    const node = await watched({
      ping: 'Slurmctld(primary) at head is DOWN',
      hasStep: true,
      env: { LOST_WAIT: '0' },
    });
    expect(await node.settled()).toEqual([]);
  });

  it('slurmctld answers: nothing happens, whatever the wait', async () => {
    const node = await watched({ env: { LOST_WAIT: '0', NAME_WAIT: '0' } });
    expect(await node.settled()).toEqual([]);
  });
});
