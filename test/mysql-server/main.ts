/**
 * `npm run rtm -- mysql-server`: downloads Oracle's MySQL from Debian's packages and prints the path of its `mysqld`, so that
 * `MYSQLD=$(npm run --silent rtm -- mysql-server) npm test` runs the tests on it. Exits with 1 and one line on standard error if
 * it isn't available.
 */
import { requireOracleMysql } from '../../infra/local/servers/oracle-mysql.ts';
import { messageOf, SetupError } from '../../infra/local/servers/setup-error.ts';
import { bringDebianMysql } from '../support/debian-packages.ts';

const LIMIT_MS = 300_000;

const report = (line: string) => console.error(line);
try {
  const path = await bringDebianMysql(report, AbortSignal.timeout(LIMIT_MS));
  const { title } = await requireOracleMysql(path);
  report(`${title}: ${path}`);
  console.log(path);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  report(`Oracle's MySQL can't be had here: ${messageOf(error)}`);
  process.exitCode = 1;
}
