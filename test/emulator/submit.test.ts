import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { open } from './ask.ts';
import { BASIC, type Site, succeed } from './site.ts';

/** The hook that stands for asbb: keeps the request, answers with the file `answer`. */
const HOOK = `#!/bin/sh
cp "$2" "$1/asked"; echo "$3" > "$1/called"; cat "$1/answer"; rm "$2"
`;

let site: Site;

/** Installs the real job_submit.lua with its constants filled in, as asbb slurm conf --lua prints it. */
function install(burst: string): void {
  const directory = join(site.directory, 'submit');
  mkdirSync(directory);
  writeFileSync(join(site.directory, 'hook'), HOOK);
  chmodSync(join(site.directory, 'hook'), 0o755);
  function command(verb: string): string {
    return `"HOOK_VERB=${verb} D=${site.directory}; hook() { ${site.directory}/hook $D $D/submit/$1 ${verb}; }; hook "`;
  }
  const lua = readFileSync('slurm-conf/job_submit.lua', 'utf8')
    .replace(/^local BURST = .*$/m, `local BURST = ${burst}`)
    .replace(/^local DIR = .*$/m, `local DIR = "${directory}/"`)
    .replace(/^local CMD = .*$/m, `local CMD = ${command('submit')}`)
    .replace(/^local CMD_MODIFY = .*$/m, `local CMD_MODIFY = ${command('modify')}`);
  writeFileSync(join(site.directory, 'etc/job_submit.lua'), lua);
}

function answer(line: string): void {
  writeFileSync(join(site.directory, 'answer'), line);
}

function asked(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(site.directory, 'asked'), 'utf8')) as Record<string, unknown>; // written by the emulator
}

function given(request: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(request).filter(([, value]) => ![4_294_967_294, 65_534].includes(Number(value))),
  );
}

beforeEach(async () => {
  site = await open({ conf: `${BASIC}JobSubmitPlugins=lua\n` });
  install('{ cloud = "closed", ["gpu"] = "open" }');
  answer('asbb1 ok -\n');
});

describe('job_submit', () => {
  it('puts the token into admin_comment', async () => {
    answer('asbb1 ok 0123456789abcdefghijklmnop\n');
    const done = await site.slurm('sbatch -p cloud --wrap true', 'alice');
    expect(done).toEqual({ code: 0, stdout: 'Submitted batch job 1\n', stderr: '' });
    const { stdout } = await site.slurm('scontrol show job -o 1');
    expect(stdout).toContain(' AdminComment=asbb:hold=0123456789abcdefghijklmnop  StdErr=');
  });

  it('shows a text with an acceptance', async () => {
    answer('asbb1 ok - 80 % of the budget is spent\n');
    const done = await site.slurm('sbatch -p cloud --wrap true', 'alice');
    expect(done).toMatchObject({ code: 0, stderr: 'sbatch: 80 % of the budget is spent\n' });
  });

  it.each([
    [
      'policy',
      "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    ],
    ['account', 'Invalid account or account/partition combination specified'],
    ['time', 'Requested time limit is invalid (missing or exceeds some limit)'],
    ['nodes', 'Node count specification invalid'],
    ['retry', 'Unspecified error'],
  ])('refuses by class %s', async (kind, sentence) => {
    answer(`asbb1 no ${kind} over budget\n`);
    const refused = await site.slurm('sbatch -p cloud --wrap true', 'alice');
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: `sbatch: error: over budget\nsbatch: error: Batch job submission failed: ${sentence}\n`,
    });
    expect((await site.slurm('squeue -h')).stdout).toBe('');
  });

  it('words a refusal as SLURM does', async () => {
    answer('asbb1 no policy over budget\n');
    const captured = readFileSync('test/fixtures/slurm-22.05/job-submit-commands.txt', 'utf8');
    const refused = await site.slurm(
      'sbatch -p cloud -J refuse-policy --array=1-3 --wrap true',
      'alice',
    );
    const expected = /refuse-policy --array=1-3 --wrap true\n([^$]*)\(exit 1\)/.exec(captured)?.[1];
    expect(refused.stderr).toBe(expected);
  });

  it('says which component of a het job it refuses', async () => {
    answer('asbb1 no policy over budget\n');
    const refused = await site.slurm('sbatch -p static -n1 : -p cloud -n1 --wrap true', 'alice');
    expect(refused.stderr).toMatch(/^sbatch: error: 1: over budget\n/);
    expect(asked()).toMatchObject({ het_job_offset: 1, partition: 'cloud' });
  });

  it('refuses --test-only in its own words', async () => {
    answer('asbb1 no retry busy\n');
    const refused = await site.slurm('sbatch --test-only -p cloud --wrap true', 'alice');
    expect(refused).toMatchObject({
      code: 1,
      stderr: 'sbatch: error: busy\nallocation failure: Unspecified error\n',
    });
  });

  it('SL-5: asks for a test-only job too, which then uses up an id and leaves nothing', async () => {
    const tested = await site.slurm('sbatch --test-only -p cloud -n 4 --wrap true', 'alice');
    expect(tested).toEqual({
      code: 0,
      stdout: '',
      stderr:
        'sbatch: Job 1 to start at 2026-01-05T09:00:00 using 4 processors on nodes cloud-1 in partition cloud\n',
    });
    expect(asked()['num_tasks']).toBe(4);
    expect((await site.slurm('sbatch --parsable -p cloud --wrap true', 'alice')).stdout).toBe(
      '2\n',
    );
  });

  it.each([
    ['nothing', ''],
    ['half a line', 'asbb1 ok -'],
    ['other text', 'hold x\n'],
    ['two lines', 'asbb1 ok -\nx\n'],
  ])('takes %s for no answer: closed refuses, open admits', async (_, text) => {
    answer(text);
    const closed = await site.slurm('sbatch -p cloud --wrap true', 'alice');
    expect(closed.stderr).toBe(
      'sbatch: error: asbb: the budget ledger is busy; the job was not submitted, repeat in a minute [TRY_AGAIN]\nsbatch: error: Batch job submission failed: Unspecified error\n',
    );
    expect((await site.slurm('sbatch -p gpu --wrap true', 'alice')).code).toBe(0);
    expect((await site.slurm('sbatch -p gpu,cloud --wrap true', 'alice')).code).toBe(1);
  });

  it('starts no process for other partitions', async () => {
    answer('asbb1 no policy never\n');
    expect((await site.slurm('sbatch -p static --wrap true', 'alice')).code).toBe(0);
    expect(readdirSync(site.directory)).not.toContain('asked');
  });

  it('is asked before SLURM checks the account', async () => {
    const refused = await site.slurm('sbatch -p cloud -A nosuch --wrap true', 'alice');
    expect(refused.stderr).toBe(
      'sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified\n',
    );
    expect(asked()).toMatchObject({ account: 'nosuch', default_account: 'physics' });
  });

  it('escapes every byte outside the safe set', async () => {
    await succeed(
      site.words(
        'sbatch',
        ['-p', 'cloud', '-J', `a"'\\$(id)\né${'x'.repeat(2000)}`, '--wrap', 'true'],
        'alice',
      ),
    );
    const text = readFileSync(join(site.directory, 'asked'), 'utf8');
    expect(text).toContain(
      '"name":"a\\u0022\\u0027\\u005c\\u0024\\u0028id\\u0029\\u000a\\u00c3\\u00a9xxx',
    );
    expect(text).toMatch(/^[A-Za-z0-9 _.,:=+/@\-{}"\\]+\n$/);
    expect(String(asked()['name'])).toHaveLength(1024);
  });

  it('names requests by time and counter', async () => {
    writeFileSync(join(site.directory, 'hook'), HOOK.replace('rm "$2"', ':'));
    await succeed(site.slurm('sbatch -p cloud --wrap true', 'alice'));
    await succeed(site.slurm('sbatch -p cloud --wrap true', 'alice'));
    const [first = '', second = ''] = readdirSync(join(site.directory, 'submit')).toSorted();
    expect(first).toMatch(/^695b7d90[0-9a-f]{6}$/);
    expect(Number.parseInt(second.slice(8), 16) - Number.parseInt(first.slice(8), 16)).toBe(1);
  });
});

/** `### sbatch …` blocks of the capture: the fields that SLURM had set. */
function captures(): readonly (readonly [string, Record<string, string>])[] {
  const text = readFileSync('test/fixtures/slurm-22.05/job-submit-job-desc.txt', 'utf8');
  return text
    .split('### ')
    .filter((block) => block.startsWith('sbatch '))
    .flatMap((block) => {
      const [line = ''] = block.split('\n');
      const calls = block.split('slurm_job_submit submit_uid=').slice(1);
      return calls.length === 1 ? [[line, fields(calls[0] ?? '')] as const] : [];
    });
}

function fields(block: string): Record<string, string> {
  return Object.fromEntries(
    [...block.matchAll(/^ {2}(\w+) \((?:number|string)\) (.*)$/gm)].map(
      ([, key = '', value = '']) => [key, value],
    ),
  );
}

const COMPARED = [
  'account',
  'array_inx',
  'cpus_per_task',
  'default_account',
  'features',
  'max_nodes',
  'min_cpus',
  'min_mem_per_cpu',
  'min_mem_per_node',
  'min_nodes',
  'name',
  'num_tasks',
  'ntasks_per_node',
  'partition',
  'pn_min_cpus',
  'qos',
  'shared',
  'time_limit',
  'tres_per_job',
  'tres_per_node',
  'user_id',
  'user_name',
];

describe('the request', () => {
  const usable = captures().filter(
    ([line]) => !/wkckey|exclusive=user|gpus-per|dependency|s\.sh|refuse-me/.test(line),
  );

  it.each(usable.filter(([line]) => / -p (cloud|gpu)/.test(line)))(
    '%s has the fields of SLURM',
    async (line, expected) => {
      const words = line
        .replace('--comment x y', '--comment x')
        .replace('--qos burst ', '--qos burst ')
        .split(' ')
        .slice(1);
      await site.words('sbatch', words, 'alice');
      const request = given(asked());
      const wanted = COMPARED.filter((key) => key in expected).map((key) => [key, expected[key]]);
      const got = COMPARED.filter((key) => key in request).map((key) => [
        key,
        String(request[key]),
      ]);
      expect(got).toEqual(wanted);
    },
  );

  it('has all of burst.md 7.8, numbers with their sentinels', async () => {
    await succeed(site.slurm('sbatch -p cloud -t 10 --begin=now+60 --wrap true', 'bob'));
    expect(asked()).toEqual({
      v: 1,
      verb: 'submit',
      uid: 64_102,
      cluster: 'lab',
      user_id: 64_102,
      het_job_offset: 4_294_967_294,
      time_limit: 10,
      time_min: 4_294_967_294,
      min_nodes: 4_294_967_294,
      max_nodes: 4_294_967_294,
      min_cpus: 1,
      max_cpus: 4_294_967_294,
      num_tasks: 4_294_967_294,
      ntasks_per_node: 65_534,
      cpus_per_task: 65_534,
      pn_min_cpus: 65_534,
      shared: 65_534,
      begin_time: 1_767_603_660,
      name: 'wrap',
      default_account: 'physics',
      user_name: 'bob',
      partition: 'cloud',
      parts: {
        cloud: {
          max_time: 4_294_967_295,
          default_time: 4_294_967_294,
          min_nodes: 0,
          max_nodes: 4_294_967_295,
        },
      },
    });
  });
});

describe('job_modify', () => {
  beforeEach(async () => {
    answer('asbb1 ok abcdefghijklmnopqrstuvwxyz\n');
    await succeed(site.slurm('sbatch -p cloud -H -t 10 --wrap true', 'alice'));
    answer('asbb1 ok -\n');
    writeFileSync(join(site.directory, 'called'), '');
  });

  it('is asked with only the changed fields, and the job as it is', async () => {
    await succeed(site.slurm('scontrol update jobid=1 timelimit=5 numnodes=2', 'alice'));
    expect(given(asked())).toMatchObject({
      verb: 'modify',
      uid: 64_101,
      time_limit: 5,
      min_nodes: 2,
      job: {
        job_id: 1,
        account: 'physics',
        partition: 'cloud',
        admin_comment: 'asbb:hold=abcdefghijklmnopqrstuvwxyz',
        job_state: 0,
        restart_cnt: 0,
        time_limit: 10,
      },
    });
    expect(readFileSync(join(site.directory, 'called'), 'utf8')).toBe('modify\n');
  });

  it.each([
    ['hold', 'scontrol hold 1'],
    ['release', 'scontrol release 1'],
    ['comment', 'scontrol update jobid=1 comment=x'],
    ['starttime', 'scontrol update jobid=1 starttime=now+60'],
    [
      'admincomment that keeps the token',
      'scontrol update jobid=1 admincomment=asbb:hold=abcdefghijklmnopqrstuvwxyz\u00a0x',
    ],
  ])('is not asked for %s', async (_, line) => {
    await succeed(site.slurm(line));
    expect(readFileSync(join(site.directory, 'called'), 'utf8')).toBe('');
  });

  it("may refuse: the job stays as it was, only SLURM's sentence is shown", async () => {
    answer('asbb1 no policy this change needs up to $9.00\n');
    const refused = await site.slurm('scontrol update jobid=1 timelimit=50', 'alice');
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr:
        "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits) for job 1\n",
    });
    expect((await site.slurm('scontrol show job -o 1')).stdout).toContain('TimeLimit=00:10:00');
  });

  it('is asked when a job moves into a burst partition', async () => {
    await succeed(site.slurm('sbatch -p static -H -t 10 --wrap true', 'alice'));
    await succeed(site.slurm('scontrol update jobid=2 partition=cloud', 'alice'));
    expect(asked()).toMatchObject({ partition: 'cloud', job: { job_id: 2, partition: 'static' } });
  });
});
