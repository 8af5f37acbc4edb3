import { type Application, applicationIn, isNamed, type NamedApplication } from './applications.ts';
import { type ScriptCommands, scriptCommands } from './command-words.ts';
import type { FiredRule } from './fired-rule.ts';
import { codeLines, type Found, tokensOf } from './script-lines.ts';
import { commandsOf } from './shell-words.ts';
import { srunRule } from './srun-rule.ts';

// What speaks for MPI (burst.md 4.2, R1 to R7). Words count where a shell starts them, names as whole
// words: a path, a comment or a longer name that merely contains one says nothing.

export interface MpiEvidence {
  /** In order of their ids, each at most once. */
  readonly rules: readonly FiredRule[];
  readonly confidence: number;
  readonly hpcPreference: boolean;
}

export interface MpiQuestion {
  readonly script: string;
  readonly jobName: string;
  readonly nodes: number;
  /** 0: unknown. */
  readonly ntasks: number;
  readonly cpusPerNode: number;
  readonly applications: readonly Application[];
}

const SURE = 0.9;
const LIKELY = 0.6;

const LAUNCHERS = new Set([
  'mpirun',
  'mpiexec',
  'mpiexec.hydra',
  'mpiexec.mpich',
  'orterun',
  'prterun',
  'ibrun',
  'aprun',
]);
const SOURCE = /#include\s*<mpi\.h>|\bMPI_Init\b|\bMPI_Finalize\b/iu;
const LIBRARIES = ['openmpi', 'mpich', 'mvapich2', 'impi', 'intelmpi', 'intel-mpi', 'hpcx'];
const VARIABLE = /^(?:OMPI_|MPI_|I_MPI_|MPICH_)/u;

export function mpiEvidence(question: MpiQuestion): MpiEvidence {
  const { script, jobName, applications } = question;
  const lines = codeLines(script);
  const commands = scriptCommands(commandsOf(lines));
  const tokens = tokensOf(lines);
  const names = tokensOf([{ text: jobName, line: 0 }]);
  const application = applicationIn([...tokens, ...names], applications);
  const fired = [
    launcher(commands),
    srunRule(commands.started),
    source(script),
    startsOthers(commands) ? undefined : tasks(question),
    named(application),
    library(tokens),
    environment(commands.assigned),
  ];
  const rules = fired.filter((rule) => rule !== undefined);
  return {
    rules,
    confidence: Math.max(0, ...rules.map(({ confidence }) => confidence)),
    hpcPreference: application?.application.hpc ?? false,
  };
}

function launcher({ started }: ScriptCommands): FiredRule | undefined {
  const found = started.find(({ program }) => LAUNCHERS.has(program));
  return found === undefined
    ? undefined
    : rule('R1', SURE, found.line, `${found.program} starts the job`);
}

function source(script: string): FiredRule | undefined {
  const found = SOURCE.exec(script);
  if (found === null) {
    return undefined;
  }
  const line = script.slice(0, found.index).split('\n').length;
  return rule('R3', SURE, line, 'the source of an MPI program');
}

/** Their processes are not MPI's, however many tasks SLURM starts (burst.md 4.2). */
const OTHER_LAUNCHERS = new Set(['torchrun', 'horovodrun']);
const TORCH_MODULE = /^torch\.distributed(?:\.|$)/u;

/** Also behind srun, as `srun torchrun …` and `python -m torch.distributed.run …` are written. */
function startsOthers({ started }: ScriptCommands): boolean {
  return started.some(
    ({ program, args }) =>
      OTHER_LAUNCHERS.has(program) ||
      args.some(
        (word, at) =>
          (program === 'srun' && OTHER_LAUNCHERS.has(word)) ||
          (args[at - 1] === '-m' && TORCH_MODULE.test(word)),
      ),
  );
}

function tasks({ nodes, ntasks, cpusPerNode }: MpiQuestion): FiredRule | undefined {
  return ntasks > nodes && ntasks <= nodes * cpusPerNode
    ? rule('R4', SURE, undefined, `${ntasks} tasks on ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`)
    : undefined;
}

function named(found: NamedApplication | undefined): FiredRule | undefined {
  if (found === undefined) {
    return undefined;
  }
  const { application, token } = found;
  const where = token.line === 0 ? undefined : token.line;
  return rule('R5', application.confidence, where, `${token.text} is ${application.name}`);
}

function library(tokens: readonly Found[]): FiredRule | undefined {
  const found = tokens.find(({ text }) => LIBRARIES.some((name) => isNamed(text, name)));
  return found === undefined
    ? undefined
    : rule('R6', LIKELY, found.line, `${found.text} is an MPI library`);
}

function environment(assigned: readonly Found[]): FiredRule | undefined {
  const found = assigned.find(({ text }) => VARIABLE.test(text));
  return found === undefined
    ? undefined
    : rule('R7', LIKELY, found.line, `${found.text} is set for an MPI library`);
}

function rule(
  id: FiredRule['id'],
  confidence: number,
  line: number | undefined,
  text: string,
): FiredRule {
  return { id, confidence, line, text };
}
