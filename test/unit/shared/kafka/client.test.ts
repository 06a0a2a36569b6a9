import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mskIamToken } from '../../../../shared/kafka/client.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const NOW = new Date('2026-11-23T06:07:08.000Z');

function requestOf(token: string): URL {
  return new URL(Buffer.from(token, 'base64url').toString());
}

describe('the token for MSK', () => {
  // Signatures by aws-msk-iam-sasl-signer-js 1.0.3 for the same credentials at the same time.
  it.each([
    ['eu-central-1', undefined, 'f159abb90224baa37a430b86786a700523c28f2021d8acd585e209b35d3b0a42'],
    ['us-gov-west-1', undefined, 'e1baedd2fe8689bb4ffb086669941c3392d4d7d278dd2b9696245f2b0959dca9'],
    [
      'eu-central-1',
      'session/token+with=signs',
      'ce02b5f6c540434123c724eacff32711813c4a7e9165333b7e77fd0b7af746c9',
    ],
    [
      'us-gov-west-1',
      'session/token+with=signs',
      '026b21993fb7d42595d736a6eb43ea4c01bc3a0b1b23f82ab7405d5de8412be8',
    ],
  ])(
    'the token for MSK has the signature of AWS’s own library: %s, session token %s',
    async (region, sessionToken, signature) => {
      const { searchParams } = requestOf(await mskIamToken(region, { ...KEYS, sessionToken }, NOW));
      expect(searchParams.get('X-Amz-Signature')).toBe(signature);
    },
  );

  it('the token for MSK is a request to connect that is valid for 15 minutes', async () => {
    const url = requestOf(await mskIamToken('eu-central-1', KEYS, NOW));
    expect(url.origin).toBe('https://kafka.eu-central-1.amazonaws.com');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'kafka-cluster:Connect',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20261123/eu-central-1/kafka-cluster/aws4_request',
      'X-Amz-Date': '20261123T060708Z',
      'X-Amz-Expires': '900',
      'X-Amz-SignedHeaders': 'host',
    });
  });

  it('the token for MSK has no padding and contains any session token unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (sessionToken) => {
        const token = await mskIamToken('eu-central-1', { ...KEYS, sessionToken }, NOW);
        expect(token).toMatch(/^[\w-]+$/);
        expect(requestOf(token).searchParams.get('X-Amz-Security-Token')).toBe(sessionToken);
      }),
    );
  });
});
