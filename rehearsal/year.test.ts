/**
 * Proves that a rehearsal is the same for the same seed, that its figures are those of the simulation for the same acts, and that a
 * sample of it on the real engine writes the same list. Does not prove that real people answer as the model does.
 */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { vietnamCalendar } from '../config/calendar.ts';
import { loadPolicy } from '../config/policy.ts';
import { oneCalendar } from '../domain/calendar.ts';
import { fullestDays, loads, Outbox } from '../domain/outbox.ts';
import { simulate } from '../domain/simulate.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant } from '../domain/time.ts';
import { onEngine } from './engine.ts';
import { modelOffice } from './office.ts';
import { endOfYear, type Lived, rehearse } from './year.ts';

const loaded = loadPolicy(fileURLToPath(new URL('../config/policies/standard.yaml', import.meta.url)));
/** Far ahead, so that the engine's clock can always be moved there. */
const options = {
  year: 2033,
  people: 60,
  tasks: 150,
  seed: 'x',
  policy: loaded.policy,
  calendar: vietnamCalendar({ from: 2032, to: 2035 }),
};

it('the same seed gives the same report, another seed another one', () => {
  const first = rehearse(options);
  expect(rehearse(options)).toEqual(first);
  expect(rehearse({ ...options, seed: 'y' })).not.toEqual({ ...first, seed: 'y' });
  expect(first.ended.completed).toBeGreaterThan(50);
  expect(first.ended.late).toBeGreaterThan(10);
});

it('its peak is that of the simulation given the same acts', () => {
  const outbox = new Outbox();
  const { directory } = modelOffice(options);
  const world = { calendars: oneCalendar(options.calendar), directory, policyOf: () => options.policy, waiting: [] };
  const report = rehearse(options, ({ task, acts }) => {
    const from = task.at;
    for (const told of simulate({ code: task.code, task: null, acts, from, until: endOfYear(options.year), world }).told) outbox.add(told);
  });
  const days = outbox.days(() => COMMITTEE_TIME_ZONE);
  expect({ ...fullestDays(days)[0], perPersonMax: loads(days)[0]?.perDayMax }).toEqual(report.peak);
});

it('on the real engine the same tasks write the same list', async () => {
  const lived: Lived[] = [];
  rehearse({ ...options, tasks: 4 }, (each) => void lived.push(each));
  const run = await onEngine(lived, {
    office: modelOffice(options),
    calendar: options.calendar,
    policy: loaded,
    from: `${options.year}-01-01T00:00:00.000Z` as IsoInstant,
    until: endOfYear(options.year),
  });
  expect(run).toMatchObject({ tasks: 4, differing: [] });
  expect(run.notifications).toBeGreaterThan(10);
}, 240_000);
