import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { ErrorBody } from '../../schema/output/common.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { type CliSite, cliSite, type Done } from '../support/cli.ts';
import { SCENARIO } from './scenario.ts';

const NOW = /"request_id": "req_\d+"|"timestamp": "[^"]+"/gu;
const RUNTIME = /(node|bun) v\d+\.\d+\.\d+/gu;

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

/** What differs from run to run and machine to machine. */
function steady(text: string): string {
  return text
    .replaceAll(NOW, (found) => `${found.split(':')[0]}: "…"`)
    .replaceAll(RUNTIME, '$1 v…')
    .replaceAll(`"${process.arch}"`, '"…"')
    .replaceAll(`${process.platform}/${process.arch}`, '…')
    .replaceAll(`"${process.platform}"`, '"…"');
}

function told(args: readonly string[], { code, stdout, stderr }: Done): string {
  const shown = args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ');
  const failed = stderr === '' ? '' : `--- stderr\n${stderr}`;
  return steady(`$ asbb ${shown}\n${stdout}${failed}--- exit ${code}\n`);
}

/** The class whose command the words name. */
async function outputOf(args: readonly string[]): Promise<z.ZodType | undefined> {
  const ids = args.map((_, at) => args.slice(0, at + 1).join(':'));
  const id = ids.findLast((each) => Object.hasOwn(COMMANDS, each));
  const module = id === undefined ? undefined : await COMMANDS[id]?.();
  return (module?.default as { readonly output?: z.ZodType } | undefined)?.output;
}

describe('what the commands about alerts print', () => {
  for (const step of SCENARIO) {
    if ('between' in step) {
      it('(something happens)', async () => {
        await Promise.all([plain, json].map(async (site) => await step.between(site)));
        expect(await plain.ok('ledger', 'verify')).not.toContain('FAILED');
      });
      continue;
    }
    const { name, args, code = 0 } = step;
    it(`${name}`, async () => {
      const text = await plain.asbb(...args);
      expect(text.code).toBe(code);
      await expect(told(args, text)).toMatchFileSnapshot(resolve(`test/golden/alerts/${name}.txt`));
      // The message of an alert is never cut: it stands last, and a terminal breaks it.
      const isTable = args[0] === 'deadline' && args[1] === 'list';
      const lines = isTable ? text.stdout.split('\n') : [];
      expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
    });
    it(`${name} --json`, async () => {
      const done = await json.asbb(...args, '--json');
      expect(done.code).toBe(code);
      const document: unknown = JSON.parse(done.stdout);
      const output = code < 2 ? await outputOf(args) : ErrorBody;
      expect(output?.safeParse(document).error).toBeUndefined();
      await expect(steady(done.stdout)).toMatchFileSnapshot(
        resolve(`test/golden/alerts/${name}.json`),
      );
    });
  }

  it('leaves books that verify', async () => {
    expect((await plain.asbb('ledger', 'verify')).code).toBe(0);
    expect((await json.asbb('ledger', 'verify')).code).toBe(0);
  });
});
