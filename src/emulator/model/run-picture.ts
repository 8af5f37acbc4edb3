/** slurmdbd's picture of one run, as sacct shows it. */
export interface Run {
  readonly jobId: number;
  /** `12`, `12_3`, `12_[4-7%2]`, `20+0`. */
  readonly idText: string;
  /** For the order of lines. */
  readonly groupId: number;
  readonly name: string;
  readonly account: string;
  readonly user: string;
  readonly partition: string;
  readonly qos: string;
  /** With ` by UID`. */
  readonly state: string;
  readonly exitCode: string;
  readonly submitUs: number;
  readonly eligibleUs: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly timeLimit: string;
  readonly nodes: number;
  readonly cpus: number;
  readonly batchCpus: number;
  readonly nodeList: string;
  readonly allocTres: string;
  readonly reqTres: string;
  readonly comment: string;
  /** Only of a run that has ended. */
  readonly adminComment: string;
  readonly tasks: number;
  readonly memMib: number;
  /** Its script has begun. */
  readonly hasBegun: boolean;
  readonly steps: readonly string[];
}
