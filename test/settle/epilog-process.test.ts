import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { CostFile } from '../../schema/output/cost-file.ts';
import { placeHold } from '../../src/core/ledger/place-hold.ts';
import { capture } from '../slurm/support/captures.ts';
import {
  seedAccount,
  TEST_CLUSTER,
  type TemporaryLedger,
  temporaryLedger,
  usd,
} from '../support/ledger.ts';
import { configYaml } from '../support/site-config.ts';

const TOKEN = 'abcdefghijklmnopqrstuvwxyz';
const MAIN = resolve('src/main.ts');

interface Site {
  readonly books: TemporaryLedger;
  readonly root: string;
  script(body: string): void;
  /** EpilogSlurmctld as slurmctld calls it: fd 0 is /dev/null, the environment is SLURM_* alone. */
  epilog(
    changes?: Readonly<Record<string, string>>,
  ): Promise<{ code: number | null; output: string }>;
}

async function startSite(): Promise<Site> {
  const books = await temporaryLedger();
  await seedAccount(books.ledger, { name: 'physics' });
  const root = books.directory;
  mkdirSync(join(root, 'bin'));
  // configYaml keeps the ledger below state/.
  const text = configYaml({
    root,
    slurmUser: userInfo().username,
    clusterName: TEST_CLUSTER,
    binPath: join(root, 'bin'),
    slurmConf: '/etc/slurm/slurm.conf',
    endpoint: 'http://127.0.0.1:1',
  })
    .replaceAll(`${root}/state/asbb.db`, books.place.file)
    .replaceAll(`${root}/state`, root);
  writeFileSync(join(root, 'config.yaml'), text, { mode: 0o640 });
  return {
    books,
    root,
    script: (body) => {
      writeFileSync(join(root, 'bin/scontrol'), `#!/bin/sh\n${body}\n`);
      chmodSync(join(root, 'bin/scontrol'), 0o755);
    },
    epilog: async (changes = {}) => {
      const child = spawn(process.execPath, [MAIN, 'hook', 'epilog'], {
        cwd: '/',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ASBB_CONFIG: join(root, 'config.yaml'),
          SLURM_CLUSTER_NAME: TEST_CLUSTER,
          SLURM_JOB_ID: '2',
          SLURM_JOB_ACCOUNT: 'physics',
          SLURM_JOB_USER: 'bob',
          SLURM_JOB_PARTITION: 'aws',
          SLURM_JOB_NODELIST: 'aws-cpu-001',
          SLURM_JOB_NUM_NODES: '1',
          SLURM_JOB_RESTART_COUNT: '0',
          SLURM_JOB_NAME: 'x"; rm -rf / $(touch canary)\n',
          ...changes,
        },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
        });
      }
      const [code] = await once(child, 'close');
      return { code: typeof code === 'number' ? code : null, output };
    },
  };
}

async function place({ books }: Site): Promise<void> {
  await books.ledger.decide(
    { scope: TEST_CLUSTER, key: `hold:${TOKEN}`, verb: 'submit', args: { token: TOKEN } },
    { payer: { slurmAccount: 'physics', userName: 'bob' } },
    (view) =>
      placeHold(view, {
        token: TOKEN,
        slurmAccount: 'physics',
        partitions: ['aws'],
        userName: 'bob',
        amount: usd('5'),
        tasks: 1,
        expiresS: view.nowS + 600,
        pricing: '',
      }),
  );
}

/** The capture of a job that is COMPLETING, with our token. */
const COMPLETING = capture('job-completing.txt')
  .trimEnd()
  .replace('Partition=cloud', 'Partition=aws')
  .replace('NodeList= ', 'NodeList=aws-cpu-001 ')
  .replace(' StdErr=', ` AdminComment=asbb:hold=${TOKEN}  StdErr=`);

function stateOf({ books }: Site): unknown {
  const db = books.raw();
  const row = db.prepare('SELECT state, job_id FROM hold').get();
  db.close();
  return row;
}

/** Its five seconds can be over before it is done (burst.md SL-7): it says 75, and is called again. */
async function epilogDone(site: Site): Promise<{ code: number | null; output: string }> {
  let ended = await site.epilog();
  for (let attempt = 1; attempt < 5 && ended.code === 75; attempt += 1) {
    ended = await site.epilog();
  }
  return ended;
}

it('F10, SL-4: at the start of COMPLETING: binds, gives back what was never launched for, writes the file; twice is once', async () => {
  const site = await startSite();
  await place(site);
  site.script(`cat <<'END'\n${COMPLETING}\nEND`);
  expect(await epilogDone(site)).toEqual({ code: 0, output: '' });
  expect(stateOf(site)).toEqual({ state: 'released', job_id: 2n });
  const file: unknown = JSON.parse(readFileSync(join(site.root, 'costs/job_2_cost.json'), 'utf8'));
  expect(CostFile.parse(file)).toMatchObject({
    job_id: '2',
    user_id: 'bob',
    account: 'chemistry',
    estimated_cost: 5,
    estimated_cost_micros: 5_000_000,
    actual_cost: 0,
    reconciliation_status: 'provisional',
    wall_time_limit: '00:05:00',
    actual_wall_time: '00:00:01',
  });
  expect(await epilogDone(site)).toEqual({ code: 0, output: '' });
  expect(stateOf(site)).toEqual({ state: 'released', job_id: 2n });
});

it('another partition starts nothing; without a job id it is a usage error', async () => {
  const site = await startSite();
  site.script('exit 9');
  expect((await site.epilog({ SLURM_JOB_PARTITION: 'static' })).code).toBe(0);
  expect((await site.epilog({ SLURM_JOB_ID: '', SLURM_JOBID: '' })).code).toBe(2);
});

it.each([
  ['fails', 'echo down >&2; exit 1'],
  ['hangs', 'sleep 60'],
  ['prints garbage', 'echo "<html>"'],
])(
  'F11, SL-7: scontrol %s: exit 75 by its own limit, one line in the spool',
  async (_tag, body) => {
    const site = await startSite();
    await place(site);
    site.script(body);
    expect((await site.epilog()).code).toBe(75);
    const [name = '', ...more] = readdirSync(join(site.root, 'spool'));
    expect(more).toEqual([]);
    expect(readFileSync(join(site.root, 'spool', name), 'utf8')).toContain('"kind":"epilog"');
  },
);

it('without a usable ledger: exit 75, one line in the spool', async () => {
  const site = await startSite();
  await place(site);
  site.script(`cat <<'END'\n${COMPLETING}\nEND`);
  site.books.ledger.close();
  renameSync(site.books.place.file, `${site.books.place.file}.away`);
  writeFileSync(site.books.place.file, 'not a database', { mode: 0o640 });
  expect((await site.epilog()).code).toBe(75);
  expect(readdirSync(join(site.root, 'spool'))).toHaveLength(1);
  renameSync(`${site.books.place.file}.away`, site.books.place.file);
});
