import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { type CliSite, cliSite } from '../../support/cli.ts';
import { place } from '../../support/policy.ts';

export interface AlertSite extends CliSite {
  /** Writes the section `notifications`. */
  notify(section: object): void;
  /** A file of mode 0600 with that text. */
  secret(name: string, text: string, mode?: number): string;
  /** A job that uses so many dollars of the account's 100: alerts of utilization from 80 on. */
  spend(dollars: string, token: string): Promise<void>;
  evaluate(): Promise<void>;
  deliver(): Promise<string>;
  /** `asbb maintain --only deliver` as a process; its signal or exit code. */
  start(): { readonly pid: number; readonly ended: Promise<string> };
  messages(): readonly Message[];
}

export interface Message {
  readonly message_key: string;
  readonly channel: string;
  readonly target: string;
  readonly event: string;
  readonly state: string;
  readonly attempts: bigint;
  readonly error: string;
}

/** Three complete days: nothing can be said about its burn rate yet. */
const YEAR = ['--start', '2026-11-18', '--end', '2027-11-17'];

/** A ledger with one account of $100. */
export async function fundedSite(): Promise<CliSite> {
  const site = await cliSite();
  const account = ['--account', 'ml-7', '--name', 'ML', '--budget', '100'];
  await site.ok('account', 'create', ...account, ...YEAR);
  return site;
}

/** The same, and commands that tell of it. */
export async function alertSite(): Promise<AlertSite> {
  const site = await fundedSite();
  async function maintain(...steps: readonly string[]): Promise<string> {
    const done = await site.asbb('maintain', '--only', steps.join(), '--json');
    const told: { readonly steps: readonly { readonly text: string }[] } = JSON.parse(done.stdout);
    return `${done.code}: ${told.steps.map(({ text }) => text).join('; ')}`;
  }
  return {
    ...site,
    notify: (section) => {
      const tree: object = parse(readFileSync(site.config, 'utf8'));
      writeFileSync(site.config, stringify({ ...tree, notifications: section }));
    },
    secret: (name, text, mode = 0o600) => {
      const path = join(site.root, name);
      writeFileSync(path, text, { mode });
      return path;
    },
    spend: async (dollars, token) => {
      await place(site.ledger(), { account: 'ml-7', token: token.repeat(26), task: dollars });
    },
    evaluate: async () => {
      await maintain('alerts');
    },
    deliver: () => maintain('deliver'),
    start: () => {
      // The sources, or with ASBB_DIST the executable there, where nodemailer is in the bundle.
      const built = process.env['ASBB_DIST'];
      const [file, ...before] =
        built === undefined ? [process.execPath, resolve('src/main.ts')] : [join(built, 'asbb')];
      const child = spawn(file ?? '', [...before, 'maintain', '--only', 'deliver'], {
        env: { PATH: process.env['PATH'] ?? '', ASBB_CONFIG: site.config },
        stdio: 'ignore',
      });
      const ended = new Promise<string>((done) => {
        child.on('exit', (code, signal) => done(signal ?? String(code)));
      });
      return { pid: child.pid ?? 0, ended };
    },
    messages: () => site.raw('SELECT * FROM outbox ORDER BY message_id') as readonly Message[],
  };
}
