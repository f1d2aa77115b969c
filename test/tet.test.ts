/**
 * Proves that a transfer asked before Tết and met with silence is reminded of, escalated and answered by the rule of silence at the
 * right instants, although the process that follows it is killed on the way. The worker is a process of its own.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { connectionsOf } from '../cli/system.ts';
import { vietnamCalendar } from '../config/calendar.ts';
import type { IsoInstant } from '../domain/time.ts';
import { LAN, type Office, openOffice } from './office.ts';
import { openSharedQueue } from './shared-queue.ts';
import { type MovableTime, openMovableTime } from './temporal-server.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
let time: MovableTime | undefined;
let office: Office | undefined;
let worker: ChildProcess | undefined;
let door: Awaited<ReturnType<typeof openSharedQueue>> | undefined;
afterEach(async () => {
  worker?.kill('SIGKILL');
  await office?.close();
  await door?.close();
  await time?.close();
  delete process.env.TEMPORAL_ADDRESS;
});

async function startWorker({ stack }: Office, startsAt: IsoInstant, year: number): Promise<ChildProcess> {
  const connections = { ...connectionsOf(stack.info), webUrl: 'http://127.0.0.1' };
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/worker-process.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DONDOC_TEST_CONNECTIONS: JSON.stringify({ connections, startsAt, years: { from: year - 1, to: year + 1 } }),
    },
  });
  const exited = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the worker ended with ${code} before it was ready`)));
  await Promise.race([once(createInterface(child.stdout), 'line'), exited]);
  exited.catch(() => {});
  return child;
}

/** The engine's clock only goes forward: a Tết that has passed cannot be lived through any more. */
const isAhead = (instant: string) => new Date(instant).getTime() > Date.now();

describe.each([
  { year: 2027, asked: '2027-02-03', between: '2027-02-04T04:00:00.000Z', end: '2027-03-01T02:00:00.000Z' },
  { year: 2035, asked: '2035-02-05', between: '2035-02-06T04:00:00.000Z', end: '2035-03-01T02:00:00.000Z' },
])('around Tết $year', ({ year, asked, between, end }) => {
  it.skipIf(!isAhead(asked))(
    'silence is answered on time, through a kill -9',
    async () => {
      const startsAt = `${asked}T02:00:00.000Z` as IsoInstant;
      time = await openMovableTime(startsAt);
      door = await openSharedQueue(time.environment.address);
      process.env.TEMPORAL_ADDRESS = door.address;
      const calendar = vietnamCalendar({ from: year - 1, to: year + 1 });
      office = await openOffice({ system: { now: time.now, calendar, roles: ['bot', 'web'] } });
      worker = await startWorker(office, startsAt, year);
      expect(await office.assign('TET', { policy: 'standard', days: 60 })).toMatchObject({ answer: 'done' });
      const { stdout } = await run(
        process.execPath,
        [
          ...['--import', 'tsx', 'cli/main.ts', 'task', 'transfer', 'TET', '--to', 'MOF', '--reason', 'Không đúng chức năng'],
          ...['--as', LAN.email, '--state', office.state, '--json'],
        ],
        { cwd: root },
      );
      expect(JSON.parse(stdout)).toMatchObject({ answer: 'done' });
      await time.moveTo(between as IsoInstant);

      worker.kill('SIGKILL');
      await once(worker, 'exit');
      worker = await startWorker(office, between as IsoInstant, year);
      await time.moveTo(end as IsoInstant);

      const { database } = office.system;
      const events = await database.taskEvent.findMany({ where: { taskCode: 'TET' }, orderBy: { seq: 'asc' } });
      expect(events.map(({ at, type, by }) => `${at.toISOString().slice(0, 16)} ${type} ${by?.split('@')[0] ?? '-'}`)).toMatchSnapshot();
      const sent = await database.notification.findMany({ where: { taskCode: 'TET', status: { in: ['sent', 'merged'] } } });
      expect(
        sent
          .map(
            ({ sentAt, step, recipient, channel }) => `${sentAt?.toISOString().slice(0, 16)} ${step} ${recipient.split('@')[0]} ${channel}`,
          )
          .sort(),
      ).toMatchSnapshot();
    },
    60_000,
  );
});
