import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AsbbCommandClass } from '../../src/cli/base.ts';
import { COMMANDS, TOPICS } from '../../src/cli/commands.ts';

const files = globSync('commands/**/*.ts').toSorted();
const ids = files.map((file) => file.slice('commands/'.length, -'.ts'.length).replaceAll('/', ':'));

describe('the command table', () => {
  it('lists exactly the files below commands/, in order', () => {
    expect(Object.keys(COMMANDS)).toEqual(ids.toSorted());
  });

  it('has a sentence for each noun, and no other', () => {
    const nouns = new Set(
      ids.flatMap((id) => {
        const parts = id.split(':').slice(0, -1);
        return parts.map((_, at) => parts.slice(0, at + 1).join(':'));
      }),
    );
    expect(Object.keys(TOPICS).toSorted()).toEqual([...nouns].toSorted());
  });

  it.each(ids)(
    '%s says what it does, prints JSON by a schema, and shows an example',
    async (id) => {
      const command = (await COMMANDS[id]?.())?.default as AsbbCommandClass | undefined;
      expect(command?.summary).toMatch(/^[A-Z].{10,75}\.$/u);
      expect(command?.enableJsonFlag).toBe(true);
      expect(command?.output).toBeDefined();
      const words = `<%= config.bin %> ${id.replaceAll(':', ' ')}`;
      expect(command?.examples?.length).toBeGreaterThan(0);
      for (const example of command?.examples ?? []) {
        const line = typeof example === 'string' ? example : example.command;
        expect(line.startsWith(words)).toBe(true);
      }
    },
  );
});
