import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { mysqlSettings, readSettings, SettingsError } from '../../../shared/settings.ts';

describe('settings', () => {
  it('settings are parsed once, with their defaults', () => {
    const environment = { MYSQL_HOST: 'h', MYSQL_PORT: '3307', MYSQL_DATABASE: 'd', MYSQL_USER: 'u' };
    expect(readSettings(mysqlSettings, environment)).toMatchObject({ MYSQL_PORT: 3307, MYSQL_TLS: 'off' });
  });

  it('invalid settings stop the start with all of their names and none of their values', () => {
    const schema = z.object({ ONE: z.string(), PASSWORD: z.string().length(3), PORT: z.coerce.number() });
    const start = () => readSettings(schema, { PASSWORD: 'hunter2', PORT: 'x' });
    expect(start).toThrow(SettingsError);
    expect(start).toThrow(/ONE.*PASSWORD.*PORT/);
    expect(start).not.toThrow(/hunter2/);
  });
});
