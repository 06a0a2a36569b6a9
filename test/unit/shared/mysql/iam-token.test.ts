import { describe, expect, it } from 'vitest';
import { rdsIamToken } from '../../../../shared/mysql/iam-token.ts';

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
