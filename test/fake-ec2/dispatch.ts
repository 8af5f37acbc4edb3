// From the form parameters of one call to its answer: the checks in their order, then the action.
import { ACTIONS, type Action } from './actions.ts';
import { authenticate, type SignedRequest } from './auth.ts';
import type { Call } from './engine.ts';
import { ApiError } from './errors.ts';
import { wildcard } from './filters.ts';
import { recall, remember } from './idempotency.ts';
import { checkNames, checkNumbering } from './params.ts';
import { uuid } from './random.ts';
import { isStsAction, STS_ACTIONS } from './sts.ts';
import { payRequest } from './throttle.ts';
import { errorXml, responseXml, stsErrorXml, stsXml, type Xml } from './xml.ts';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** The error code, or '' for success. */
  readonly code: string;
  readonly requestId: string;
  readonly retryAfter?: number;
}

const VERSION = '2016-11-15';
const STS_VERSION = '2011-06-15';
const XML = 'text/xml;charset=UTF-8';

export function answerQuery(call: Call, request: SignedRequest): Answer {
  const requestId = newRequestId(call);
  const isSts = isStsAction(call.action);
  try {
    const body = isSts ? sts(call, request) : ec2(call, request);
    const text = (isSts ? stsXml : responseXml)(call.action, requestId, body);
    return { status: 200, contentType: XML, body: Buffer.from(text), code: '', requestId };
  } catch (error) {
    if (error instanceof ApiError) {
      return errorAnswer(error, requestId, isSts);
    }
    throw error;
  }
}

export function errorAnswer(error: ApiError, requestId: string, isSts: boolean): Answer {
  const render = isSts ? stsErrorXml : errorXml;
  return {
    status: error.status,
    contentType: XML,
    body: Buffer.from(render(error.code, error.message, requestId)),
    code: error.code,
    requestId,
  };
}

export function newRequestId(call: Call): string {
  return uuid(call.engine.state.streams, 'request');
}

function sts(call: Call, request: SignedRequest): Xml {
  const { engine } = call;
  const action = STS_ACTIONS[call.action];
  if (action === undefined) {
    throw new ApiError('InvalidAction', `Could not find operation ${call.action}.`);
  }
  const key = action.isSigned ? authenticate(request, engine.world, 'sts', engine.state.nowUs) : '';
  if (call.params.str('Version') !== STS_VERSION) {
    throw new ApiError('NoSuchVersion', 'The requested version is not supported.');
  }
  checkNames(call.params.flat, action.accepts, engine.world.ignore_params);
  checkDenied(call);
  return action.run(call, key);
}

function ec2(call: Call, request: SignedRequest): Xml {
  const { engine, params } = call;
  authenticate(request, engine.world, 'ec2', engine.state.nowUs);
  if (params.str('Version') !== VERSION) {
    throw new ApiError('NoSuchVersion', 'The requested version is not supported.');
  }
  const action = ACTIONS[call.action];
  if (action === undefined) {
    throw new ApiError(
      'InvalidAction',
      `The action ${call.action} is not valid for this web service.`,
    );
  }
  payRequest(engine, call.action, params);
  checkNumbering(params.flat);
  checkNames(params.flat, action.accepts, engine.world.ignore_params);
  checkDenied(call);
  if (params.bool('DryRun')) {
    throw new ApiError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
  }
  return perform(call, action);
}

function perform(call: Call, action: Action): Xml {
  if (action.again === undefined) {
    return action.run(call);
  }
  const known = recall(call);
  if (known !== undefined) {
    return action.again(call, known);
  }
  const answer = action.run(call);
  if (!(call.action === 'RunInstances' || call.action === 'CreateFleet')) {
    remember(call, [], answer);
  }
  return answer;
}

function checkDenied(call: Call): void {
  for (const rule of call.engine.world.deny) {
    const isHit =
      wildcard(rule.action)(call.action) &&
      Object.entries(rule.where ?? {}).every(([name, pattern]) => {
        const value = call.params.str(name);
        return value !== undefined && wildcard(pattern)(value);
      });
    if (isHit) {
      throw new ApiError(
        'UnauthorizedOperation',
        `You are not authorized to perform this operation: ${call.action}.`,
      );
    }
  }
}
