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
  .regex(/^[A-Z0-9][A-Z0-9_-]{0,19}$/)
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
      .regex(/^[^\s@<>,;:"()[\]\\]+@[a-z0-9.-]+\.[a-z0-9-]+$/),
  )
  .brand<'Email'>();
export type Email = z.infer<typeof email>;

export const LOCALES = ['vi', 'en', 'fr'] as const;
export type Locale = (typeof LOCALES)[number];

export const ROLES = ['assignee', 'supervisor', 'head', 'coordinator'] as const;
export type Role = (typeof ROLES)[number];

/** Where a command came in. */
export const ENTRANCES = ['slack', 'email', 'web', 'cli', 'import', 'workflow'] as const;
export type Entrance = (typeof ENTRANCES)[number];

/** Where a notification goes out. */
export const CHANNELS = ['slack', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

export const STATUSES = ['assigned', 'acknowledged', 'reported', 'completed', 'cancelled'] as const;
export type Status = (typeof STATUSES)[number];

export const PRIORITIES = ['normal', 'high'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What can stand in a task's way; also the causes of a delay. */
export const OBSTACLE_KINDS = ['law', 'money', 'people', 'data', 'coordination', 'wrong_assignee', 'underestimated'] as const;
export type ObstacleKind = (typeof OBSTACLE_KINDS)[number];
