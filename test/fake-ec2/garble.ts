// What a fault rule makes of a finished answer: other status, cut, or no XML at all.
import type { Answer } from './dispatch.ts';
import type { FaultDo } from './faults.ts';

const HTML =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';

export function garbled(answer: Answer, what: FaultDo): Answer {
  let result = answer;
  if (what.garbage !== undefined) {
    result = GARBAGE[what.garbage](result);
  }
  if (what.truncate !== undefined) {
    result = { ...result, body: result.body.subarray(0, what.truncate) };
  }
  if (what.status !== undefined) {
    result = { ...result, status: what.status };
  }
  return what.retry_after === undefined ? result : { ...result, retryAfter: what.retry_after };
}

const GARBAGE: Readonly<Record<NonNullable<FaultDo['garbage']>, (answer: Answer) => Answer>> = {
  html: (answer) => ({ ...answer, contentType: 'text/html', body: Buffer.from(HTML) }),
  empty: (answer) => ({ ...answer, body: Buffer.alloc(0) }),
  'wrong-root': (answer) => ({
    ...answer,
    body: Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<Surprise><a>1</a></Surprise>'),
  }),
  'bad-utf8': (answer) => {
    // Bytes that no UTF-8 text contains, in the middle of the document.
    const middle = Math.floor(answer.body.length / 2);
    const body = Buffer.concat([
      answer.body.subarray(0, middle),
      Buffer.from([0xff, 0xfe, 0xc0]),
      answer.body.subarray(middle),
    ]);
    return { ...answer, body };
  },
};
