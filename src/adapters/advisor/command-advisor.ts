import { accessSync, constants, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Advice } from '../../core/burst/plan/advice.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import type { Advisor, AdvisorQuestion } from '../../ports/advisor.ts';
import type { Run } from '../../ports/system.ts';
import { readAnswer } from './read-answer.ts';
import { scriptText } from './script-text.ts';

const DIRECTORIES = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin'];
const OUTPUT_BYTES_MAX = 1_048_576;
const PRIVATE = 0o600;
const JOB_ID = /^[0-9]{1,10}$/u;

/** The advisor as a program, with the command line of the original (burst.md 2.4). No shell. */
export class CommandAdvisor implements Advisor {
  readonly place: string | undefined;
  readonly #run: Run;
  readonly #configPath: string;

  constructor(run: Run, command: string, configPath: string) {
    this.#run = run;
    this.#configPath = configPath;
    this.place = found(command);
  }

  async ask(question: AdvisorQuestion, limitMs: number): Promise<Advice> {
    const { place } = this;
    if (place === undefined) {
      throw new Fault('the advisor (absa.command) is not installed', { exitCode: EXIT.tryAgain });
    }
    const directory = mkdtempSync(join(tmpdir(), 'asbb-advisor-'));
    try {
      const script = join(directory, 'job.sbatch');
      writeFileSync(script, scriptText(question), { mode: PRIVATE, flag: 'wx' });
      const result = await this.#run.run(place, this.#words(script, question), {
        timeoutMs: Math.max(1, Math.floor(limitMs)),
        maxOutputBytes: OUTPUT_BYTES_MAX,
        env: { PATH: DIRECTORIES.join(':'), LANG: 'C.UTF-8', TZ: 'UTC', HOME: directory },
      });
      if (result.exitCode !== EXIT.ok) {
        throw new Fault(`${place} ended with exit code ${result.exitCode}`, {
          exitCode: EXIT.tryAgain,
        });
      }
      return readAnswer(result.stdout, place);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  #words(script: string, question: AdvisorQuestion): readonly string[] {
    const { jobId, isMpi, processes, nodes, needsLowLatency } = question;
    return [
      'analyze',
      script,
      '--output=json',
      ...(JOB_ID.test(jobId) ? [`--job-id=${jobId}`] : []),
      ...(this.#configPath === '' ? [] : [`--config=${this.#configPath}`]),
      ...(isMpi ? ['--mpi-job=true', `--processes=${processes}`, `--nodes=${nodes}`] : []),
      ...(isMpi && needsLowLatency ? ['--requires-low-latency=true'] : []),
    ];
  }
}

/** A path as it is; a name where programs usually are. */
function found(command: string): string | undefined {
  const places = isAbsolute(command)
    ? [command]
    : DIRECTORIES.map((directory) => join(directory, command));
  const isName = isAbsolute(command) || !command.includes('/');
  return isName && command !== '' ? places.find(isProgram) : undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
