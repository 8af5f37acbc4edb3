import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { GROUPS } from '../../src/cli/groups.ts';
import { bareSite, type CliSite } from '../support/cli.ts';

const ids = Object.keys(COMMANDS);
const firsts = [...new Set(ids.map((id) => id.split(':')[0] ?? ''))];
const nouns = [...new Set(ids.flatMap((id) => id.split(':').slice(0, -1)))];

let site: CliSite;
beforeAll(() => {
  site = bareSite();
});
afterAll(() => site.close());

/** Lines of a page that do not fit; examples are for a shell, and stay on one line. */
async function tooWide(...words: readonly string[]): Promise<readonly string[]> {
  const page = await site.ok(...words);
  return page.split('\n').filter((line) => line.length > 80 && !line.startsWith('  $ asbb '));
}

describe('asbb --help', () => {
  it('has every noun and every lone command once, in a group', () => {
    expect(Object.values(GROUPS).flat().toSorted()).toEqual(firsts.toSorted());
  });

  it.each([['--help'], ['-h'], ['help'], []])('shows them (%s)', async (...words) => {
    const page = await site.ok(...words);
    for (const name of firsts) {
      expect(page).toMatch(new RegExp(`^ {2}${name} +[A-Z][^.]+\\.`, 'mu'));
    }
    expect(await tooWide(...words)).toEqual([]);
  });

  it('of a noun shows what can be done', async () => {
    for (const noun of nouns.filter((name) => firsts.includes(name))) {
      const page = await site.ok(noun, '--help');
      expect(page).toBe(await site.ok(noun));
      expect(page).toContain(`$ asbb ${noun} COMMAND`);
      expect(await tooWide(noun)).toEqual([]);
    }
  });

  it.each(ids)('%s: required flags in the usage and first in the list', async (id) => {
    const words = id.split(':');
    const page = await site.ok(...words, '--help');
    expect(await tooWide(...words, '--help')).toEqual([]);
    const [, usage = ''] = /USAGE\n {2}\$ ([\s\S]*?)\n\n/u.exec(page) ?? [];
    const [, flags = ''] = /\nFLAGS\n([\s\S]*?)\n\n/u.exec(page) ?? [];
    const named = [...flags.matchAll(/^ +(?:-\w, )?--(?:\[no-\])?([a-z-]+)(.*)$/gmu)];
    const required = named.filter(([, , rest = '']) => rest.includes('(required)'));
    expect(usage.startsWith(`asbb ${words.join(' ')}`)).toBe(true);
    expect([...usage.matchAll(/--([a-z-]+)/gu)].map(([, name]) => name).toSorted()).toEqual(
      required.map(([, name]) => name).toSorted(),
    );
    expect(named.slice(0, required.length)).toEqual(required);
    expect(page).toContain('EXAMPLES');
  });
});
