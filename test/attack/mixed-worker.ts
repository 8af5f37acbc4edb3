// A person at work: commands by chance, one after the other, in a process of its own. Each line on stdout
// is an exit code and the command; what is wrong stands on stderr.
//   node mixed-worker.ts <seed> <count>      with ASBB_CONFIG
import { writeSync } from 'node:fs';
import { runCommand } from '../../src/cli/run.ts';
import { actOf, Chance } from './acts.ts';

const [seed = '1', count = '1'] = process.argv.slice(2);
const TRANSACTIONS = 60;
let said = '';

function silent(chunk: string | Uint8Array): boolean {
  said += String(chunk);
  return true;
}

async function work(): Promise<void> {
  const pick = new Chance(Number(seed));
  process.stdout.write = silent as typeof process.stdout.write; // one argument is all that is passed
  process.stderr.write = silent as typeof process.stderr.write;
  for (let at = 0; at < Number(count); at += 1) {
    const act = actOf(pick, TRANSACTIONS);
    said = '';
    process.exitCode = 0;
    await runCommand(act);
    const code = Number(process.exitCode);
    writeSync(1, `${code} ${act.join(' ')}\n`);
    if (![0, 2, 3, 10].includes(code)) {
      writeSync(2, `${act.join(' ')}: ${code} ${said}\n`);
    }
  }
  process.exitCode = 0;
}

await work();
