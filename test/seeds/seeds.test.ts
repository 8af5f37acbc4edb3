import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { assert, isRefused } from '../../src/core/errors.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import { chargeHold } from '../../src/core/ledger/charge-hold.ts';
import { placeHold } from '../../src/core/ledger/place-hold.ts';
import { toMicrosText } from '../../src/core/money/money.ts';
import { usd } from '../support/dollars.ts';
import { EXECUTABLES, temporaryFolder } from '../support/executables.ts';
import { temporaryPlace } from '../support/place.ts';
import { configYaml } from '../support/site-config.ts';

// Every asbb command line of the documents that the mission came from works as it is typed there: one
// shell session of the built executable, in order, with its whole output checked in.

const CLUSTER = 'hpc1';
const DAY_S = 86_400;
const MICROS = 1_000_000;
const RUN_S = 7200;
const FIRST_JOB = 11_000;
const TOKEN_LENGTH = 26;
const [EXECUTABLE = 'asbb'] = EXECUTABLES;

/** No job waits or runs; what ended is a line of the file. */
const SLURM = {
  squeue: '#!/bin/sh\nexit 0\n',
  sacct: '#!/bin/sh\ncase "$*" in *TotalCPU*) ;; *) cat JOBS ;; esac\n',
};

interface Owner {
  readonly account: string;
  readonly partition: string;
  readonly user: string;
}

interface Spent extends Owner {
  readonly dollars: string;
}

interface Held extends Spent {
  readonly token: string;
  readonly jobId: number;
  readonly estimate: string;
}

interface Step {
  readonly sign: '$' | '%' | '@';
  readonly text: string;
}

/** A line that begins with a sign, with the lines that its backslashes join to it. */
function stepsOf(text: string): readonly Step[] {
  return [...text.matchAll(/^([$%@]) ((?:.*\\\n)*.*)$/gmu)].map(([, sign, words = '']) => {
    assert(sign === '$' || sign === '%' || sign === '@', `no sign: ${sign}`);
    return { sign, text: words };
  });
}

/** `account partition user costs from to`, as often as there is such a series. */
function series(words: readonly string[]): readonly (Spent & { readonly atS: number })[] {
  const [account = '', partition = '', user = '', turns = '', from = '', to = '', ...more] = words;
  const costs = turns.split(',');
  const first = Date.parse(from) / 1000;
  const days = (Date.parse(to) / 1000 - first) / DAY_S + 1;
  const noons = Array.from({ length: days }, (_, day) => first + (day + 0.5) * DAY_S);
  const jobs = noons.map((atS, day) => {
    return { account, partition, user, atS, dollars: costs[day % costs.length] ?? '0' };
  });
  return [
    ...jobs.filter(({ dollars }) => dollars !== '0'),
    ...(more.length === 0 ? [] : series(more)),
  ];
}

class Session {
  readonly #root = temporaryFolder();
  readonly #clockFile = join(this.#root, 'clock');
  readonly #jobs = new Map<number, Owner & { readonly submitS: number }>();
  readonly #ledger = new SqliteLedger({
    place: temporaryPlace(join(this.#root, 'state')),
    clock: { nowUs: () => this.#nowS * MICROS },
    actor: { uid: 0, name: 'test' },
    clusterName: CLUSTER,
    dayOf: (epochS) => dayOf(epochS, 'UTC'),
  });
  #nowS = 0;
  #next = 0;

  constructor() {
    const state = join(this.#root, 'state');
    mkdirSync(state);
    chmodSync(state, 0o750);
    for (const folder of ['bin', 'build', 'etc', 'costs-in']) {
      mkdirSync(join(this.#root, folder));
    }
    for (const name of ['bin/asbb', 'build/asbb']) {
      symlinkSync(resolve(EXECUTABLE), join(this.#root, name));
    }
    writeFileSync(join(this.#root, 'jobs'), '');
    for (const [name, script] of Object.entries(SLURM)) {
      const text = script.replace('JOBS', join(this.#root, 'jobs'));
      writeFileSync(join(this.#root, 'bin', name), text, { mode: 0o755 });
    }
    writeFileSync(
      join(this.#root, 'config.yaml'),
      configYaml({
        root: this.#root,
        slurmUser: userInfo().username,
        clusterName: CLUSTER,
        binPath: join(this.#root, 'bin'),
        slurmConf: join(this.#root, 'slurm.conf'),
        endpoint: 'http://127.0.0.1:9',
        clockFile: this.#clockFile,
      }),
      { mode: 0o640 },
    );
  }

  setClock(text: string): void {
    this.#nowS = Date.parse(text) / 1000;
    writeFileSync(this.#clockFile, String(this.#nowS * MICROS));
  }

  /** What a person at a terminal would see of it, but for what differs from run to run. */
  shell(text: string): string {
    const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', text], {
      cwd: this.#root,
      encoding: 'utf8',
      env: {
        PATH: `${join(this.#root, 'bin')}:/usr/bin:/bin`,
        ASBB_CONFIG: join(this.#root, 'config.yaml'),
        ASBB_SITE_COST_DIRS: join(this.#root, 'costs-in'),
        ETC: join(this.#root, 'etc'),
      },
    });
    const code = status === 0 ? '' : `[exit ${status}]\n`;
    return `${stdout}${stderr}${code}`.replaceAll(this.#root, '$SITE');
  }

  /** The next of its own acts opens the ledger again. */
  close(): void {
    this.#ledger.close();
  }

  /** Jobs of accounts, one a day, whose costs take turns: held and charged as the hooks would. */
  async spend(words: readonly string[]): Promise<void> {
    const back = this.#nowS;
    for (const { atS, ...what } of series(words).toSorted((a, b) => a.atS - b.atS)) {
      this.#next += 1;
      this.#nowS = atS;
      const token = `seed${String(this.#next).padStart(4, '0')}`.padEnd(TOKEN_LENGTH, 'x');
      await this.hold({ ...what, token, jobId: FIRST_JOB + this.#next, estimate: what.dollars });
      await this.#decide(
        `end:${token}`,
        { holds: { tokens: [token], owners: true, charges: true } },
        (view) =>
          chargeHold(view, {
            token,
            cost: { kind: 'amount', amount: usd(what.dollars) },
            effective: { effectiveS: view.nowS, day: view.today },
          }),
      );
    }
    this.#nowS = back;
  }

  async hold({ token, account, partition, user, jobId, dollars, estimate }: Held): Promise<void> {
    const micros = toMicrosText(usd(estimate));
    const pricing = {
      by: 'check',
      estimate: micros,
      unlearned: micros,
      profile: 'compute_intensive',
    };
    await this.#decide(
      `hold:${token}`,
      { payer: { slurmAccount: account, userName: user }, holds: { jobIds: [jobId] } },
      (view) =>
        placeHold(view, {
          token,
          slurmAccount: account,
          partitions: [partition],
          userName: user,
          amount: usd(dollars),
          tasks: 1,
          expiresS: view.nowS + DAY_S,
          pricing: JSON.stringify(pricing),
          run: { jobId, arrayTask: -1, submitS: view.nowS, restart: 0 },
        }),
    );
    this.#jobs.set(jobId, { account, partition, user, submitS: this.#nowS });
  }

  /** As BST exports it. */
  tellCost([job = '', account = '', partition = '', dollars = '']: readonly string[]): void {
    const cost = { account, partition, actual_cost: Number(dollars), job_state: 'COMPLETED' };
    const told = { job_id: job, ...cost, cpu_efficiency: 0.85, memory_efficiency: 0.78 };
    const path = join(this.#root, 'costs-in', `job_${job}_cost.json`);
    writeFileSync(path, JSON.stringify(told), { mode: 0o644 });
  }

  /** A line of sacct: two hours on two nodes, or never begun. */
  end(jobId: number, state: 'COMPLETED' | 'CANCELLED'): void {
    const job = this.#jobs.get(jobId);
    assert(job !== undefined, `job ${jobId} has no hold`);
    const { account, partition, user, submitS } = job;
    const [submit, start, end] = [0, 300, 300 + RUN_S].map((after) =>
      new Date((submitS + after) * 1000).toISOString().slice(0, 19),
    );
    const ran = state === 'COMPLETED';
    const line = [
      ...[jobId, jobId, account, user, partition, state, '0:0', submit],
      ...[ran ? start : 'None', ran ? end : start, ran ? RUN_S : 0, 240, 2],
      ...[32, ran ? 'node[1-2]' : 'None assigned', '', ''],
    ];
    appendFileSync(join(this.#root, 'jobs'), `${line.join('\u001f')}\n`);
  }

  async #decide(
    key: string,
    query: Parameters<SqliteLedger['decide']>[1],
    choose: Parameters<SqliteLedger['decide']>[2],
  ): Promise<void> {
    const request = { scope: CLUSTER, key, verb: 'test', args: { key } };
    const answer = await this.#ledger.decide(request, query, choose);
    assert(!isRefused(answer), `${key}: ${isRefused(answer) ? answer.text : ''}`);
  }
}

async function prepare(session: Session, text: string): Promise<void> {
  try {
    await play(session, text);
  } finally {
    session.close();
  }
}

async function play(session: Session, text: string): Promise<void> {
  const [verb, ...words] = text.split(/\s+(?:\\\s+)?/u);
  const [first = '', account = '', partition = '', user = '', job = '', ...amounts] = words;
  const [dollars = '', estimate = ''] = amounts;
  if (verb === 'spend') {
    await session.spend(words);
  } else if (verb === 'cost-file') {
    session.tellCost(words);
  } else if (verb === 'ended' || verb === 'cancelled') {
    session.end(Number(first), verb === 'ended' ? 'COMPLETED' : 'CANCELLED');
  } else {
    assert(verb === 'hold', `not a step: ${text}`);
    const owner = { account, partition, user };
    await session.hold({ token: first, ...owner, jobId: Number(job), dollars, estimate });
  }
}

it('every command line of the seeds, as typed', async () => {
  const session = new Session();
  const seen: string[] = [];
  for (const { sign, text } of stepsOf(
    readFileSync(join(import.meta.dirname, 'commands.txt'), 'utf8'),
  )) {
    seen.push(`${sign} ${text}\n`);
    if (sign === '@') {
      session.setClock(text);
    } else if (sign === '%' && !text.startsWith('asbb')) {
      await prepare(session, text);
    } else {
      seen.push(session.shell(text), '\n');
    }
  }
  await expect(seen.join('')).toMatchFileSnapshot(resolve('test/golden/seeds/session.txt'));
});
