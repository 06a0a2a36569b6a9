import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openPool } from '../../../../shared/mysql/connection.ts';
import { rdsIamToken } from '../../../../shared/mysql/pool.ts';

const DATABASE = { host: 'database.example.com', port: 3306, user: 'retail_sales' };
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const NOW = new Date('2026-11-23T06:07:08.000Z');

describe('the token for RDS', () => {
  // Tokens by @aws-sdk/rds-signer 3.1175.0 for the same credentials at the same time.
  it.each([
    ['eu-central-1', undefined, '8d0ef07250961206b030c7cdae8b138afadaee0c97abc2d801d9279ca830317d'],
    ['us-gov-west-1', undefined, 'e82d80c311607322b89214ceaad19f1767e299093c6aa55fa72cb0c3df63dda0'],
    [
      'eu-central-1',
      'session/token+with=signs',
      '220bcdca1b46661967e6d70dbbea261776af351b009ed88acce5bea7442f7d35',
    ],
  ])(
    'the token for RDS equals that of AWS’s own library: %s, session token %s',
    async (region, sessionToken, signature) => {
      const security = sessionToken ? `&X-Amz-Security-Token=${encodeURIComponent(sessionToken)}` : '';
      const expected =
        'database.example.com:3306/?Action=connect&DBUser=retail_sales&X-Amz-Algorithm=AWS4-HMAC-SHA256' +
        `&X-Amz-Credential=AKIDEXAMPLE%2F20261123%2F${region}%2Frds-db%2Faws4_request&X-Amz-Date=20261123T060708Z` +
        `&X-Amz-Expires=900${security}&X-Amz-Signature=${signature}&X-Amz-SignedHeaders=host`;
      const credentials = { ...KEYS, sessionToken };
      expect(await rdsIamToken(DATABASE, { region, credentials }, NOW)).toBe(expected);
    },
  );
});

/** A packet of MySQL's protocol. */
function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(sequence, 3);
  return Buffer.concat([header, payload]);
}

const text = (value: string) => Buffer.from(`${value}\0`);
/** Protocol 4.1, a database in the login, and authentication by plug-ins. */
const CAPABILITIES = { lower: [0x08, 0x82], upper: [0x08, 0x00] };
const GREETING = Buffer.concat([
  Buffer.from([10]),
  text('8.4.10'),
  Buffer.from([1, 0, 0, 0, ...Array.from({ length: 8 }, () => 1), 0, ...CAPABILITIES.lower, 45, 2, 0]),
  Buffer.from([
    ...CAPABILITIES.upper,
    21,
    ...Array.from({ length: 10 }, () => 0),
    ...Array.from({ length: 12 }, () => 1),
    0,
  ]),
  text('mysql_native_password'),
]);
const ASK_FOR_PASSWORD = Buffer.concat([Buffer.from([0xfe]), text('mysql_clear_password')]);
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

/** Greets, asks for the password in plain text as RDS asks IAM users, keeps it, and then says yes to everything. */
function rdsLike(passwords: string[]) {
  return (socket: Socket) => {
    let step = 0;
    socket.on('error', () => {});
    socket.write(packet(0, GREETING));
    socket.on('data', (bytes) => {
      step += 1;
      if (step === 1) return socket.write(packet(2, ASK_FOR_PASSWORD));
      if (step === 2) passwords.push(bytes.subarray(4, -1).toString());
      return socket.write(packet(step === 2 ? 4 : 1, OK));
    });
  };
}

describe('connections with tokens', () => {
  let server: Server | undefined;

  afterEach(() => {
    vi.unstubAllEnvs();
    server?.close();
  });

  it('each new connection sends a new token of its user, signed with the credentials of that moment', async () => {
    const passwords: string[] = [];
    const listening = createServer(rdsLike(passwords)).listen(0, '127.0.0.1');
    server = listening;
    await new Promise((resolve) => listening.once('listening', resolve));
    const address = listening.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const pool = openPool(
      {
        ...{ MYSQL_HOST: '127.0.0.1', MYSQL_PORT: port, MYSQL_DATABASE: 'retail', MYSQL_USER: 'retail_feed' },
        ...{ MYSQL_AUTH: 'iam', MYSQL_TLS: 'off' },
      },
      { connectionLimit: 2 },
    );
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    for (const key of ['AKIDONE', 'AKIDTWO']) {
      vi.stubEnv('AWS_ACCESS_KEY_ID', key);
      await pool.getConnection();
    }
    expect(passwords).toHaveLength(2);
    for (const [index, key] of ['AKIDONE', 'AKIDTWO'].entries()) {
      const token = new URL(`https://${passwords[index]}`);
      expect(token.host).toBe(`127.0.0.1:${port}`);
      expect(Object.fromEntries(token.searchParams)).toMatchObject({
        Action: 'connect',
        DBUser: 'retail_feed',
        'X-Amz-Credential': expect.stringMatching(`^${key}/\\d{8}/eu-central-1/rds-db/`),
        'X-Amz-Expires': '900',
      });
    }
    await pool.end();
  });
});
