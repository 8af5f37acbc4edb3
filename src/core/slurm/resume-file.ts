import { expandNodelist, isNodelistError } from './nodelist.ts';

/** What SLURM_RESUME_FILE says of one job; both formats in one (burst.md 7.2). */
export interface ResumeJob {
  readonly jobId: number;
  /** Nodes to resume for this job, names in order. */
  readonly nodes: readonly string[];
  /** All nodes of the job, where the file says so (≥ 23.02); else those to resume. */
  readonly allocated: readonly string[];
  readonly oversubscribe: Oversubscribe;
}

export type Oversubscribe = 'YES' | 'NO' | 'USER' | 'MCS' | 'OK';

/** As parsed by schema/slurm/resume-file: 22.05 writes `nodes`, ≥ 23.02 the other two. */
export interface ResumeFileText {
  readonly jobs: readonly {
    readonly job_id: number;
    readonly nodes?: string | undefined;
    readonly nodes_alloc?: string | undefined;
    readonly nodes_resume?: string | undefined;
    readonly oversubscribe: Oversubscribe;
  }[];
  readonly all_nodes?: string | undefined;
  readonly all_nodes_resume?: string | undefined;
}

/** Undefined: a node list in it is none, so nothing of the file is believed. */
export function resumeJobs(file: ResumeFileText): readonly ResumeJob[] | undefined {
  const jobs: ResumeJob[] = [];
  for (const entry of file.jobs) {
    const resume = entry.nodes_resume ?? entry.nodes ?? '';
    const nodes = expandNodelist(resume, { unique: true });
    const allocated = expandNodelist(entry.nodes_alloc ?? resume, { unique: true });
    if (isNodelistError(nodes) || isNodelistError(allocated)) {
      return undefined;
    }
    jobs.push({ jobId: entry.job_id, nodes, allocated, oversubscribe: entry.oversubscribe });
  }
  return jobs;
}
