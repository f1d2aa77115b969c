export { courier } from './courier.ts';
export { openPeriod } from './open-period.ts';
export { taskLifecycle } from './task-lifecycle.ts';
