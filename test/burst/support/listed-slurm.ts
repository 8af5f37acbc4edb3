import { readFileSync } from 'node:fs';
import { SlurmCommands } from '../../../src/adapters/slurm/slurm-commands.ts';
import { formatInstant } from '../../../src/core/slurm/instant.ts';
import type { Run, RunResult } from '../../../src/ports/system.ts';

const CAPTURES = new URL('../../fixtures/slurm-22.05/', import.meta.url);

function capture(name: string): string {
  return readFileSync(new URL(name, CAPTURES), 'utf8');
}

const NODE = capture('node-powering-up.txt')
  .split('\n')
  .find((line) => line.startsWith('NodeName=') && line.includes(' State='));

export interface ListedNode {
  readonly name: string;
  /** As scontrol prints it: `IDLE+CLOUD+POWERED_DOWN`. */
  readonly state: string;
  readonly reason?: string;
  readonly address?: string;
  readonly slurmdStartS?: number;
}

export interface ListedJob {
  readonly jobId: number;
  readonly state: string;
  readonly nodeList: string;
}

/**
 * What SLURM 22.05.8 prints (its captures, with other names and states), read by the product's own
 * parsers; every change that the product asks for is noted, and nothing comes of it.
 */
export class ListedSlurm {
  nodes: readonly ListedNode[] = [];
  jobs: readonly ListedJob[] = [];
  readonly calls: (readonly string[])[] = [];
  readonly slurm: SlurmCommands;

  constructor() {
    const run: Run = {
      run: (file, args) => Promise.resolve(this.#answer(file.split('/').at(-1) ?? '', args)),
    };
    this.slurm = new SlurmCommands(run, {
      binPath: '/usr/bin',
      configPath: '/etc/slurm/slurm.conf',
      clusterName: 'hpc1',
      commandTimeout: 5000,
    });
  }

  /** Words of every call that changes something, as `update nodename=… state=…`. */
  updates(): readonly string[] {
    return this.calls.map((words) => words.join(' '));
  }

  #answer(tool: string, args: readonly string[]): RunResult {
    const words = args.join(' ');
    if (tool === 'squeue') {
      return said(this.jobs.map(jobLine).join(''));
    }
    if (words.startsWith('show node')) {
      return said(this.nodes.map(nodeLine).join(''));
    }
    if (words === 'show config') {
      return said(capture('scontrol-config.txt'));
    }
    if (words.startsWith('show job')) {
      const stderr = 'slurm_load_jobs error: Invalid job id specified\n';
      return { exitCode: 1, stdout: '', stderr };
    }
    this.calls.push([tool, ...args]);
    return said('');
  }
}

function said(stdout: string): RunResult {
  return { exitCode: 0, stdout, stderr: '' };
}

function nodeLine({ name, state, reason, address, slurmdStartS }: ListedNode): string {
  const line = (NODE ?? '')
    .replaceAll('cloud-1', name)
    .replace(/ NodeAddr=\S+/u, ` NodeAddr=${address ?? name}`)
    .replace(/ State=\S+/u, ` State=${state}`)
    .replace(
      / SlurmdStartTime=\S+/u,
      ` SlurmdStartTime=${slurmdStartS === undefined ? 'None' : formatInstant(slurmdStartS)}`,
    );
  return `${line}${reason === undefined ? '' : ` Reason=${reason} [root@2026-11-21T08:17:37]`}\n`;
}

function jobLine({ jobId, state, nodeList }: ListedJob): string {
  const at = '2026-11-21T12:00:00';
  return `${jobId}|${jobId}|N/A|${state}|aws|chem|ada|1|4|1:00:00|${at}|${at}|${nodeList}|None\n`;
}
