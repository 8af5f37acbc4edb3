import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const SHIM = readFileSync('slurm-conf/job_submit.lua', 'utf8');
const HARNESS = resolve('test/lua/harness.lua');
const LUA = ['/usr/bin/lua5.1', '/usr/bin/lua5.4'].find((path) => existsSync(path));
const TOKEN = '0123456789abcdefghijklmnop';
const REQUEST_NAME = /^[0-9a-f]{14}$/u;
const PLAIN = /^[\x20-\x7e]*\n$/u;

interface Setting {
  /** Text that the stand-in for asbb prints; undefined: it prints nothing and fails. */
  readonly answer?: string;
  readonly burst?: string;
  /** Lua source of the fields of job_desc. */
  readonly desc: string;
  readonly job?: string;
  readonly raises?: string;
  readonly command?: string;
}

interface Outcome {
  readonly code: string | undefined;
  readonly said: readonly string[];
  readonly adminComment: string | undefined;
  readonly request: string | undefined;
  readonly folder: string;
}

const PARTS = `{
  aws = { max_time = 2880, default_time = 60, flag_default = 0, min_nodes = 1, max_nodes = 4294967295 },
  open = { max_time = 4294967295, default_time = 4294967294 },
  ["static"] = { flag_default = 1 },
}`;

function filled(folder: string, setting: Setting): string {
  const command = setting.command ?? `/usr/bin/timeout -s KILL 2 ${folder}/asbb ${folder}/submit/`;
  return SHIM.replace(
    /local BURST = .*/u,
    `local BURST = ${setting.burst ?? '{ aws = "closed", open = "open" }'}`,
  )
    .replace(/local DIR = .*/u, `local DIR = "${folder}/submit/"`)
    .replace(/local CMD = .*/u, `local CMD = "${command}"`)
    .replace(/local CMD_MODIFY = .*/u, `local CMD_MODIFY = "${command}"`);
}

/** Runs the shim in a real Lua with a stand-in for the binary that keeps the request and answers. */
function play(setting: Setting): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'asbb-lua-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, 'submit'));
  writeFileSync(join(folder, 'answer'), setting.answer ?? '');
  writeFileSync(
    join(folder, 'asbb'),
    `#!/bin/sh\nexec 2>/dev/null\necho "$1" >${folder}/argv\n/bin/cat "$1" >${folder}/request\n/bin/cat ${folder}/answer\n${setting.answer === undefined ? 'exit 1' : ''}\n`,
    { mode: 0o755 },
  );
  writeFileSync(join(folder, 'job_submit.lua'), filled(folder, setting));
  const job = setting.job === undefined ? '' : `job = ${setting.job},`;
  const raises = setting.raises === undefined ? '' : `raises = ${setting.raises},`;
  writeFileSync(
    join(folder, 'case.lua'),
    `return { ${job} ${raises} desc = ${setting.desc}, parts = ${PARTS} }`,
  );
  const { status, stdout, stderr } = spawnSync(
    LUA ?? 'lua',
    [HARNESS, join(folder, 'job_submit.lua'), join(folder, 'case.lua')],
    { encoding: 'utf8', cwd: folder, env: {} },
  );
  if (status !== 0) {
    throw new Error(stderr);
  }
  const lines = stdout.split('\n');
  function valuesOf(name: string): string[] {
    const own = lines.filter((line) => line.startsWith(`${name}=`));
    return own.map((line) => line.slice(name.length + 1));
  }
  const request = join(folder, 'request');
  return {
    code: valuesOf('code')[0],
    said: valuesOf('said'),
    adminComment: valuesOf('admin_comment')[0],
    request: existsSync(request) ? readFileSync(request, 'latin1') : undefined,
    folder,
  };
}

const BUSY =
  'asbb: the budget ledger is busy; the job was not submitted, repeat in a minute [TRY_AGAIN]';

describe.skipIf(LUA === undefined)(`job_submit.lua in ${LUA ?? 'no Lua on this machine'}`, () => {
  it('starts no process for a partition that is not ours', () => {
    const named = play({ desc: '{ partition = "static" }', answer: 'asbb1 no policy x\n' });
    expect(named).toMatchObject({ code: '0', said: [], request: undefined });
    const byDefault = play({ desc: '{}', answer: 'asbb1 no policy x\n' });
    expect(byDefault).toMatchObject({ code: '0', request: undefined });
  });

  it('SL-6: puts the token into admin_comment, keeps what stands there, throws a foreign one out', () => {
    const { code, said, adminComment } = play({
      desc: `{ partition = "aws", admin_comment = "site note asbb:hold=stolen more" }`,
      answer: `asbb1 ok ${TOKEN} 100% of the hold is ready\n`,
    });
    expect(code).toBe('0');
    expect(said).toEqual(['100% of the hold is ready']);
    expect(adminComment).toBe(`site note more asbb:hold=${TOKEN}`);
  });

  it.each`
    answer                                 | code      | said
    ${'asbb1 no policy no money: 5% %s\n'} | ${'2050'} | ${['no money: 5% %s']}
    ${'asbb1 no account who?\n'}           | ${'2045'} | ${['who?']}
    ${'asbb1 no time give --time\n'}       | ${'2051'} | ${['give --time']}
    ${'asbb1 no nodes too many\n'}         | ${'2006'} | ${['too many']}
    ${'asbb1 no retry later\n'}            | ${'-1'}   | ${['later']}
    ${'asbb1 ok -\n'}                      | ${'0'}    | ${[]}
    ${'asbb1 ok - take note\n'}            | ${'0'}    | ${['take note']}
    ${undefined}                           | ${'-1'}   | ${[BUSY]}
    ${''}                                  | ${'-1'}   | ${[BUSY]}
    ${'asbb1 ok cut'}                      | ${'-1'}   | ${[BUSY]}
    ${'asbb1 no nonsense x\n'}             | ${'-1'}   | ${[BUSY]}
    ${'two\nlines\n'}                      | ${'-1'}   | ${[BUSY]}
    ${'asbb2 ok x\n'}                      | ${'-1'}   | ${[BUSY]}
  `('answers $answer with $code', ({ answer, code, said }) => {
    expect(play({ desc: '{ partition = "aws" }', answer })).toMatchObject({ code, said });
  });

  it('admits without a token where the partition is open, and closes when one of the list is closed', () => {
    const open = play({ desc: '{ partition = "open" }' });
    expect(open).toMatchObject({ code: '0', said: [], adminComment: undefined });
    expect(play({ desc: '{ partition = "open,aws" }' })).toMatchObject({ code: '-1' });
  });

  it('gives up at its deadline when the program hangs', () => {
    const outcome = play({
      desc: '{ partition = "aws" }',
      command: '/usr/bin/timeout -s KILL 0.2 /bin/sleep 20 ; : ',
    });
    expect(outcome).toMatchObject({ code: '-1', said: [BUSY] });
  });

  it('fails closed when a field raises, also for what it cannot place', () => {
    const inRequest = play({
      desc: '{ partition = "aws" }',
      raises: '{ features = true }',
      answer: `asbb1 ok ${TOKEN}\n`,
    });
    expect(inRequest).toMatchObject({ code: '-1', said: [BUSY] });
    const inPartition = play({ desc: '{}', raises: '{ partition = true }' });
    expect(inPartition).toMatchObject({ code: '-1', said: [BUSY] });
  });

  it('sends numbers in full and strings as data, whatever is in them', () => {
    const hostile = String.raw`"' $(touch canary) ${'`'}touch canary${'`'} ; | > canary & \\ \n \0 \255\254 {}[]`;
    const { request, folder } = play({
      desc: `{ partition = "aws", name = "${hostile.replaceAll('"', '\\"')}", account = "a\\nb",
        time_limit = 4294967294, min_nodes = 4, pn_min_memory = 9.2e18, begin_time = 1e19,
        min_mem_per_cpu = 500, comment = "never sent", features = string.rep("$(touch canary)", 70000) }`,
      answer: `asbb1 ok ${TOKEN}\n`,
    });
    expect(readdirSync(folder)).not.toContain('canary');
    expect(request).toMatch(PLAIN);
    const parsed = JSON.parse(request ?? '');
    expect(parsed).toMatchObject({
      v: 1,
      verb: 'submit',
      uid: 1000,
      cluster: 'lab',
      partition: 'aws',
      account: 'a\nb',
      time_limit: 4_294_967_294,
      min_nodes: 4,
      min_mem_per_cpu: 500,
      parts: { aws: { max_time: 2880, default_time: 60, min_nodes: 1, max_nodes: 4_294_967_295 } },
    });
    expect(parsed.features).toHaveLength(1024);
    expect(parsed.name).toContain('$(touch canary)');
    expect(parsed).not.toHaveProperty('comment');
    const [path = ''] = readFileSync(join(folder, 'argv'), 'utf8').split('\n');
    expect(path.slice(path.lastIndexOf('/') + 1)).toMatch(REQUEST_NAME);
  });

  it('never names two requests alike', () => {
    const first = play({ desc: '{ partition = "aws" }', answer: 'asbb1 ok -\n' });
    const again = play({ desc: '{ partition = "aws" }', answer: 'asbb1 ok -\n' });
    expect(readdirSync(join(first.folder, 'submit'))).not.toEqual(
      readdirSync(join(again.folder, 'submit')),
    );
  });
});

const JOB = `{ job_id = 7, partition = "aws", account = "ml", job_state = 0, time_limit = 60,
  admin_comment = "asbb:hold=${TOKEN}" }`;

describe.skipIf(LUA === undefined)('slurm_job_modify', () => {
  it.each`
    what                            | desc                                                            | asks
    ${'a hold or release'}          | ${'{ priority = 0, time_limit = 4294967294, shared = 65534 }'}  | ${false}
    ${'our own update'}             | ${`{ admin_comment = "asbb:hold=${TOKEN} asbb:last=ICE@1#2" }`} | ${false}
    ${'an administrator drops it'}  | ${'{ admin_comment = "cleaned" }'}                              | ${true}
    ${'another time limit'}         | ${'{ time_limit = 120 }'}                                       | ${true}
    ${'another account'}            | ${'{ account = "bio" }'}                                        | ${true}
    ${'GPUs'}                       | ${'{ tres_per_node = "gres:gpu:2" }'}                           | ${true}
    ${'out of the burst partition'} | ${'{ partition = "static" }'}                                   | ${true}
  `('$what: asks the binary $asks', ({ desc, asks }) => {
    const { code, request } = play({ desc, job: JOB, answer: 'asbb1 ok -\n' });
    expect(code).toBe('0');
    expect(request !== undefined).toBe(asks);
  });

  it('sends the job as it is, leaves admin_comment alone and refuses by class', () => {
    const { code, request, adminComment } = play({
      desc: '{ time_limit = 600 }',
      job: JOB,
      answer: 'asbb1 no policy this job needs up to $5.00\n',
    });
    expect(code).toBe('2050');
    expect(adminComment).toBeUndefined();
    expect(JSON.parse(request ?? '')).toMatchObject({
      verb: 'modify',
      time_limit: 600,
      job: { job_id: 7, account: 'ml', admin_comment: `asbb:hold=${TOKEN}` },
      parts: { aws: { max_time: 2880 } },
    });
  });

  it('asks nothing for jobs that neither are nor come into a burst partition', () => {
    const outcome = play({
      desc: '{ time_limit = 600 }',
      job: '{ job_id = 8, partition = "static" }',
    });
    expect(outcome).toMatchObject({ code: '0', request: undefined });
  });
});
