import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundPlan, Plans } from '../../ports/plans.ts';
import { openPlan, unreadable } from './open-plan.ts';
import { readPlanText } from './read-plan.ts';

/** A job id, with its task where it has one, or the hash of a script. */
const NAME = /^(?:[1-9][0-9]{0,9}(?:_[0-9]{1,7})?|[0-9a-f]{64})$/u;
const BY_SCRIPT = /^[0-9a-f]{64}\.json$/u;
const ROOT = 0;

/** `absa.plan_dir` and `ecosystem.data_exchange_dir`: `<jobid>.json` or `<script-sha256>.json`. */
export class PlanFiles implements Plans {
  readonly #directories: readonly string[];
  readonly #trusted: readonly number[];

  /** `slurmUid`: of the SlurmUser, where it is known. */
  constructor(directories: readonly string[], slurmUid: number | undefined) {
    this.#directories = directories;
    this.#trusted = slurmUid === undefined ? [ROOT] : [ROOT, slurmUid];
  }

  read(path: string, jobUid: number | undefined): FoundPlan {
    const found = this.#open(path, jobUid);
    const nothing = { path, digest: '' };
    return found ?? { ...nothing, findings: [unreadable('there is no such file')] };
  }

  find(names: readonly string[], jobUid: number | undefined): FoundPlan | undefined {
    for (const directory of this.#directories) {
      for (const name of names.filter((each) => NAME.test(each))) {
        const found = this.#open(join(directory, `${name}.json`), jobUid);
        if (found !== undefined) {
          return found;
        }
      }
    }
    return undefined;
  }

  hasPlansByScript(): boolean {
    return this.#directories.some((directory) =>
      namesIn(directory).some((name) => BY_SCRIPT.test(name)),
    );
  }

  #open(path: string, jobUid: number | undefined): FoundPlan | undefined {
    const owners = new Set([...this.#trusted, ...(jobUid === undefined ? [] : [jobUid])]);
    const opened = openPlan(path, owners);
    switch (opened.kind) {
      case 'absent':
        return undefined;
      case 'refused':
        return { path, findings: [opened.finding], digest: '' };
      case 'text': {
        const digest = createHash('sha256').update(opened.text).digest('hex');
        return { path, digest, ...readPlanText(opened.text) };
      }
    }
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // no such directory: no plans
  }
}
