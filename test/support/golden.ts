import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { z } from 'zod';
import { ErrorBody } from '../../schema/output/common.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { type CliSite, cliSite, type Done } from './cli.ts';

export interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly code?: number;
  /** A failing code whose `--json` is an answer all the same. */
  readonly answers?: boolean;
}

/** One call of a command, or something that happens between two. */
export type Step = Call | { readonly between: (site: CliSite) => Promise<void> };

export function words(text: string): readonly string[] {
  return text.split(' ');
}

const NOW = /"request_id": "req_\d+"|"timestamp": "[^"]+"/gu;
const RUNTIME = /(node|bun) v\d+\.\d+\.\d+/gu;
const WIDTH = 80;

/** Without what differs from run to run and machine to machine. */
export function steady(text: string): string {
  return text
    .replaceAll(NOW, (found) => `${found.split(':')[0]}: "…"`)
    .replaceAll(process.cwd(), '…')
    .replaceAll(`"uid:${process.getuid?.()}"`, '"uid:0"')
    .replaceAll(RUNTIME, '$1 v…')
    .replaceAll(`"${process.arch}"`, '"…"')
    .replaceAll(`${process.platform}/${process.arch}`, '…')
    .replaceAll(`"${process.platform}"`, '"…"');
}

/** A call with all that it printed. */
export function told(args: readonly string[], { code, stdout, stderr }: Done): string {
  const shown = args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ');
  const failed = stderr === '' ? '' : `--- stderr\n${stderr}`;
  return `$ asbb ${shown}\n${stdout}${failed}--- exit ${code}\n`;
}

/** The schema of what `--json` prints of the command that the words name. */
export async function outputOf(args: readonly string[]): Promise<z.ZodType | undefined> {
  const ids = args.map((_, at) => args.slice(0, at + 1).join(':'));
  const id = ids.findLast((each) => Object.hasOwn(COMMANDS, each));
  const module = id === undefined ? undefined : await COMMANDS[id]?.();
  return (module?.default as { readonly output?: z.ZodType } | undefined)?.output;
}

/** How ids that differ from run to run are written, in calls and in what they print. */
export interface Wording {
  args(given: readonly string[], root: string): readonly string[];
  text(given: string, root: string): string;
}

function asIs(): Wording {
  return { args: (given) => given, text: (given) => given };
}

export interface Golden {
  /** Below test/golden/. */
  readonly folder: string;
  readonly steps: readonly Step[];
  /** Whose table must fit a terminal; default: of every list without --wide. */
  readonly isNarrow?: (call: Call) => boolean;
  /** One for each site. */
  readonly wording?: () => Wording;
}

function isList({ args }: Call): boolean {
  return args.includes('list') && !args.includes('--wide');
}

interface Sites {
  readonly plain: () => CliSite;
}

/** Plays a scenario twice, for people and with --json, against checked-in outputs; then the books verify. */
export function playGolden({ folder, steps, isNarrow = isList, wording = asIs }: Golden): Sites {
  let plain: CliSite;
  let json: CliSite;
  beforeAll(async () => {
    plain = await cliSite();
    json = await cliSite();
  });
  afterAll(() => {
    plain.close();
    json.close();
  });
  const sites = { plain: () => plain, json: () => json };
  const [forPeople, forScripts] = [wording(), wording()];
  function fileOf(name: string): string {
    return resolve(`test/golden/${folder}/${name}`);
  }

  for (const step of steps) {
    if ('between' in step) {
      it('(something happens)', async () => {
        await step.between(sites.plain());
        await step.between(sites.json());
        expect(await sites.plain().ok('ledger', 'verify')).not.toContain('FAILED');
      });
      continue;
    }
    const { name, args, code = 0, answers = false } = step;
    it(`${name}`, async () => {
      const site = sites.plain();
      const done = await site.asbb(...forPeople.args(args, site.root));
      expect(`${done.code} ${done.stderr}`).toMatch(new RegExp(`^${code} `, 'u'));
      const text = forPeople.text(steady(told(args, done)), site.root);
      await expect(text).toMatchFileSnapshot(fileOf(`${name}.txt`));
      const lines = isNarrow(step) ? done.stdout.split('\n') : [];
      expect(lines.filter((line) => [...line].length > WIDTH)).toEqual([]);
    });
    it(`${name} --json`, async () => {
      const site = sites.json();
      const done = await site.asbb(...forScripts.args(args, site.root), '--json');
      expect(done.code).toBe(code);
      const document: unknown = JSON.parse(done.stdout);
      const output = code === 0 || answers ? await outputOf(args) : ErrorBody;
      expect(output?.safeParse(document).error).toBeUndefined();
      const text = forScripts.text(steady(done.stdout), site.root);
      await expect(text).toMatchFileSnapshot(fileOf(`${name}.json`));
    });
  }

  it('leaves books that verify', async () => {
    expect((await sites.plain().asbb('ledger', 'verify')).code).toBe(0);
    expect((await sites.json().asbb('ledger', 'verify')).code).toBe(0);
  });
  return sites;
}
