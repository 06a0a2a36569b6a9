/** `npm run doctor`: checks prerequisites and a running host, and prints a remedy for each problem. Exits with 1 if something needed is missing. */
import { readInstance } from '../instance.ts';
import { type Diagnostic, pipelineDiagnostic, serverChecks } from '../servers/diagnostics.ts';
import { isFree } from '../servers/ports.ts';
import { runProgram } from '../servers/program.ts';
import { messageOf } from '../servers/setup-error.ts';

const SIGNS: Readonly<Record<Diagnostic['state'], string>> = { good: 'ok', note: ' -', missing: '!!' };
const PORT = 8000;

async function node(): Promise<Diagnostic> {
  return { state: 'good', text: `Node ${process.versions.node} at ${process.execPath}` };
}

async function npm(): Promise<Diagnostic> {
  const { ok, output } = await runProgram('npm', ['--version', '--loglevel=error']);
  if (ok) return { state: 'good', text: `npm ${output.trim()}` };
  return {
    state: 'missing',
    text: 'npm is missing',
    remedy: 'install Node with npm from https://nodejs.org',
  };
}

async function instance(): Promise<Diagnostic> {
  const running = readInstance();
  if (running === null) return { state: 'good', text: 'Retail Time Machine does not run in this folder' };
  const where = running.serving?.url ?? 'still starting';
  return { state: 'good', text: `Runs in this folder: ${where} (process ${running.pid})` };
}

async function port(): Promise<Diagnostic> {
  if (await isFree(PORT)) return { state: 'good', text: `Port ${PORT} is free` };
  if (readInstance()?.serving?.port === PORT)
    return { state: 'good', text: `Port ${PORT} serves this folder` };
  return {
    state: 'note',
    text: `Port ${PORT} is taken by another process (lsof -i :${PORT} shows which)`,
    remedy: `end it, or start on another port: npm start -- --port ${PORT + 1}`,
  };
}

async function find(check: () => Promise<Diagnostic>): Promise<Diagnostic> {
  return check().catch((error: unknown) => ({
    state: 'missing',
    text: `${check.name}: ${messageOf(error)}`,
  }));
}

/** Servers that answer don't prove that anything moves, so a running host is asked for its progress. */
async function pipeline(): Promise<Diagnostic> {
  const serving = readInstance()?.serving;
  if (!serving) return { state: 'good', text: 'Pipeline: nothing to look at while nothing runs' };
  return pipelineDiagnostic(serving.url);
}

let missing = 0;
for (const check of [node, npm, ...serverChecks, instance, port, pipeline]) {
  const { state, text, remedy } = await find(check);
  if (state === 'missing') missing += 1;
  console.log(`${SIGNS[state]}  ${text}${remedy === undefined ? '' : `\n    ${remedy}`}`);
}
console.log(
  missing === 0
    ? '\nAll checks passed.'
    : `\n${missing} ${missing === 1 ? 'check' : 'checks'} failed. The remedies are above.`,
);
process.exitCode = missing === 0 ? 0 : 1;
