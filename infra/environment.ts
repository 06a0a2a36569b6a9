/** Where a deployed function finds the files beside its module. */
export const functionFiles = {
  /** `<region>.pem` */
  certificates: 'rds-ca',
  /** Numbered SQL files. */
  schema: 'schema',
  /** The built live page. */
  page: 'page',
  /** The API's document and the page that shows it. */
  docs: 'docs',
} as const;
