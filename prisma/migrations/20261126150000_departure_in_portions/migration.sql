-- What is marked ahead of its moment leaves a portion at a time: a crash in the middle leaves only what has left in doubt.
ALTER TABLE "departure" RENAME COLUMN "waits_for" TO "waits_until";
-- Nothing whose attempt is written for an instant after `left_until` and up to `waits_until` has left.
ALTER TABLE "departure" ADD COLUMN "left_until" TIMESTAMPTZ(3);
UPDATE "departure" SET "left_until" = "waits_until" - interval '1 millisecond';
ALTER TABLE "departure" ADD CONSTRAINT "departure_waits_after_left"
  CHECK (("left_until" IS NULL) = ("waits_until" IS NULL) AND "left_until" < "waits_until");
