// GetProducts of the price list service (fake-ec2.md section 9): JSON whose members are strings of JSON.
import { readFileSync } from 'node:fs';
import type { ApiRequest } from './api.ts';
import { authenticate } from './auth.ts';
import { type Answer, newRequestId } from './dispatch.ts';
import type { Call } from './engine.ts';
import { ApiError } from './errors.ts';
import type { Params } from './params.ts';
import { payRequest } from './throttle.ts';

const JSON_TYPE = 'application/x-amz-json-1.1';
const MOST = 100;
/** A request of the price list service names its fields itself. */
const KNOWN = ['ServiceCode', 'Filters', 'FormatVersion', 'MaxResults', 'NextToken'];

interface Product {
  readonly product: { readonly attributes: Readonly<Record<string, string>> };
  readonly serviceCode: string;
}

interface PriceFile {
  readonly recorded: string;
  readonly products: readonly Product[];
}

const cache = new Map<string, readonly Product[]>();

function productsOf(name: string): readonly Product[] {
  const known = cache.get(name);
  if (known !== undefined) {
    return known;
  }
  const url = new URL(`./prices/${name}.json`, import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as PriceFile;
  cache.set(name, file.products);
  return file.products;
}

/** For the journal and for `where`: `Filters.1.Field=instanceType`. */
export function flattenJson(body: Buffer): Map<string, string> {
  const flat = new Map<string, string>();
  try {
    flatten(flat, '', JSON.parse(body.toString('utf8')));
  } catch {
    flat.set('Body', 'not JSON');
  }
  return flat;
}

function flatten(flat: Map<string, string>, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    flat.set(name, String(value));
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    const part = Array.isArray(value) ? String(Number(key) + 1) : key;
    flatten(flat, name === '' ? part : `${name}.${part}`, child);
  }
}

export function answerPricing(call: Call, request: ApiRequest): Answer {
  const requestId = newRequestId(call);
  try {
    const { engine } = call;
    authenticate(request, engine.world, 'pricing', engine.state.nowUs);
    payRequest(engine, call.action, call.params);
    if (call.action !== 'GetProducts') {
      throw new ApiError('UnknownOperationException', `No operation ${call.action}.`);
    }
    return jsonAnswer(200, '', getProducts(call), requestId);
  } catch (error) {
    if (error instanceof ApiError) {
      return pricingError(error, requestId);
    }
    throw error;
  }
}

/** Names of the price list service for codes that the shared parts throw. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  RequestLimitExceeded: 'ThrottlingException',
  InternalError: 'InternalErrorException',
  AuthFailure: 'UnrecognizedClientException',
  RequestExpired: 'InvalidSignatureException',
};

export function pricingError(error: ApiError, requestId: string): Answer {
  const type = EXCEPTIONS[error.code] ?? error.code;
  const isServer = type === 'InternalErrorException';
  const body = { __type: type, message: error.message };
  return jsonAnswer(isServer ? 500 : 400, type, body, requestId);
}

function jsonAnswer(status: number, code: string, body: unknown, requestId: string): Answer {
  const text = Buffer.from(JSON.stringify(body));
  return { status, contentType: JSON_TYPE, body: text, code, requestId };
}

function invalid(message: string): ApiError {
  return new ApiError('InvalidParameterException', message);
}

function getProducts(call: Call): unknown {
  const { params } = call;
  for (const name of params.flat.keys()) {
    const [head = ''] = name.split('.');
    if (!KNOWN.includes(head)) {
      throw invalid(`Unknown field ${name}`);
    }
  }
  if (params.str('ServiceCode') !== 'AmazonEC2') {
    throw invalid('Only AmazonEC2 is known here.');
  }
  const max = size(params);
  const matching = call.engine.world.price_lists.flatMap(productsOf).filter(matcher(params));
  const start = offset(params);
  const page = matching.slice(start, start + max);
  const more = start + max < matching.length ? { NextToken: `p${start + max}` } : {};
  return {
    FormatVersion: 'aws_v1',
    PriceList: page.map((product) => JSON.stringify(product)),
    ...more,
  };
}

function size(params: Params): number {
  const text = params.str('MaxResults') ?? String(MOST);
  const number = Number(text);
  if (!(Number.isInteger(number) && number >= 1 && number <= MOST)) {
    throw invalid(`MaxResults must be between 1 and ${MOST}.`);
  }
  return number;
}

function offset(params: Params): number {
  const token = params.str('NextToken');
  if (token === undefined || token === '') {
    return 0;
  }
  const number = Number(token.slice(1));
  if (!(token.startsWith('p') && Number.isInteger(number) && number > 0)) {
    throw new ApiError('InvalidNextTokenException', 'The token is not valid.');
  }
  return number;
}

function matcher(params: Params): (product: Product) => boolean {
  const filters = params.structs('Filters').map((filter) => {
    if (filter.str('Type') !== 'TERM_MATCH') {
      throw invalid('Only TERM_MATCH is known.');
    }
    return { field: filter.str('Field') ?? '', value: filter.str('Value') ?? '' };
  });
  return (product) =>
    filters.every(({ field, value }) => product.product.attributes[field] === value);
}
