import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { openTerminal, type TerminalOptions } from '../../../../infra/local/terminal.ts';

function terminal(options: Partial<TerminalOptions> = {}, secrets: readonly string[] = []) {
  const lines: string[] = [];
  const write = (text: string) => void lines.push(stripVTControlCharacters(text));
  const log = openTerminal({ write, pretty: true, level: 'INFO', ...options });
  log.hide(secrets);
  return { ...log, lines };
}

const published = {
  level: 'INFO',
  message: 'days published',
  timestamp: '2026-11-23T05:06:07.089Z',
  service: 'producer',
  sampling_rate: 0,
  run_id: 'abc',
  days: 1,
  nothing: null,
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
};

describe('log lines for people', () => {
  test("a function's line has time, level, service, message, the relevant fields and the trace", () => {
    const { functionLine, lines } = terminal();
    functionLine('producer', JSON.stringify(published));
    expect(lines).toEqual([
      expect.stringMatching(
        /^\d\d:06:07\.089 INFO {2}producer {7}days published {2}run_id=abc days=1 trace=4bf92f35\n$/,
      ),
    ]);
  });

  test('other output of a function becomes a message, even if it looks like JSON', () => {
    const { functionLine, lines } = terminal();
    functionLine('etl', 'plain words');
    functionLine('etl', '{"half":');
    expect(lines).toEqual([
      expect.stringMatching(/ INFO {2}etl {12}plain words\n$/),
      expect.stringMatching(/ INFO {2}etl {12}\{"half":\n$/),
    ]);
  });

  test('a line of the host has the same form', () => {
    const { write, lines } = terminal();
    write('WARN', 'Something is slow.', { seconds: 3, list: [1] });
    expect(lines).toEqual([
      expect.stringMatching(/ WARN {2}host {11}Something is slow\. {2}seconds=3 list=\[1\]\n$/),
    ]);
  });
});

/** The escape sequences of the terminal's own colours. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

describe('untrusted text in log lines', () => {
  const forged = '/x\n12:00:00.000 ERROR host  forged\u001b]0;title\u0007\u009b2J\r';

  test.each([true, false])(
    'text from a client can neither begin a line nor control the terminal (pretty: %s)',
    (pretty) => {
      const raw: string[] = [];
      const log = openTerminal({ write: (text) => void raw.push(text), pretty, level: 'INFO' });
      log.functionLine(
        'live',
        JSON.stringify({ message: `no page ${forged}`, path: forged, list: [forged] }),
      );
      log.functionLine('live', `plain ${forged}`);
      log.write('ERROR', 'The host says', { failure: forged, 'na\nme': 1 });
      expect(raw).toHaveLength(3);
      for (const line of raw) {
        expect(line.replaceAll(COLOUR, '').slice(0, -1)).not.toMatch(/\p{Cc}/u);
        expect(line).toContain('forged');
      }
    },
  );

  test('text is searched for credentials in linear time', () => {
    const { functionLine, lines } = terminal();
    // In quadratic time this would take hours.
    functionLine('etl', 'a'.repeat(2_000_000));
    expect(lines).toHaveLength(1);
  });
});

describe('log lines for machines', () => {
  test('every log line is a JSON object', () => {
    const { write, functionLine, lines } = terminal({ pretty: false });
    functionLine('producer', JSON.stringify(published));
    functionLine('etl', 'plain words');
    write('INFO', 'ready', { port: 1 });
    const { sampling_rate: _rate, ...expected } = published;
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expected,
      { level: 'INFO', message: 'plain words', service: 'etl', timestamp: expect.any(String) },
      { level: 'INFO', message: 'ready', service: 'host', port: 1, timestamp: expect.any(String) },
    ]);
  });
});

describe('levels and secrets', () => {
  test('lines below the log level are dropped', () => {
    const { write, functionLine, lines } = terminal({ level: 'WARN' });
    write('INFO', 'no');
    functionLine('etl', '{"level":"DEBUG","message":"no"}');
    functionLine('etl', '{"level":"CRITICAL","message":"yes"}');
    expect(lines).toHaveLength(1);
  });

  test.each([true, false])('no secret is logged, whatever contains it (pretty: %s)', (pretty) => {
    const { write, functionLine, lines } = terminal({ pretty }, ['s3cr3t-password', 'x']);
    write('INFO', 'connected as mysql://root:hunter22@host/db', {
      password: 'one',
      nested: { apiToken: 'two' },
    });
    functionLine('etl', '{"message":"a","headers":{"authorization":"Bearer three.three"},"token":"four"}');
    functionLine('etl', 'Authorization: Bearer five.five and s3cr3t-password, for example');
    const all = lines.join('');
    for (const secret of ['hunter22', 'one"', '=one', 'two', 'three', 'four', 'five', 's3cr3t']) {
      expect(all).not.toContain(secret);
    }
    expect(all).toContain('for example');
  });
});
