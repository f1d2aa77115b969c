export { courier } from './courier.ts';
export { openPeriod } from './open-period.ts';
export { planNotices } from './plan-notices.ts';
export { taskLifecycle } from './task-lifecycle.ts';
