/** Three tasks under the policy whose steps are minutes apart, and the people they concern. Persons are invented. */
import { fileURLToPath } from 'node:url';
import type { System } from '../cli/system.ts';
import { loadPolicy } from '../config/policy.ts';
import { addDays, endOfOfficeHours } from '../domain/calendar.ts';
import type { AgencyCode, Email, TaskCode } from '../domain/names.ts';
import { COMMITTEE_TIME_ZONE, localDate } from '../domain/time.ts';

export const NEWCOMER_PEOPLE = [
  { email: 'lan.nguyen@most.example', name: 'Nguyễn Thị Lan', agencyCode: 'MOST', role: 'assignee', slackId: 'U0LAN' },
  { email: 'minh.tran@most.example', name: 'Trần Văn Minh', agencyCode: 'MOST', role: 'supervisor', slackId: 'U0MINH' },
  { email: 'ha.le@vptw.example', name: 'Lê Thu Hà', agencyCode: 'VPTW', role: 'coordinator', slackId: 'U0HA' },
  { email: 'son.pham@mof.example', name: 'Phạm Hồng Sơn', agencyCode: 'MOF', role: 'head', slackId: 'U0SON' },
] as const;

const AGENCIES = [
  {
    code: 'MOST',
    nameVi: 'Bộ Khoa học và Công nghệ',
    nameEn: 'Ministry of Science and Technology',
    nameFr: 'Ministère des Sciences et des Technologies',
    kind: 'ministry',
    headEmail: 'minh.tran@most.example',
  },
  {
    code: 'MOF',
    nameVi: 'Bộ Tài chính',
    nameEn: 'Ministry of Finance',
    nameFr: 'Ministère des Finances',
    kind: 'ministry',
    headEmail: 'son.pham@mof.example',
  },
  {
    code: 'VPTW',
    nameVi: 'Văn phòng Trung ương Đảng',
    nameEn: 'Central Office of the Party',
    nameFr: 'Bureau central du Parti',
    kind: 'central',
    headEmail: null,
  },
];

const TITLES = [
  'Xây dựng cơ sở dữ liệu quốc gia về khoa học, công nghệ và đổi mới sáng tạo',
  'Trình ban hành nghị định về cơ chế thử nghiệm có kiểm soát công nghệ mới',
  'Gửi kế hoạch triển khai kết luận của Ban Chỉ đạo',
];

/** Policies, agencies and people; safe to repeat. */
export async function seedDirectory({ database, now, directory }: System): Promise<void> {
  for (const name of ['standard', 'minutes']) {
    const { policy, document, sha256, source } = loadPolicy(fileURLToPath(new URL(`../config/policies/${name}.yaml`, import.meta.url)));
    await database.policy.createMany({
      data: [{ name, version: policy.version, sha256, source, document: JSON.parse(JSON.stringify(document)), storedAt: now() }],
      skipDuplicates: true,
    });
  }
  await database.agency.createMany({ data: AGENCIES, skipDuplicates: true });
  await database.person.createMany({ data: NEWCOMER_PEOPLE.map((person) => ({ ...person })), skipDuplicates: true });
  directory.forget();
}

/** Assigns the three tasks through the inbox like any command; a second run finds them assigned. */
export async function assignNewcomerTasks({ inbox, calendar, now }: System): Promise<void> {
  for (const [index, title] of TITLES.entries()) {
    const code = `DEMO-${index + 1}` as TaskCode;
    const deadline = addDays(localDate(now(), COMMITTEE_TIME_ZONE), 3 + index * 4);
    const given = await inbox.submit({
      key: `demo:assign:${code}`,
      code,
      actor: 'ha.le@vptw.example' as Email,
      via: 'import',
      request: {
        type: 'AssignTask',
        assignment: {
          title,
          product: '',
          document: '57-NQ/TW',
          group: '',
          leadAgency: 'MOST' as AgencyCode,
          coordinatingAgencies: ['MOF' as AgencyCode],
          assignee: 'lan.nguyen@most.example' as Email,
          supervisor: 'minh.tran@most.example' as Email,
          coordinator: 'ha.le@vptw.example' as Email,
          assignedAt: now(),
          deadline,
          deadlineAt: endOfOfficeHours(calendar, deadline),
          regular: false,
          priority: 'normal',
          policy: { name: 'minutes', version: 1 },
        },
      },
    });
    if (given.answer === 'not_stored') throw new Error(`${code} could not be stored`);
  }
}
