/** The deployed system with its functions under AWS's runtime client, and everything else as `npm start` runs it. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleFunctions } from '../../infra/aws/bundle.ts';
import { bundledFolders, mysqlFunctionsOf } from '../../infra/capability-resources.ts';
import type { LambdaHost } from '../../infra/lambda-host/host.ts';
import type { HostLog } from '../../infra/lambda-host/log.ts';
import { localEnvironment, namesOf, type SystemNames } from '../../infra/local/environment.ts';
import { startHost } from '../../infra/local/host.ts';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';
import { startServers } from '../../infra/local/servers/start.ts';
import { deployedSystem } from '../../infra/system.ts';
import { definitionOf, type SystemDescription } from '../../infra/system-description.ts';
import { buildPage } from '../../web/build.ts';
import { synthesize } from '../infra/aws/synthesis.ts';
import { environmentsOf } from '../infra/aws/template-environment.ts';
import { startSecrets, templateTexts } from '../support/bundled-functions.ts';
import { datasetLines, textOf } from '../support/datasets.ts';
import { type RicFunction, type RicFunctions, serveFunctions } from './functions.ts';

const DAYS = 60;
/** Where the deployment would be. */
const REGION = 'us-east-1';

export interface BundledSystem {
  readonly host: LambdaHost;
  readonly functions: RicFunctions;
  readonly functionNames: readonly string[];
  readonly functionOf: (name: string) => RicFunction;
  stop(): Promise<void>;
}

interface Options {
  readonly client: string;
  /** Empty; everything is kept here. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Whether to show what functions print. */
  readonly verbose: boolean;
}

/** Starts servers and host, applies the schema and loads a data set. */
export async function openBundledSystem({ client, folder, say, verbose }: Options): Promise<BundledSystem> {
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closers.toReversed()) await close();
  };
  try {
    const servers = await startServers({
      dataDirectory: path.join(folder, 'data'),
      mode: 'native',
      fresh: true,
      report: say,
    });
    closers.push(() => servers.stop());
    const { addresses } = servers;
    const names = namesOf(addresses);
    const secrets = await startSecrets(addresses.mysql.password);
    closers.push(() => secrets.close());
    const bundles = path.join(folder, 'bundles');
    await bundleFunctions(deployedSystem.functions, { outDirectory: bundles, buildPage });
    const environments = environmentsOf(synthesize());

    let host: LambdaHost | undefined;
    const functionOf = (name: string): RicFunction => {
      if (!host) throw new Error(`${name} was invoked before the host was started.`);
      const directory = path.join(bundles, name);
      const local = localVariables(name, { addresses, names, lambdaEndpoint: host.lambdaEndpoint });
      return {
        directory,
        variables: {
          ...variablesOf(name, environments.get(name) ?? {}, local, directory),
          AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
        },
        timeoutMs: definitionOf(deployedSystem, name).timeoutSeconds * 1_000,
      };
    };
    const functions = await serveFunctions({
      client,
      functionOf,
      onOutput: (name, text) => verbose && process.stderr.write(`${name}: ${text}`),
    });
    closers.push(() => functions.stop());
    host = await startHost({
      addresses,
      names,
      port: 0,
      stateDirectory: path.join(folder, 'state'),
      pageDirectory: path.join(bundles, 'live/page'),
      log: problemsOnly(),
      apiToken: '',
      logLevel: 'INFO',
      system: forwarding(functions.url),
    });
    closers.push(() => host?.stop());
    await load(host, path.join(folder, 'sales.csv'));
    return { host, functions, functionNames: Object.keys(deployedSystem.functions), functionOf, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface LocalContext {
  readonly addresses: ServerAddresses;
  readonly names: SystemNames;
  readonly lambdaEndpoint: string;
}

/** What the local host would give the function. */
function localVariables(name: string, context: LocalContext): Record<string, string> {
  return localEnvironment(name, definitionOf(deployedSystem, name), {
    ...context,
    mysqlFunctions: mysqlFunctionsOf(deployedSystem.functions),
    tableWritesChannel: '',
    pageDirectory: '',
    docsDirectory: '',
    schemaDirectory: '',
    apiToken: '',
    logLevel: 'INFO',
  });
}

/** The variables of the template and no others, except those of AWS's SDK: those with computed values come from the local host. */
function variablesOf(
  name: string,
  template: Readonly<Record<string, unknown>>,
  local: Readonly<Record<string, string>>,
  directory: string,
): Record<string, string> {
  const certificates = path.join(directory, bundledFolders.certificates, `${REGION}.pem`);
  const texts: Record<string, string> = {
    MYSQL_CA_FILE: certificates,
    ...templateTexts(name, template, directory),
  };
  const named = Object.keys(template).map((each) => [each, texts[each] ?? local[each] ?? ''] as const);
  // Instead of the role's identity, which only RDS accepts.
  const { MYSQL_PASSWORD: password } = local;
  const byPassword =
    'MYSQL_USER' in template && password !== undefined ? [['MYSQL_PASSWORD', password] as const] : [];
  const ofSdk = Object.entries(local).filter(([each]) => each.startsWith('AWS_'));
  return Object.fromEntries([...ofSdk, ...byPassword, ...named]);
}

/** The system with handlers that send each event to the function's own process. */
function forwarding(url: string): SystemDescription {
  const functions = Object.entries(deployedSystem.functions).map(([name, definition]) => {
    const entry = definition.invocation === 'stream' ? 'test/ric/forward-stream.ts' : 'test/ric/forward.ts';
    return [name, { ...definition, entry, environment: { RIC_URL: `${url}/${name}` } }] as const;
  });
  return { ...deployedSystem, functions: Object.fromEntries(functions) };
}

async function load(host: LambdaHost, dataset: string): Promise<void> {
  await writeFile(dataset, textOf(datasetLines(DAYS)));
  for (const [name, event] of [
    ['migrate', {}],
    ['etl', { file: dataset }],
  ] as const) {
    const { error } = await host.invoke(name, event);
    if (error) throw new Error(`${name} failed: ${error.errorMessage}`);
  }
  host.open();
}

function problemsOnly(): HostLog {
  return {
    write: (level, message, fields) => {
      if (level === 'ERROR' || level === 'WARN') console.error(level, message, fields ?? '');
    },
    functionLine: (name, line) => console.error(`${name}: ${line}`),
  };
}
