import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUNDLE_INPUTS } from '../support/executables.ts';

interface Input {
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

const { inputs }: { inputs: Record<string, Input> } = JSON.parse(
  readFileSync(BUNDLE_INPUTS, 'utf8'),
);
const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)/u;

/** What a start of src/main.ts evaluates before it calls any import(). */
function loadedByStart(): ReadonlySet<string> {
  const loaded = new Set(['src/main.ts']);
  for (const file of loaded) {
    for (const { path, kind } of inputs[file]?.imports ?? []) {
      if (kind !== 'dynamic-import' && path in inputs) {
        loaded.add(path);
      }
    }
  }
  return loaded;
}

it('loads no package but the light ones before it knows what it was started for', () => {
  const packages = [...loadedByStart()].flatMap((file) => PACKAGE.exec(file)?.[1] ?? []);
  expect([...new Set(packages)].toSorted()).toEqual(['better-sqlite3']);
});

it('reaches neither the full wiring nor a command on the fast lane', () => {
  const ours = [...loadedByStart()].filter((file) => !file.includes('node_modules'));
  expect(ours).toContain('src/hook.ts');
  expect(
    ours.filter((file) => /^(commands|src\/(cli|emulator|adapters\/ec2))\//u.test(file)),
  ).toEqual([]);
  expect(ours).not.toContain('src/wiring/full.ts');
});
