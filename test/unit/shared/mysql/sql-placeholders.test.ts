// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the tested texts are source code.
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expressionsInSql } from '../../../support/sql-texts.ts';

/** Expressions allowed in SQL that are not constants of the same file, and why no request can influence them. */
const REVIEWED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'functions/analytics/insights.ts': {
    row: 'the alias that SOLD_OUT is given',
    "SOLD_OUT('f')": 'a constant of this file with an alias',
    "SOLD_OUT('p')": 'the same',
    HAS_VALUES: 'made of a closed list of columns',
    column: 'one of that list',
    day: 'part of a link, not of SQL',
    'operations.readLivePage.path': 'part of a link, not of SQL',
    'new URLSearchParams({ day: String(day), tab, store_id, product_id })': 'part of a link, not of SQL',
  },
  'functions/analytics/ranking.ts': {
    'COLUMNS[by]': 'a closed table; the key is one of two constants',
    'DAY_TOTALS(by)': 'made of the same constants',
    'TREND(by)': 'the same',
    "SOLD_OUT('f')": 'a constant of insights.ts with an alias',
  },
  'functions/analytics/sales-summary.ts': {
    "SOLD_OUT('f')": 'a constant of insights.ts with an alias',
    "SOLD_OUT('p')": 'the same',
    'COLUMNS[by]': 'a closed table; the key is an enum of the contract',
    "then_by ? COLUMNS[then_by] : 'NULL'": 'the same table',
    season: 'one of two constants',
    "asked.map((condition) => condition.sql).join(' AND ')": 'constants with a placeholder each',
  },
  'functions/etl/replace-dataset.ts': {
    COLUMNS: 'made of a closed table',
    'loadInto(table)': 'one of the two tables that replaceDataset names',
    table: 'the four names that the loop lists',
    target: 'the three that insertDimensions names',
  },
  'functions/feed/read-page.ts': {
    STORED_SALE_COLUMNS: 'the fields of a schema',
    condition: 'the four conditions of pageQueries, constants with placeholders',
    days: 'the two that pageQueries names',
    index: 'the two names of its type',
    sql: 'made by pageQueries',
  },
  'functions/sales/api.ts': {
    page: 'one of two constants with placeholders',
    RECENT_SALES: 'made of constants by withRow',
    RECENT_SALES_OF_DAY: 'made of constants by withRow',
  },
  'functions/optimize/stored-trials.ts': {
    where: 'constants of MATCHES, with placeholders',
    source: 'constants of SOURCES',
    sql: 'made by trialsStatement',
    WITHOUT_LIMIT: 'a constant of shared/mysql/connection.ts',
  },
  'shared/run-forecasts/store.ts': { WITHOUT_LIMIT: 'a constant of shared/mysql/connection.ts' },
  'infra/local/servers/mysql.ts': {
    password: 'random and of characters that need no quoting; an init file takes no placeholders',
  },
  'shared/history/product-history.ts': {
    PRODUCT_SALES_OF_STORE: 'PRODUCT_SALES with a condition of constants and placeholders',
  },
  'shared/mysql/connection.ts': {
    assignments: 'names of session variables with placeholders',
    name: 'a key of the session variables that the code sets',
    sql: 'what select was given, which is looked at where it is called',
    milliseconds: 'a number that the code sets, which a function’s settings don’t reach',
    'milliseconds / 1_000': 'the same',
  },
  'infra/local/stores/dead-letters.ts': { condition: 'one of two constants' },
  'infra/local/stores/stores.ts': {
    'mysql.MYSQL_DATABASE': 'a setting; its schema takes letters, digits and _',
  },
  'functions/migrate/function-users.ts': {
    "privileges.join(', ')": 'constants of shared/mysql/privileges.ts',
    privilege: 'what the server lists as granted',
  },
  'functions/migrate/migrations.ts': { statement: 'of a file in data/schema' },
  'shared/mysql/pool.ts': { '...query': 'hands on what it was given' },
  'functions/consumer/event-writer.ts': {
    ofRun: 'one constant condition for each run',
    sql: 'the statements above it, joined',
  },
};

/** All code that may use a MySQL connection; the page is excluded because it runs in browsers. */
const files = globSync('{functions,shared,infra,data}/**/*.ts').filter((file) => !file.includes('/page/'));
const found = files.flatMap((file) =>
  expressionsInSql(readFileSync(file, 'utf8')).map((expression) => ({ file, expression })),
);

describe('SQL is made of constants and placeholders', () => {
  it('every SQL expression that is neither a constant nor a placeholder is on the list of reviewed ones', () => {
    const unknown = found.filter(({ file, expression }) => REVIEWED[file]?.[expression] === undefined);
    expect(unknown).toEqual([]);
  });

  it('every expression on the list of reviewed ones still occurs in a source', () => {
    const listed = Object.entries(REVIEWED).flatMap(([file, reasons]) =>
      Object.keys(reasons).map((expression) => ({ file, expression })),
    );
    expect(found).toEqual(expect.arrayContaining(listed));
  });
});

describe('the check of a source', () => {
  it.each([
    ['in a query', 'pool.query(`SELECT * FROM t WHERE id = ${id}`)', ['id']],
    ['by concatenation', "pool.query('DELETE FROM t WHERE id = ' + request.id)", ['request.id']],
    ['in an object', 'c.execute({ sql: `KILL ${id}`, timeout: 1 })', ['id']],
    ['in an object without a literal sql', 'pool.query(options)', ['options']],
    ['in a select', 'select<Row>(pool, `DO ${work()}`, [])', ['work()']],
    ['by a variable', 'const sql = `DO ${a}`; pool.query(sql)', ['a']],
    ['by a parameter', 'function ask(sql: string) { return pool.query(sql); }', ['sql']],
    ['far from its query', 'export const of = (id) => ({ text: `SELECT 1 WHERE id = ${id}` })', ['id']],
    ['by a condition', "pool.query('SELECT 1'); const part = `id = ${id}`", ['id']],
    ['by a quoted value', "pool.query('SELECT 1'); const part = `id = '${id}' AND b = ?`", ['id']],
    ['by a parameter in capitals', 'const f = (ID: string) => pool.query(`DO ${ID}`)', ['ID']],
    ['by a call', 'const NAME = f(); pool.query(`DO ${NAME}`)', ['NAME']],
  ])('the check finds an expression that enters SQL %s', (_how, source, expressions) => {
    expect(expressionsInSql(source)).toEqual(expressions);
  });

  it.each([
    ['placeholders', "pool.query('SELECT ? FROM t', [id])"],
    [
      'constants of constants',
      'const A = "a", B = `${A}, b`; pool.query(`SELECT ${B} FROM t` + ` WHERE id = ?`)',
    ],
    ['an exported constant', 'export const A = "a" as const; select(pool, `DO ${A}`)'],
    ['sentences', 'throw new Error(`Where is ${name}? I can not select it.`)'],
  ])('the check accepts %s', (_what, source) => {
    expect(expressionsInSql(source)).toEqual([]);
  });
});
