import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { bareSite, cliSite } from '../support/cli.ts';
import { type Step, words } from '../support/golden.ts';
import { playChecks } from './golden.ts';

function configured(text: string): Step {
  return {
    between: async (site) => {
      await Promise.resolve();
      appendFileSync(site.config, `\n${text}\n`);
    },
  };
}

const STEPS: readonly Step[] = [
  { name: 'e-discover', args: words('ecosystem discover') },
  { name: 'e-status', args: words('ecosystem status') },
  { name: 'e-health', args: words('ecosystem health') },
  { name: 'e-config', args: words('ecosystem config') },
  { name: 's-start', args: words('service start') },
  { name: 's-status', args: words('service status') },
  configured(
    'integration: { asbx_enabled: false, advisor_enabled: false }\nasbx_integration: { enabled: false }',
  ),
  { name: 'e-off', args: words('ecosystem discover') },
  { name: 'e-off-status', args: words('ecosystem status') },
];

describe('the ecosystem', () => {
  playChecks(STEPS);
});

describe('the service that there is not', () => {
  it('ends with 75 without a store', async () => {
    const site = bareSite();
    try {
      const done = await site.asbb('service', 'status');
      expect(done.code).toBe(75);
      expect(done.stdout).toMatch(/Store: +unhealthy: /u);
      expect((await site.asbb('service', 'start')).code).toBe(0);
    } finally {
      site.close();
    }
  });
});

describe('an advisor elsewhere', () => {
  it('is asked only when it is configured, and found by the first path that answers', async () => {
    const site = await cliSite();
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.statusCode = request.url === '/status' ? 200 : 404;
      response.end(request.url === '/status' ? '{"version":"1.2.3"}' : 'no');
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const url = `advisor: { url: "http://127.0.0.1:${port}/" }`;
      appendFileSync(site.config, `\n${url}\n`);
      await site.ok('ecosystem', 'discover');
      expect(asked).toEqual([]);
      const text = `advisor: { mode: http, url: "http://127.0.0.1:${port}/" }`;
      writeFileSync(site.config, readFileSync(site.config, 'utf8').replace(url, text));
      const seen = (await site.json('ecosystem', 'discover')) as { services: unknown[] };
      expect(asked).toEqual(['/health', '/api/v1/health', '/status']);
      expect(seen.services[0]).toMatchObject({ status: 'AVAILABLE', version: '1.2.3' });
      server.closeAllConnections();
      await new Promise((done) => {
        server.close(done);
      });
      const gone = (await site.json('ecosystem', 'status')) as Record<string, unknown>;
      expect(gone).toMatchObject({ available_services: 2, operational_mode: 'integrated' });
    } finally {
      server.close();
      site.close();
    }
  });
});
