import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { classOf, flagKind, valueFlags } from './cases.ts';
import { KINDS } from './kinds.ts';
import { PARTS } from './parts.ts';
import { CALLED, kindOfArgument, SAID } from './table.ts';

const ids = Object.keys(COMMANDS);

// A new command or flag stands in no table yet: these cases fail until somebody says what it may be.

describe('the tables of bad input', () => {
  it('have every command, and no other', () => {
    expect(CALLED.toSorted()).toEqual(ids.toSorted());
    expect(PARTS.flat().toSorted()).toEqual(ids.toSorted());
  });

  it.each(ids)('say what each flag and argument of %s is', async (id) => {
    const command = await classOf(id);
    const unknown = [
      ...valueFlags(command)
        .filter(([name, shape]) => flagKind(id, name, shape) === undefined)
        .map(([name]) => `--${name}`),
      ...Object.keys(command.args ?? {}).filter((name) => kindOfArgument(id, name) === undefined),
    ];
    expect(unknown).toEqual([]);
  });

  it.each(SAID)('speak of a flag that exists: %s', async (line) => {
    const [id = '', flag = ''] = line.split(' ');
    const command = await classOf(id);
    expect(Object.keys(command.flags ?? {}).map((name) => `--${name}`)).toContain(flag);
  });

  it.each(Object.entries(KINDS))('have something that %s refuses', (_, kind) => {
    const bad = Object.entries(kind).filter(([group]) => group !== 'taken');
    expect(bad.flatMap(([, values]) => [...values]).length).toBeGreaterThan(0);
  });
});
