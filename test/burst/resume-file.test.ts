import { describe, expect, it } from 'vitest';
import { ResumeFile } from '../../schema/slurm/resume-file.ts';
import { resumeJobs } from '../../src/core/slurm/resume-file.ts';

describe('7.2: SLURM_RESUME_FILE', () => {
  it.each([
    [
      '22.05',
      '{"jobs":[{"job_id":123,"nodes":"n[1-2]"}],"all_nodes":"n[1-2]"}',
      [{ jobId: 123, nodes: ['n1', 'n2'], allocated: ['n1', 'n2'], oversubscribe: 'OK' }],
    ],
    [
      '23.02',
      '{"all_nodes_resume":"c[1-3]","jobs":[{"job_id":"140814","nodes_alloc":"c[1-4]","nodes_resume":"c[1-3]","oversubscribe":"NO","partition":"c","extra":null,"features":"a"}]}',
      [
        {
          jobId: 140_814,
          nodes: ['c1', 'c2', 'c3'],
          allocated: ['c1', 'c2', 'c3', 'c4'],
          oversubscribe: 'NO',
        },
      ],
    ],
    ['nodes without a job', '{"jobs":[],"all_nodes":"n1"}', []],
    [
      'an unknown word of sharing',
      '{"jobs":[{"job_id":1,"nodes":"n1","oversubscribe":"FORCE:4"}]}',
      [{ jobId: 1, nodes: ['n1'], allocated: ['n1'], oversubscribe: 'OK' }],
    ],
  ])('%s', (_name, text, jobs) => {
    expect(resumeJobs(ResumeFile.parse(JSON.parse(text)))).toEqual(jobs);
  });

  it.each([
    '{}',
    '[]',
    '{"jobs":{}}',
    '{"jobs":[{"job_id":-1,"nodes":"n1"}]}',
    '{"jobs":[{"job_id":"1;rm","nodes":"n1"}]}',
    '{"jobs":[{"job_id":1.5}]}',
  ])('%s is none', (text) => {
    expect(ResumeFile.safeParse(JSON.parse(text)).success).toBe(false);
  });

  it('a node list in it that is none makes the whole file worthless', () => {
    const file = ResumeFile.parse({ jobs: [{ job_id: 1, nodes: 'n[1-' }] });
    expect(resumeJobs(file)).toBeUndefined();
  });
});
