const PATHS = ['/health', '/api/v1/health', '/status', '/version'];
const LIMIT_MS = 5000;
const MAX_VERSION = 64;
const TRAILING_SLASHES = /\/+$/u;

async function asked(url: string): Promise<{ readonly version: string } | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS), redirect: 'error' });
    if (!response.ok) {
      await response.body?.cancel();
      return;
    }
    const body: unknown = JSON.parse(await response.text());
    const version: unknown =
      typeof body === 'object' && body !== null ? Reflect.get(body, 'version') : '';
    return { version: typeof version === 'string' ? version.slice(0, MAX_VERSION) : '' };
  } catch {
    return undefined; // not there, too slow, or not JSON: not the service that was meant
  }
}

/** The first of the usual paths that answers 200 with JSON (budget.md 2.6). */
export async function probe(base: string): Promise<{ readonly version: string } | undefined> {
  for (const path of PATHS) {
    const answer = await asked(`${base.replace(TRAILING_SLASHES, '')}${path}`);
    if (answer !== undefined) {
      return answer;
    }
  }
  return undefined;
}
