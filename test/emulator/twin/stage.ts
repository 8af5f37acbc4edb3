import type { Answer } from '../site.ts';

/** What both twins show at a moment: jobs by id (tasks and components apart), nodes by name. */
export interface Snapshot {
  /** Key `id` or `id_task`: state, reason, nodes. */
  readonly jobs: ReadonlyMap<string, { readonly state: string; readonly reason: string }>;
  readonly nodes: ReadonlyMap<string, string>;
}

/** One start of a program by slurmctld. */
export interface Call {
  readonly kind: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly resumeFile: string;
}

/** A cluster that sequences are played on: the lab in real time, the emulator in virtual time. */
export interface Stage {
  /** One of SLURM's commands, as alice, bob or root. */
  run(words: readonly string[], user: string): Promise<Answer>;
  /** Until it is true; throws with what is to be seen when that takes too long. */
  until(what: string, isTrue: (now: Snapshot) => boolean): Promise<void>;
  calls(): Promise<readonly Call[]>;
  boot(node: string): Promise<void>;
  kill(node: string): Promise<void>;
  /** What ResumeProgram does about this node: boot it (else), nothing, or force it down. */
  onResume(node: string, deed: 'nothing' | 'force'): void;
}

/** The programs of both twins: they write down how they were called, then act. */
export function programText(log: string, deeds: string, act: string): string {
  return `#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
f=$(mktemp ${log}/tmp.XXXXXX)
{ basename "$0"; echo "$#"; for a in "$@"; do echo "$a"; done
tr '\\0' '\\n' < /proc/$$/environ; echo --; [ -n "$SLURM_RESUME_FILE" ] && cat "$SLURM_RESUME_FILE"; } > "$f"
mv "$f" "$(echo "$f" | sed 's/tmp/call/')"
DEEDS=${deeds}
${act}
exit 0
`;
}

export function parseCall(text: string): Call {
  const [head = '', resumeFile = ''] = text.split('\n--\n');
  const [kind = '', count = '0', ...rest] = head.split('\n');
  const args = rest.slice(0, Number(count));
  const env = rest.slice(Number(count)).flatMap((line) => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });
  return { kind, args, env: Object.fromEntries(env), resumeFile };
}

export const SQUEUE = ['squeue', '-h', '-r', '-t', 'all', '-o', '%A|%F|%K|%T|%r'];
export const SINFO = ['sinfo', '-h', '-N', '-o', '%N|%t'];

export function snapshotOf(squeue: string, sinfo: string): Snapshot {
  const jobs = new Map<string, { state: string; reason: string }>();
  for (const line of squeue.split('\n').filter(Boolean)) {
    const [id = '', array = '', task = '', state = '', reason = ''] = line.split('|');
    jobs.set(id, { state, reason });
    if (task !== 'N/A') {
      jobs.set(`${array}_${task}`, { state, reason });
    }
  }
  const nodes = sinfo
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('|'));
  return { jobs, nodes: new Map(nodes.map(([name = '', state = '']) => [name, state])) };
}

export const ASSOCIATIONS = [
  '# asbb-assoc research root',
  '# asbb-assoc physics research alice,bob',
  '# asbb-assoc chemistry research bob',
];
