import type { Advice } from '../../core/burst/plan/advice.ts';
import type { Settings } from '../../core/config/settings.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import type { Advisor, AdvisorQuestion } from '../../ports/advisor.ts';
import { readAnswer } from './read-answer.ts';

const PATH = '/api/v1/analyze';
const ANSWER_BYTES_MAX = 1_048_576;
const TRAILING_SLASHES = /\/+$/u;
const SECONDS_PER_MINUTE = 60;

/** The advisor behind `advisor.url` (`advisor.mode: http`): the request of the budget original's client. */
export class HttpAdvisor implements Advisor {
  readonly place: string;
  readonly #settings: Pick<Settings['advisor'], 'api_key' | 'headers'>;
  readonly #nowS: () => number;

  constructor(settings: Settings['advisor'], nowS: () => number) {
    this.#settings = settings;
    this.#nowS = nowS;
    this.place = `${settings.url.replace(TRAILING_SLASHES, '')}${PATH}`;
  }

  async ask(question: AdvisorQuestion, limitMs: number): Promise<Advice> {
    const { api_key: key, headers } = this.#settings;
    let text: string;
    try {
      const response = await fetch(this.place, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(Math.max(1, Math.floor(limitMs))),
        headers: {
          ...headers,
          'Content-Type': 'application/json',
          ...(key === '' ? {} : { Authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify(bodyOf(question, this.#nowS())),
      });
      text = await bounded(response);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'unknown';
      throw new Fault(`${this.place} gave no answer: ${why}`, { cause, exitCode: EXIT.tryAgain });
    }
    return readAnswer(text, this.place);
  }
}

/** The whole body, or an error when the status is not 200 or the body has no end. */
async function bounded(response: Response): Promise<string> {
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`HTTP ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX) {
      throw new Error(`more than ${ANSWER_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function bodyOf(question: AdvisorQuestion, nowS: number): object {
  const { limitSeconds, memoryMib, script } = question;
  return {
    account: question.account,
    partition: question.partition,
    nodes: question.nodes,
    cpus: question.cpus,
    wall_time: limitSeconds === undefined ? '' : wallTime(limitSeconds),
    timestamp: nowS,
    ...(memoryMib === undefined ? {} : { memory: `${memoryMib}M` }),
    ...(script === '' ? {} : { job_script: script }),
    metadata: {
      job_id: question.jobId,
      job_name: question.name,
      user: question.user,
      mpi_job: String(question.isMpi),
      processes: String(question.processes),
      requires_low_latency: String(question.needsLowLatency),
    },
  };
}

/** `HH:MM:SS`. */
function wallTime(seconds: number): string {
  const parts = [
    Math.floor(seconds / (SECONDS_PER_MINUTE * SECONDS_PER_MINUTE)),
    Math.floor(seconds / SECONDS_PER_MINUTE) % SECONDS_PER_MINUTE,
    seconds % SECONDS_PER_MINUTE,
  ];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
