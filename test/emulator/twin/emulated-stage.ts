import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSite, type Site, succeed } from '../site.ts';
import {
  ASSOCIATIONS,
  parseCall,
  programText,
  SINFO,
  SQUEUE,
  type Stage,
  snapshotOf,
} from './stage.ts';

const SECOND = 1_000_000;
const PATIENCE_SECONDS = 600;

export interface EmulatedStage extends Stage {
  pass(seconds: number): Promise<void>;
  stop(): void;
}

/** The emulator with the lab's own slurm.conf; the programs are the same but for how a node boots. */
export async function emulatedStage(slurmConf: string): Promise<EmulatedStage> {
  const conf = slurmConf
    .split('\n')
    .filter(
      (line) =>
        !/^(?:SlurmUser|ResumeProgram|SuspendProgram|ResumeFailProgram|EpilogSlurmctld)=/.test(
          line,
        ),
    )
    .concat(ASSOCIATIONS)
    .join('\n');
  const site: Site = await makeSite({ conf, settings: { requeue_delay: '6' } });
  const [log, deeds] = [join(site.directory, 'log'), join(site.directory, 'deeds')];
  for (const directory of [log, deeds]) {
    mkdirSync(directory);
  }
  const emulate = `${process.execPath} ${join(process.cwd(), 'src/main.ts')} emulate`;
  const acts: Readonly<Record<string, string>> = {
    resume: `for n in $(${site.bin}/scontrol show hostnames "$1"); do case $(cat "$DEEDS/$n" 2>/dev/null) in
nothing) ;; force) F="$F$n,";; *) ${emulate} boot "$n";; esac; done
[ -z "$F" ] || ${site.bin}/scontrol update nodename="\${F%,}" state=power_down_force reason=forced`,
    suspend: ':',
    resumefail: ':',
    epilog: ':',
  };
  const lines = Object.entries(acts).map(([name, act]) => {
    const path = join(site.directory, name);
    writeFileSync(path, programText(log, deeds, act), { mode: 0o755 });
    return `${KEYS[name]}=${path}\n`;
  });
  const path = join(site.directory, 'etc/slurm.conf');
  writeFileSync(path, readFileSync(path, 'utf8') + lines.join(''));

  return {
    run: async ([name = '', ...args], user) => {
      await site.pass(1); // a person is slower than slurmctld
      const answer = await site.words(name, args, user);
      await site.tick();
      return answer;
    },
    until: async (what, isTrue) => {
      for (let waited = 0; waited < PATIENCE_SECONDS; waited += 1) {
        const [squeue, sinfo] = await Promise.all(
          [SQUEUE, SINFO].map(([name = '', ...args]) => succeed(site.words(name, args))),
        );
        if (isTrue(snapshotOf(squeue?.stdout ?? '', sinfo?.stdout ?? ''))) {
          return;
        }
        site.setClock(site.nowUs() + SECOND);
        await site.tick();
      }
      throw new Error(`emulator: never came true: ${what}`);
    },
    calls: () =>
      Promise.resolve(
        readdirSync(log)
          .filter((name) => name.startsWith('call'))
          .toSorted((a, b) => statSync(join(log, a)).mtimeMs - statSync(join(log, b)).mtimeMs)
          .map((name) => parseCall(readFileSync(join(log, name), 'utf8'))),
      ),
    boot: async (node) => {
      await succeed(site.emulate('boot', node));
      await site.tick();
    },
    kill: async (node) => {
      await succeed(site.emulate('kill', node));
      await site.tick();
    },
    onResume: (node, deed) => writeFileSync(join(deeds, node), deed),
    pass: site.pass,
    stop: site.stop,
  };
}

const KEYS: Readonly<Record<string, string>> = {
  resume: 'ResumeProgram',
  suspend: 'SuspendProgram',
  resumefail: 'ResumeFailProgram',
  epilog: 'EpilogSlurmctld',
};
