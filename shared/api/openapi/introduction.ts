import { errorTable } from '../errors.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_URL_BYTES } from '../route.ts';

/** What holds for every operation, in Markdown. */
export function introduction(): string {
  return [
    'JSON keys are in snake_case, dates are `YYYY-MM-DD`, times ISO 8601 in UTC. What has no value is null. Members may be ' +
      'added to answers; none is renamed or dropped.',
    '**Errors** are problem documents (RFC 9457); programs should look at `code`. ' +
      'A path that is not here is 404 `not_found`.',
    errorRows(),
    '**Methods.** What answers GET answers HEAD. OPTIONS is 204 with `Allow`. Any other method on a path is 405 ' +
      '`method_not_allowed` with `Allow`. A slash at the end of a path leads to the path itself (307).',
    '**Other origins.** Pages of other origins have no access: there are no CORS headers. Page, API and stream are one origin.',
    `**Limits.** Path and query ${MAX_URL_BYTES} bytes (414), headers ${MAX_HEADER_BYTES} bytes (431), body ` +
      `${MAX_BODY_BYTES} bytes (413). Parameters that an operation does not name are ignored.`,
  ].join('\n\n');
}

/** The table of errors in Markdown. */
export function errorRows(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
  );
  return ['| code | status | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
