import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { assert, isRefused } from '../../src/core/errors.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import { chargeHold } from '../../src/core/ledger/charge-hold.ts';
import { placeHold } from '../../src/core/ledger/place-hold.ts';
import { usd } from '../support/dollars.ts';
import { EXECUTABLES, temporaryFolder } from '../support/executables.ts';
import { temporaryPlace } from '../support/place.ts';
import { configYaml } from '../support/site-config.ts';

// Every asbb command line of the documents that the mission came from works as it is typed there: one
// shell session of the built executable, in order, with its whole output checked in.

const CLUSTER = 'hpc1';
const DAY_S = 86_400;
const MICROS = 1_000_000;
const [EXECUTABLE = 'asbb'] = EXECUTABLES;

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

class Session {
  readonly #root = temporaryFolder();
  readonly #clockFile = join(this.#root, 'clock');
  #nowS = 0;
  #next = 0;

  constructor() {
    const state = join(this.#root, 'state');
    mkdirSync(state);
    chmodSync(state, 0o750);
    for (const folder of ['bin', 'build', 'etc']) {
      mkdirSync(join(this.#root, folder));
    }
    for (const name of ['bin/asbb', 'build/asbb']) {
      symlinkSync(resolve(EXECUTABLE), join(this.#root, name));
    }
    for (const name of ['squeue', 'sacct']) {
      // No job is known to this SLURM.
      writeFileSync(join(this.#root, 'bin', name), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
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
        ETC: join(this.#root, 'etc'),
      },
    });
    const code = status === 0 ? '' : `[exit ${status}]\n`;
    return `${stdout}${stderr}${code}`.replaceAll(this.#root, '$SITE');
  }

  /** Jobs of an account, one a day: held and charged as the hooks would. */
  async spend(words: readonly string[]): Promise<void> {
    const [account = '', partition = '', dollars = '', from = '', to = ''] = words;
    const back = this.#nowS;
    for (let at = Date.parse(from) / 1000; at <= Date.parse(to) / 1000; at += DAY_S) {
      this.setClock(new Date((at + DAY_S / 2) * 1000).toISOString());
      this.#next += 1;
      const token = `seed${String(this.#next).padStart(22, '0')}`;
      await this.hold({ token, account, partition, dollars });
      await this.#decide(
        `end:${token}`,
        { holds: { tokens: [token], owners: true, charges: true } },
        (view) =>
          chargeHold(view, {
            token,
            cost: { kind: 'amount', amount: usd(dollars) },
            effective: { effectiveS: view.nowS, day: view.today },
          }),
      );
    }
    this.setClock(new Date(back * 1000).toISOString());
  }

  async hold(what: {
    readonly token: string;
    readonly account: string;
    readonly partition: string;
    readonly dollars: string;
    readonly jobId?: number;
  }): Promise<void> {
    const { token, account, partition, dollars, jobId } = what;
    await this.#decide(
      `hold:${token}`,
      {
        payer: { slurmAccount: account, userName: 'jane' },
        ...(jobId && { holds: { jobIds: [jobId] } }),
      },
      (view) =>
        placeHold(view, {
          token,
          slurmAccount: account,
          partitions: [partition],
          userName: 'jane',
          amount: usd(dollars),
          tasks: 1,
          expiresS: view.nowS + DAY_S,
          pricing: '',
          ...(jobId && { run: { jobId, arrayTask: -1, submitS: view.nowS, restart: 0 } }),
        }),
    );
  }

  async #decide(
    key: string,
    query: Parameters<SqliteLedger['decide']>[1],
    choose: Parameters<SqliteLedger['decide']>[2],
  ): Promise<void> {
    const ledger = new SqliteLedger({
      place: temporaryPlace(join(this.#root, 'state')),
      clock: { nowUs: () => this.#nowS * MICROS },
      actor: { uid: 0, name: 'test' },
      clusterName: CLUSTER,
      dayOf: (epochS) => dayOf(epochS, 'UTC'),
    });
    try {
      const answer = await ledger.decide(
        { scope: CLUSTER, key, verb: 'test', args: { key } },
        query,
        choose,
      );
      assert(!isRefused(answer), `${key}: ${isRefused(answer) ? answer.text : ''}`);
    } finally {
      ledger.close();
    }
  }
}

async function prepare(session: Session, text: string): Promise<void> {
  const [verb, ...words] = text.split(' ');
  if (verb === 'spend') {
    await session.spend(words);
    return;
  }
  const [token = '', account = '', partition = '', job = '', dollars = ''] = words;
  await session.hold({ token, account, partition, dollars, jobId: Number(job) });
}

it('every command line of the seeds, as typed', { timeout: 300_000 }, async () => {
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
