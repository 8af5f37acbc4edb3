import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ErrorBody } from '../../schema/output/common.ts';
import type { AsbbCommandClass } from '../../src/cli/base.ts';
import { COMMANDS } from '../../src/cli/commands.ts';

const FOLDER = 'test/golden/schemas';

function text(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`;
}

function fileOf(id: string): string {
  return resolve(FOLDER, `${id.replaceAll(':', '-')}.json`);
}

describe('the JSON schemas that scripts rely on', () => {
  it.each(Object.keys(COMMANDS))('of %s is the one checked in', async (id) => {
    const command = (await COMMANDS[id]?.())?.default as AsbbCommandClass | undefined;
    expect(command?.output).toBeDefined();
    await expect(text(command?.output ?? z.never())).toMatchFileSnapshot(fileOf(id));
  });

  it('of errors is the one checked in', async () => {
    await expect(text(ErrorBody)).toMatchFileSnapshot(fileOf('error'));
  });

  it('are of commands that exist', () => {
    const known = [...Object.keys(COMMANDS), 'error'].map(
      (id) => `${id.replaceAll(':', '-')}.json`,
    );
    expect(globSync('*.json', { cwd: FOLDER }).toSorted()).toEqual(known.toSorted());
  });
});
