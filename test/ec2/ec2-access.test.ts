import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ec2Cloud } from '../../src/adapters/ec2/ec2-cloud.ts';
import { REQUEST, settingsFor } from './support.ts';

describe('who may be talked to, and with what (reliability.md 4.3)', () => {
  it.each(['http://10.0.0.1:80', 'https://ec2.example.com', 'not a url'])(
    'refuses the endpoint %s without test_mode',
    (url) => {
      const settings = { ...settingsFor('http://127.0.0.1:1'), test_mode: false };
      const aws = { ...settings.aws, endpoint_url: url, authentication_method: 'default' };
      expect(() => new Ec2Cloud({ ...settings, aws })).toThrow(/is not on this machine/);
    },
  );

  it.each(['http://127.0.0.1:4599', 'http://localhost:1', 'http://[::1]:1'])(
    'takes the endpoint %s',
    (url) => {
      const settings = { ...settingsFor('http://127.0.0.1:1'), test_mode: false };
      const aws = { ...settings.aws, endpoint_url: url, authentication_method: 'default' };
      expect(() => new Ec2Cloud({ ...settings, aws })).not.toThrow();
    },
  );

  it('takes no key from the file without test_mode', () => {
    const settings = { ...settingsFor('http://127.0.0.1:1'), test_mode: false };
    expect(() => new Ec2Cloud(settings)).toThrow(/no key belongs in this file/);
  });
});

describe('a server that is not EC2', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.statusCode = 503;
      response.end('<html><body>Busy</body></html>');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });
  afterAll(() => {
    server.close();
  });

  it('a status without a code: by the status alone', async () => {
    // Listening on TCP: an address, not a path.
    const { port } = server.address() as AddressInfo;
    const asking = new Ec2Cloud(settingsFor(`http://127.0.0.1:${port}`));
    expect(await asking.launch(REQUEST)).toMatchObject({ kind: 'refused', code: '', status: 503 });
  });
});
