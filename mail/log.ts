/**
 * What a mail server's own log says of a mail: nobody else can be asked whether it was taken. The log is Postfix's, which names each mail
 * that it takes by its Message-ID (https://www.postfix.org/OVERVIEW.html, cleanup and qmgr); how a line begins does not matter.
 */
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** `taken`: queued, the server answers for it. `begun`: its headers came, and nothing says that it was queued. */
export type Logged = 'taken' | 'begun' | 'absent';

/** Reads a log line by line, in its order: the server gives the name of a queued mail to another one later. */
export function createMailLogReader(): { read(line: string): void; of(messageId: string): Logged } {
  const nameOf = new Map<string, string>();
  const begun = new Set<string>();
  const taken = new Set<string>();
  return {
    read(line) {
      const [, queued, messageId] = /\/cleanup\[\d+\]: ([0-9A-Za-z]+): message-id=(<[^>]+>)/.exec(line) ?? [];
      if (queued !== undefined && messageId !== undefined) {
        nameOf.set(queued, messageId);
        begun.add(messageId);
        return;
      }
      const [, active = ''] = /\/qmgr\[\d+\]: ([0-9A-Za-z]+): from=<[^>]*>, size=\d+, nrcpt=\d+ \(queue active\)/.exec(line) ?? [];
      const named = nameOf.get(active);
      if (named !== undefined) taken.add(named);
    },
    of: (messageId) => (taken.has(messageId) ? 'taken' : begun.has(messageId) ? 'begun' : 'absent'),
  };
}

export interface MailLog {
  /**
   * Reads what has been written since the last look; those who look at once share one.
   * @returns what it then says of each mail that was put on the wire before; null where that cannot be told now
   */
  look(): Promise<((messageId: string) => Logged) | null>;
}

/** A server writes its line of a connection when that opens. */
const WRITTEN_WITHIN_MS = 5_000;
const WRITTEN_LOOK_MS = 25;

/**
 * @param file the log in use; the one before it is read at `FILE.1`, where logrotate leaves it
 * @param mark makes the server write a line, by a connection of ours: the log is known to be this server's, and complete up to it
 */
export function openMailLog(file: string, mark: () => Promise<void>, writtenWithinMs = WRITTEN_WITHIN_MS): MailLog {
  let reader = createMailLogReader();
  let place: { inode: number; end: number } | null = null;
  let looking: ReturnType<MailLog['look']> | null = null;

  async function look(): ReturnType<MailLog['look']> {
    try {
      const before = await stat(file);
      await mark();
      const after = await changed(file, before, writtenWithinMs);
      if (after === null) return null;
      if (place === null || after.ino !== place.inode || after.size < place.end) {
        reader = createMailLogReader();
        const previous = `${file}.1`;
        if (existsSync(previous)) await readLines(previous, 0, reader.read);
        place = { inode: after.ino, end: 0 };
      }
      place.end = await readLines(file, place.end, reader.read);
      return reader.of;
    } catch {
      return null;
    }
  }
  return {
    look: () => {
      looking ??= look().finally(() => {
        looking = null;
      });
      return looking;
    },
  };
}

async function changed(file: string, before: { readonly ino: number; readonly size: number }, withinMs: number) {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    const now = await stat(file);
    if (now.ino !== before.ino || now.size !== before.size) return now;
    await delay(WRITTEN_LOOK_MS);
  }
  return null;
}

/** @returns where the last whole line ends, in bytes */
async function readLines(file: string, start: number, read: (line: string) => void): Promise<number> {
  let end = start;
  let rest = '';
  // One character a byte.
  for await (const chunk of createReadStream(file, { start, encoding: 'latin1' })) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      read(line);
      end += line.length + 1;
    }
  }
  return end;
}
