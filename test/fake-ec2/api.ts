// One request from arrival to reply: journal, fault rule, execution, and what becomes of the answer.
import type { SignedRequest } from './auth.ts';
import { runProgram } from './boots.ts';
import { type Answer, answerQuery, errorAnswer, newRequestId } from './dispatch.ts';
import type { Call } from './engine.ts';
import { ApiError, statusOf } from './errors.ts';
import type { Fake } from './fake.ts';
import { type FaultDo, type FaultRule, isExecuted, wholeDo } from './faults.ts';
import { garbled } from './garble.ts';
import { filled } from './lifecycle.ts';
import { Params, parseForm } from './params.ts';
import { answerPricing, flattenJson, pricingError } from './pricing.ts';
import { isStsAction } from './sts.ts';

export interface ApiRequest extends SignedRequest {
  /** Process id of the client, 0 when unknown. */
  readonly pid: number;
}

export interface Reply {
  readonly answer: Answer;
  readonly drop: FaultDo['drop'];
  readonly action: string;
  /** Number of the request in the journal. */
  readonly n: number;
  /** Virtual time of the answer, for its Date header. */
  readonly nowUs: number;
}

const ATTEMPT = /attempt=(\d+)/;
const CALM: FaultDo = {};
/** How long a reply waits for boot programs under a manual clock. */
const BOOT_PATIENCE_MS = 30_000;
const PRICING_TARGET = 'AWSPriceListService.';

export class Api {
  readonly #fake: Fake;
  readonly #previous = new Map<string, Answer>();
  readonly #underway = new Map<string, Promise<void>>();

  constructor(fake: Fake) {
    this.#fake = fake;
  }

  async handle(request: ApiRequest): Promise<Reply> {
    const { engine, faults } = this.#fake;
    engine.clock.tick();
    const { action, params } = read(request);
    const attempt = Number(ATTEMPT.exec(request.headers['amz-sdk-request'] ?? '')?.[1] ?? 1);
    const n = engine.journal.write('request', {
      action,
      params: Object.fromEntries([...params].filter(([name]) => name !== 'Action')),
      token: params.get('ClientToken'),
      attempt,
      invocation: request.headers['amz-sdk-invocation-id'],
      client_pid: request.pid,
    });
    const sinceUs = engine.state.nowUs - engine.state.epochUs;
    const rule = faults.match({ action, params, attempt, sinceUs });
    const what = rule === undefined ? CALM : this.#noted(rule, n);
    const call = callOf({ engine, action, params: new Params(params), n }, what);
    const own = await this.#inTurn(call, () => this.#perform(call, request, what));
    const answer = await this.#after(call, request, what, own);
    if (engine.clock.isManual) {
      await engine.boots.quiet(BOOT_PATIENCE_MS);
    }
    engine.clock.tick();
    this.#noteReply(call, answer, what);
    return { answer, drop: what.drop, action, n, nowUs: engine.state.nowUs };
  }

  #noted(rule: FaultRule, n: number): FaultDo {
    this.#fake.engine.journal.write('fault', { rule: rule.id, request: n, do: rule.do });
    return wholeDo(rule);
  }

  /** Of two equal tokens at the same time the second waits for the first. */
  async #inTurn(call: Call, work: () => Promise<Answer>): Promise<Answer> {
    const token = call.params.text('ClientToken');
    if (token === undefined) {
      return await work();
    }
    const key = `${call.action}|${token}`;
    const before = this.#underway.get(key);
    const mine = before === undefined ? work() : before.then(work);
    const done = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#underway.set(key, done);
    const answer = await mine;
    if (this.#underway.get(key) === done) {
      this.#underway.delete(key);
    }
    return answer;
  }

  async #perform(call: Call, request: ApiRequest, what: FaultDo): Promise<Answer> {
    await this.#exec(request, what.exec?.before);
    await pause(what.delay_ms);
    const { engine } = call;
    engine.clock.tick();
    // An error without side effect and a reply that never comes do not touch anything.
    const isSkipped = !isExecuted(what) && (what.error !== undefined || what.drop === 'before');
    const executed = isSkipped ? undefined : this.#execute(call, request);
    if (what.error !== undefined || executed === undefined) {
      const { code, status, message } = what.error ?? { code: 'Dropped' };
      const error = new ApiError(
        code,
        message ?? 'By a fault rule.',
        status ?? what.status ?? statusOf(code),
      );
      const requestId = newRequestId(call);
      return isPricing(request)
        ? pricingError(error, requestId)
        : errorAnswer(error, requestId, isStsAction(call.action));
    }
    return executed;
  }

  #execute(call: Call, request: ApiRequest): Answer {
    return isPricing(request) ? answerPricing(call, request) : answerQuery(call, request);
  }

  async #after(call: Call, request: ApiRequest, what: FaultDo, own: Answer): Promise<Answer> {
    await this.#exec(request, what.exec?.after);
    await pause(what.delay_reply_ms);
    const previous = this.#previous.get(call.action);
    this.#previous.set(call.action, own);
    const chosen = what.replay_previous === true ? (previous ?? own) : own;
    return garbled(chosen, what);
  }

  #noteReply(call: Call, answer: Answer, what: FaultDo): void {
    call.engine.journal.write('response', {
      request: call.n,
      action: call.action,
      status: answer.status,
      code: answer.code,
      bytes: bytesSent(answer, what.drop),
      dropped: what.drop,
    });
  }

  async #exec(request: ApiRequest, argv: readonly string[] | undefined): Promise<void> {
    if (argv === undefined) {
      return;
    }
    const { journal } = this.#fake.engine;
    const words = argv.map((word) => filled(word, { '{client_pid}': String(request.pid) }));
    const { exit, stderr } = await runProgram(words, {}, new Set());
    journal.write('fault', { exec: words, exit, stderr });
  }
}

/** Of the body; a dropped reply ends early. */
function bytesSent(answer: Answer, drop: FaultDo['drop']): number {
  if (drop === undefined) {
    return answer.body.length;
  }
  return drop === 'mid-body' ? Math.floor(answer.body.length / 2) : 0;
}

function isPricing(request: ApiRequest): boolean {
  return (request.headers['x-amz-target'] ?? '').startsWith(PRICING_TARGET);
}

function read(request: ApiRequest): { action: string; params: Map<string, string> } {
  if (isPricing(request)) {
    const action = (request.headers['x-amz-target'] ?? '').slice(PRICING_TARGET.length);
    return { action, params: flattenJson(request.body) };
  }
  const isForm = request.method === 'POST';
  const params = parseForm(isForm ? request.body.toString('utf8') : request.query);
  return { action: params.get('Action') ?? '', params };
}

function callOf(base: Pick<Call, 'engine' | 'action' | 'params' | 'n'>, what: FaultDo): Call {
  const isPretence = !isExecuted(what) && what.error === undefined && what.drop !== 'before';
  return { ...base, changes: what, isPretence };
}

async function pause(ms: number | undefined): Promise<void> {
  if (ms !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
