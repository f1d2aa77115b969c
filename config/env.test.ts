/** Proves that a wrong environment is refused as a whole, with every name, and without repeating a secret. */
import { expect, it } from 'vitest';
import { readEnvironment } from './env.ts';

it('needs nothing for the embedded stack', () => {
  expect(readEnvironment({})).toEqual({ TEMPORAL_NAMESPACE: 'default', MAIL_DOMAIN: 'dondoc.example' });
});

it('names every mistake at once and repeats no secret', () => {
  const wrong = {
    TEMPORAL_ADDRESS: 'nowhere',
    SLACK_BOT_TOKEN: 'hunter2-secret',
    LINK_SECRET: 'short-secret',
    WEB_PORT: '99999',
    MAIL_DOMAIN: 'x y',
  };
  const said = (() => {
    try {
      readEnvironment(wrong);
      return '';
    } catch (error) {
      return String(error);
    }
  })();
  for (const name of Object.keys(wrong)) expect(said).toContain(name);
  expect(said).toContain('is "nowhere"');
  expect(said).not.toMatch(/hunter2|short-secret/);
});

it('wants both tokens of Slack', () => {
  expect(() => readEnvironment({ SLACK_BOT_TOKEN: 'xoxb-1' })).toThrow('go together');
});
