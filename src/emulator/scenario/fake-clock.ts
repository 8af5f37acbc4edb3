import { request } from 'node:http';
import { Complaint } from '../complaint.ts';

/** The fake cloud's control socket, as far as the clock goes (fake-ec2.md 10). */
export interface FakeClock {
  readonly nowUs: number;
  /** Infinity: nothing is due there. */
  readonly nextUs: number;
}

const PATIENCE_MILLISECONDS = 120_000;

export async function readClock(socket: string): Promise<FakeClock> {
  return clockOf(await ask(socket, 'GET', ''));
}

/** Moves the one clock; the fake fires what is due there before it answers. */
export async function moveClock(socket: string, toUs: number): Promise<void> {
  await ask(socket, 'POST', JSON.stringify({ to_us: toUs }));
}

function clockOf(text: string): FakeClock {
  const { now_us: now, next_event_us: next } = JSON.parse(text) as Record<string, unknown>; // an object, by fake-ec2.md
  if (typeof now !== 'number') {
    throw new Complaint(`the fake cloud's clock says: ${text}`);
  }
  return { nowUs: now, nextUs: typeof next === 'number' ? next : Number.POSITIVE_INFINITY };
}

async function ask(socketPath: string, method: string, body: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const asking = request(
      {
        ...{ socketPath, path: '/clock', method, headers: { 'content-type': 'application/json' } },
        agent: false, // minutes may lie between two calls: a connection that is kept is closed by then
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 200) {
            resolve(text);
          } else {
            reject(new Complaint(`the fake cloud's clock: ${response.statusCode} ${text}`));
          }
        });
      },
    );
    asking.setTimeout(PATIENCE_MILLISECONDS, () => asking.destroy(new Error('no answer')));
    asking.on('error', (error) =>
      reject(new Complaint(`the fake cloud does not answer at ${socketPath}: ${error.message}`)),
    );
    asking.end(body);
  });
}
