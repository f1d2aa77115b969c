/** The engine for tests that move time: the one that the rehearsal uses. */
export { type MovableTime, openMovableTime } from '../ops/movable-time.ts';
