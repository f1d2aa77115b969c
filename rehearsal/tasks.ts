/** The tasks of a modelled year: assigned on working days, more of them after the sessions of a quarter, with deadlines as they are set. */
import { addDays, addMinutes, addWorkingDays, atLocalTime, type Calendar, endOfOfficeHours } from '../domain/calendar.ts';
import type { Assignment } from '../domain/command.ts';
import { PRIORITIES, type TaskCode } from '../domain/names.ts';
import type { Policy } from '../domain/policy.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import { chance, oneOf } from './chance.ts';
import type { ModelOffice } from './office.ts';

/** Days given for a task; the committee's own are mostly of a month or a quarter. */
const DAYS_GIVEN = [7, 14, 20, 30, 30, 30, 45, 60, 90, 90, 120] as const;
/** So large a part is assigned in the fortnight after a session at the beginning of a quarter. */
const AFTER_SESSIONS = 0.5;
const SESSION_DAYS = 14;

export interface ModelTask {
  readonly code: TaskCode;
  readonly at: IsoInstant;
  readonly assignment: Assignment;
}

export interface TaskModel {
  readonly office: ModelOffice;
  readonly calendar: Calendar;
  readonly policy: Policy;
  readonly year: number;
  readonly count: number;
  readonly seed: string;
}

/** One after the other, so that memory does not grow with their number; each is the same whatever the others are. */
export function* modelTasks({ office, calendar, policy, year, count, seed }: TaskModel): Generator<ModelTask> {
  const january = `${year}-01-01` as IsoDate;
  for (let index = 0; index < count; index += 1) {
    const code = `M${year}-${String(index + 1).padStart(6, '0')}` as TaskCode;
    const random = chance(`${seed}/task/${code}`);
    const session = addDays(january, Math.floor(random() * 4) * 91 + Math.floor(random() * SESSION_DAYS));
    const any = addDays(january, Math.floor(random() * 330));
    const given = addWorkingDays(calendar, random() < AFTER_SESSIONS ? session : any, 1);
    const at = addMinutes(atLocalTime(given, '09:00', calendar.timeZone), Math.floor(random() * 7 * 60));
    const deadline = addDays(given, oneOf(random, DAYS_GIVEN));
    const { person, supervisor, coordinator } = oneOf(random, office.assignees);
    yield {
      code,
      at,
      assignment: {
        title: `Trình văn bản số ${index + 1}`,
        product: 'Văn bản',
        document: `57-NQ/${year}`,
        group: '',
        leadAgency: person.agency,
        coordinatingAgencies: [],
        assignee: person.email,
        supervisor,
        coordinator,
        assignedAt: at,
        deadline,
        deadlineAt: endOfOfficeHours(calendar, deadline),
        regular: false,
        priority: random() < 0.2 ? PRIORITIES[1] : PRIORITIES[0],
        policy: { name: policy.name, version: policy.version },
      },
    };
  }
}
