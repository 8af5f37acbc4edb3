import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { z } from 'zod';
import { ErrorBody } from '../../schema/output/common.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { CliSite, Done } from '../support/cli.ts';

/** One call of a command, or something that happens between two. */
export type Step =
  | {
      readonly name: string;
      readonly args: readonly string[];
      readonly code?: number;
      /** Failing codes whose `--json` is an answer all the same. */
      readonly answers?: boolean;
    }
  | { readonly between: (site: CliSite) => Promise<void> };

/** Sets the stage with a command whose output is others' affair. */
export function setup(args: readonly string[]): Step {
  return {
    between: async (site) => {
      await site.ok(...args);
    },
  };
}

export function words(text: string): readonly string[] {
  return text.split(' ');
}

const NOW = /"request_id": "req_\d+"|"timestamp": "[^"]+"/gu;
const TOKEN = /(?:txn_|\b)[0-9a-z]{26}(?![0-9a-z])/gu;
const KEY = /check:ml-7:[0-9a-f]{32}/gu;
const CUT_TOKEN = /txn_[0-9a-z]{6,25}…/gu;
const VERSION = /asbb version [^\n]*|\b0\.\d+\.\d+(?:-[0-9a-z.]+)?\b/gu;
const SCHEMA = /(Schema Version: +|"schema_version": )\d+/gu;
const VERBATIM = /^txn_(.)\1+$/u;

/** What differs from run to run: holds are numbered as they first appear. */
class Steady {
  readonly #tokens = new Map<string, string>();

  text(given: string, root: string): string {
    return given
      .replaceAll(NOW, (found) => `${found.split(':')[0]}: "…"`)
      .replaceAll(KEY, 'check:ml-7:<key>')
      .replaceAll(TOKEN, (token) => this.#named(token))
      .replaceAll(CUT_TOKEN, 'txn_<cut>')
      .replaceAll(VERSION, '<version>')
      .replaceAll(SCHEMA, '$1<n>')
      .replaceAll(root, '<root>');
  }

  /** The words of a call: `txn_<1>` of an earlier answer becomes the id again. */
  args(given: readonly string[], root: string): readonly string[] {
    const ids = new Map([...this.#tokens].map(([token, name]) => [name, token]));
    return given.map((word) => {
      let text = word.replace('<root>', root);
      for (const [name, token] of ids) {
        text = text.replace(name, token);
      }
      return text;
    });
  }

  #named(token: string): string {
    if (VERBATIM.test(token)) {
      return token;
    }
    const id = token.startsWith('txn_') ? token : `txn_${token}`;
    const known = this.#tokens.get(id) ?? `txn_<${this.#tokens.size + 1}>`;
    this.#tokens.set(id, known);
    return id === token ? known : known.slice('txn_'.length);
  }
}

async function outputOf(args: readonly string[]): Promise<z.ZodType | undefined> {
  const ids = args.map((_, at) => args.slice(0, at + 1).join(':'));
  const id = ids.findLast((each) => Object.hasOwn(COMMANDS, each));
  const module = id === undefined ? undefined : await COMMANDS[id]?.();
  return (module?.default as { readonly output?: z.ZodType } | undefined)?.output;
}

function told(args: readonly string[], { code, stdout, stderr }: Done): string {
  const shown = args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ');
  const failed = stderr === '' ? '' : `--- stderr\n${stderr}`;
  return `$ asbb ${shown}\n${stdout}${failed}--- exit ${code}\n`;
}

export interface Pair {
  readonly plain: () => CliSite;
  readonly json: () => CliSite;
}

/** Plays a scenario twice, for people and with --json, against checked-in outputs. */
export function playGolden(steps: readonly Step[], folder: string, sites: Pair): void {
  const [plain, json] = [new Steady(), new Steady()];
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
      const done = await site.asbb(...plain.args(args, site.root));
      expect(`${done.code} ${done.stderr}`).toMatch(new RegExp(`^${code} `, 'u'));
      const text = plain.text(told(args, done), site.root);
      await expect(text).toMatchFileSnapshot(resolve(`test/golden/${folder}/${name}.txt`));
      const isWide = done.stdout.split('\n').some((line) => [...line].length > 80);
      expect(isWide && args.includes('list')).toBe(false);
    });
    it(`${name} --json`, async () => {
      const site = sites.json();
      const done = await site.asbb(...json.args(args, site.root), '--json');
      expect(done.code).toBe(code);
      const document: unknown = JSON.parse(done.stdout);
      const output = code === 0 || answers ? await outputOf(args) : ErrorBody;
      expect(output?.safeParse(document).error).toBeUndefined();
      const text = json.text(done.stdout, site.root);
      await expect(text).toMatchFileSnapshot(resolve(`test/golden/${folder}/${name}.json`));
    });
  }
}
