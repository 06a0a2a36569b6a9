/** Builds what `GET /docs` and `GET /openapi.json` serve. */

import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as z from 'zod';
import { analyticsRoutes } from '../analytics.ts';
import { forecastRoutes } from '../forecast.ts';
import { insightRoutes } from '../insights.ts';
import { liveRoutes } from '../live.ts';
import { optimizeRoutes } from '../optimize.ts';
import { proofRoutes } from '../proof.ts';
import { rankingRoutes } from '../ranking.ts';
import { replenishmentRoutes } from '../replenishment.ts';
import type { RouteDeclaration } from '../route.ts';
import { runForecastRoutes } from '../run-forecasts.ts';
import { salesRoutes } from '../sales.ts';
import { simulationRoutes } from '../simulation.ts';
import { systemRoutes } from '../system.ts';
import { openApiDocument } from './document.ts';
import type { OpenApiDocument } from './openapi.ts';

const OWN_FILES = path.join(import.meta.dirname, 'ui');
const SWAGGER_UI = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const PACKAGE = path.join(import.meta.dirname, '../../../package.json');

/** The files of Swagger UI that the page needs, and our own. */
const COPIED = [
  ...['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'].map((name) =>
    path.join(SWAGGER_UI, name),
  ),
  ...['index.html', 'initializer.js', 'page.css'].map((name) => path.join(OWN_FILES, name)),
];

/** The OpenAPI document of all declared routes. @param basePath The path under which they are served; empty for the root. */
export async function systemDocument(basePath = ''): Promise<OpenApiDocument> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(PACKAGE, 'utf8')));
  const document = openApiDocument(allRoutes, version);
  if (basePath === '') return document;
  return { ...document, servers: document.servers.map((server) => ({ ...server, url: basePath })) };
}

/** Writes the document and Swagger UI's files into a directory. The same sources always produce the same files. */
export async function buildDocs(outDirectory: string, basePath = ''): Promise<void> {
  await mkdir(outDirectory, { recursive: true });
  const document = `${JSON.stringify(await systemDocument(basePath))}\n`;
  await Promise.all([
    writeFile(path.join(outDirectory, 'openapi.json'), document),
    ...COPIED.map((file) => copyFile(file, path.join(outDirectory, path.basename(file)))),
  ]);
}

/** Every declared route. Which function answers each is the business of `infra/system.ts`. */
const allRoutes: readonly RouteDeclaration[] = [
  ...simulationRoutes,
  ...salesRoutes,
  ...analyticsRoutes,
  ...rankingRoutes,
  ...insightRoutes,
  ...forecastRoutes,
  ...runForecastRoutes,
  ...replenishmentRoutes,
  ...optimizeRoutes,
  ...systemRoutes,
  ...proofRoutes,
  ...liveRoutes,
];
