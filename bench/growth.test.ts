import { expect, it } from 'vitest';
import { growthOf } from './growth.ts';

it('names the cost that grew most, as a multiple of the smallest size', () => {
  expect(growthOf({ arm: 10, press: 20 }, { arm: 11, press: 30 })).toEqual({ growth: 1.5, growsMost: 'press' });
});

it('is 1 of the smallest size itself, and less where what is fixed is shared by more', () => {
  expect(growthOf({ arm: 10 }, { arm: 10 }).growth).toBe(1);
  expect(growthOf({ arm: 10, store: 300 }, { arm: 9, store: 30 })).toEqual({ growth: 0.9, growsMost: 'arm' });
});

it('refuses to compare with nothing', () => {
  expect(() => growthOf({ arm: 0 }, { arm: 9 })).toThrow('arm was 0');
});
