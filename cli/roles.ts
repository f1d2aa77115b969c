/** The parts of dondoc that can run alone. */
export const ROLES = ['worker', 'bot', 'web'] as const;
export type Role = (typeof ROLES)[number];
