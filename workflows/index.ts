export { courier } from './courier.ts';
export { taskLifecycle } from './task-lifecycle.ts';
