import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CommandAdvisor } from '../../../src/adapters/advisor/command-advisor.ts';
import { HttpAdvisor } from '../../../src/adapters/advisor/http-advisor.ts';
import { ExecaRun } from '../../../src/adapters/system/execa-run.ts';
import { SpawnRun } from '../../../src/adapters/system/spawn-run.ts';
import { launchStepOf } from '../../../src/core/burst/launch.ts';
import type { Advisor, AdvisorQuestion } from '../../../src/ports/advisor.ts';
import { exampleSettings } from '../../support/settings.ts';
import { callResume, type Site, startSite } from '../support/site.ts';
import { directory } from './support.ts';

const QUESTION: AdvisorQuestion = {
  jobId: '100',
  script: '#!/bin/bash\n# $(touch /tmp/asbb-pwned) `id`\nsrun hostname\n',
  name: 'job',
  user: 'ada',
  account: 'chem',
  partition: 'aws',
  nodes: 4,
  cpus: 16,
  memoryMib: 7000,
  limitSeconds: 3661,
  isMpi: true,
  processes: 16,
  needsLowLatency: true,
};
const ANSWER = {
  should_burst: true,
  recommended_action: 'burst',
  cost_analysis: { onpremise_cost: 2, aws_cost: 0.4, savings_percent: 35.5, break_even_hours: 1 },
  performance_model: { onpremise_wait_time: '10m0s' },
  confidence: 0.8,
  decision_factors: ['queue_depth_high'],
};

interface Program {
  readonly advisor: CommandAdvisor;
  /** What it was started with, and what it read. */
  readonly seen: () => { readonly words: string; readonly script: string };
}

/** A program of a few lines in sh. */
function program(body: string, run = new ExecaRun()): Program {
  const root = directory();
  const path = join(root, 'absa');
  const note = `echo "$@" > ${root}/words; test -f "$2" && cat "$2" > ${root}/script; env > ${root}/env`;
  writeFileSync(path, `#!/bin/sh\n${note}\n${body}\n`);
  chmodSync(path, 0o755);
  const advisor = new CommandAdvisor(run, path, '/etc/absa/config.yaml');
  function seen() {
    const [words = '', script = ''] = ['words', 'script'].map((name) =>
      existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : '',
    );
    return { words, script };
  }
  return { advisor, seen };
}

function saying(answer: unknown): Program {
  return program(`cat <<'END'\n${JSON.stringify(answer)}\nEND`);
}

describe('2.4: the advisor as a program', () => {
  it.each([
    ['execa', new ExecaRun()],
    ['spawn', new SpawnRun()],
  ])(
    'has the command line of the original, and the script as a private file (%s)',
    async (_, run) => {
      const { advisor, seen } = program(
        `stat -c %a "$2" >&2; echo '${JSON.stringify(ANSWER)}'`,
        run,
      );
      const advice = await advisor.ask(QUESTION, 5000);
      const { words, script } = seen();
      const [verb, path = '', ...rest] = words.trim().split(' ');
      expect([verb, ...rest]).toEqual([
        'analyze',
        '--output=json',
        '--job-id=100',
        '--config=/etc/absa/config.yaml',
        '--mpi-job=true',
        '--processes=16',
        '--nodes=4',
        '--requires-low-latency=true',
      ]);
      expect(script).toBe(QUESTION.script);
      expect(existsSync(path)).toBe(false);
      expect(existsSync('/tmp/asbb-pwned')).toBe(false);
      expect(advice).toMatchObject({
        shouldBurst: true,
        awsCost: '0.4',
        savingsPercent: 35.5,
        waitSeconds: 600,
        said: { confidence: '0.8', decision_factors: 'queue_depth_high' },
      });
    },
  );

  it('without a script it gets one made of what the job asks for; nothing of it is a command', async () => {
    const { advisor, seen } = saying(ANSWER);
    await advisor.ask({ ...QUESTION, script: '', name: 'a\nrm -rf /', isMpi: false }, 5000);
    expect(seen().script).toBe(
      [
        '#!/bin/bash',
        '#SBATCH --job-name=a_rm_-rf_/',
        '#SBATCH --partition=aws',
        '#SBATCH --nodes=4',
        '#SBATCH --ntasks=16',
        '#SBATCH --cpus-per-task=1',
        '#SBATCH --mem=7000M',
        '#SBATCH --time=62',
        '',
      ].join('\n'),
    );
    expect(seen().words).not.toContain('--mpi-job');
  });

  it('inherits nothing', async () => {
    const root = directory();
    const path = join(root, 'absa');
    writeFileSync(path, `#!/bin/sh\nenv > ${root}/env\necho '{"should_burst":true}'\n`);
    chmodSync(path, 0o755);
    process.env['ASBB_PLANTED'] = 'secret';
    onTestFinished(() => {
      delete process.env['ASBB_PLANTED'];
    });
    await new CommandAdvisor(new ExecaRun(), path, '').ask(QUESTION, 5000);
    expect(readFileSync(join(root, 'env'), 'utf8')).not.toContain('ASBB_PLANTED');
  });

  it.each([
    ['does not end', 'sleep 60', /did not end within/],
    ['fails', 'echo no >&2; exit 4', /exit code 4/],
    ['says nothing', 'true', /not JSON/],
    ['says something else', 'echo \'{"should_burst":"yes"}\'', /should_burst/],
    [
      'writes an amount as a text',
      `echo '{"should_burst":true,"cost_analysis":{"aws_cost":"1"}}'`,
      /aws_cost/,
    ],
    ['talks without end', 'yes', /printed more than|did not end/],
  ])('%s: no answer, and it is dead', async (_, body, why) => {
    const { advisor } = program(body);
    await expect(advisor.ask(QUESTION, 700)).rejects.toMatchObject({
      name: 'Fault',
      exitCode: 75,
      message: expect.stringMatching(why),
    });
  });

  it('a name is looked for where programs are; a missing one has no place', () => {
    expect(new CommandAdvisor(new ExecaRun(), 'sh', '').place).toMatch(/\/sh$/u);
    expect(new CommandAdvisor(new ExecaRun(), '/nowhere/absa', '').place).toBeUndefined();
    expect(new CommandAdvisor(new ExecaRun(), '../bin/sh', '').place).toBeUndefined();
    expect(new CommandAdvisor(new ExecaRun(), '/tmp', '').place).toBeUndefined();
  });
});

interface Served {
  readonly url: string;
  readonly asked: {
    readonly path: string | undefined;
    readonly body: unknown;
    readonly key: unknown;
  }[];
}

async function serve(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<Served> {
  const asked: Served['asked'] = [];
  const server = createServer((request, response) => {
    text(request).then((body) => {
      asked.push({
        path: request.url,
        body: JSON.parse(body === '' ? 'null' : body),
        key: request.headers.authorization,
      });
      answer(response, request);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { url: `http://127.0.0.1:${port}`, asked };
}

function httpAdvisor(url: string): HttpAdvisor {
  const { advisor } = exampleSettings({ advisor: { mode: 'http', url, api_key: 'k-1' } });
  return new HttpAdvisor(advisor, () => 1_795_262_400);
}

describe('2.4: the advisor behind an address', () => {
  it('is asked as the budget original asks, and may answer as the program does', async () => {
    const { url, asked } = await serve((response) => response.end(JSON.stringify(ANSWER)));
    const advice = await httpAdvisor(`${url}/`).ask(QUESTION, 5000);
    expect(advice).toMatchObject({ shouldBurst: true, from: `${url}/api/v1/analyze` });
    expect(asked).toMatchObject([
      {
        path: '/api/v1/analyze',
        key: 'Bearer k-1',
        body: {
          account: 'chem',
          partition: 'aws',
          nodes: 4,
          cpus: 16,
          memory: '7000M',
          wall_time: '01:01:01',
          timestamp: 1_795_262_400,
          job_script: QUESTION.script,
          metadata: { job_id: '100', mpi_job: 'true' },
        },
      },
    ]);
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['HTTP 500', (response) => response.writeHead(500).end('{}'), /HTTP 500/],
    [
      'a redirect',
      (response) => response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(),
      /gave no answer/,
    ],
    ['no answer', () => undefined, /gave no answer/],
    ['half an answer', (response) => response.write('{"should_burst":'), /gave no answer/],
    ['an answer without end', (response) => response.end('x'.repeat(2_000_000)), /more than/],
    ['no JSON', (response) => response.end('<html>'), /not JSON/],
  ])('%s is none', async (_, answer, why) => {
    const { url } = await serve(answer);
    await expect(httpAdvisor(url).ask(QUESTION, 700)).rejects.toMatchObject({
      name: 'Fault',
      exitCode: 75,
      message: expect.stringMatching(why),
    });
  });
});

async function resumed(
  site: Site,
  advisor: Advisor,
  groupName: 'two' | 'spot' = 'two',
): Promise<{
  readonly call: object;
  readonly kinds: readonly string[];
  readonly code: string | undefined;
}> {
  const job = await site.submit();
  const nodes = [`aws-${groupName}-001`];
  site.slurm.allocate(job.jobId, nodes);
  const result = await callResume({ ...site.ports, advisor }, nodes.join(','), [job]);
  const [call] = await site.fake.callsOf('CreateFleet');
  return {
    call: Object(call?.['params']),
    kinds: result.gangs.map(({ kind }) => kind),
    code: result.gangs[0]?.cause?.code,
  };
}

const NEVER: Advisor = {
  place: undefined,
  ask: () => Promise.reject(new Error('nobody should ask')),
};

describe('2.4: what the advisor says at resume', () => {
  it('auto-detect: nobody is asked where there is no program', async () => {
    const site = await startSite();
    expect((await resumed(site, NEVER)).kinds).toEqual(['bound']);
  });

  it('enabled false: not asked though it is there', async () => {
    const site = await startSite({ settings: { absa: { enabled: 'false' } } });
    expect((await resumed(site, { ...NEVER, place: '/bin/absa' })).kinds).toEqual(['bound']);
  });

  it('savings above 30 %: spot first, capped at 0.8 of the cost of a node; kept with the job', async () => {
    const site = await startSite({ settings: { absa: { enabled: true } } });
    const answer = { ...ANSWER, cost_analysis: { aws_cost: 0.2, savings_percent: 31 } };
    const { call } = await resumed(site, saying(answer).advisor);
    expect(call).toMatchObject({
      'TargetCapacitySpecification.DefaultTargetCapacityType': 'spot',
      'LaunchTemplateConfigs.1.Overrides.1.MaxPrice': '0.16',
    });
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.intents.map((intent) => launchStepOf(intent).advice)).toMatchObject([
      { source: 'advisor', said: { aws_cost: '0.2', savings_percent: '31' } },
    ]);
  });

  it('a cap of the site that is lower stays', async () => {
    const site = await startSite({ settings: { absa: { enabled: true } } });
    const { call } = await resumed(site, saying(ANSWER).advisor, 'spot');
    expect(call).toMatchObject({ 'LaunchTemplateConfigs.1.Overrides.1.MaxPrice': '0.15' });
  });

  it('a wait of more than an hour: mixed prices, whatever is saved', async () => {
    const site = await startSite({ settings: { absa: { enabled: true } } });
    const answer = { ...ANSWER, performance_model: { onpremise_wait_time: 3_600_000_000_001 } };
    const { call } = await resumed(site, saying(answer).advisor);
    expect(call).toMatchObject({
      'TargetCapacitySpecification.DefaultTargetCapacityType': 'on-demand',
    });
  });

  it('should_burst false: nothing is launched, the job is held with the reason', async () => {
    const site = await startSite({ settings: { absa: { enabled: true } } });
    const { kinds, code } = await resumed(site, saying({ should_burst: false }).advisor);
    expect({ kinds, code }).toEqual({ kinds: ['aborted'], code: 'not_recommended' });
    expect(await site.fake.live()).toEqual([]);
    const [job] = site.slurm.jobsById.values();
    expect(job).toMatchObject({ isHeld: true, comment: 'asbb: advisor says run on premises' });
  });

  it('no answer: standalone by default', async () => {
    const site = await startSite({ settings: { absa: { enabled: true } } });
    expect((await resumed(site, program('exit 1').advisor)).kinds).toEqual(['bound']);
    expect(site.logged.map(({ event }) => event)).toContain('advisor_unavailable');
  });

  it('no answer and on_unavailable abort: given back, tried again later', async () => {
    const site = await startSite({
      settings: { absa: { enabled: true, on_unavailable: 'abort' } },
    });
    const { kinds, code } = await resumed(site, program('exit 1').advisor);
    expect({ kinds, code }).toEqual({ kinds: ['aborted'], code: 'AdvisorUnavailable' });
    expect([...site.slurm.jobsById.values()]).toMatchObject([{ isHeld: false }]);
    expect(await site.fake.live()).toEqual([]);
  });

  it('the deadline is its own: a program that hangs costs no more than it may', async () => {
    const site = await startSite({ settings: { absa: { enabled: true, timeout_seconds: 1 } } });
    expect((await resumed(site, program('sleep 60').advisor)).kinds).toEqual(['bound']);
    const told = site.logged.find(({ event }) => event === 'advisor_unavailable');
    expect(told?.fields['msg']).toContain('did not end within 1000 ms');
  });
});
