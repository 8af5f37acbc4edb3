import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { renderProblem } from '../../src/adapters/config/problem.ts';
import { readConfig } from '../../src/adapters/config/read-config.ts';
import type { Settings } from '../../src/core/config/settings.ts';

const EXAMPLE = readFileSync(new URL('../fixtures/config.example.yaml', import.meta.url), 'utf8');

type Tree = Record<string, unknown>;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merged(base: Tree, changes: Tree): Tree {
  const result = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const old = base[key];
    result[key] = isTree(old) && isTree(value) ? merged(old, value) : value;
  }
  return result;
}

/** The settings of a YAML text; throws with every problem. */
function settingsOf(text: string): Settings {
  const read = readConfig(text, '/etc/asbb/config.yaml', {});
  if (read.settings === undefined) {
    throw new Error(read.problems.map(renderProblem).join('\n'));
  }
  return read.settings;
}

/** The settings of config.example.yaml with some keys changed (lists are replaced). */
export function exampleSettings(changes: Tree = {}): Settings {
  const base: unknown = parse(EXAMPLE);
  return settingsOf(stringify(merged(isTree(base) ? base : {}, changes)));
}
