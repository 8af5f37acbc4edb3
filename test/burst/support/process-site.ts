import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { migrateLedger } from '../../../src/adapters/sqlite/migrate.ts';
import { openLedger } from '../../../src/adapters/sqlite/open.ts';
import { SqliteLedger } from '../../../src/adapters/sqlite/sqlite-ledger.ts';
import { failuresOf, verifyDatabase } from '../../../src/adapters/sqlite/verify.ts';
import { isRefused } from '../../../src/core/errors.ts';
import { dayOf } from '../../../src/core/grant/calendar.ts';
import { placeHold } from '../../../src/core/ledger/place-hold.ts';
import { formatInstant } from '../../../src/core/slurm/instant.ts';
import type { WorldInput } from '../../fake-ec2/world.ts';
import { EXECUTABLES } from '../../support/executables.ts';
import { type FakeEc2, startFakeEc2 } from '../../support/fake-ec2.ts';
import { seedAccount, TEST_CLUSTER, temporaryPlace, usd } from '../../support/ledger.ts';
import { newToken, PARTITIONS, WORLD } from './site.ts';

const [EXECUTABLE = 'asbb'] = EXECUTABLES;
const MICROS = 1_000_000;
const PLENTY = { size: 100_000, per_second: 10_000 };
/** EC2's clock stands still in most of these tests, and with it every refill. */
const UNTHROTTLED = { launch: PLENTY, describe: PLENTY, terminate: PLENTY, mutate: PLENTY };

/**
 * Stands in for SLURM's commands: prints the files that a test has written, notes every call. As
 * scontrol does it, `show job` of an unknown id fails. With a file `late` no job is requeued. Nothing
 * of the product is in it.
 */
const COMMAND = `#!/bin/sh
root=ROOT
name=\${0##*/}
{ printf '%s' "$name"; for word in "$@"; do printf ' [%s]' "$word"; done; echo; } >> "$root/calls"
test -e "$root/down-$name" && { echo 'Unable to contact slurm controller' >&2; exit 1; }
case "$name $1 $2" in
'scontrol show job')
  eval "id=\\\${$#}"
  test -e "$root/job-$id" || { echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1; }
  cat "$root/job-$id" ;;
'scontrol show node') cat "$root/nodes" ;;
'scontrol show config') cat "$root/config" ;;
'scontrol update '*)
  case "$3" in state=power_down_force) test -e "$root/late" || sed -i s/JobState=CONFIGURING/JobState=PENDING/ "$root"/job-* ;; esac ;;
'squeue -h -r') cat "$root/queue" ;;
'squeue -h -t') cat "$root/queue-on-nodes" ;;
esac
`;

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the program: `strace …`. */
  readonly under?: readonly string[];
  readonly input?: string;
  /** A link to the executable, which acts on the name it is called by. */
  readonly program?: string;
}

/** A site as the programs of slurm.conf meet it: files, a fake cloud, commands that stand in. */
export class ProcessSite {
  readonly root: string;
  readonly fake: FakeEc2;
  readonly ledger: SqliteLedger;
  #nextJob = 900;

  constructor(root: string, fake: FakeEc2, ledger: SqliteLedger) {
    this.root = root;
    this.fake = fake;
    this.ledger = ledger;
  }

  /** The built `asbb …`, with as little around it as slurmctld gives. */
  async asbb(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const { env = {}, under = [], input = '', program = EXECUTABLE } = options;
    const [file = '', ...rest] = [...under, program, ...args];
    const child = spawn(file, rest, {
      cwd: '/',
      env: {
        SLURM_CONF: '/etc/slurm/slurm.conf',
        ASBB_CONFIG: join(this.root, 'config.yaml'),
        ...env,
      },
      stdio: 'pipe',
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { code, signal, stdout, stderr };
  }

  /** Every call of a stand-in so far, one line each: `scontrol [show] [job] …`. */
  calls(): readonly string[] {
    return this.read('calls').split('\n').slice(0, -1);
  }

  read(name: string): string {
    try {
      return readFileSync(join(this.root, name), 'utf8');
    } catch {
      return '';
    }
  }

  write(name: string, content: string): string {
    const path = join(this.root, name);
    writeFileSync(path, content);
    return path;
  }

  logged(): readonly Readonly<Record<string, unknown>>[] {
    return this.read('asbb.log')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  async nowS(): Promise<number> {
    return Math.floor((await this.fake.clock()).now_us / MICROS);
  }

  /** A job with a hold that is configuring on these nodes, as scontrol and squeue show it. */
  async job(nodeList: string, count: number, hasHold = true): Promise<number> {
    const jobId = this.#nextJob;
    this.#nextJob += 1;
    const token = newToken();
    const nowS = await this.nowS();
    if (hasHold) {
      const answer = await this.ledger.decide(
        { scope: TEST_CLUSTER, key: `hold:${token}`, verb: 'submit', args: { token } },
        { payer: { slurmAccount: 'chem', userName: 'ada' } },
        (view) =>
          placeHold(view, {
            token,
            slurmAccount: 'chem',
            partitions: ['aws'],
            userName: 'ada',
            amount: usd('500'),
            tasks: 1,
            expiresS: view.nowS + 600,
            pricing: '',
          }),
      );
      if (isRefused(answer)) {
        throw new Error(answer.text);
      }
    }
    const submit = formatInstant(nowS);
    this.write(`job-${jobId}`, jobLine({ jobId, nodeList, count, submit, token }));
    this.write(
      'queue',
      `${jobId}|${jobId}|N/A|CONFIGURING|aws|chem|ada|${count}|4|1:00:00|${submit}|${submit}|${nodeList}|None\n`,
    );
    this.write('queue-on-nodes', `${jobId}|${nodeList}\n`);
    return jobId;
  }

  /** What `scontrol show node` prints from now on. */
  nodes(states: Readonly<Record<string, string>>): void {
    this.write(
      'nodes',
      Object.entries(states)
        .map(([name, state]) => nodeLine(name, state))
        .join(''),
    );
  }

  /** Ids of the predicates that do not hold. */
  async broken(): Promise<readonly string[]> {
    const { db } = openLedger(temporaryPlace(this.root), 'read');
    try {
      const now = await this.fake.clock();
      const report = await verifyDatabase(db, {}, { nowUs: now.now_us, stateDirectory: this.root });
      return failuresOf(report).map(({ id }) => id);
    } finally {
      db.close();
    }
  }

  async close(): Promise<void> {
    this.ledger.close();
    await this.fake.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}

export async function startProcessSite(world: WorldInput = {}): Promise<ProcessSite> {
  const root = mkdtempSync(join(tmpdir(), 'asbb-burst-'));
  chmodSync(root, 0o750);
  const clockFile = join(root, 'clock');
  const fake = await startFakeEc2({ ...WORLD, ...world }, { clockFile });
  mkdirSync(join(root, 'bin'));
  for (const name of ['scontrol', 'squeue', 'sacct']) {
    writeFileSync(join(root, 'bin', name), COMMAND.replace('ROOT', root), { mode: 0o755 });
  }
  const config = readFileSync(
    new URL('../../fixtures/slurm-22.05/scontrol-config.txt', import.meta.url),
    'utf8',
  );
  writeFileSync(
    join(root, 'config'),
    config.replace(/^ClusterName(\s+)= \S+$/mu, `ClusterName$1= ${TEST_CLUSTER}`),
  );
  writeFileSync(join(root, 'nodes'), '');
  writeFileSync(join(root, 'queue'), '');
  writeFileSync(join(root, 'config.yaml'), configText(root, fake.url, clockFile), { mode: 0o640 });
  const place = temporaryPlace(root);
  await migrateLedger(place, (await fake.clock()).now_us);
  const ledger = new SqliteLedger({
    place,
    clock: { nowUs: () => Number(readFileSync(clockFile, 'utf8')) },
    actor: { uid: 0, name: 'test' },
    clusterName: TEST_CLUSTER,
    dayOf: (epochS) => dayOf(epochS, 'UTC'),
  });
  await seedAccount(ledger, { name: 'chem', deposit: '100000' });
  return new ProcessSite(root, fake, ledger);
}

function configText(root: string, url: string, clockFile: string): string {
  return stringify({
    test_mode: true,
    test_clock: clockFile,
    site: { timezone: 'UTC' },
    database: { dsn: join(root, 'asbb.db'), allow_volatile: true },
    cost: { data_dir: root, overhead_seconds: 650 },
    aws: {
      region: 'us-east-1',
      authentication_method: 'access_keys',
      access_keys: { access_key_id: 'FAKE1', secret_access_key: 'none' },
      endpoint_url: url,
      retry_mode: 'standard',
    },
    slurm: {
      user: userInfo().username,
      cluster_name: TEST_CLUSTER,
      bin_path: join(root, 'bin'),
      config_path: join(root, 'slurm.conf'),
      state_dir: root,
      resume_timeout: 100,
      partitions: PARTITIONS,
    },
    burst: { reconcile_gap: 0, api_budget: UNTHROTTLED },
    logging: { file: join(root, 'asbb.log') },
  });
}

interface JobText {
  readonly jobId: number;
  readonly nodeList: string;
  readonly count: number;
  readonly submit: string;
  readonly token: string;
}

/** One record of `scontrol show job -d -o` of 22.05.8 (test/fixtures/slurm-22.05/job-configuring.txt). */
function jobLine({ jobId, nodeList, count, submit, token }: JobText): string {
  const [template = ''] = readFileSync(
    new URL('../../fixtures/slurm-22.05/job-configuring.txt', import.meta.url),
    'utf8',
  ).split('\n');
  return `${template
    .replace(/^JobId=\d+/u, `JobId=${jobId}`)
    .replace('UserId=alice(64101)', 'UserId=ada(64101)')
    .replace('Account=physics', 'Account=chem')
    .replace('Partition=cloud', 'Partition=aws')
    .replace('TimeLimit=00:10:00', 'TimeLimit=01:00:00')
    .replaceAll(/SubmitTime=\S+/gu, `SubmitTime=${submit}`)
    .replace(/ NodeList=\S+/u, ` NodeList=${nodeList}`)
    .replace('NumNodes=1', `NumNodes=${count}`)
    .replace('Comment=(null)', '')
    .replace(/WorkDir=\S+/u, `WorkDir=/tmp AdminComment=asbb:hold=${token}`)}\n`;
}

function nodeLine(name: string, state: string): string {
  const lines = readFileSync(
    new URL('../../fixtures/slurm-22.05/node-powering-up.txt', import.meta.url),
    'utf8',
  ).split('\n');
  const template = lines.find((line) => line.includes(' State=') && line.startsWith('NodeName='));
  return `${(template ?? '').replaceAll('cloud-1', name).replace(/State=\S+/u, `State=${state}`)}\n`;
}
