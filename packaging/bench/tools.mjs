// What the measurements share: the two C programs, a site with a ledger, and request files.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { configYaml } from '../../test/support/site-config.ts';
import { submitRequest } from '../../test/support/submit-request.ts';

const here = import.meta.dirname;
const MAX_OUTPUT = 64_000_000;
export const DIST = resolve(process.env.ASBB_DIST ?? join(here, '../../dist'));
export const BUN = join(DIST, 'asbb');
export const SEA = join(DIST, 'asbb-node');
export const work = mkdtempSync(join(tmpdir(), 'asbb-bench-'));

export function cleanUp() {
  rmSync(work, { recursive: true, force: true });
}

/** Undefined where there is no compiler or header: the rows that need it are then left out. */
export function compile(source, ...libraries) {
  const out = join(work, source.replace('.c', ''));
  const { status, error } = spawnSync('gcc', ['-O2', '-o', out, join(here, source), ...libraries], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return error === undefined && status === 0 ? out : undefined;
}

/** The Node that the machine had before: not the one from node_modules that runs this file. */
export function installedNode() {
  const path = process.env.PATH.split(delimiter).filter((at) => !at.endsWith('node_modules/.bin'));
  const found = spawnSync('/bin/sh', ['-c', 'command -v node'], {
    env: { PATH: path.join(delimiter) },
    encoding: 'utf8',
  }).stdout.trim();
  return found === ''
    ? undefined
    : { file: found, version: execFileSync(found, ['--version'], { encoding: 'utf8' }).trim() };
}

/** An empty ledger and its configuration. */
export function bareSite(name) {
  const root = join(work, name);
  mkdirSync(join(root, 'state/submit'), { recursive: true, mode: 0o750 });
  const config = join(root, 'config.yaml');
  writeFileSync(
    config,
    configYaml({
      root,
      slurmUser: userInfo().username,
      clusterName: 'bench',
      binPath: '/nowhere/bin',
      slurmConf: '/nowhere/slurm.conf',
      endpoint: 'http://127.0.0.1:9',
      userOpenHolds: 1_000_000,
    }),
  );
  const env = { ASBB_CONFIG: config };
  const asbb = (...args) =>
    execFileSync(BUN, args, { env, encoding: 'utf8', cwd: '/', maxBuffer: MAX_OUTPUT });
  asbb('ledger', 'migrate');
  const state = join(root, 'state');
  return { root, state, env, config, asbb, submit: join(state, 'submit') };
}

/** A ledger with the account physics and a million dollars, and its configuration. */
export function readySite(name) {
  const site = bareSite(name);
  const account = ['--account', 'physics', '--name', 'Physics', '--budget', '1000000'];
  site.asbb('account', 'create', ...account, '--start', '2026-01-01', '--end', '2035-12-31');
  return site;
}

/** In one transaction; each statement gets those of the values that it names. */
export function runAll(db, statements, values) {
  db.transaction(() => {
    for (const sql of statements) {
      const names = [...new Set([...sql.matchAll(/@(\w+)/gu)].map(([, name]) => name))];
      db.prepare(sql).run(Object.fromEntries(names.map((name) => [name, values[name]])));
    }
  })();
}

let timer;

/** One run of a command: ms on the clock and, where spawnbench can be compiled, of the CPU; memory. */
export function costOf(words, env) {
  timer ??= { program: compile('spawnbench.c') };
  if (timer.program !== undefined) {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const { run } = spawnbench(timer.program, [['run', ...settings, ...words]], '-n', 1, '-w', 0);
    if (run.fails > 0) {
      throw new Error(`${words.join(' ')} failed`);
    }
    return { wallMs: run.p50, cpuMs: run.cpu, megabytes: run.rss_kb / 1024 };
  }
  const begin = performance.now();
  execFileSync(words[0], words.slice(1), { env, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
  return { wallMs: performance.now() - begin };
}

const SECONDS = BigInt(Math.floor(Date.now() / 1000));
let counter = 0;

/** Request files with running names, or from a given one on; returns the first for spawnbench -s. */
export function writeRequests(site, count, from) {
  const first = (SECONDS << 24n) + BigInt(from ?? counter);
  counter += count;
  for (let at = 0n; at < BigInt(count); at += 1n) {
    const name = (first + at).toString(16).padStart(14, '0');
    const text = JSON.stringify({ ...submitRequest(1), cluster: 'bench' });
    writeFileSync(join(site.submit, name), `${text}\n`, { mode: 0o600 });
  }
  return first.toString(16);
}

/** cases: [name, command words…]; the answer is spawnbench's line for each. */
export function spawnbench(program, cases, ...options) {
  const file = join(work, 'cases');
  writeFileSync(file, cases.map(([name, ...words]) => `${name}|${words.join(' ')}\n`).join(''));
  const lines = execFileSync(program, [...options.map(String), file], { encoding: 'utf8' });
  return Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map((row) => [row.name, row]),
  );
}
