/** What each function may do in MySQL: the capabilities that infra/system.ts names, as privileges on tables. */
import { createHash } from 'node:crypto';

/** Privileges of one table, as GRANT takes them. */
type Privileges = Readonly<Record<string, readonly string[]>>;

const DATA_SET_TABLES = ['datasets', 'stores', 'products', 'calendar', 'sales_facts'] as const;

function onDataSet(privileges: readonly string[]): Privileges {
  return Object.fromEntries(DATA_SET_TABLES.map((table) => [table, privileges]));
}

export const mysqlPrivileges = {
  'mysql:read-data-set': onDataSet(['SELECT']),
  /** Replaces the rows, but neither changes nor drops a table. */
  'mysql:load-data-set': {
    ...onDataSet(['SELECT', 'INSERT', 'DELETE']),
    sales_lines: ['SELECT', 'INSERT', 'DELETE'],
  },
  'mysql:read-events': { kafka_events: ['SELECT'] },
  /**
   * Adds events and dead letters and changes none: an insert that leaves a duplicate as it is needs UPDATE of the column that it
   * assigns to itself, and a lock on a row UPDATE of its table.
   */
  'mysql:store-events': {
    writer_lock: ['SELECT', 'UPDATE'],
    kafka_events: ['SELECT', 'INSERT', 'UPDATE (event_id)'],
    dead_letters: ['SELECT', 'INSERT', 'UPDATE (topic)'],
  },
  'mysql:read-dead-letters': { dead_letters: ['SELECT'] },
  /** Adds forecasts and changes none; leaving a duplicate as it is needs UPDATE of the column that it assigns to itself. */
  'mysql:keep-forecasts': { run_forecasts: ['SELECT', 'INSERT', 'UPDATE (run_id)'] },
  'mysql:trials': { optuna_trials: ['SELECT', 'INSERT'] },
} as const satisfies Readonly<Record<string, Privileges>>;

export type MysqlCapability = keyof typeof mysqlPrivileges;

// Object.keys returns strings, whatever the keys' type.
export const mysqlCapabilities = Object.keys(mysqlPrivileges) as [MysqlCapability, ...MysqlCapability[]];

/** All privileges of several capabilities: each table with its privileges, sorted. */
export function privilegesOf(capabilities: readonly MysqlCapability[]): Map<string, string[]> {
  const byTable = new Map<string, Set<string>>();
  for (const capability of capabilities) {
    for (const [table, privileges] of Object.entries(mysqlPrivileges[capability])) {
      byTable.set(table, new Set([...(byTable.get(table) ?? []), ...privileges]));
    }
  }
  return new Map([...byTable].map(([table, privileges]) => [table, [...privileges].sort()]));
}

/** MySQL's limit for the names of users. */
const MAX_USER_LENGTH = 32;

/** The user of a function. Users are common to all databases of a server, so the name contains the database's. */
export function functionUser(database: string, functionName: string): string {
  const name = `${database}_${functionName}`;
  if (name.length <= MAX_USER_LENGTH) return name;
  return `${createHash('sha256').update(database).digest('hex').slice(0, 12)}_${functionName}`;
}

/** The password of a function's user on one machine: derived, so that nothing needs to store it. */
export function localPassword(ownerPassword: string, user: string): string {
  return createHash('sha256').update(`${user}:${ownerPassword}`).digest('base64url').slice(0, 32);
}
