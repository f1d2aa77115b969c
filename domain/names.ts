/** Identities and closed word lists that cross every boundary: parsed once by zod, branded, not checked again. */
import { z } from 'zod';

/** `NQ57-0001`: ASCII, at most 40 characters, so that it fits ids of workflows, blocks and mails. */
export const taskCode = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9._-]{0,39}$/)
  .brand<'TaskCode'>();
export type TaskCode = z.infer<typeof taskCode>;

export const agencyCode = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9_-]{0,19}$/, 'write the code of an agency in capitals, for example MOST')
  .brand<'AgencyCode'>();
export type AgencyCode = z.infer<typeof agencyCode>;

/** A person is known by the e-mail address, in lower case. */
export const email = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .pipe(
    z
      .string()
      .max(254)
      .regex(/^[^\s@<>,;:"()[\]\\]+@[a-z0-9.-]+\.[a-z0-9-]+$/, 'write an e-mail address, for example lan.nguyen@most.example'),
  )
  .brand<'Email'>();
export type Email = z.infer<typeof email>;

export const LOCALES = ['vi', 'en', 'fr'] as const;
export type Locale = (typeof LOCALES)[number];

/** A `channel` is a shared one of chat: it is told, and never acts nor answers for a task. */
export const ROLES = ['assignee', 'supervisor', 'head', 'coordinator', 'channel'] as const;
export type Role = (typeof ROLES)[number];

/** Where a command came in. */
export const ENTRANCES = ['slack', 'email', 'webhook', 'web', 'cli', 'import', 'workflow'] as const;
export type Entrance = (typeof ENTRANCES)[number];

/** Where a notification goes out; docs/channels.md tells what else a new one needs. */
export const CHANNELS = ['slack', 'email', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

export const STATUSES = ['assigned', 'acknowledged', 'reported', 'completed', 'cancelled'] as const;
export type Status = (typeof STATUSES)[number];

/**
 * Of a period of a regular task. `open` may be late: that is derived, as for tasks. `missed`: the next one opened before it was
 * reported, or nobody opened it; it may be reported late, and is not reminded of any more.
 */
export const PERIOD_STATUSES = ['open', 'reported', 'completed', 'missed'] as const;
export type PeriodStatus = (typeof PERIOD_STATUSES)[number];

export const PRIORITIES = ['normal', 'high'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Of a task that is not late yet, lowest first. */
export const RISK_LEVELS = ['low', 'medium', 'high'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

/** What can stand in a task's way; also the causes of a delay. */
export const OBSTACLE_KINDS = ['law', 'money', 'people', 'data', 'coordination', 'wrong_assignee', 'underestimated'] as const;
export type ObstacleKind = (typeof OBSTACLE_KINDS)[number];

/** What a product is; it says which evidence fits it. */
export const PRODUCT_KINDS = ['legal_document', 'report', 'plan', 'system', 'figure', 'other'] as const;
export type ProductKind = (typeof PRODUCT_KINDS)[number];

/** What a document given as evidence is; a letter or a plan closes no task that asks for a decree. */
export const DOCUMENT_KINDS = ['legal_document', 'report', 'plan', 'letter'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** Of the assignee's own assessment and of the verifier's; best first. */
export const GRADES = ['excellent', 'good', 'fair', 'poor'] as const;
export type Grade = (typeof GRADES)[number];

/** How a task can end; the first two are of completed tasks, the others of cancelled ones. */
export const ENDINGS = ['implemented', 'partly', 'superseded', 'merged', 'not_implemented', 'cancelled'] as const;
export type Ending = (typeof ENDINGS)[number];

/** Lowest first. What a level may pass through stands in `secrecy.ts`. */
export const SECRECY_LEVELS = ['none', 'confidential', 'secret', 'top_secret'] as const;
export type SecrecyLevel = (typeof SECRECY_LEVELS)[number];

/** Identity of a product or milestone within its task: `p1`, `du-thao`. */
export const partId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,19}$/)
  .brand<'PartId'>();
export type PartId = z.infer<typeof partId>;
