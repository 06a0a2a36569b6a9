import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { textsBesideSql } from '../../../support/sql-texts.ts';

/** SQL that runs on MySQL 8.4, MySQL 9.7 and MariaDB 11.4 alike; MySQL 9.6 and later have no MD5() and no SHA1(). */
const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'ABS AVG CAST COALESCE CONCAT CONCAT_WS CONNECTION_ID COUNT CURRENT_TIMESTAMP DATABASE GET_LOCK GREATEST IF IS_USED_LOCK LENGTH LOCATE MAX MIN ' +
    'NOW RELEASE_LOCK ROUND SHA2 SLEEP SUBSTRING_INDEX SUM TO_DAYS UNIX_TIMESTAMP UUID VERSION'
  ).split(' '),
);
const TYPES: ReadonlySet<string> = new Set('CHAR DATETIME DECIMAL VARCHAR'.split(' '));

const SCHEMA = globSync('data/schema/*.sql').map((file) => ({ file, text: readFileSync(file, 'utf8') }));
const SOURCES = globSync('{functions,shared,infra,data,test}/**/*.ts')
  .filter((file) => !file.includes('node_modules') && !file.startsWith('test/unit/shared/mysql/sql-'))
  .flatMap((file) => textsBesideSql(readFileSync(file, 'utf8')).map((text) => ({ file, text })));
const ALL = [...SCHEMA.map(({ file, text }) => ({ file, text: text.replaceAll(/--.*$/gm, '') })), ...SOURCES];

/** The columns whose values the server generates, as `table.column`. */
const GENERATED = SCHEMA.flatMap(({ text }) => text.split(/;\s*$/m)).flatMap((statement) => {
  const [, table] = /CREATE TABLE IF NOT EXISTS (\w+)/.exec(statement) ?? [];
  const [, column] = /^\s*(\w+) .*\bAUTO_INCREMENT\b/m.exec(statement) ?? [];
  return table && column ? [`${table}.${column}`] : [];
});

/** The columns that the texts assign in existing rows, as `table.column`. */
function assignedOnDuplicate(text: string): string[] {
  const [, table, assignments] = /INSERT INTO (\w+)[^;]*ON DUPLICATE KEY UPDATE ([^;]*)/.exec(text) ?? [];
  return [...(assignments ?? '').matchAll(/(\w+)\s*=/g)].map(([, column]) => `${table}.${column}`);
}

function functionsIn(text: string): string[] {
  return [...text.matchAll(/\b([A-Z][A-Z0-9_]+)\(/g)].map(([, name]) => name ?? '');
}

describe('SQL that runs on MySQL and on MariaDB', () => {
  it('no statement assigns a generated id on a duplicate key, which MySQL rejects for a row of the same statement', () => {
    const assigned = ALL.flatMap(({ text }) => assignedOnDuplicate(text));
    expect(GENERATED).toEqual(
      expect.arrayContaining(['kafka_events.id', 'dead_letters.id', 'datasets.id', 'optuna_trials.id']),
    );
    expect(assigned).toEqual(expect.arrayContaining(['kafka_events.event_id', 'dead_letters.topic']));
    expect(assigned.filter((column) => GENERATED.includes(column))).toEqual([]);
  });

  it('every SQL function in use exists on both servers', () => {
    const unknown = ALL.flatMap(({ file, text }) =>
      functionsIn(text)
        .filter((name) => !FUNCTIONS.has(name) && !TYPES.has(name))
        .map((name) => ({ file, name })),
    );
    expect(unknown).toEqual([]);
  });

  it('every EXPLAIN names its format, because the default is a tree on MySQL 9', () => {
    const bare = ALL.filter(({ text }) => /\bEXPLAIN\s+(?!FORMAT=TRADITIONAL\b)/.test(text));
    expect(bare).toEqual([]);
  });

  it('no statement uses syntax that only one server supports', () => {
    const foreign =
      /\bRETURNING\b|\bJSON_TABLE\b|\bSET STATEMENT\b|\bMAX_EXECUTION_TIME\b|\bVALUES \S+ AS new\b|\bVALUES?\(\w+\)/;
    // Only MariaDB executes what stands in /*M! … */.
    const common = (text: string) => text.replaceAll(/\/\*M! [^*]*\*\//g, '');
    expect(SOURCES.filter(({ text }) => foreign.test(common(text)))).toEqual([]);
  });
});
