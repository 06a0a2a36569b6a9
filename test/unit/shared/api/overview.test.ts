import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorRows, systemDocument } from '../../../../shared/api/openapi/document.ts';
import type { OpenApiDocument, OperationObject } from '../../../../shared/api/openapi/openapi.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_URL_BYTES } from '../../../../shared/api/route.ts';
import { metricTable } from '../../../../shared/observability/metric-table.ts';

/** `docs/api.md` matches the code. */
const text = readFileSync('docs/api.md', 'utf8');
let document: OpenApiDocument;
beforeAll(async () => {
  document = await systemDocument();
});

function rowOf(method: string, path: string, { parameters = [], summary }: OperationObject): string {
  const query = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) =>
      schema.default === undefined ? `\`${name}\`` : `\`${name}\` (${schema.default})`,
    );
  return `| ${method.toUpperCase()} \`${path}\` |${query.length > 0 ? ` ${query.join(', ')}` : ''} | ${summary} |`;
}

/** The rows of the table that starts with a heading. */
function rowsUnder(heading: string): string[] {
  const lines = text.slice(text.indexOf(heading)).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(2, end);
}

describe('docs/api.md', () => {
  it('the overview lists exactly the documented operations, with query and summary', () => {
    const rows = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => rowOf(method, path, operation)),
    );
    expect(rowsUnder('| method and path |').toSorted()).toEqual(rows.toSorted());
  });

  it('the overview contains the table of errors', () => {
    expect(text).toContain(errorRows());
  });

  it('the overview states the limits of a request', () => {
    expect(text).toContain(`Path and query take ${MAX_URL_BYTES} bytes (414)`);
    expect(text).toContain(`headers ${MAX_HEADER_BYTES} with what proxies add (431)`);
    expect(text).toContain(`a body ${MAX_BODY_BYTES} on any path (413)`);
  });

  it('the overview lists the process metrics with their labels', () => {
    const rows = rowsUnder('| CloudWatch |').map((row) => row.split(' | '));
    const figures = rows.map(([name = '', , labels = '']) => [
      /`(\w+)`/.exec(name)?.[1],
      labels.replace(' |', ''),
    ]);
    const table = Object.entries(metricTable).map(([name, { labels }]) => [name, labels.join(', ')]);
    expect(figures).toEqual(table);
  });
});
