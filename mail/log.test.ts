/** Proves what a mail server's log says of a mail, by the lines that a Postfix 3.7 wrote itself, and how the file is followed. */
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMailLogReader, type Logged, openMailLog } from './log.ts';

const id = (letter: string) => `<${letter.repeat(40)}@dondoc.example>`;
const lineOf = (queued: string, letter: string) => [
  `Nov 26 18:30:55 mail postfix/cleanup[18544]: ${queued}: message-id=${id(letter)}\n`,
  `Nov 26 18:30:55 mail postfix/qmgr[18219]: ${queued}: from=<dondoc@dondoc.example>, size=358, nrcpt=1 (queue active)\n`,
];

describe('a Postfix of its own', () => {
  const reader = createMailLogReader();
  for (const line of readFileSync(new URL('../test/fixtures/postfix.txt', import.meta.url), 'utf8').split('\n')) reader.read(line);

  it.each<[what: string, letter: string, logged: Logged]>([
    ['took a mail and said so', 'a', 'taken'],
    ['refused the recipient', 'b', 'absent'],
    ['lost the line amid a mail', 'c', 'begun'],
    ['took a mail whose sender was gone before the yes', 'd', 'taken'],
    ['refused a mail by its headers', 'e', 'begun'],
    ['took another', 'f', 'taken'],
    ['never saw it', '0', 'absent'],
  ])('%s', (_, letter, logged) => expect(reader.of(id(letter))).toBe(logged));
});

it('a name in the queue that was given again is of the mail that has it then', () => {
  const reader = createMailLogReader();
  const [begun = ''] = lineOf('4F1', 'a');
  for (const line of [begun, ...lineOf('4F1', 'b')]) reader.read(line);
  expect([reader.of(id('a')), reader.of(id('b'))]).toEqual(['begun', 'taken']);
});

describe('the file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dondoc-log-'));
    file = join(folder, 'mail.log');
    writeFileSync(file, lineOf('1', 'a').join(''));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const connected = async () => appendFileSync(file, 'Nov 26 18:30:55 mail postfix/smtpd[1]: connect from localhost[127.0.0.1]\n');

  it('is read from its beginning, and then on from where it was left', async () => {
    const log = openMailLog(file, connected);
    expect((await log.look())?.(id('a'))).toBe('taken');
    const [half = ''] = lineOf('2', 'b');
    appendFileSync(file, half.slice(0, 60));
    expect((await log.look())?.(id('b'))).toBe('absent');
    writeFileSync(file, half.slice(60) + lineOf('2', 'b').join(''), { flag: 'a' });
    expect((await log.look())?.(id('b'))).toBe('taken');
  });

  it('is followed when it is turned over', async () => {
    const log = openMailLog(file, connected);
    await log.look();
    appendFileSync(file, lineOf('2', 'b').join(''));
    renameSync(file, `${file}.1`);
    writeFileSync(file, lineOf('3', 'c').join(''));
    const loggedOf = await log.look();
    expect(['a', 'b', 'c'].map((letter) => loggedOf?.(id(letter)))).toEqual(['taken', 'taken', 'taken']);
  });

  it.each<[because: string, mark: () => Promise<void>]>([
    ['is not where the server writes', async () => {}],
    ['is of a server that is away', () => Promise.reject(new Error('ECONNREFUSED'))],
    [
      'is gone',
      async () => {
        rmSync(file);
      },
    ],
  ])('says nothing where it %s', async (_, mark) => {
    expect(await openMailLog(file, mark, 200).look()).toBeNull();
  });

  it('is read once by all who look at once', async () => {
    let marks = 0;
    const log = openMailLog(file, async () => {
      marks += 1;
      await connected();
    });
    await Promise.all([log.look(), log.look(), log.look()]);
    expect(marks).toBe(1);
  });
});
