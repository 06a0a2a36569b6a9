import { errorTable } from '../errors.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_URL_BYTES } from '../route.ts';

/** What applies to every operation, in Markdown. */
export function introduction(): string {
  return [
    'JSON keys are in snake_case, dates are `YYYY-MM-DD`, times ISO 8601 in UTC. Undefined values are null. Members may be ' +
      'added to responses; none is renamed or dropped.',
    '**Errors** are problem documents (RFC 9457); programs should rely on `code`. ' +
      'An unknown path is 404 `not_found`.',
    errorRows(),
    '**Methods.** Every GET operation also answers HEAD. OPTIONS is 204 with `Allow`. Any other method is 405 ' +
      '`method_not_allowed` with `Allow`. A trailing slash redirects to the path without it (307).',
    '**Other origins** have no access: there are no CORS headers. Page, API and stream share one origin.',
    `**Limits.** Path and query ${MAX_URL_BYTES} bytes (414), headers ${MAX_HEADER_BYTES} bytes (431), body ` +
      `${MAX_BODY_BYTES} bytes (413). Unknown parameters are ignored.`,
  ].join('\n\n');
}

/** The table of errors, in Markdown. */
export function errorRows(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
  );
  return ['| code | status | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
