// npm run bench: the figures of the product, as ratios within one run. A table on stdout, all of it as
// JSON in dist/bench.json. A figure whose tool is missing (gcc, root for SLURM) is listed as skipped.
//   npm run bench -- --only=submit,storm     some sections; --quick: a tenth of the rounds; --tiny: the
//                                            smallest run of `nodes`, for a test that it runs
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureAllocations } from './allocations.mjs';
import { measureBudget } from './budget.mjs';
import { measureBurst } from './burst.mjs';
import { measureLab } from './lab.mjs';
import { measureLedger } from './ledger.mjs';
import { measureNodes } from './nodes.mjs';
import { measureStorm, measureSubmit } from './submit.mjs';
import { BUN, cleanUp, DIST, SEA } from './tools.mjs';

const only = process.argv
  .find((arg) => arg.startsWith('--only='))
  ?.slice(7)
  .split(',');
const isTiny = process.argv.includes('--tiny');
const isQuick = isTiny || process.argv.includes('--quick');

/** Each returns rows {what, value, unit, target?, ok?, note?} or {what, skipped}. */
const SECTIONS = {
  size: () =>
    [BUN, SEA].map((file) => ({
      what: `size of ${file.slice(DIST.length + 1)}`,
      ...megabytes(file),
    })),
  submit: measureSubmit,
  storm: measureStorm,
  ledger: measureLedger,
  budget: measureBudget,
  allocations: measureAllocations,
  burst: measureBurst,
  nodes: measureNodes,
  lab: measureLab,
};

function megabytes(file) {
  return { value: statSync(file).size / 1e6, unit: 'MB' };
}

function show(row) {
  const name = row.what.padEnd(64);
  if (row.skipped !== undefined) {
    console.log(`${name} skipped: ${row.skipped}`);
    return;
  }
  const value = `${row.value.toFixed(row.value >= 100 ? 0 : 2)} ${row.unit}`.padStart(16);
  const verdict = row.ok === undefined ? '' : `  ${row.ok ? 'ok  ' : 'MISS'} ${row.target}`;
  const note = row.note === undefined ? '' : `  ${row.note}`;
  console.log(`${name}${value}${verdict}${note}`);
}

const results = {};
try {
  for (const [name, measure] of Object.entries(SECTIONS)) {
    if (only === undefined || only.includes(name)) {
      console.log(`\n${name}`);
      try {
        results[name] = await measure({ isQuick, isTiny });
      } catch (error) {
        results[name] = [{ what: name, skipped: `failed: ${error.message}` }];
        process.exitCode = 1;
      }
      for (const row of results[name]) {
        show(row);
      }
    }
  }
} finally {
  cleanUp();
}
const rows = Object.values(results).flat();
const judged = rows.filter(({ ok }) => ok !== undefined);
if (!isTiny) {
  writeFileSync(join(DIST, 'bench.json'), `${JSON.stringify(results, null, 2)}\n`);
}
console.log(
  `\n${judged.filter(({ ok }) => ok).length} of ${judged.length} targets met, ` +
    `${rows.filter(({ skipped }) => skipped !== undefined).length} rows skipped; ${join(DIST, 'bench.json')}`,
);
